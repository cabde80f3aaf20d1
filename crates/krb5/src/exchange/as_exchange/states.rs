//! The states of an AS exchange. Each takes one input and gives the next state.

use alloc::boxed::Box;
use alloc::vec::Vec;

use orthros_asn1::{AsRep, ErrorCode};
use orthros_crypto::{Enctype, RandomSource};

use super::context::AsContext;
use super::open::open;
use super::{AsStep, State, Transition};
use crate::PeerError;
use crate::exchange::fast::ErrorReply;
use crate::exchange::in_flight::{Answer, InFlight};
use crate::exchange::kdc_message::KdcMessage;
use crate::exchange::{ExchangeError, KdcRefusalError, ReplyError, SecretEvidence};
use crate::observe::{Event, PadataTypes};
use crate::preauth::{Choice, PasswordKeyInfo, Preauthentication};
use orthros_types::Timestamp;

/// Nothing is sent yet, or all is to be sent again.
pub(super) struct Unsent;

/// A request without preauthentication is out.
pub(super) struct WithoutPreauth {
    in_flight: InFlight,
}

/// The user is being asked for the password.
pub(super) struct AwaitingPassword {
    purpose: Purpose,
}

/// A request with preauthentication is out.
pub(super) struct WithPreauth {
    in_flight: InFlight,
    preauth: Preauthentication,
    clock_corrected: bool,
}

/// What the password is needed for.
enum Purpose {
    /// To preauthenticate in this way.
    Preauthenticate(Box<Choice>),
    /// To read the reply, which came without preauthentication.
    Open(Box<InFlight>, Box<AsRep>),
}

impl Unsent {
    pub(super) fn begin(
        self,
        context: &mut AsContext,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Transition, ExchangeError> {
        context.tell(|| Event::InitialCredentials {
            client: context.client(),
        });
        context.forget_failures();
        let in_flight = context.write(None, now, random)?;
        Ok(send(in_flight, WithoutPreauth::wait))
    }
}

impl WithoutPreauth {
    fn wait(in_flight: InFlight) -> State {
        State::WithoutPreauth(Self { in_flight })
    }

    pub(super) fn reply(
        self,
        context: &mut AsContext,
        bytes: &[u8],
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Transition, ExchangeError> {
        let error = match answer(context, &self.in_flight, bytes)? {
            Answer::Reply(reply) => return open_or_ask(context, self.in_flight, reply),
            Answer::TooBig => {
                let again = self.in_flight.over_stream(&mut context.transport)?;
                return Ok(send(again, Self::wait));
            }
            Answer::Error(error) => *error,
        };
        match error.code {
            // The KDC knows FAST, and there is an armor: all again under it.
            ErrorCode::KDC_ERR_PREAUTH_REQUIRED if context.is_offered_fast(error.method_data()) => {
                context.tell(|| Event::ArmorOffered);
                context.is_armored = true;
                context.follow_clock(&error, now);
                Unsent.begin(context, now, random)
            }
            ErrorCode::KDC_ERR_PREAUTH_REQUIRED => {
                context.follow_clock(&error, now);
                let choice = context.choose(error.method_data())?;
                preauthenticate_or_ask(context, choice, now, random)
            }
            // Nothing was there to fail but PA-REQ-ENC-PA-REP: an old KDC. Where there is an armor ticket the
            // checksum that it asks for is what shows that the offer of FAST was hidden, and no error without armor
            // may take it away.
            ErrorCode::KDC_ERR_PREAUTH_FAILED
                if context.req_enc_pa_rep && !context.has_armor_ticket() =>
            {
                context.req_enc_pa_rep = false;
                Unsent.begin(context, now, random)
            }
            _ => restart_or_refuse(context, error, now, random),
        }
    }
}

impl AwaitingPassword {
    pub(super) fn password_keys(
        &self,
        context: &AsContext,
    ) -> Result<Vec<PasswordKeyInfo>, ExchangeError> {
        let keys = match &self.purpose {
            Purpose::Preauthenticate(choice) => context.password_keys(choice.method_data())?,
            // The reply says in which encryption type its key is; where it has no more to say the salt is the default.
            Purpose::Open(_, reply) => {
                let enctype = Enctype::from_number(reply.0.enc_part.etype.0);
                let padata = reply.0.padata.as_deref().unwrap_or_default();
                let mut keys = context.password_keys(padata)?;
                keys.retain(|key| Some(key.enctype) == enctype);
                if let (true, Some(enctype)) = (keys.is_empty(), enctype) {
                    keys.push(PasswordKeyInfo::by_default(enctype, context.client()));
                }
                keys
            }
        };
        if keys.is_empty() {
            return Err(context.no_common_enctype());
        }
        Ok(keys)
    }

