//! The initiator's side: AP-REQ out, AP-REP or KRB-ERROR in (RFC 4120 sections 3.2.2 and 3.2.5).

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use orthros_asn1::{
    AdType, ApOptions, AuthorizationData, AuthorizationDataEntry, Checksum, CksumType,
    EncryptionKey, KerberosTime, Message, Microseconds, Raw,
};
use orthros_crypto::{Enctype, Key, KeyUsage, RandomSource};
use orthros_types::{ChannelBindings, ChannelBindingsHash, Credential, Duration, Timestamp};

use super::ap_options;
use super::ap_rep;
use super::checksum::AuthenticatorChecksum;
use super::context::{EstablishedContext, Parameters, Parties};
use super::delegation;
use super::error::{ApCheckError, ApError, ApMisuseError};
use super::error_reply;
use super::etype_negotiation;
use super::flags::ContextFlags;
use super::mechanism::Mechanism;
use super::random::{Draws, initial_sequence_number};
use super::token::{TokenId, frame, unframe};
use crate::MalformedTokenError;
use crate::ap_req::ApReqParts;
use crate::message::Role;
use crate::wire;

mod dce;

pub use dce::{AwaitingDceReply, DceCompletion};

/// What an initiator asks for.
#[derive(Clone, Copy, Debug)]
pub struct InitiatorOptions<'a> {
    /// The services wanted. CONF and INTEG are asked for even where they are not among them; of the rest what is not
    /// sent is ignored, but for `CHANNEL_BOUND`. DELEG follows [`delegation`](Self::delegation).
    pub flags: ContextFlags,
    /// Ask for CONF and INTEG only where they are among [`flags`](Self::flags) (MIT's
    /// `GSS_KRB5_CRED_NO_CI_FLAGS_X`).
    pub no_ci_flags: bool,
    /// The channel, if the context is to be bound to one.
    pub channel_bindings: Option<&'a ChannelBindings>,
    /// Say in the authenticator that an acceptor with channel bindings must see them matched
    /// (`KERB_AP_OPTIONS_CBT` of \[MS-KILE\]), as with `CHANNEL_BOUND` among the flags.
    pub insist_on_channel_bindings: bool,
    /// Encryption types to have the acceptor's subkey of, the best first (RFC 4537). Only those are offered, with
    /// mutual authentication, that come before the type of the session key.
    pub enctypes: &'a [Enctype],
    /// Tickets to delegate: forwarded ticket-granting tickets, got for this purpose.
    pub delegation: &'a [Credential],
    /// The object identifier to go by.
    pub mechanism: Mechanism,
    /// How far the KDC's clock may differ from ours.
    pub clock_skew: Duration,
}

impl Default for InitiatorOptions<'_> {
    /// No optional service, MIT's clock skew of five minutes.
    fn default() -> Self {
        Self {
            flags: ContextFlags::empty(),
            no_ci_flags: false,
            channel_bindings: None,
            insist_on_channel_bindings: false,
            enctypes: &[],
            delegation: &[],
            mechanism: Mechanism::Krb5,
            clock_skew: Duration::from_seconds(300),
        }
    }
}

/// The first token, and what comes next.
#[derive(Debug)]
pub struct Initiation {
    /// To be sent to the acceptor.
    pub token: Vec<u8>,
    /// Whether an answer is needed.
    pub next: Initiated,
}

/// What an initiator does after its first token.
#[derive(Debug)]
pub enum Initiated {
    /// Nothing: without mutual authentication there is no answer to wait for.
    Established(Box<EstablishedContext>),
    /// It waits for the acceptor's token.
    AwaitingReply(Box<AwaitingReply>),
    /// As that, and has then another one to send, in DCE style.
    AwaitingDceReply(Box<AwaitingDceReply>),
}

