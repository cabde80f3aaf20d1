//! Both halves of a context's message protection, and what they agree on.

use orthros_crypto::Key;

use super::direction::{Direction, Role, Services};
use super::receiver::Receiver;
use super::sender::Sender;
use crate::ap::{ContextFlags, Mechanism};
use crate::sequence::SequenceWindow;

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
    pub(crate) flags: ContextFlags,
    pub(crate) mechanism: Mechanism,
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
            mechanism,
            send_sequence,
            receive_sequence,
        } = agreement;
        let window = SequenceWindow::new(
            receive_sequence.into(),
            flags.contains(ContextFlags::REPLAY),
            flags.contains(ContextFlags::SEQUENCE),
        );
        Self::resume(
            role,
            key,
            acceptor_subkey,
            flags,
            mechanism,
            send_sequence.into(),
            window,
        )
    }

    /// Goes on where an exported context ended. The key's enctype says what its tokens are like.
    pub(crate) fn resume(
        role: Role,
        key: Key,
        acceptor_subkey: bool,
        flags: ContextFlags,
        mechanism: Mechanism,
        sequence_number: u64,
        window: SequenceWindow,
    ) -> Self {
        let outgoing = Direction {
            sent_by: role,
            key,
            acceptor_subkey,
            services: Services::of(flags),
            dce_style: flags.contains(ContextFlags::DCE_STYLE),
            mechanism,
        };
        let incoming = Direction {
            sent_by: role.peer(),
            ..outgoing.clone()
        };
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

    /// The key that messages are protected with: the acceptor's subkey if it asserted one, else the initiator's, else
    /// the session key.
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
