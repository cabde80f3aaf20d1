//! Whole establishments through the facade, SPNEGO's and Kerberos' own, whose tokens are changed on their way: who is
//! accepted is alice, by whom she asked for, and where both ends are done they understand each other.
#![no_main]

use libfuzzer_sys::{arbitrary::Arbitrary, fuzz_target};
use orthros::{
    AcceptContext, ContextFlags, InitContext, Name, Oid, Protection, SecurityContext, Step,
};
use orthros_asn1::gss::InitialContextToken;
use orthros_asn1::spnego::{MechTypeList, NegState, NegTokenInit, NegTokenResp, NegotiationToken};
use orthros_asn1::{Message, ObjectIdentifier, Octets, Raw};
use orthros_fuzz::damage::{self, Damage};
use orthros_fuzz::{ENVIRONMENT, REALM};

#[derive(Arbitrary, Debug)]
struct Input {
    negotiated: bool,
    /// Whether the acceptor speaks first.
    hinted: bool,
    flags: u32,
    no_ci_flags: bool,
    /// One for each token; the others pass.
    changes: Vec<Change>,
}

#[derive(Arbitrary, Debug)]
enum Change {
    None,
    Octets(Vec<Damage>),
    Noise(Vec<u8>),
    /// Other fields in a token of the negotiation.
    Fields(Fields),
}

#[derive(Arbitrary, Debug)]
struct Fields {
    mechanisms: Option<Vec<u8>>,
    state: Option<Option<u8>>,
    inner: Option<Vec<Damage>>,
    mic: Option<Option<Vec<u8>>>,
}

fuzz_target!(|input: Input| {
    let peer = Name::hostbased_service("host@gate.orthros.test").expect("it is a name");
    let mechanism = if input.negotiated {
        Oid::SPNEGO
    } else {
        Oid::KRB5
    };
    let builder = InitContext::builder(peer).environment(&ENVIRONMENT);
    let builder = builder
        .mech_type(mechanism)
        .flags(ContextFlags::from_bits_retain(input.flags))
        .no_ci_flags(input.no_ci_flags);
    let builder_of_acceptor = AcceptContext::builder().environment(&ENVIRONMENT);
    let (Ok(mut initiator), Ok(mut acceptor)) = (builder.build(), builder_of_acceptor.build())
    else {
        return;
    };
    let (mut ours, mut theirs) = (None, None);
    let mut changes = input.changes.iter();
    let mut to_initiator: Option<Vec<u8>> = None;
    if input.hinted {
        let hints = acceptor.step(b"").ok().and_then(|step| take(step, &mut theirs));
        let hints = hints.expect("an acceptor says what it takes");
        to_initiator = Some(changed(hints, changes.next()));
    }
    // A negotiation with MICs and a mechanism in DCE style have less.
    for _ in 0..8 {
        let said = initiator.step(to_initiator.as_deref());
        let Some(token) = said.ok().and_then(|step| take(step, &mut ours)) else {
            break;
        };
        let said = acceptor.step(&changed(token, changes.next()));
        let answer = match said {
            Ok(step) => take(step, &mut theirs),
            Err(error) => error.token().map(<[u8]>::to_vec),
        };
        let Some(answer) = answer.filter(|_| ours.is_none()) else {
            break;
        };
        to_initiator = Some(changed(answer, changes.next()));
    }
    check(ours, theirs);
});

/// The token of a step, whose context is kept where it is the last.
fn take(step: Step, established: &mut Option<SecurityContext>) -> Option<Vec<u8>> {
    match step {
        Step::Continue(token) => Some(token),
        Step::Done { context, token } => {
            *established = Some(context);
            token
        }
    }
}