/// Begins an AP exchange with a service ticket, or with one for user-to-user.
///
/// A subkey is always sent, so that no two contexts share a key.
///
/// # Errors
///
/// A ticket that has expired or is not valid yet, or a credential that can't be used; no
/// randomness. Nothing comes from the peer yet.
pub fn initiate(
    credential: &Credential,
    options: &InitiatorOptions<'_>,
    now: Timestamp,
    random: &mut dyn RandomSource,
) -> Result<Initiation, ApError> {
    check_times(credential, options.clock_skew, now)?;
    let session_key = session_key(credential)?;
    let random = &mut Draws::new(random);
    let subkey = session_key.enctype().random_key(random)?;
    let sequence_number = initial_sequence_number(random)?;
    let flags = negotiable_flags(options);
    let (ctime, cusec) = (
        wire::kerberos_time(now).ok_or(ApMisuseError::Time(now))?,
        wire::microseconds(now),
    );
    let mut ap_options = ApOptions::empty();
    ap_options.set(
        ApOptions::MUTUAL_REQUIRED,
        flags.contains(ContextFlags::MUTUAL),
    );
    ap_options.set(ApOptions::USE_SESSION_KEY, credential.is_skey);
    let request = ApReqParts {
        ticket: Raw::decode(&credential.ticket).map_err(ApMisuseError::Ticket)?,
        session_key: &session_key,
        usage: KeyUsage::AP_REQ_AUTHENTICATOR,
        ap_options,
        client: &credential.client,
        time: (ctime, cusec),
        checksum: Some(checksum(options, flags, &session_key, now, random)?),
        subkey: &subkey,
        sequence_number: Some(sequence_number),
        authorization_data: authorization_data(options, flags, session_key.enctype())?,
    };
    let message = request.encode::<ApError>(random)?;
    let dce_style = flags.contains(ContextFlags::DCE_STYLE);
    let token = if dce_style {
        message
    } else {
        frame(options.mechanism, TokenId::AP_REQ, &message)
    };
    let mut enctypes = options.enctypes.to_vec();
    enctypes.push(session_key.enctype());
    let awaiting = AwaitingReply {
        enctypes,
        parties: Parties {
            role: Role::Initiator,
            initiator: credential.client.clone(),
            acceptor: credential.server.clone(),
            mechanism: options.mechanism,
            flags,
            times: credential.times,
            end: credential.times.endtime,
            ticket_flags: credential.flags,
            session_key,
        },
        subkey,
        sequence_number,
        ctime,
        cusec,
    };
    let next = if dce_style {
        Initiated::AwaitingDceReply(Box::new(AwaitingDceReply::new(awaiting)))
    } else if flags.contains(ContextFlags::MUTUAL) {
        Initiated::AwaitingReply(Box::new(awaiting))
    } else {
        Initiated::Established(Box::new(awaiting.without_reply()))
    };
    Ok(Initiation { token, next })
}

/// An initiator that waits for the acceptor's AP-REP.
///
/// It is used up by the answer, whatever that is: after a failure there is nothing to go on with.
#[derive(Debug)]
pub struct AwaitingReply {
    parties: Parties,
    subkey: Key,
    /// Of which enctypes the acceptor's subkey may be: that of the session key and those that were offered.
    enctypes: Vec<Enctype>,
    sequence_number: u32,
    ctime: KerberosTime,
    cusec: Microseconds,
}

impl AwaitingReply {
    /// Takes the acceptor's token.
    ///
    /// # Errors
    ///
    /// [`ApError::Refused`] with what the acceptor said if it sent a KRB-ERROR; a token that is
    /// malformed or proves nothing.
    pub fn step(self, token: &[u8]) -> Result<EstablishedContext, ApError> {
        let (mechanism, token_id, message) = unframe(token)?;
        if mechanism != self.parties.mechanism {
            return Err(MalformedTokenError::OtherMechanism.into());
        }
        match token_id {
            TokenId::AP_REP => self.reply(message),
            TokenId::KRB_ERROR => Err(error_reply::decode(message)?.into()),
            TokenId(other) => Err(MalformedTokenError::TokenId(other).into()),
        }
    }

    /// What was asked for, for inquiries before establishment.
    #[must_use]
    pub const fn flags(&self) -> ContextFlags {
        self.parties.flags
    }

