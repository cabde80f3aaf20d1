//! How contexts are established with MIT's library at the other end: by which mechanism, with what asked for, over which channel.
//! Every combination; it prints its table: `cargo test -p orthros --test interop -- --nocapture contexts`.

use std::fmt;

use crate::cell::{Form, Kind, Role};
use crate::heads::{Heads, SERVICE, World};
use crate::messages::exchange;
use orthros::{
    AcceptContext, AddressFamily, ChannelBindings, ContextFlags, Error, ErrorKind, InitContext,
    Name, Oid, SecurityContext, Step,
};
use orthros_testing::mit::{DEFAULT_ENCTYPES, GssPeerError, Initiation};
use orthros_testing::require_python_gssapi;

/// One combination.
#[derive(Debug, Clone, Copy)]
struct Cell {
    role: Role,
    mechanism: Mechanism,
    mutual: bool,
    delegation: bool,
    bindings: Bindings,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mechanism {
    Krb5,
    Spnego,
}

/// What the initiator and the acceptor say of the channel around them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bindings {
    None,
    Equal,
    Differing,
    InitiatorsOnly,
    AcceptorsOnly,
}

/// Who refused, and why.
#[derive(Debug)]
enum Refused {
    ByUs(Error),
    ByMit(GssPeerError),
}

impl Cell {
    fn all() -> impl Iterator<Item = Self> {
        let yes_or_no = [false, true];
        let roles = Role::ALL.into_iter();
        let pairs = roles.flat_map(|role| Mechanism::ALL.map(|mechanism| (role, mechanism)));
        let flags = pairs.flat_map(move |pair| {
            let flags = yes_or_no.into_iter();
            flags.flat_map(move |mutual| yes_or_no.map(|delegation| (pair, mutual, delegation)))
        });
        flags.flat_map(|((role, mechanism), mutual, delegation)| {
            Bindings::ALL.map(|bindings| Self {
                role,
                mechanism,
                mutual,
                delegation,
                bindings,
            })
        })
    }

    fn flags(self) -> ContextFlags {
        let mut flags = ContextFlags::REPLAY | ContextFlags::SEQUENCE;
        flags.set(ContextFlags::MUTUAL, self.mutual);
        flags.set(ContextFlags::DELEG, self.delegation);
        flags
    }

    /// The application data of both sides; the initiator's first.
    fn channels(self) -> [&'static [u8]; 2] {
        match self.bindings {
            Bindings::None => [b"", b""],
            Bindings::Equal => [b"channel", b"channel"],
            Bindings::Differing => [b"channel", b"another"],
            Bindings::InitiatorsOnly => [b"channel", b""],
            Bindings::AcceptorsOnly => [b"", b"channel"],
        }
    }

    fn establish(self, heads: &mut Heads) -> Result<SecurityContext, Refused> {
        match self.role {
            Role::Initiator => self.initiate(heads),
            Role::Acceptor => self.accept(heads),
        }
    }

    fn initiate(self, heads: &mut Heads) -> Result<SecurityContext, Refused> {
        let [initiators, acceptors] = self.channels();
        let mut builder = InitContext::builder(Name::hostbased_service(SERVICE).unwrap())
            .environment(&heads.environment)
            .mech_type(self.mechanism.oid())
            .flags(self.flags());
        if !initiators.is_empty() {
            builder = builder.channel_bindings(&channel(initiators));
        }
        let mut ours = builder.build().unwrap();
        heads.peer.accept(acceptors).unwrap();
        let mut token = None;
        loop {
            let (context, to_send) = parts(ours.step(token.as_deref()))?;
            token = match to_send {
                Some(token) => heads.peer.step(&token).map_err(Refused::ByMit)?.1,
                None => None,
            };
            if let Some(context) = context {
                assert_eq!(token, None, "MIT goes on after we are done");
                return Ok(context);
            }
        }
    }

    fn accept(self, heads: &mut Heads) -> Result<SecurityContext, Refused> {
        let [initiators, acceptors] = self.channels();
        let mut builder = AcceptContext::builder().environment(&heads.environment);
        if !acceptors.is_empty() {
            builder = builder.channel_bindings(&channel(acceptors));
        }
        let mut ours = builder.build().unwrap();
        let initiation = Initiation {
            mechanism: self.mechanism.name(),
            flags: self.flags().bits(),
            target: SERVICE,
            bindings: initiators,
            delegated: false,
        };
        heads.peer.initiate(&initiation).unwrap();
        let (mut more, mut token) = heads.peer.step(b"").map_err(Refused::ByMit)?;
        loop {
            let (context, to_send) = parts(ours.step(&token.unwrap()))?;
            (more, token) = match to_send {
                Some(token) => heads.peer.step(&token).map_err(Refused::ByMit)?,
                None => (more, None),
            };
            if let Some(context) = context {
                assert!(!more && token.is_none(), "MIT goes on after we are done");
                return Ok(context);
            }
        }
    }