fn check(ours: Option<SecurityContext>, theirs: Option<SecurityContext>) {
    let (alice, gate) = (REALM.client(), REALM.service());
    if let Some(context) = &ours {
        assert_eq!(context.peer_name().components(), gate.components());
        assert_eq!(context.peer_name().realm(), gate.realm());
    }
    if let Some(context) = &theirs {
        assert_eq!(context.peer_name().components(), alice.components());
        assert_eq!(context.peer_name().realm(), alice.realm());
    }
    let (Some(mut ours), Some(mut theirs)) = (ours, theirs) else {
        return;
    };
    assert_eq!(ours.flags(), theirs.flags());
    let token = ours.wrap(b"message", Protection::INTEGRITY);
    if !ours.integrity_negotiated() {
        assert!(token.is_err());
        return;
    }
    let token = token.expect("an established context wraps");
    let unwrapped = theirs.unwrap(&token, Protection::INTEGRITY);
    assert_eq!(&*unwrapped.expect("both have one key").message, b"message");
}

fn changed(mut token: Vec<u8>, change: Option<&Change>) -> Vec<u8> {
    match change {
        None | Some(Change::None) => token,
        Some(Change::Octets(damages)) => {
            damage::apply(damages, &mut token);
            token
        }
        Some(Change::Noise(octets)) => octets.clone(),
        Some(Change::Fields(fields)) => fields.put_into(&token).unwrap_or(token),
    }
}

impl Fields {
    /// The same token with these fields, if it is one of the negotiation.
    fn put_into(&self, token: &[u8]) -> Option<Vec<u8>> {
        let framing = InitialContextToken::decode(token).ok();
        let inner = framing.as_ref().map_or(token, |framing| framing.inner);
        let changed = match NegotiationToken::decode(inner).ok()? {
            NegotiationToken::Init(offer) => NegotiationToken::Init(self.offer(offer)),
            NegotiationToken::Resp(answer) => NegotiationToken::Resp(self.answer(answer)),
        };
        let inner = changed.encode().ok()?;
        Some(match framing {
            Some(InitialContextToken { mechanism, .. }) => {
                let inner = &inner;
                InitialContextToken { mechanism, inner }.encode()
            }
            None => inner,
        })
    }

    fn offer(&self, mut offer: NegTokenInit) -> NegTokenInit {
        if let Some(mechanisms) = &self.mechanisms {
            let list: MechTypeList = mechanisms.iter().map(|number| mechanism(*number)).collect();
            offer.mech_types = Raw::new(list).expect("a list has an encoding");
        }
        self.change(&mut offer.mech_token, &mut offer.mech_list_mic);
        offer
    }

    fn answer(&self, mut answer: NegTokenResp) -> NegTokenResp {
        if let Some(state) = self.state {
            answer.neg_state = state.map(|state| STATES[usize::from(state) % STATES.len()]);
        }
        if let Some(mechanisms) = &self.mechanisms {
            answer.supported_mech = mechanisms.first().map(|number| mechanism(*number));
        }
        self.change(&mut answer.response_token, &mut answer.mech_list_mic);
        answer
    }

    fn change(&self, inner: &mut Option<Octets>, mic: &mut Option<Octets>) {
        if let Some(damages) = &self.inner {
            let mut octets = inner.as_deref().unwrap_or_default().to_vec();
            damage::apply(damages, &mut octets);
            *inner = (!octets.is_empty()).then(|| octets.into());
        }
        if let Some(other) = &self.mic {
            *mic = other.clone().map(Into::into);
        }
    }
}

fn mechanism(number: u8) -> ObjectIdentifier {
    let place = usize::from(number) % MECHANISMS.len();
    ObjectIdentifier::new(MECHANISMS[place].octets()).expect("it is one")
}

/// Kerberos', Microsoft's name for it, NTLM, SPNEGO itself.
const MECHANISMS: [Oid; 4] = [
    Oid::KRB5,
    Oid::new(&[1, 2, 840, 48018, 1, 2, 2]),
    Oid::new(&[1, 3, 6, 1, 4, 1, 311, 2, 2, 10]),
    Oid::SPNEGO,
];

const STATES: [NegState; 4] = [
    NegState::AcceptCompleted,
    NegState::AcceptIncomplete,
    NegState::Reject,
    NegState::RequestMic,
];
