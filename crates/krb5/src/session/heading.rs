//! The fields that all kinds of messages have in addition to their content, and the checks of them.

use super::Session;
use super::error::SessionError;
use crate::wire;
use orthros_asn1::{AddressType, HostAddress, KerberosTime, Microseconds, UInt32};
use orthros_types::{Freshness, ReplayCache, ReplayRecord, Timestamp};

/// Time, sequence number, sender and receiver of a message. Only a KRB-CRED may leave the sender out.
#[derive(Clone, Debug)]
pub(crate) struct Heading<Sender = HostAddress> {
    pub(crate) time: Option<(KerberosTime, Microseconds)>,
    pub(crate) sequence_number: Option<u32>,
    pub(crate) sender: Sender,
    pub(crate) receiver: Option<HostAddress>,
}

/// All of it is optional in a KRB-CRED. The sequence number is in `nonce`, where MIT has it.
pub(crate) type CredentialsHeading = Heading<Option<HostAddress>>;

impl<Sender> Heading<Sender> {
    pub(super) fn timestamp(&self) -> Option<KerberosTime> {
        self.time.map(|(time, _)| time)
    }

    pub(super) fn microseconds(&self) -> Option<Microseconds> {
        self.time.map(|(_, microseconds)| microseconds)
    }

    pub(super) fn number(&self) -> Option<UInt32> {
        self.sequence_number.map(UInt32)
    }
}

impl Session {
    /// The heading of the next message.
    pub(super) fn heading(&self, now: Timestamp) -> Result<Heading, SessionError> {
        let time = match self.options.clock_skew {
            Some(_) => {
                let time = wire::kerberos_time(now).ok_or(SessionError::TimeOutOfRange)?;
                Some((time, wire::microseconds(now)))
            }
            None => None,
        };
        Ok(Heading {
            time,
            sequence_number: self.options.sequence.map(|sequence| sequence.own),
            sender: self.options.local_address.clone(),
            receiver: self.options.remote_address.clone(),
        })
    }

    /// The same for a KRB-CRED, which has the time always: MIT's library, unless told otherwise, takes none without.
    pub(super) fn credentials_heading(
        &self,
        now: Timestamp,
    ) -> Result<CredentialsHeading, SessionError> {
        let heading = self.heading(now)?;
        let time = wire::kerberos_time(now).ok_or(SessionError::TimeOutOfRange)?;
        Ok(CredentialsHeading {
            time: Some((time, wire::microseconds(now))),
            sequence_number: heading.sequence_number,
            sender: Some(heading.sender),
            receiver: heading.receiver,
        })
    }

    pub(super) fn count_sent(&mut self, message: &[u8], now: Timestamp) {
        if let Some(sent) = &mut self.sent {
            sent.note(message, now);
        }
        if let Some(sequence) = &mut self.options.sequence {
            sequence.own = sequence.own.wrapping_add(1);
        }
    }

    /// Whether a message that is made with the key is the next one of the peer's. Counts it if it is.
    ///
    /// `tag` are bytes that no two messages have in common.
    pub(super) fn check<Sender: Clone + Into<Option<HostAddress>>>(
        &mut self,
        heading: &Heading<Sender>,
        tag: &[u8],
        now: Timestamp,
        replays: Option<&dyn ReplayCache>,
    ) -> Result<(), SessionError> {
        let sender: Option<HostAddress> = heading.sender.clone().into();
        self.check_addresses(sender.as_ref(), heading.receiver.as_ref())?;
        self.check_number(heading.sequence_number)?;
        self.check_direction(sender.as_ref(), heading, tag)?;
        self.check_time(heading.time, tag, now, replays)?;
        if let Some(sequence) = &mut self.options.sequence {
            sequence.peer = sequence.peer.wrapping_add(1);
        }
        Ok(())
    }

    fn check_addresses(
        &self,
        sender: Option<&HostAddress>,
        receiver: Option<&HostAddress>,
    ) -> Result<(), SessionError> {
        let local = &self.options.local_address;
        let expected = self.options.remote_address.as_ref();
        let is_directional = local.addr_type == AddressType::DIRECTIONAL;
        let is_reflected = is_directional && sender == Some(local);
        if is_reflected || expected.is_some() && sender != expected {
            return Err(SessionError::Sender);
        }
        // What names no place can't be called by another.
        if !is_directional && receiver.is_some_and(|receiver| receiver != local) {
            return Err(SessionError::Receiver);
        }
        Ok(())
    }

    /// Where addresses do not tell whose message it is: whether it is none of this end's.
    fn check_direction<Sender>(
        &self,
        sender: Option<&HostAddress>,
        heading: &Heading<Sender>,
        tag: &[u8],
    ) -> Result<(), SessionError> {
        let Some(sent) = &self.sent else {
            return Ok(());
        };
        // All of this end's messages have its address.
        if sender != Some(&self.options.local_address) {
            return Ok(());
        }
        let is_forgotten = match (self.options.sequence, heading.sequence_number, heading.time) {
            (Some(sequence), Some(number), _) => sent.has_forgotten_number(number, sequence.own),
            (_, _, Some((time, microseconds))) => {
                sent.has_forgotten_time(wire::timestamp_with(time, microseconds))
            }
            // Refused already, or next.
            _ => false,
        };
        if is_forgotten || sent.contains(tag) {
            Err(SessionError::Reflected)
        } else {
            Ok(())
        }
    }

    fn check_number(&self, found: Option<u32>) -> Result<(), SessionError> {
        let Some(sequence) = self.options.sequence else {
            return Ok(());
        };
        let expected = sequence.peer;
        match found {
            None => Err(SessionError::SequenceMissing),
            Some(found) if found == expected => Ok(()),
            Some(found) => Err(SessionError::OutOfSequence { expected, found }),
        }
    }

    fn check_time(
        &self,
        time: Option<(KerberosTime, Microseconds)>,
        tag: &[u8],
        now: Timestamp,
        replays: Option<&dyn ReplayCache>,
    ) -> Result<(), SessionError> {
        let Some(skew) = self.options.clock_skew else {
            return Ok(());
        };
        let (time, microseconds) = time.ok_or(SessionError::TimestampMissing)?;
        let time = wire::timestamp_with(time, microseconds);
        if !time.is_within(skew, now) {
            let offset = time.since(now);
            return Err(SessionError::Skew { offset });
        }
        // Numbers tell repeated messages already.
        if self.options.sequence.is_some() {
            return Ok(());
        }
        let Some(replays) = replays else {
            return Err(SessionError::Unprotected);
        };
        let record = ReplayRecord::new(tag, time, now, skew);
        match replays.check_and_store(&record, now)? {
            Freshness::Fresh => Ok(()),
            Freshness::Replayed => Err(SessionError::Replayed),
        }
    }
}
