//! Per-message protection: the MIC and Wrap tokens of RFC 4121 section 4.2.
//!
//! An established context owns one [`Sender`] and one [`Receiver`]. They share nothing, so they
//! may go to two threads. Each derives the keys of its direction when first used, and
//! protects or checks any number of messages with them. Calls that take a caller's buffer do not
//! allocate; the [`Vec`](alloc::vec::Vec)-returning ones are conveniences over those.
//!
//! What we send, like MIT krb5's `gss_wrap`: an extra count of zero in sealed tokens (these
//! enctypes need no filler) and a right rotation count of zero in all. What we take: any counts.

mod error;
mod header;
mod iov;
mod receiver;
mod sender;
#[cfg(test)]
mod tests;

pub use error::{BufferLength, MessageError, TokenDefect};
pub use iov::{Iov, IovLengths, UnwrappedPieces};
pub use receiver::{Receiver, Unwrapped, UnwrappedMessage};
pub use sender::Sender;

use orthros_crypto::{Decryptor, Encryptor, Key, KeyUsage, Mac};
use zeroize::Zeroize as _;

use crate::ap::GssFlags;
use crate::sequence::SequenceWindow;
use header::{TokenFlags, TokenKind};

/// Which head of the context this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The side that sent the AP-REQ.
    Initiator,
    /// The side that received it.
    Acceptor,
}

impl Role {
    /// The other side.
    #[must_use]
    pub const fn peer(self) -> Self {
        match self {
            Self::Initiator => Self::Acceptor,
            Self::Acceptor => Self::Initiator,
        }
    }
}

/// Both halves of an established context's message protection.
#[derive(Debug)]
pub struct MessageProtection {
    sender: Sender,
    receiver: Receiver,
}

/// What the AP exchange agreed on for messages.
pub(crate) struct Agreement {
    pub(crate) role: Role,
    /// The acceptor's subkey if it asserted one, else the initiator's, else the session key.
    pub(crate) key: Key,
    pub(crate) acceptor_subkey: bool,
    pub(crate) flags: GssFlags,
    pub(crate) send_sequence: u32,
    pub(crate) receive_sequence: u32,
}

impl MessageProtection {
    /// Only the AP exchange makes one: it is the proof that the exchange succeeded.
    pub(crate) fn new(agreement: Agreement) -> Self {
        let Agreement {
            role,
            key,
            acceptor_subkey,
            flags,
            send_sequence,
            receive_sequence,
        } = agreement;
        let window = SequenceWindow::new(
            receive_sequence.into(),
            flags.contains(GssFlags::REPLAY),
            flags.contains(GssFlags::SEQUENCE),
        );
        Self::resume(
            role,
            key,
            acceptor_subkey,
            flags,
            send_sequence.into(),
            window,
        )
    }

    /// Goes on where an exported context ended.
    pub(crate) fn resume(
        role: Role,
        key: Key,
        acceptor_subkey: bool,
        flags: GssFlags,
        sequence_number: u64,
        window: SequenceWindow,
    ) -> Self {
        let outgoing = Direction::new(role, key.clone(), acceptor_subkey, flags);
        let incoming = Direction::new(role.peer(), key, acceptor_subkey, flags);
        Self {
            sender: Sender::new(outgoing, sequence_number),
            receiver: Receiver::new(incoming, window),
        }
    }

    /// The half that protects messages.
    pub fn sender(&mut self) -> &mut Sender {
        &mut self.sender
    }

    /// The half that checks them.
    pub fn receiver(&mut self) -> &mut Receiver {
        &mut self.receiver
    }

    /// The key that messages are protected with: the acceptor's subkey if it asserted one, else the initiator's, else the
    /// session key.
    #[must_use]
    pub const fn key(&self) -> &Key {
        self.sender.key()
    }

    /// Both halves for themselves, for two threads.
    #[must_use]
    pub fn split(self) -> (Sender, Receiver) {
        (self.sender, self.receiver)
    }
}