    pub(super) fn password(
        self,
        context: &mut AsContext,
        password: &[u8],
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Transition, ExchangeError> {
        context.keys.set_password(password);
        match self.purpose {
            Purpose::Preauthenticate(choice) => preauthenticate(context, *choice, now, random),
            Purpose::Open(in_flight, reply) => done(context, &in_flight, &reply, None),
        }
    }
}

impl WithPreauth {
    /// Sends the next response of `preauth`, and waits for the answer. A mechanism that can't respond to what the KDC
    /// says gives way to the next one that it has offered.
    fn respond(
        mut preauth: Preauthentication,
        clock_corrected: bool,
        context: &mut AsContext,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Transition, ExchangeError> {
        match context.write(Some(&mut preauth), now, random) {
            Ok(in_flight) => Ok(Self::wait(in_flight, preauth, clock_corrected)),
            Err(error) if preauth.may_fall_back() => {
                let offer = preauth.offer().to_vec();
                match context.fall_back(preauth, &error, &offer) {
                    Ok(next) => Self::respond(next, clock_corrected, context, now, random),
                    Err(_) => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    fn wait(in_flight: InFlight, preauth: Preauthentication, clock_corrected: bool) -> Transition {
        send(in_flight, |in_flight| {
            State::WithPreauth(Self {
                in_flight,
                preauth,
                clock_corrected,
            })
        })
    }

    pub(super) fn reply(
        self,
        context: &mut AsContext,
        bytes: &[u8],
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Transition, ExchangeError> {
        let Self {
            in_flight,
            mut preauth,
            clock_corrected,
        } = self;
        let error = match answer(context, &in_flight, bytes)? {
            Answer::Reply(reply) => return done(context, &in_flight, &reply, Some(&preauth)),
            Answer::TooBig => {
                let again = in_flight.over_stream(&mut context.transport)?;
                return Ok(Self::wait(again, preauth, clock_corrected));
            }
            Answer::Error(error) => *error,
        };
        match error.code {
            // With what the mechanism has said so far the KDC can't know whether the secret is wrong.
            ErrorCode::KDC_ERR_PREAUTH_FAILED if preauth.may_fall_back() => {
                let offer = match error.method_data() {
                    [] => preauth.offer().to_vec(),
                    anew => anew.to_vec(),
                };
                match context.fall_back(preauth, &error, &offer) {
                    Ok(next) => Self::respond(next, clock_corrected, context, now, random),
                    Err(_) => Err(context.refuse(error)),
                }
            }
            // The second is what Heimdal says of an encrypted challenge; MIT's kinit takes it for a wrong password,
            // too.
            ErrorCode::KDC_ERR_PREAUTH_FAILED | ErrorCode::KRB_AP_ERR_BAD_INTEGRITY => {
                Err(KdcRefusalError::WrongSecret {
                    client: context.client().clone(),
                    is_password: context.keys.is_password(),
                    evidence: SecretEvidence::PreauthFailed(Box::new(error)),
                }
                .into())
            }
            // The mechanism from its first round again, by the KDC's clock.
            ErrorCode::KRB_AP_ERR_SKEW if context.options.kdc_timesync && !clock_corrected => {
                context.follow_clock(&error, now);
                preauth.restart(error.method_data());
                Self::respond(preauth, true, context, now, random)
            }
            // The mechanism's next round. The number of requests bounds how many there can be.
            ErrorCode::KDC_ERR_MORE_PREAUTH_DATA_REQUIRED if preauth.has_further_round() => {
                context.tell(|| Event::PreauthOffered {
                    offered: PadataTypes::of(error.method_data()),
                });
                preauth.next_round(error.method_data().to_vec());
                Self::respond(preauth, clock_corrected, context, now, random)
            }
            // From the beginning, with whatever the KDC offers now.
            ErrorCode::KDC_ERR_PREAUTH_REQUIRED => {
                context.follow_clock(&error, now);
                let choice = context.choose(error.method_data())?;
                preauthenticate(context, choice, now, random)
            }
            _ => restart_or_refuse(context, error, now, random),
        }
    }
}

/// Sends what is in flight, and waits in `state` for the reply.
fn send(in_flight: InFlight, state: impl FnOnce(InFlight) -> State) -> Transition {
    let request = in_flight.request.clone();
    (state(in_flight), AsStep::Send(request))
}

/// Reads an answer. What is no answer to a request under armor ends the exchange: without armor anybody can say no.
///
/// That a reply is too big for a datagram is believed without armor, too: it is often said before the request is
/// read, and steers nothing but the transport.
fn answer(
    context: &AsContext,
    in_flight: &InFlight,
    bytes: &[u8],
) -> Result<Answer<AsRep>, ExchangeError> {
    let error = match KdcMessage::decode(bytes)? {
        KdcMessage::AsRep(reply) => return Ok(Answer::Reply(reply)),
        KdcMessage::TgsRep(_) => return Err(ReplyError::OtherMessage.into()),
        KdcMessage::Error(error) => error,
    };
    match in_flight.open_error(error)? {
        ErrorReply::Unprotected(error) if in_flight.armor.is_some() && !error.is_too_big() => {
            context.tell(|| Event::KdcError { error: &error });
            let client = in_flight.client.clone();
            Err(KdcRefusalError::ArmorIgnored { client, error }.into())
        }
        ErrorReply::Authentic(error) | ErrorReply::Unprotected(error) => {
            context.tell(|| match error.is_too_big() {
                true => Event::ReplyTooBig,
                false => Event::KdcError { error: &error },
            });
            Ok(Answer::of_error(error))
        }
    }
}

/// Asks for the password if it is not known yet, but only where it can be of use: the choice is made.
fn preauthenticate_or_ask(
    context: &mut AsContext,
    choice: Choice,
    now: Timestamp,
    random: &mut dyn RandomSource,
) -> Result<Transition, ExchangeError> {
    if context.keys.needs_password() {
        let purpose = Purpose::Preauthenticate(Box::new(choice));
        return Ok(ask(context, purpose));
    }
    preauthenticate(context, choice, now, random)
}

/// Makes the client's key, and sends the mechanism's first response.
fn preauthenticate(
    context: &mut AsContext,
    choice: Choice,
    now: Timestamp,
    random: &mut dyn RandomSource,
) -> Result<Transition, ExchangeError> {
    let preauth = context.preauthenticate(choice)?;
    WithPreauth::respond(preauth, false, context, now, random)
}

/// Reads a reply that came without preauthentication, as soon as the password is known.
fn open_or_ask(
    context: &mut AsContext,
    in_flight: InFlight,
    reply: Box<AsRep>,
) -> Result<Transition, ExchangeError> {
    if context.keys.needs_password() {
        let purpose = Purpose::Open(Box::new(in_flight), reply);
        return Ok(ask(context, purpose));
    }
    done(context, &in_flight, &reply, None)
}

fn ask(context: &AsContext, purpose: Purpose) -> Transition {
    let client = context.client().clone();
    let state = State::AwaitingPassword(AwaitingPassword { purpose });
    (state, AsStep::NeedPassword { client })
}

fn done(
    context: &mut AsContext,
    in_flight: &InFlight,
    reply: &AsRep,
    preauth: Option<&Preauthentication>,
) -> Result<Transition, ExchangeError> {
    let ticket = open(context, in_flight, reply, preauth)?;
    Ok((State::Ended, AsStep::Done(Box::new(ticket))))
}

/// Errors that mean the same in every state.
fn restart_or_refuse(
    context: &mut AsContext,
    error: PeerError,
    now: Timestamp,
    random: &mut dyn RandomSource,
) -> Result<Transition, ExchangeError> {
    match error.code {
        // The cookie is too old. The number of requests bounds how often this can be.
        ErrorCode::KDC_ERR_PREAUTH_EXPIRED => Unsent.begin(context, now, random),
        ErrorCode::KRB_AP_ERR_SKEW => Err(KdcRefusalError::Skew {
            offset: error.server_time.since(now),
            error: Box::new(error),
        }
        .into()),
        // RFC 6806 section 7 wants WRONG_REALM; old Windows servers say that the client is unknown.
        // Another realm's KDC does not know the armor: for that realm the caller has to bring another.
        ErrorCode::KDC_ERR_WRONG_REALM | ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN => {
            let follows = context.options.may_rename();
            match other_realm(context, &error) {
                Some(realm) if follows && context.options.armor.is_none() => {
                    context.follow_referral(&realm)?;
                    Unsent.begin(context, now, random)
                }
                Some(realm) if follows || error.code == ErrorCode::KDC_ERR_WRONG_REALM => {
                    Err(KdcRefusalError::WrongRealm {
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
fn other_realm(context: &AsContext, error: &PeerError) -> Option<Vec<u8>> {
    let realm = error.client_realm.as_deref()?;
    (realm != context.client().realm()).then(|| realm.to_vec())
}
