//! The states of an AS exchange. Each takes one input and gives the next state.

use alloc::boxed::Box;
use alloc::vec::Vec;

use orthros_asn1::{AsRep, ErrorCode, Message, PaData, PaDataType, PaEncTsEnc};
use orthros_crypto::{Key, KeyUsage, RandomSource, SecretVec};

use super::attempt::{Attempt, InFlight};
use super::key_hint::{self, KeyHint};
use super::open::open;
use super::{AsStep, ClientSecret, State, Transition};
use crate::Timestamp;
use crate::exchange::kdc_message::KdcMessage;
use crate::exchange::{
    CallerMisuse, Evidence, ExchangeError, KdcError, MalformedReply, Refusal, wire,
};

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

/// A request with an encrypted timestamp is out.
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

/// How the client proved who it is.
pub(super) struct Proof {
    pub(super) key: Key,
    pub(super) hint: KeyHint,
    /// To be sent back as it came (RFC 6113 section 5.2).
    cookie: Option<PaData>,
}

impl Unsent {
    pub(super) fn begin(
        self,
        attempt: &mut Attempt,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Transition, ExchangeError> {
        let in_flight = attempt.write(Vec::new(), now, random)?;
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
        let error = match KdcMessage::decode(octets)? {
            KdcMessage::AsRep(reply) => return open_or_ask(attempt, self.in_flight, reply),
            KdcMessage::TgsRep(_) => return Err(MalformedReply::OtherMessage.into()),
            KdcMessage::Error(error) => *error,
        };
        match error.code {
            ErrorCode::KDC_ERR_PREAUTH_REQUIRED => {
                attempt.follow_clock(&error, now);
                prove_or_ask(attempt, error.method_data(), now, random)
            }
            ErrorCode::KDC_ERR_PREAUTH_FAILED if attempt.asks_for_proof => {
                // Nothing was there to fail but the request for a proof: an old KDC.
                attempt.asks_for_proof = false;
                Unsent.begin(attempt, now, random)
            }
            ErrorCode::KRB_ERR_RESPONSE_TOO_BIG => {
                Ok(send(self.in_flight.over_stream(attempt)?, |in_flight| {
                    State::Unproven(Self { in_flight })
                }))
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
        let error = match KdcMessage::decode(octets)? {
            KdcMessage::AsRep(reply) => {
                return done(attempt, &self.in_flight, &reply, Some(&self.proof));
            }
            KdcMessage::TgsRep(_) => return Err(MalformedReply::OtherMessage.into()),
            KdcMessage::Error(error) => *error,
        };
        match error.code {
            ErrorCode::KDC_ERR_PREAUTH_FAILED => Err(Refusal::WrongSecret {
                client: attempt.client().clone(),
                is_password: attempt.secret.is_password(),
                evidence: Evidence::PreauthFailed(Box::new(error)),
            }
            .into()),
            ErrorCode::KRB_AP_ERR_SKEW if attempt.options.kdc_timesync && !self.clock_corrected => {
                attempt.follow_clock(&error, now);
                self.proof.send(attempt, true, now, random)
            }
            ErrorCode::KDC_ERR_PREAUTH_REQUIRED => {
                attempt.follow_clock(&error, now);
                prove(attempt, error.method_data(), now, random)
            }
            ErrorCode::KRB_ERR_RESPONSE_TOO_BIG => {
                let Self {
                    in_flight,
                    proof,
                    clock_corrected,
                } = self;
                Ok(send(in_flight.over_stream(attempt)?, |in_flight| {
                    State::Proven(Self {
                        in_flight,
                        proof,
                        clock_corrected,
                    })
                }))
            }
            _ => restart_or_refuse(attempt, error, now, random),
        }
    }
}

impl Proof {
    /// Sends a request with a timestamp of the KDC's time in the client's key (RFC 4120 section 5.2.7.2).
    fn send(
        self,
        attempt: &mut Attempt,
        clock_corrected: bool,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Transition, ExchangeError> {
        let kdc_time = attempt.kdc_time(now);
        let timestamp = PaEncTsEnc {
            patimestamp: wire::kerberos_time(kdc_time)?,
            pausec: Some(wire::microseconds(kdc_time)),
        };
        let plaintext = timestamp.encode().map_err(CallerMisuse::from)?;
        let sealed = wire::seal(
            &self.key,
            KeyUsage::AS_REQ_PA_ENC_TIMESTAMP,
            &plaintext,
            random,
        )?;
        let mut padata: Vec<PaData> = self.cookie.iter().cloned().collect();
        padata.push(PaData {
            padata_type: PaDataType::ENC_TIMESTAMP,
            padata_value: sealed.encode().map_err(CallerMisuse::from)?.into(),
        });
        let in_flight = attempt.write(padata, now, random)?;
        Ok(send(in_flight, |in_flight| {
            State::Proven(Proven {
                in_flight,
                proof: self,
                clock_corrected,
            })
        }))
    }
}

/// Sends what is in flight, and waits in `state` for the reply.
fn send(in_flight: InFlight, state: impl FnOnce(InFlight) -> State) -> Transition {
    let request = in_flight.request();
    (state(in_flight), AsStep::Send(request))
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
    let proof = Proof {
        key: attempt.client_key(enctype, &salt, hint.params())?,
        hint,
        cookie: method_data
            .iter()
            .find(|element| element.padata_type == PaDataType::FX_COOKIE)
            .cloned(),
    };
    proof.send(attempt, false, now, random)
}

/// Picks a mechanism and a key that the KDC offers, or says why there is none.
fn choose(attempt: &Attempt, method_data: &[PaData]) -> Result<KeyHint, ExchangeError> {
    let offered = key_hint::find(method_data, PaDataType::ENC_TIMESTAMP).is_some();
    if !offered || !attempt.options.encrypted_timestamp {
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
        ErrorCode::KDC_ERR_WRONG_REALM | ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN => {
            match other_realm(attempt, &error) {
                Some(realm) if attempt.options.may_rename() => {
                    attempt.follow_referral(&realm)?;
                    Unsent.begin(attempt, now, random)
                }
                Some(realm) if error.code == ErrorCode::KDC_ERR_WRONG_REALM => {
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
