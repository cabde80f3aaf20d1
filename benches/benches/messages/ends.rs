//! Both ends of a context, as the protocol crate and as the facade have them.
#![expect(
    clippy::expect_used,
    reason = "a bench of calls that fail measures nothing"
)]

use orthros::{Protection, Receiver, Sender};
use orthros_benches::facade;
use orthros_crypto::Enctype;
use orthros_host::{Environment, RandomPool};
use orthros_krb5::{SequenceStatus, message};
use orthros_testing::virtual_environment::environment;
use orthros_testing::virtual_realm::VirtualRealm;

use super::Ends;

/// Makes tokens in the caller's buffers.
pub(super) trait Sends {
    fn wrap_len(&self, sealed: bool, octets: usize) -> usize;
    fn wrap(&mut self, sealed: bool, message: &[u8], token: &mut [u8]);
    fn wrap_in_place(&mut self, buffer: &mut [u8]);
    fn mic_len(&self) -> usize;
    fn get_mic(&mut self, message: &[u8], token: &mut [u8]);
}

/// Takes tokens in the order in which they were made.
pub(super) trait Receives {
    fn unwrap_in_place(&mut self, sealed: bool, token: &mut [u8]);
    fn verify_mic(&mut self, message: &[u8], token: &[u8]);
}

/// By `orthros_krb5`.
pub(super) struct Protocol;

impl Ends for Protocol {
    type Sender = (message::Sender, RandomPool);
    type Receiver = message::Receiver;

    fn establish(enctype: Enctype) -> (Self::Sender, Self::Receiver) {
        let pair = VirtualRealm::new(enctype).establish();
        let (sender, _) = pair.initiator.messages.split();
        let (_, receiver) = pair.acceptor.messages.split();
        let pool = Environment::builder().build().random_pool();
        ((sender, pool), receiver)
    }
}

impl Sends for (message::Sender, RandomPool) {
    fn wrap_len(&self, sealed: bool, octets: usize) -> usize {
        self.0.wrap_len(octets, sealed).expect("message is short")
    }

    fn wrap(&mut self, sealed: bool, message: &[u8], token: &mut [u8]) {
        let (sender, pool) = self;
        sender
            .wrap(sealed, message, token, pool)
            .expect("buffer has room");
    }

    fn wrap_in_place(&mut self, buffer: &mut [u8]) {
        let (sender, pool) = self;
        sender
            .wrap_in_place(true, buffer, pool)
            .expect("buffer has room");
    }

    fn mic_len(&self) -> usize {
        self.0.mic_len()
    }

    fn get_mic(&mut self, message: &[u8], token: &mut [u8]) {
        self.0.get_mic(message, token).expect("buffer has room");
    }
}

impl Receives for message::Receiver {
    fn unwrap_in_place(&mut self, sealed: bool, token: &mut [u8]) {
        let unwrapped = self.unwrap_in_place(token).expect("token is good");
        assert_eq!(
            (unwrapped.sequence, unwrapped.sealed),
            (SequenceStatus::InOrder, sealed)
        );
    }

    fn verify_mic(&mut self, message: &[u8], token: &[u8]) {
        let sequence = self.verify_mic(message, token).expect("token is good");
        assert_eq!(sequence, SequenceStatus::InOrder);
    }
}

/// By `orthros`.
pub(super) struct Facade;

impl Ends for Facade {
    type Sender = Sender;
    type Receiver = Receiver;

    fn establish(enctype: Enctype) -> (Self::Sender, Self::Receiver) {
        let directory = tempfile::tempdir().expect("there is room for a keytab");
        let environment = environment(&VirtualRealm::new(enctype), directory.path());
        let (initiator, acceptor) =
            facade::establish(&environment, &facade::acceptor_credential(&environment));
        (initiator.split().0, acceptor.split().1)
    }
}

impl Sends for Sender {
    fn wrap_len(&self, sealed: bool, octets: usize) -> usize {
        let length = self.wrap_len(octets, protection(sealed));
        length.expect("message is short")
    }

    fn wrap(&mut self, sealed: bool, message: &[u8], token: &mut [u8]) {
        self.wrap_into(message, protection(sealed), token)
            .expect("buffer has room");
    }

    fn wrap_in_place(&mut self, buffer: &mut [u8]) {
        self.wrap_in_place(buffer, Protection::CONFIDENTIALITY)
            .expect("buffer has room");
    }

    fn mic_len(&self) -> usize {
        self.mic_len()
    }

    fn get_mic(&mut self, message: &[u8], token: &mut [u8]) {
        self.get_mic_into(message, token).expect("buffer has room");
    }
}

impl Receives for Receiver {
    fn unwrap_in_place(&mut self, sealed: bool, token: &mut [u8]) {
        let unwrapped = self.unwrap_in_place(token, protection(sealed));
        let message = unwrapped.and_then(orthros::Unwrapped::in_sequence);
        message.expect("token is good");
    }

    fn verify_mic(&mut self, message: &[u8], token: &[u8]) {
        let verified = self.verify_mic(message, token);
        let result = verified.and_then(orthros::Verified::in_sequence);
        result.expect("token is good");
    }
}

fn protection(sealed: bool) -> Protection {
    if sealed {
        Protection::CONFIDENTIALITY
    } else {
        Protection::INTEGRITY
    }
}