    /// What must have come of it.
    fn check(self, heads: &mut Heads, outcome: Result<SecurityContext, Refused>) -> &'static str {
        if self.bindings == Bindings::Differing {
            match outcome {
                Err(Refused::ByUs(error)) if self.role == Role::Acceptor => {
                    assert_eq!(error.kind(), ErrorKind::BadBindings);
                }
                Err(Refused::ByMit(error)) if self.role == Role::Initiator => {
                    assert_eq!(error.class(), "BadChannelBindingsError", "{error}");
                }
                other => panic!("{self}: {other:?}"),
            }
            return "refused";
        }
        let mut ours = outcome.unwrap_or_else(|refused| panic!("{self}: {refused:?}"));
        assert_eq!(ours.mech_type(), Oid::KRB5);
        let negotiated = self.flags() | ContextFlags::CONF | ContextFlags::INTEG;
        assert!(ours.flags().contains(negotiated), "{:?}", ours.flags());
        assert_eq!(ours.flags().contains(ContextFlags::MUTUAL), self.mutual);
        assert_eq!(ours.flags().contains(ContextFlags::DELEG), self.delegation);
        let whose = match self.role {
            Role::Initiator => {
                let name = heads.peer.field("delegated-name", &[]).unwrap();
                Some(String::from_utf8(name).unwrap()).filter(|name| !name.is_empty())
            }
            Role::Acceptor => {
                let delegated = ours.delegated_cred().unwrap();
                delegated.map(|credential| credential.name().unwrap().unwrap().to_string())
            }
        };
        let expected = self.delegation.then(|| ours.initiator_name().to_string());
        assert_eq!(whose, expected);
        exchange(&mut ours, &mut heads.peer, Form::Whole, Kind::Sealed);
        "passed"
    }
}

/// As the peer's script has it: without addresses.
fn channel(application_data: &[u8]) -> ChannelBindings {
    ChannelBindings {
        initiator_address_type: AddressFamily::UNSPEC,
        acceptor_address_type: AddressFamily::UNSPEC,
        ..ChannelBindings::application_data(application_data)
    }
}

fn parts(step: Result<Step, Error>) -> Result<(Option<SecurityContext>, Option<Vec<u8>>), Refused> {
    Ok(match step.map_err(Refused::ByUs)? {
        Step::Continue(token) => (None, Some(token)),
        Step::Done { context, token } => (Some(context), token),
    })
}

#[test]
fn contexts_of_every_kind_are_established_with_mit() {
    require_python_gssapi!();
    let world = World::start();
    let mut heads = world.heads(DEFAULT_ENCTYPES[0]);
    for cell in Cell::all() {
        let outcome = cell.establish(&mut heads);
        println!("{cell} {}", cell.check(&mut heads, outcome));
    }
}

impl Mechanism {
    const ALL: [Self; 2] = [Self::Krb5, Self::Spnego];

    const fn oid(self) -> Oid {
        match self {
            Self::Krb5 => Oid::KRB5,
            Self::Spnego => Oid::SPNEGO,
        }
    }

    /// As the peer's script knows it.
    const fn name(self) -> &'static str {
        match self {
            Self::Krb5 => "krb5",
            Self::Spnego => "spnego",
        }
    }
}

impl Bindings {
    const ALL: [Self; 5] = [
        Self::None,
        Self::Equal,
        Self::Differing,
        Self::InitiatorsOnly,
        Self::AcceptorsOnly,
    ];
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let role = format!("{:?}", self.role);
        let mutual = if self.mutual { "mutual" } else { "one-way" };
        let delegation = if self.delegation { "delegated" } else { "-" };
        let bindings = format!("{:?}", self.bindings);
        let mechanism = self.mechanism.name();
        write!(
            f,
            "{role:<10} {mechanism:<7} {mutual:<8} {delegation:<10} {bindings:<15}"
        )
    }
}
