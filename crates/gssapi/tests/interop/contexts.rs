//! How contexts are established with MIT's library at the other end: by which mechanism, with what asked for, over
//! which channel. Every combination; it prints its table:
//! `cargo test -p orthros --test interop -- --nocapture contexts`.

use std::fmt;

use crate::cell::{Form, Kind, Role};
use crate::heads::{Heads, Mechanism, Refused, Request, World};
use crate::messages::exchange;
use orthros::{ContextFlags, ErrorKind, Oid, SecurityContext};
use orthros_testing::mit::DEFAULT_ENCTYPES;
use orthros_testing::require_python_gssapi;

/// One combination.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell {
    pub(crate) role: Role,
    pub(crate) mechanism: Mechanism,
    pub(crate) mutual: bool,
    pub(crate) delegation: bool,
    pub(crate) bindings: Bindings,
}

/// What the initiator and the acceptor say of the channel around them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bindings {
    None,
    Equal,
    Differing,
    InitiatorsOnly,
    AcceptorsOnly,
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

    pub(crate) fn request(self) -> Request {
        Request {
            flags: self.flags(),
            mechanism: self.mechanism,
            channels: self.channels(),
            ..Request::default()
        }
    }

    /// What must have come of it: a context for messages of this form and kind, or a refusal.
    pub(crate) fn check(
        self,
        heads: &mut Heads,
        outcome: Result<SecurityContext, Refused>,
        form: Form,
        kind: Kind,
    ) -> &'static str {
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
        exchange(&mut ours, &mut heads.peer, form, kind);
        "passed"
    }
}

#[test]
fn contexts_of_every_kind_are_established_with_mit() {
    require_python_gssapi!();
    let world = World::start();
    let mut heads = world.heads(DEFAULT_ENCTYPES[0]);
    for cell in Cell::all() {
        let outcome = heads.try_establish(cell.role, cell.request());
        let (form, kind) = (Form::Whole, Kind::Sealed);
        println!("{cell} {}", cell.check(&mut heads, outcome, form, kind));
    }
}

impl Bindings {
    pub(crate) const ALL: [Self; 5] = [
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
