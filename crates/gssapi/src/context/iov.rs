//! Messages in several buffers, and with associated data.
//!
//! C programs know these as `gss_wrap_iov` and its kin. Where they mark each buffer of an array, an [`Iov`] has a
//! field for header and trailer, and its buffers say for themselves whether they are data or associated data (AAD).

use super::protection::{DEFAULT_QOP, Protection, Unwrapped, Verified};
use super::receiver::{supplementary, unwrapped_as};
use super::{Receiver, Sender};
use crate::Error;
use crate::error::message_error;
use crate::mech::established::{Iov, IovLengths};

impl Sender {
    /// How many bytes of a scattered Wrap token are header, padding and trailer (`gss_wrap_iov_length`), with a
    /// trailer buffer or without, for a message of `message_len` bytes in all its data buffers. With the tokens of RFC
    /// 4121 they are the same for all messages, and padding is none.
    #[must_use]
    pub fn iov_lengths(
        &self,
        message_len: usize,
        protection: Protection,
        with_trailer: bool,
    ) -> IovLengths {
        self.half
            .sender
            .iov_lengths(message_len, protection.is_confidential(), with_trailer)
    }

    /// Makes a Wrap token of a message in several buffers (`gss_wrap_iov`): its data is encrypted in place. Without a
    /// trailer buffer, everything but the data is in the header: that is how DCE RPC has it. It does not allocate for
    /// up to 14 buffers.
    ///
    /// ```no_run
    /// use orthros::{Iov, IovBuffer, Protection};
    ///
    /// # fn wrap(context: &mut orthros::SecurityContext) -> Result<(), orthros::Error> {
    /// let sender = context.sender();
    /// let mut body = *b"the body of a request";
    /// let lengths = sender.iov_lengths(body.len(), Protection::CONFIDENTIALITY, false);
    /// let mut header = vec![0; lengths.header];
    /// let iov = Iov {
    ///     header: &mut header,
    ///     buffers: &mut [IovBuffer::AssociatedData(b"its head"), IovBuffer::Data(&mut body)],
    ///     trailer: None,
    /// };
    /// sender.wrap_iov(iov, Protection::CONFIDENTIALITY)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`wrap`](Self::wrap), and `CALL_INACCESSIBLE_WRITE` for header or trailer of another length than
    /// [`iov_lengths`](Self::iov_lengths) says; the message is unharmed then.
    pub fn wrap_iov(&mut self, iov: Iov<'_, '_>, protection: Protection) -> Result<(), Error> {
        protection.require_known_qop()?;
        self.half
            .sender
            .wrap_iov(
                protection.is_confidential(),
                iov,
                &mut self.half.confounders,
            )
            .map_err(message_error)
    }

    /// A Wrap token that holds `message` and protects `associated` data too, which is not in it (`gss_wrap_aead`).
    ///
    /// # Errors
    ///
    /// As [`wrap`](Self::wrap).
    pub fn wrap_aead(
        &mut self,
        message: &[u8],
        associated: &[u8],
        protection: Protection,
    ) -> Result<Vec<u8>, Error> {
        let lengths = self.iov_lengths(message.len(), protection, true);
        let mut token = Vec::with_capacity(lengths.header + message.len() + lengths.trailer);
        token.resize(lengths.header, 0);
        token.extend_from_slice(message);
        token.resize(token.len() + lengths.trailer, 0);
        self.wrap_aead_in_place(&mut token, associated, protection)?;
        Ok(token)
    }

    /// As [`wrap_aead`](Self::wrap_aead), of a message where it lies: within `buffer`, between as many bytes as
    /// [`iov_lengths`](Self::iov_lengths) says for header and trailer. All of `buffer` is the token then.
    ///
    /// # Errors
    ///
    /// As [`wrap`](Self::wrap), and `CALL_INACCESSIBLE_WRITE` for a buffer without that room; the message is unharmed
    /// then.
    pub fn wrap_aead_in_place(
        &mut self,
        buffer: &mut [u8],
        associated: &[u8],
        protection: Protection,
    ) -> Result<(), Error> {
        protection.require_known_qop()?;
        self.half
            .sender
            .wrap_aead_in_place(
                protection.is_confidential(),
                associated,
                buffer,
                &mut self.half.confounders,
            )
            .map_err(message_error)
    }

