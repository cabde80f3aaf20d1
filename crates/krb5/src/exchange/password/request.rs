//! What is sent (RFC 3244 section 2): a header, an AP-REQ, and the password in a KRB-PRIV.

use alloc::vec::Vec;

use orthros_asn1::{ChangePasswdData, Message, SecretOctets};
use orthros_crypto::{Key, RandomSource, SecretVec};

use super::{PasswordStep, State, Transition};
use crate::exchange::header_ticket::HeaderTicket;
use crate::exchange::request::draw_nonce;
use crate::exchange::{ExchangeError, ExchangeMisuseError, KdcRequest, Transport, session_error};
use crate::message::Role;
use crate::session::{Heading, directional, encrypt_private};
use crate::wire;
use orthros_types::{Principal, Timestamp};

/// A request that is out, and what its reply must match.
pub(super) struct SentRequest {
    pub(super) subkey: Key,
    pub(super) sent_at: Timestamp,
    pub(super) target: Option<Principal>,
    request: KdcRequest,
}

impl SentRequest {
    pub(super) fn new(
        ticket: &HeaderTicket,
        password: &[u8],
        target: Option<&Principal>,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Self, ExchangeError> {
        let subkey = ticket.key.enctype().random_key(random)?;
        let sequence_number = draw_nonce(random)?;
        let request = ticket.password_request(&subkey, sequence_number, now, random)?;
        let heading = Heading {
            time: None,
            sequence_number: Some(sequence_number),
            sender: directional(Role::Initiator),
            receiver: None,
        };
        let (version, data) = match target {
            None => (CHANGE, SecretVec::from(password)),
            Some(target) => (SET, set_password_data(password, target)?),
        };
        let private = encrypt_private(&subkey, &data, heading, random).map_err(session_error)?;
        Ok(Self {
            subkey,
            sent_at: now,
            target: target.cloned(),
            request: KdcRequest {
                realm: ticket.server.realm().to_vec(),
                message: frame(version, &request, &private).ok_or(ExchangeMisuseError::TooLong)?,
                transport: Transport::Datagram,
            },
        })
    }

    pub(super) fn send(self) -> Transition {
        let step = PasswordStep::Send(self.request.clone());
        (State::SentRequest(self), step)
    }

    /// The same message over a stream; none if it went over one already.
    pub(super) fn over_stream(mut self) -> Option<Self> {
        let was_datagram = self.request.transport == Transport::Datagram;
        self.request.transport = Transport::Stream;
        was_datagram.then_some(self)
    }
}

fn set_password_data(
    password: &[u8],
    target: &Principal,
) -> Result<SecretVec, ExchangeMisuseError> {
    let data = ChangePasswdData {
        newpasswd: SecretOctets::new(password.to_vec()),
        targname: Some(wire::principal_name(target)),
        targrealm: Some(wire::realm(target)),
    };
    Ok(SecretVec::from(data.encode()?))
}

/// Lengths are two bytes each, so that there may be too much.
fn frame(version: u16, request: &[u8], private: &[u8]) -> Option<Vec<u8>> {
    let body = [request, private].concat();
    let length = u16::try_from(body.len().checked_add(HEADER)?).ok()?;
    let request_length = u16::try_from(request.len()).ok()?;
    let header = [length, version, request_length].map(u16::to_be_bytes);
    Some([header.as_flattened(), &body].concat())
}

/// Bytes of length, version and the length of the AP-REQ or AP-REP.
pub(super) const HEADER: usize = 6;
/// The version that changes the sender's own password.
pub(super) const CHANGE: u16 = 1;
/// The version that sets the password of the principal that the request names.
pub(super) const SET: u16 = 0xFF80;
