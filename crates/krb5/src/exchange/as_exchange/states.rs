//! The states of an AS exchange. Each takes one input and gives the next state.

use alloc::boxed::Box;
use alloc::vec::Vec;

use orthros_asn1::{AsRep, ErrorCode, PaData};
use orthros_crypto::{RandomSource, SecretVec};

use super::context::{Answer, AsContext, InFlight};
use super::key_hint::KeyHint;
use super::open::open;
use super::proof::{self, Proof};
use super::{AsStep, ClientSecret, State, Transition};
use crate::exchange::padata::find;
use crate::exchange::{CallerMisuse, Evidence, ExchangeError, KdcError, Refusal};
use orthros_types::Timestamp;

/// Nothing is sent yet, or all is to be sent again.
pub(super) struct Unsent;

/// A request without pre-authentication is out.
pub(super) struct Unproven {
    in_flight: InFlight,
}

/// The user is being asked for the password.
pub(super) struct AwaitingPassword {
    purpose: Purpose,
}

/// A request with a proof is out.
pub(super) struct Proven {
    in_flight: InFlight,
    proof: Proof,
    clock_corrected: bool,
}

/// What the password is needed for.
enum Purpose {
    /// To prove who the client is, as this METHOD-DATA wants it.
    Prove(Vec<PaData>),
    /// To read the reply, which came without pre-authentication.
    Open(Box<InFlight>, Box<AsRep>),
}

