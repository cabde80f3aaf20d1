//! KRB-SAFE, KRB-PRIV and KRB-CRED: messages between two ends that share a key (RFC 4120 sections 3.4 to 3.6).
//!
//! A [`Session`] is one end. Its messages are signed or encrypted in the key, name sender and receiver, and are told
//! from recorded ones by their time, by a sequence number, or by both. They carry bytes
//! ([`encrypt`](Session::encrypt), [`sign`](Session::sign)) or tickets with their keys
//! ([`encrypt_credentials`](Session::encrypt_credentials)).
//!
//! A message that is sent back to its sender is refused. Directional addresses tell it, and so do addresses that are
//! known and differ; where there are no such addresses, a session remembers what it sent (some 16 000 messages).
//!
//! ```
//! use orthros_krb5::crypto::{Enctype, Key};
//! use orthros_krb5::message::Role;
//! use orthros_krb5::session::{SequenceNumbers, Session, SessionOptions};
//! use orthros_types::Timestamp;
//!
//! let key = Key::new(Enctype::AES128_CTS_HMAC_SHA1_96, &[7; 16])?;
//! let now = Timestamp::from_seconds(1_800_000_000);
//! let here = SequenceNumbers { own: 5, peer: 9 };
//! let there = SequenceNumbers { own: 9, peer: 5 };
//! let mut here = Session::new(key.clone(), SessionOptions::numbered(Role::Initiator, here))?;
//! let mut there = Session::new(key, SessionOptions::numbered(Role::Acceptor, there))?;
//! let message = here.sign(b"all is well", now)?;
//! assert_eq!(there.verify(&message, now, None)?, b"all is well");
//! // A second time it is not its turn.
//! assert!(there.verify(&message, now, None).is_err());
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```

pub(crate) mod credentials;
mod error;
mod heading;
mod private;
mod safe;
mod sent;

use alloc::vec::Vec;

use orthros_asn1::{AddressType, HostAddress};
use orthros_crypto::{Key, RandomSource, SecretVec};

pub use error::SessionError;
pub(crate) use private::{decrypt_private, encrypt_private};

use crate::message::Role;
pub(crate) use heading::{CredentialsHeading, Heading};
use orthros_types::Credential;
use orthros_types::ReplayCache;
use orthros_types::{Duration, Timestamp};
use sent::{Sent, TAG_LEN};

/// One end of a session.
#[derive(Debug)]
pub struct Session {
    key: Key,
    options: SessionOptions,
    /// Where addresses do not tell this end's messages from the peer's.
    sent: Option<Sent>,
}

/// How the messages of a session are told from others.
#[derive(Clone, Debug)]
pub struct SessionOptions {
    /// Where this end says that it is: a directional address says only which end it is, and that a message of its own
    /// came back.
    pub local_address: HostAddress,
    /// Where the peer has to be; None: anywhere. A KRB-CRED need not say where it is from, but has to if this is
    /// known.
    pub remote_address: Option<HostAddress>,
    /// How far the time in a message may be from this end's clock; None: messages have no time.
    pub clock_skew: Option<Duration>,
    /// The numbers of the next messages; None: messages have no numbers, and may get lost or out of order.
    pub sequence: Option<SequenceNumbers>,
}

/// The numbers of the next messages of both ends: first those that AP-REQ and AP-REP have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SequenceNumbers {
    /// Of this end's next message.
    pub own: u32,
    /// Of the peer's next message.
    pub peer: u32,
}

impl SessionOptions {
    /// Numbered messages without times, from wherever it may be.
    #[must_use]
    pub fn numbered(role: Role, sequence: SequenceNumbers) -> Self {
        Self {
            local_address: directional(role),
            remote_address: None,
            clock_skew: None,
            sequence: Some(sequence),
        }
    }

    /// Messages with a time and without numbers, from wherever it may be. Decrypting them needs a replay cache.
    #[must_use]
    pub fn timed(role: Role, clock_skew: Duration) -> Self {
        Self {
            local_address: directional(role),
            remote_address: None,
            clock_skew: Some(clock_skew),
            sequence: None,
        }
    }
}

impl SessionOptions {
    /// Whether a message says by its sender's address that it is not of this end.
    fn addresses_tell_directions(&self) -> bool {
        let local = &self.local_address;
        local.addr_type == AddressType::DIRECTIONAL
            || self
                .remote_address
                .as_ref()
                .is_some_and(|remote| remote != local)
    }
}

impl Session {
    /// An end that shares `key` with its peer: the session key of a ticket, or a subkey.
    ///
    /// # Errors
    ///
    /// [`SessionError::Unprotected`] where messages have neither time nor number.
    pub fn new(key: Key, options: SessionOptions) -> Result<Self, SessionError> {
        if options.clock_skew.is_none() && options.sequence.is_none() {
            return Err(SessionError::Unprotected);
        }
        let sent = (!options.addresses_tell_directions()).then(Sent::default);
        Ok(Self { key, options, sent })
    }

    /// A KRB-PRIV with this content.
    ///
    /// # Errors
    ///
    /// Where the environment fails, or `now` can't be written.
    pub fn encrypt(
        &mut self,
        data: &[u8],
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Vec<u8>, SessionError> {
        let message = encrypt_private(&self.key, data, self.heading(now)?, random)?;
        self.count_sent(&message, now);
        Ok(message)
    }

    /// The content of a KRB-PRIV. A refused one changes nothing.
    ///
    /// Without sequence numbers `replays` remembers what came.
    ///
    /// # Errors
    ///
    /// A message that is malformed or not the next one of this session's peer.
    pub fn decrypt(
        &mut self,
        message: &[u8],
        now: Timestamp,
        replays: Option<&dyn ReplayCache>,
    ) -> Result<SecretVec, SessionError> {
        let opened = decrypt_private(&self.key, message)?;
        self.check(&opened.heading, &opened.tag, now, replays)?;
        Ok(opened.data)
    }

    /// A KRB-SAFE with this content.
    ///
    /// # Errors
    ///
    /// As [`encrypt`](Self::encrypt).
    pub fn sign(&mut self, data: &[u8], now: Timestamp) -> Result<Vec<u8>, SessionError> {
        let message = safe::sign(&self.key, data, self.heading(now)?)?;
        self.count_sent(&message, now);
        Ok(message)
    }

    /// The content of a KRB-SAFE. A refused one changes nothing.
    ///
    /// # Errors
    ///
    /// As [`decrypt`](Self::decrypt).
    pub fn verify(
        &mut self,
        message: &[u8],
        now: Timestamp,
        replays: Option<&dyn ReplayCache>,
    ) -> Result<Vec<u8>, SessionError> {
        let verified = safe::verify(&self.key, message)?;
        self.check(&verified.heading, &verified.tag, now, replays)?;
        Ok(verified.data)
    }

    /// A KRB-CRED with these tickets and their session keys (RFC 4120 section 3.6.1): the peer can use them from then
    /// on. Tickets that are to be used elsewhere have to be forwarded or proxy tickets.
    ///
    /// It has the time always, and the sequence number, where the session has them, as its nonce, like MIT's.
    ///
    /// # Errors
    ///
    /// [`SessionError::Ticket`] where a ticket can't be read; else as [`encrypt`](Self::encrypt).
    pub fn encrypt_credentials(
        &mut self,
        credentials: &[Credential],
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Result<Vec<u8>, SessionError> {
        let heading = self.credentials_heading(now)?;
        let message = credentials::encrypt(&self.key, credentials, heading, random)?;
        self.count_sent(&message, now);
        Ok(message)
    }

    /// The tickets in a KRB-CRED, with what the peer says belongs to them (RFC 4120 section 3.6.2). A refused one
    /// changes nothing.
    ///
    /// One that is not encrypted is refused: that is for transports that encrypt it themselves. The tickets stand
    /// outside what is encrypted; one that was changed on the way is of no use.
    ///
    /// # Errors
    ///
    /// [`SessionError::Incomplete`] where a ticket has no key or no names; else as [`decrypt`](Self::decrypt).
    pub fn decrypt_credentials(
        &mut self,
        message: &[u8],
        now: Timestamp,
        replays: Option<&dyn ReplayCache>,
    ) -> Result<Vec<Credential>, SessionError> {
        let message = credentials::decode(message)?;
        let part = credentials::decrypt(&self.key, &message)?;
        let opened = credentials::unpack(&message, &part)?;
        let tag = integrity_tag(&message.enc_part.cipher);
        self.check(&opened.heading, tag, now, replays)?;
        Ok(opened.credentials)
    }
}

/// The end of a ciphertext, which no two have in common.
fn integrity_tag(cipher: &[u8]) -> &[u8] {
    let start = cipher.len().saturating_sub(TAG_LEN);
    cipher.get(start..).unwrap_or_default()
}

/// An address that says which end of a session it is, and nothing else (RFC 4120 section 7.1).
pub(crate) fn directional(role: Role) -> HostAddress {
    let number = match role {
        Role::Initiator => 0_u32,
        Role::Acceptor => 1,
    };
    HostAddress {
        addr_type: AddressType::DIRECTIONAL,
        address: number.to_be_bytes().as_slice().into(),
    }
}
