//! The states of an AS exchange. Each takes one input and gives the next state.

use alloc::boxed::Box;
use alloc::vec::Vec;

use orthros_asn1::{AsRep, ErrorCode, PaData};
use orthros_crypto::{RandomSource, SecretVec};

use super::attempt::{Answer, Attempt, InFlight};
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
        attempt: &mut Attempt,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Transition, ExchangeError> {
        let armor = attempt.armor(now, random)?;
        let in_flight = attempt.write(Vec::new(), armor, now, random)?;
        Ok(send(in_flight, |in_flight| {
            State::Unproven(Unproven { in_flight })
        }))
    }
}

impl Unproven {
    pub(super) fn reply(
        self,
        attempt: &mut Attempt,
        octets: &[u8],
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Transition, ExchangeError> {
        let error = match self.in_flight.answer(octets)? {
            Answer::Reply(reply) => return open_or_ask(attempt, self.in_flight, reply),
            Answer::TooBig => {
                return Ok(send(self.in_flight.over_stream(attempt)?, |in_flight| {
                    State::Unproven(Self { in_flight })
                }));
            }
            Answer::Error(error) => *error,
        };
        match error.code {
            ErrorCode::KDC_ERR_PREAUTH_REQUIRED if attempt.is_offered_fast(error.method_data()) => {
                attempt.is_armored = true;
                attempt.follow_clock(&error, now);
                Unsent.begin(attempt, now, random)
            }
            ErrorCode::KDC_ERR_PREAUTH_REQUIRED => {
                attempt.follow_clock(&error, now);
                prove_or_ask(attempt, error.method_data(), now, random)
            }
            ErrorCode::KDC_ERR_PREAUTH_FAILED
                if attempt.asks_for_proof && !attempt.has_armor_ticket() =>
            {
                // Nothing was there to fail but the request for a proof: an old KDC. Where there is an armor ticket the
                // proof is what shows that the offer of FAST was hidden, and no error without armor may take it away.
                attempt.asks_for_proof = false;
                Unsent.begin(attempt, now, random)
            }
            _ => restart_or_refuse(attempt, error, now, random),
        }
    }
}

impl AwaitingPassword {
    pub(super) fn password(
        self,
        attempt: &mut Attempt,
        password: &[u8],
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Transition, ExchangeError> {
        attempt.secret = ClientSecret::Password(SecretVec::from(password));
        match self.purpose {
            Purpose::Prove(method_data) => prove(attempt, &method_data, now, random),
            Purpose::Open(in_flight, reply) => done(attempt, &in_flight, &reply, None),
        }
    }
}

impl Proven {
    pub(super) fn reply(
        self,
        attempt: &mut Attempt,
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
            Answer::Reply(reply) => return done(attempt, &in_flight, &reply, Some(&proof)),
            Answer::TooBig => {
                return Ok(send(in_flight.over_stream(attempt)?, |in_flight| {
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
                    client: attempt.client().clone(),
                    is_password: attempt.secret.is_password(),
                    evidence: Evidence::PreauthFailed(Box::new(error)),
                }
                .into())
            }
            ErrorCode::KRB_AP_ERR_SKEW if attempt.options.kdc_timesync && !clock_corrected => {
                attempt.follow_clock(&error, now);
                proof.take_cookie(error.method_data());
                send_proof(attempt, proof, true, now, random)
            }
            ErrorCode::KDC_ERR_PREAUTH_REQUIRED => {
                attempt.follow_clock(&error, now);
                prove(attempt, error.method_data(), now, random)
            }
            _ => restart_or_refuse(attempt, error, now, random),
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
    attempt: &mut Attempt,
    proof: Proof,
    clock_corrected: bool,
    now: Timestamp,
    random: &mut dyn RandomSource,
) -> Result<Transition, ExchangeError> {
    let in_flight = proof.write(attempt, now, random)?;
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
    attempt: &mut Attempt,
    method_data: &[PaData],
    now: Timestamp,
    random: &mut dyn RandomSource,
) -> Result<Transition, ExchangeError> {
    if !matches!(attempt.secret, ClientSecret::Ask) {
        return prove(attempt, method_data, now, random);
    }
    choose(attempt, method_data)?;
    let state = AwaitingPassword {
        purpose: Purpose::Prove(method_data.to_vec()),
    };
    Ok(ask(attempt, state))
}

fn prove(
    attempt: &mut Attempt,
    method_data: &[PaData],
    now: Timestamp,
    random: &mut dyn RandomSource,
) -> Result<Transition, ExchangeError> {
    let hint = choose(attempt, method_data)?;
    let enctype = match (&hint, attempt.enctypes()) {
        (KeyHint::Entry { enctype, .. }, _) | (_, [enctype, ..]) => *enctype,
        (_, []) => return Err(CallerMisuse::NoEnctypes.into()),
    };
    let salt = hint.salt_for(attempt.client());
    let key = attempt.client_key(enctype, &salt, hint.params())?;
    let mut proof = Proof::new(key, hint, proof::mechanism(attempt.is_armored));
    proof.take_cookie(method_data);
    send_proof(attempt, proof, false, now, random)
}

/// Picks a mechanism and a key that the KDC offers, or says why there is none.
fn choose(attempt: &Attempt, method_data: &[PaData]) -> Result<KeyHint, ExchangeError> {
    let offered = find(method_data, proof::mechanism(attempt.is_armored)).is_some();
    let allowed = attempt.options.encrypted_timestamp || attempt.is_armored;
    if !offered || !allowed {
        let offered = method_data.iter().map(|element| element.padata_type);
        return Err(Refusal::PreauthNotPossible {
            client: attempt.client().clone(),
            offered: offered.collect(),
        }
        .into());
    }
    match KeyHint::find(method_data, attempt.enctypes())? {
        KeyHint::NoneAcceptable => Err(Refusal::EnctypeNotSupported {
            client: attempt.client().clone(),
            service: attempt.service(),
            error: None,
        }
        .into()),
        hint => Ok(hint),
    }
}

/// Reads a reply that came without pre-authentication, as soon as the password is known.
fn open_or_ask(
    attempt: &mut Attempt,
    in_flight: InFlight,
    reply: Box<AsRep>,
) -> Result<Transition, ExchangeError> {
    if !matches!(attempt.secret, ClientSecret::Ask) {
        return done(attempt, &in_flight, &reply, None);
    }
    let state = AwaitingPassword {
        purpose: Purpose::Open(Box::new(in_flight), reply),
    };
    Ok(ask(attempt, state))
}

fn ask(attempt: &Attempt, state: AwaitingPassword) -> Transition {
    let client = attempt.client().clone();
    (
        State::AwaitingPassword(state),
        AsStep::NeedPassword { client },
    )
}

fn done(
    attempt: &mut Attempt,
    in_flight: &InFlight,
    reply: &AsRep,
    proof: Option<&Proof>,
) -> Result<Transition, ExchangeError> {
    let ticket = open(attempt, in_flight, reply, proof)?;
    Ok((State::Ended, AsStep::Done(Box::new(ticket))))
}

/// Errors that mean the same in every state.
fn restart_or_refuse(
    attempt: &mut Attempt,
    error: KdcError,
    now: Timestamp,
    random: &mut dyn RandomSource,
) -> Result<Transition, ExchangeError> {
    match error.code {
        // The cookie is too old. The number of requests bounds how often this can be.
        ErrorCode::KDC_ERR_PREAUTH_EXPIRED => Unsent.begin(attempt, now, random),
        ErrorCode::KRB_AP_ERR_SKEW => Err(Refusal::Skew {
            offset: error.server_time.since(now),
            error: Box::new(error),
        }
        .into()),
        // RFC 6806 section 7 wants WRONG_REALM; old Windows servers say that the client is unknown.
        // Another realm's KDC does not know the armor: whoever brought it has to bring another.
        ErrorCode::KDC_ERR_WRONG_REALM | ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN => {
            let follows = attempt.options.may_rename();
            match other_realm(attempt, &error) {
                Some(realm) if follows && attempt.options.armor.is_none() => {
                    attempt.follow_referral(&realm)?;
                    Unsent.begin(attempt, now, random)
                }
                Some(realm) if follows || error.code == ErrorCode::KDC_ERR_WRONG_REALM => {
                    Err(Refusal::WrongRealm {
                        client: attempt.client().clone(),
                        realm,
                        error: Box::new(error),
                    }
                    .into())
                }
                _ => Err(attempt.refuse(error)),
            }
        }
        _ => Err(attempt.refuse(error)),
    }
}

/// The realm that the error names for the client, if it is another one.
fn other_realm(attempt: &Attempt, error: &KdcError) -> Option<Vec<u8>> {
    let realm = error.client_realm.as_deref()?;
    (realm != attempt.client().realm()).then(|| realm.to_vec())
}