    /// A MIC token for a message in several parts (`gss_get_mic_iov`), as [`get_mic_into`](Self::get_mic_into) writes
    /// it.
    ///
    /// # Errors
    ///
    /// As [`get_mic_into`](Self::get_mic_into).
    pub fn get_mic_iov(&mut self, message: &[&[u8]], token: &mut [u8]) -> Result<usize, Error> {
        self.half
            .sender
            .get_mic_iov(message, token)
            .map_err(message_error)
    }
}

impl Receiver {
    /// How many bytes of a scattered Wrap token of the peer's are header, padding and trailer, if it makes them as
    /// this side does.
    #[must_use]
    pub fn iov_lengths(
        &self,
        message_len: usize,
        protection: Protection,
        with_trailer: bool,
    ) -> IovLengths {
        self.receiver
            .iov_lengths(message_len, protection.is_confidential(), with_trailer)
    }

    /// Opens the peer's Wrap token whose parts are in several buffers (`gss_unwrap_iov`), its data in place. It does
    /// not allocate for up to 14 buffers.
    ///
    /// A token with a trailer buffer is not rotated, and one without it by the length of the trailer; others are
    /// opened by [`unwrap_stream`](Self::unwrap_stream).
    ///
    /// # Errors
    ///
    /// As [`unwrap`](Self::unwrap). What was decrypted of a token that is not authentic is wiped.
    pub fn unwrap_iov(
        &mut self,
        iov: Iov<'_, '_>,
        least: Protection,
    ) -> Result<Unwrapped<()>, Error> {
        least.require_known_qop()?;
        let unwrapped = self.receiver.unwrap_iov(iov).map_err(message_error)?;
        unwrapped_as((), unwrapped.sealed, unwrapped.sequence, least)
    }

    /// Opens the peer's whole Wrap token in its own buffer (`gss_unwrap_iov` with a stream buffer), together with what
    /// was protected as associated data (AAD) `before` and `behind` its data, and is not in it. The message is a part
    /// of the buffer.
    ///
    /// # Errors
    ///
    /// As [`unwrap`](Self::unwrap). What was decrypted of a token that is not authentic is wiped.
    pub fn unwrap_stream<'t>(
        &mut self,
        token: &'t mut [u8],
        before: &[&[u8]],
        behind: &[&[u8]],
        least: Protection,
    ) -> Result<Unwrapped<&'t mut [u8]>, Error> {
        least.require_known_qop()?;
        let unwrapped = self
            .receiver
            .unwrap_stream(token, before, behind)
            .map_err(message_error)?;
        let (sealed, sequence) = (unwrapped.sealed, unwrapped.sequence);
        unwrapped_as(unwrapped.message, sealed, sequence, least)
    }

    /// Takes the message out of the peer's Wrap token, which protects `associated` data too (`gss_unwrap_aead`).
    ///
    /// # Errors
    ///
    /// As [`unwrap`](Self::unwrap).
    pub fn unwrap_aead(
        &mut self,
        token: &[u8],
        associated: &[u8],
        least: Protection,
    ) -> Result<Unwrapped, Error> {
        let mut token = token.to_vec();
        let unwrapped = self.unwrap_stream(&mut token, &[associated], &[], least)?;
        Ok(unwrapped.map(|message| message.to_vec()))
    }

    /// Checks the peer's MIC token for a message in several parts (`gss_verify_mic_iov`).
    ///
    /// # Errors
    ///
    /// As [`verify_mic`](Self::verify_mic).
    pub fn verify_mic_iov(&mut self, message: &[&[u8]], mic: &[u8]) -> Result<Verified, Error> {
        let sequence = self.receiver.verify_mic_iov(message, mic);
        Ok(Verified {
            qop: DEFAULT_QOP,
            supplementary: supplementary(sequence.map_err(message_error)?),
        })
    }
}