impl Unsent {
    pub(super) fn begin(
        self,
        context: &mut AsContext,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Transition, ExchangeError> {
        let armor = context.armor(now, random)?;
        let in_flight = context.write(Vec::new(), armor, now, random)?;
        Ok(send(in_flight, |in_flight| {
            State::Unproven(Unproven { in_flight })
        }))
    }
}

impl Unproven {
    pub(super) fn reply(
        self,
        context: &mut AsContext,
        octets: &[u8],
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Transition, ExchangeError> {
        let error = match self.in_flight.answer(octets)? {
            Answer::Reply(reply) => return open_or_ask(context, self.in_flight, reply),
            Answer::TooBig => {
                return Ok(send(self.in_flight.over_stream(context)?, |in_flight| {
                    State::Unproven(Self { in_flight })
                }));
            }
            Answer::Error(error) => *error,
        };
        match error.code {
            ErrorCode::KDC_ERR_PREAUTH_REQUIRED if context.is_offered_fast(error.method_data()) => {
                context.is_armored = true;
                context.follow_clock(&error, now);
                Unsent.begin(context, now, random)
            }
            ErrorCode::KDC_ERR_PREAUTH_REQUIRED => {
                context.follow_clock(&error, now);
                prove_or_ask(context, error.method_data(), now, random)
            }
            ErrorCode::KDC_ERR_PREAUTH_FAILED
                if context.req_enc_pa_rep && !context.has_armor_ticket() =>
            {
                // Nothing was there to fail but the request for a proof: an old KDC. Where there is an armor ticket the
                // proof is what shows that the offer of FAST was hidden, and no error without armor may take it away.
                context.req_enc_pa_rep = false;
                Unsent.begin(context, now, random)
            }
            _ => restart_or_refuse(context, error, now, random),
        }
    }
}

impl AwaitingPassword {
    pub(super) fn password(
        self,
        context: &mut AsContext,
        password: &[u8],
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Transition, ExchangeError> {
        context.secret = ClientSecret::Password(SecretVec::from(password));
        match self.purpose {
            Purpose::Prove(method_data) => prove(context, &method_data, now, random),
            Purpose::Open(in_flight, reply) => done(context, &in_flight, &reply, None),
        }
    }
}

impl Proven {
    pub(super) fn reply(
        self,
        context: &mut AsContext,
        octets: &[u8],
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Transition, ExchangeError> {
        let Self {
            in_flight,
            mut proof,
            clock_corrected,
        } = self;
        let error = match in_flight.answer(octets)? {
            Answer::Reply(reply) => return done(context, &in_flight, &reply, Some(&proof)),
            Answer::TooBig => {
                return Ok(send(in_flight.over_stream(context)?, |in_flight| {
                    State::Proven(Self {
                        in_flight,
                        proof,
                        clock_corrected,
                    })
                }));
            }
            Answer::Error(error) => *error,
        };
        match error.code {
            // The second is what Heimdal says of an encrypted challenge; MIT's kinit takes it for a wrong password, too.
            ErrorCode::KDC_ERR_PREAUTH_FAILED | ErrorCode::KRB_AP_ERR_BAD_INTEGRITY => {
                Err(Refusal::WrongSecret {
                    client: context.client().clone(),
                    is_password: context.secret.is_password(),
                    evidence: Evidence::PreauthFailed(Box::new(error)),
                }
                .into())
            }
            ErrorCode::KRB_AP_ERR_SKEW if context.options.kdc_timesync && !clock_corrected => {
                context.follow_clock(&error, now);
                proof.take_cookie(error.method_data());
                send_proof(context, proof, true, now, random)
            }
            ErrorCode::KDC_ERR_PREAUTH_REQUIRED => {
                context.follow_clock(&error, now);
                prove(context, error.method_data(), now, random)
            }
            _ => restart_or_refuse(context, error, now, random),
        }
    }
}

/// Sends what is in flight, and waits in `state` for the reply.
fn send(in_flight: InFlight, state: impl FnOnce(InFlight) -> State) -> Transition {
    let request = in_flight.request();
    (state(in_flight), AsStep::Send(request))
}

/// Sends a request with this proof, and waits for the reply.
fn send_proof(
    context: &mut AsContext,
    proof: Proof,
    clock_corrected: bool,
    now: Timestamp,
    random: &mut dyn RandomSource,
) -> Result<Transition, ExchangeError> {
    let in_flight = proof.write(context, now, random)?;
    Ok(send(in_flight, |in_flight| {
        State::Proven(Proven {
            in_flight,
            proof,
            clock_corrected,
        })
    }))
}

/// Asks for the password if it is not known yet, but only where it can be of use.
fn prove_or_ask(
    context: &mut AsContext,
    method_data: &[PaData],
    now: Timestamp,
    random: &mut dyn RandomSource,
) -> Result<Transition, ExchangeError> {
    if !matches!(context.secret, ClientSecret::Ask) {
        return prove(context, method_data, now, random);
    }
    choose(context, method_data)?;
    let state = AwaitingPassword {
        purpose: Purpose::Prove(method_data.to_vec()),
    };
    Ok(ask(context, state))
}

fn prove(
    context: &mut AsContext,
    method_data: &[PaData],
    now: Timestamp,
    random: &mut dyn RandomSource,
) -> Result<Transition, ExchangeError> {
    let hint = choose(context, method_data)?;
    let enctype = match (&hint, context.enctypes()) {
        (KeyHint::Entry { enctype, .. }, _) | (_, [enctype, ..]) => *enctype,
        (_, []) => return Err(CallerMisuse::NoEnctypes.into()),
    };
    let salt = hint.salt_for(context.client());
    let key = context.client_key(enctype, &salt, hint.params())?;
    let mut proof = Proof::new(key, hint, proof::mechanism(context.is_armored));
    proof.take_cookie(method_data);
    send_proof(context, proof, false, now, random)
}

/// Picks a mechanism and a key that the KDC offers, or says why there is none.
fn choose(context: &AsContext, method_data: &[PaData]) -> Result<KeyHint, ExchangeError> {
    let offered = find(method_data, proof::mechanism(context.is_armored)).is_some();
    let allowed = context.options.encrypted_timestamp || context.is_armored;
    if !offered || !allowed {
        let offered = method_data.iter().map(|element| element.padata_type);
        return Err(Refusal::PreauthNotPossible {
            client: context.client().clone(),
            offered: offered.collect(),
        }
        .into());
    }
    match KeyHint::find(method_data, context.enctypes())? {
        KeyHint::NoneAcceptable => Err(Refusal::EnctypeNotSupported {
            client: context.client().clone(),
            service: context.service(),
            error: None,
        }
        .into()),
        hint => Ok(hint),
    }
}

/// Reads a reply that came without pre-authentication, as soon as the password is known.
fn open_or_ask(
    context: &mut AsContext,
    in_flight: InFlight,
    reply: Box<AsRep>,
) -> Result<Transition, ExchangeError> {
    if !matches!(context.secret, ClientSecret::Ask) {
        return done(context, &in_flight, &reply, None);
    }
    let state = AwaitingPassword {
        purpose: Purpose::Open(Box::new(in_flight), reply),
    };
    Ok(ask(context, state))
}

fn ask(context: &AsContext, state: AwaitingPassword) -> Transition {
    let client = context.client().clone();
    (
        State::AwaitingPassword(state),
        AsStep::NeedPassword { client },
    )
}

fn done(
    context: &mut AsContext,
    in_flight: &InFlight,
    reply: &AsRep,
    proof: Option<&Proof>,
) -> Result<Transition, ExchangeError> {
    let ticket = open(context, in_flight, reply, proof)?;
    Ok((State::Ended, AsStep::Done(Box::new(ticket))))
}

/// Errors that mean the same in every state.
fn restart_or_refuse(
    context: &mut AsContext,
    error: KdcError,
    now: Timestamp,
    random: &mut dyn RandomSource,
) -> Result<Transition, ExchangeError> {
    match error.code {
        // The cookie is too old. The number of requests bounds how often this can be.
        ErrorCode::KDC_ERR_PREAUTH_EXPIRED => Unsent.begin(context, now, random),
        ErrorCode::KRB_AP_ERR_SKEW => Err(Refusal::Skew {
            offset: error.server_time.since(now),
            error: Box::new(error),
        }
        .into()),
        // RFC 6806 section 7 wants WRONG_REALM; old Windows servers say that the client is unknown.
        // Another realm's KDC does not know the armor: whoever brought it has to bring another.
        ErrorCode::KDC_ERR_WRONG_REALM | ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN => {
            let follows = context.options.may_rename();
            match other_realm(context, &error) {
                Some(realm) if follows && context.options.armor.is_none() => {
                    context.follow_referral(&realm)?;
                    Unsent.begin(context, now, random)
                }
                Some(realm) if follows || error.code == ErrorCode::KDC_ERR_WRONG_REALM => {
                    Err(Refusal::WrongRealm {
                        client: context.client().clone(),
                        realm,
                        error: Box::new(error),
                    }
                    .into())
                }
                _ => Err(context.refuse(error)),
            }
        }
        _ => Err(context.refuse(error)),
    }
}

/// The realm that the error names for the client, if it is another one.
fn other_realm(context: &AsContext, error: &KdcError) -> Option<Vec<u8>> {
    let realm = error.client_realm.as_deref()?;
    (realm != context.client().realm()).then(|| realm.to_vec())
}