    /// Takes the acceptor's AP-REP.
    fn reply(self, message: &[u8]) -> Result<EstablishedContext, ApError> {
        let part = ap_rep::decode(&self.parties.session_key, message)?;
        if (part.ctime, part.cusec) != (self.ctime, self.cusec) {
            return Err(ApCheckError::MutualFailed.into());
        }
        let acceptor_subkey = part
            .subkey
            .as_ref()
            .map(|key| self.acceptor_subkey(key))
            .transpose()?;
        Ok(EstablishedContext::new(
            self.parties,
            Parameters {
                initiator_subkey: Some(self.subkey),
                acceptor_subkey,
                initiator_sequence: self.sequence_number,
                acceptor_sequence: part.seq_number.map_or(0, |number| number.0),
            },
        ))
    }

    /// The subkey that the acceptor chose, of an encryption type that it may choose (RFC 4537).
    fn acceptor_subkey(&self, key: &EncryptionKey) -> Result<Key, ApCheckError> {
        wire::key(key)
            .filter(|key| self.enctypes.contains(&key.enctype()))
            .ok_or(ApCheckError::Key {
                what: "acceptor's subkey",
                enctype: key.keytype,
            })
    }

    /// Without a reply the acceptor numbers its messages from where the initiator does.
    fn without_reply(self) -> EstablishedContext {
        EstablishedContext::new(
            self.parties,
            Parameters {
                initiator_subkey: Some(self.subkey),
                acceptor_subkey: None,
                initiator_sequence: self.sequence_number,
                acceptor_sequence: self.sequence_number,
            },
        )
    }
}

/// Stricter at the end than at the beginning, as MIT: what is about to be refused is not sent.
fn check_times(
    credential: &Credential,
    skew: Duration,
    now: Timestamp,
) -> Result<(), ApMisuseError> {
    let now = now.whole();
    let (starttime, endtime) = (credential.times.start(), credential.times.endtime);
    if now > endtime {
        return Err(ApMisuseError::TicketExpired {
            server: credential.server.clone(),
            endtime,
        });
    }
    if starttime > now.saturating_add(skew) {
        return Err(ApMisuseError::TicketNotYetValid {
            server: credential.server.clone(),
            starttime,
        });
    }
    Ok(())
}

fn session_key(credential: &Credential) -> Result<Key, ApMisuseError> {
    let block = &credential.session_key;
    block
        .key()
        .ok_or(ApMisuseError::SessionKey(block.enctype()))
}

fn negotiable_flags(options: &InitiatorOptions<'_>) -> ContextFlags {
    let mut flags = options.flags & ContextFlags::ON_THE_WIRE;
    if !options.no_ci_flags {
        flags |= ContextFlags::CONF | ContextFlags::INTEG;
    }
    flags.set(ContextFlags::DELEG, !options.delegation.is_empty());
    flags.completed()
}

/// What acceptors may ignore that do not know it.
fn authorization_data(
    options: &InitiatorOptions<'_>,
    flags: ContextFlags,
    session_key: Enctype,
) -> Result<Option<AuthorizationData>, ApError> {
    let mut relevant = AuthorizationData::new();
    if flags.contains(ContextFlags::MUTUAL) {
        relevant.extend(etype_negotiation::offer(options.enctypes, session_key)?);
    }
    if options.insist_on_channel_bindings || options.flags.contains(ContextFlags::CHANNEL_BOUND) {
        relevant.push(ap_options::channel_bindings_required());
    }
    if relevant.is_empty() {
        return Ok(None);
    }
    Ok(Some(vec![AuthorizationDataEntry {
        ad_type: AdType::IF_RELEVANT,
        ad_data: relevant.encode()?.into(),
    }]))
}

fn checksum(
    options: &InitiatorOptions<'_>,
    flags: ContextFlags,
    session_key: &Key,
    now: Timestamp,
    random: &mut dyn RandomSource,
) -> Result<Checksum, ApError> {
    let delegation = if options.delegation.is_empty() {
        None
    } else {
        Some(delegation::seal(
            options.delegation,
            session_key,
            now,
            random,
        )?)
    };
    let contents = AuthenticatorChecksum {
        channel_bindings: ChannelBindingsHash::of(options.channel_bindings),
        flags,
        delegation: delegation.as_deref(),
    };
    Ok(Checksum {
        cksumtype: CksumType::GSSAPI,
        checksum: contents.build()?.into(),
    })
}
