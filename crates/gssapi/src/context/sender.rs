//! The sending half of an established context.

use orthros_host::RandomPool;

use super::protection::{Protection, require_known_qop};
use crate::Error;
use crate::error::message_error;
use crate::mech::established;

/// The sending half of an established context (RFC 2743 section 2.3).
///
/// Every token takes the next sequence number; a call that fails takes none. The calls that write into a buffer of the
/// caller's do not allocate.
#[derive(Debug)]
pub struct Sender {
    // Boxed once and never moved again: a move of the sender leaves no key schedule behind.
    pub(super) half: Box<SendingHalf>,
}

#[derive(Debug)]
pub(super) struct SendingHalf {
    pub(super) sender: established::Sender,
    pub(super) confounders: RandomPool,
}

impl Sender {
    pub(super) fn new(sender: established::Sender, confounders: RandomPool) -> Self {
        Self {
            half: Box::new(SendingHalf {
                sender,
                confounders,
            }),
        }
    }

    /// A MIC token for `message` (RFC 4121 section 4.2.6.1), to be sent with it.
    ///
    /// # Errors
    ///
    /// `FAILURE` where integrity was not negotiated.
    pub fn get_mic(&mut self, message: &[u8]) -> Result<Vec<u8>, Error> {
        self.half.sender.get_mic_vec(message).map_err(message_error)
    }

    /// As [`get_mic`](Self::get_mic), with a quality of protection.
    ///
    /// # Errors
    ///
    /// `BAD_QOP` for another than 0, the only one of Kerberos; `FAILURE` where integrity was not negotiated.
    pub fn get_mic_with_qop(&mut self, message: &[u8], qop: u32) -> Result<Vec<u8>, Error> {
        require_known_qop(qop)?;
        self.get_mic(message)
    }

    /// As [`get_mic`](Self::get_mic), written to the beginning of `token`, which has at least
    /// [`mic_len`](Self::mic_len) bytes. Gives the token's length.
    ///
    /// # Errors
    ///
    /// `FAILURE` where integrity was not negotiated; `CALL_INACCESSIBLE_WRITE` for a buffer that is too short.
    pub fn get_mic_into(&mut self, message: &[u8], token: &mut [u8]) -> Result<usize, Error> {
        self.half
            .sender
            .get_mic(message, token)
            .map_err(message_error)
    }

    /// A Wrap token that holds `message` (RFC 4121 section 4.2.6.2).
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` where confidentiality was not negotiated; `FAILURE` where integrity was not, or there is no
    /// randomness; `BAD_QOP`.
    pub fn wrap(&mut self, message: &[u8], protection: Protection) -> Result<Vec<u8>, Error> {
        protection.require_known_qop()?;
        self.half
            .sender
            .wrap_vec(
                protection.is_confidential(),
                message,
                &mut self.half.confounders,
            )
            .map_err(message_error)
    }

    /// As [`wrap`](Self::wrap), written to the beginning of `token`, which has at least [`wrap_len`](Self::wrap_len)
    /// bytes. Gives the token's length.
    ///
    /// # Errors
    ///
    /// As [`wrap`](Self::wrap), and `CALL_INACCESSIBLE_WRITE` for a buffer that is too short.
    pub fn wrap_into(
        &mut self,
        message: &[u8],
        protection: Protection,
        token: &mut [u8],
    ) -> Result<usize, Error> {
        protection.require_known_qop()?;
        self.half
            .sender
            .wrap(
                protection.is_confidential(),
                message,
                token,
                &mut self.half.confounders,
            )
            .map_err(message_error)
    }

    /// Makes a Wrap token of a message where it lies: within `buffer`, behind
    /// [`wrap_header_len`](Self::wrap_header_len) bytes and before [`wrap_trailer_len`](Self::wrap_trailer_len) bytes.
    /// All of `buffer` is the token then.
    ///
    /// # Errors
    ///
    /// As [`wrap`](Self::wrap), and `CALL_INACCESSIBLE_WRITE` for a buffer without that room; the message is unharmed
    /// then.
    pub fn wrap_in_place(
        &mut self,
        buffer: &mut [u8],
        protection: Protection,
    ) -> Result<(), Error> {
        protection.require_known_qop()?;
        self.half
            .sender
            .wrap_in_place(
                protection.is_confidential(),
                buffer,
                &mut self.half.confounders,
            )
            .map_err(message_error)
    }

    /// The longest message whose Wrap token has at most `output_size` bytes (RFC 2743 section 2.2.7): one byte more
    /// has a longer token. 0 where not even an empty message fits.
    ///
    /// # Errors
    ///
    /// `BAD_QOP`.
    pub fn wrap_size_limit(
        &self,
        output_size: usize,
        protection: Protection,
    ) -> Result<usize, Error> {
        protection.require_known_qop()?;
        let limit = self
            .half
            .sender
            .wrap_size_limit(output_size, protection.is_confidential());
        Ok(limit.unwrap_or(0))
    }

    /// The length of every MIC token of this context.
    #[must_use]
    pub fn mic_len(&self) -> usize {
        self.half.sender.mic_len()
    }

    /// The length of the Wrap token for a message of `message_len` bytes; `None` where no token can be that long.
    #[must_use]
    pub fn wrap_len(&self, message_len: usize, protection: Protection) -> Option<usize> {
        self.half
            .sender
            .wrap_len(message_len, protection.is_confidential())
    }

    /// How many bytes of a Wrap token are before a message of `message_len` bytes, for
    /// [`wrap_in_place`](Self::wrap_in_place).
    #[must_use]
    pub fn wrap_header_len(&self, message_len: usize, protection: Protection) -> usize {
        self.half
            .sender
            .wrap_header_len(message_len, protection.is_confidential())
    }

    /// How many bytes of a Wrap token are behind a message of `message_len` bytes, for
    /// [`wrap_in_place`](Self::wrap_in_place).
    #[must_use]
    pub fn wrap_trailer_len(&self, message_len: usize, protection: Protection) -> usize {
        self.half
            .sender
            .wrap_trailer_len(message_len, protection.is_confidential())
    }
}