/// One direction of a context: who sends, in which key, and what was negotiated. `C` is what this side does with sealed
/// messages, an [`Encryptor`] or a [`Decryptor`].
#[derive(Debug)]
struct Direction<C> {
    sent_by: Role,
    key: Key,
    acceptor_subkey: bool,
    integrity: bool,
    confidentiality: bool,
    dce_style: bool,
    sealing: Option<C>,
    /// The checksum that was used last. Hardly a protocol has MIC tokens and unsealed Wrap tokens in turn, and every context
    /// would have room for both.
    mac: Option<Mac>,
    mac_of: TokenKind,
}

impl<C> Direction<C> {
    fn new(sent_by: Role, key: Key, acceptor_subkey: bool, flags: GssFlags) -> Self {
        Self {
            sent_by,
            key,
            acceptor_subkey,
            integrity: flags.contains(GssFlags::INTEG),
            confidentiality: flags.contains(GssFlags::CONF),
            dce_style: flags.contains(GssFlags::DCE_STYLE),
            sealing: None,
            mac: None,
            mac_of: TokenKind::Mic,
        }
    }

    /// The flags of an unsealed token in this direction.
    fn flags(&self) -> TokenFlags {
        let direction = match self.sent_by {
            Role::Initiator => 0,
            Role::Acceptor => TokenFlags::SENT_BY_ACCEPTOR,
        };
        let subkey = if self.acceptor_subkey {
            TokenFlags::ACCEPTOR_SUBKEY
        } else {
            0
        };
        TokenFlags(direction | subkey)
    }

    fn require_integrity(&self) -> Result<(), MessageError> {
        if self.integrity {
            Ok(())
        } else {
            Err(MessageError::IntegrityNotNegotiated)
        }
    }

    /// The checksum of unsealed Wrap tokens.
    fn wrap_mac(&mut self) -> &Mac {
        self.mac(TokenKind::Wrap)
    }

    /// The checksum of MIC tokens.
    fn mic(&mut self) -> &Mac {
        self.mac(TokenKind::Mic)
    }

    fn mac(&mut self, of: TokenKind) -> &Mac {
        if self.mac_of != of {
            self.mac = None;
            self.mac_of = of;
        }
        let usage = match (of, self.sent_by) {
            (TokenKind::Wrap, _) => self.seal_usage(),
            (TokenKind::Mic, Role::Initiator) => KeyUsage::INITIATOR_SIGN,
            (TokenKind::Mic, Role::Acceptor) => KeyUsage::ACCEPTOR_SIGN,
        };
        prepared(&mut self.mac, || self.key.mac(usage))
    }

    /// RFC 4121 section 2: Wrap tokens use the seal usages whether sealed or not.
    const fn seal_usage(&self) -> KeyUsage {
        match self.sent_by {
            Role::Initiator => KeyUsage::INITIATOR_SEAL,
            Role::Acceptor => KeyUsage::ACCEPTOR_SEAL,
        }
    }

    fn tag_len(&self) -> usize {
        self.key.enctype().tag_len()
    }

    fn confounder_len(&self) -> usize {
        self.key.enctype().confounder_len()
    }
}

impl Direction<Encryptor> {
    /// Seals Wrap tokens.
    fn encryptor(&mut self) -> &Encryptor {
        let usage = self.seal_usage();
        prepared(&mut self.sealing, || self.key.encryptor(usage))
    }
}

impl Direction<Decryptor> {
    /// Opens sealed Wrap tokens.
    fn decryptor(&mut self) -> &Decryptor {
        let usage = self.seal_usage();
        prepared(&mut self.sealing, || self.key.decryptor(usage))
    }
}

/// What is prepared already, or is now.
///
/// A schedule is moved a few times before it lies where it stays, and each move leaves a copy on the stack. Values that do not
/// use all of their room, such as an empty `Option`, take along into the heap what lay there.
/// So the stack is cleared behind the one time that it is made.
#[inline]
fn prepared<T>(place: &mut Option<T>, make: impl Fn() -> T) -> &T {
    if place.is_none() {
        fill(place, &make);
        clear_stack();
    }
    place.get_or_insert_with(make)
}

/// Apart, so that all that it leaves is where its callers have nothing any more.
#[cold]
#[inline(never)]
fn fill<T>(place: &mut Option<T>, make: impl Fn() -> T) {
    *place = Some(make());
}

#[cold]
#[inline(never)]
fn clear_stack() {
    let mut room = [0_u64; 512];
    room.zeroize();
    core::hint::black_box(&room);
}
