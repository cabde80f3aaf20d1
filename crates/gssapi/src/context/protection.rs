//! What protection a message gets, and what came out of a token.

use crate::error::CallError;
use crate::{Error, Supplementary};

/// The protection that [`wrap`](crate::SecurityContext::wrap) gives to a message, and the least that
/// [`unwrap`](crate::SecurityContext::unwrap) accepts of one.
///
/// ```
/// use orthros::Protection;
///
/// let encrypted = Protection::CONFIDENTIALITY;
/// let readable = Protection::INTEGRITY;
/// # assert_ne!(encrypted, readable);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Protection {
    confidential: bool,
    qop: Option<u32>,
}

impl Protection {
    /// Encrypted, with a MIC: only the two sides can read or change the message.
    pub const CONFIDENTIALITY: Self = Self {
        confidential: true,
        qop: None,
    };
    /// With a MIC: only the two sides can change the message.
    pub const INTEGRITY: Self = Self {
        confidential: false,
        qop: None,
    };

    /// With a quality of protection. Kerberos has one, number 0; another is refused as `BAD_QOP`.
    ///
    /// Without this call, `wrap` uses that one, and `unwrap` accepts any.
    #[must_use]
    pub const fn with_qop(mut self, qop: u32) -> Self {
        self.qop = Some(qop);
        self
    }

    /// Whether messages are encrypted.
    #[must_use]
    pub const fn is_confidential(self) -> bool {
        self.confidential
    }

    /// Refuses a quality of protection that there is not.
    pub(crate) fn require_known_qop(self) -> Result<(), Error> {
        self.qop.map_or(Ok(()), require_known_qop)
    }
}

/// What a valid MIC was made with, and what its sequence number says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "replayed and reordered messages are only reported here"]
pub struct Verified {
    /// The quality of protection; 0 for Kerberos.
    pub qop: u32,
    /// Whether the token is a duplicate, old, out of sequence or behind a gap, where the context detects it.
    pub supplementary: Supplementary,
}

/// A message out of its token: in a vector of its own, or for `unwrap_in_place` in the token's buffer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "replayed and reordered messages are only reported here"]
pub struct Unwrapped<Message = Vec<u8>> {
    /// The message.
    pub message: Message,
    /// Whether it was encrypted.
    pub confidential: bool,
    /// The quality of protection; 0 for Kerberos.
    pub qop: u32,
    /// Whether the token is a duplicate, old, out of sequence or behind a gap, where the context detects it.
    pub supplementary: Supplementary,
}

impl Verified {
    /// Makes an error of anything unexpected about the sequence, for protocols that run over a stream.
    ///
    /// # Errors
    ///
    /// `DUPLICATE_TOKEN`, `OLD_TOKEN`, `UNSEQ_TOKEN` or `GAP_TOKEN`.
    pub fn in_sequence(self) -> Result<(), Error> {
        in_sequence(self.supplementary)
    }
}

impl<Message> Unwrapped<Message> {
    /// The same with another form of the message.
    pub(super) fn map<Other>(self, other: impl FnOnce(Message) -> Other) -> Unwrapped<Other> {
        Unwrapped {
            message: other(self.message),
            confidential: self.confidential,
            qop: self.qop,
            supplementary: self.supplementary,
        }
    }

    /// The message, if nothing about its sequence is unexpected, for protocols that run over a stream.
    ///
    /// # Errors
    ///
    /// `DUPLICATE_TOKEN`, `OLD_TOKEN`, `UNSEQ_TOKEN` or `GAP_TOKEN`.
    pub fn in_sequence(self) -> Result<Message, Error> {
        in_sequence(self.supplementary)?;
        Ok(self.message)
    }
}

pub(crate) fn require_known_qop(qop: u32) -> Result<(), Error> {
    if qop == DEFAULT_QOP {
        Ok(())
    } else {
        Err(CallError::Qop(qop).into())
    }
}

fn in_sequence(supplementary: Supplementary) -> Result<(), Error> {
    if supplementary.is_empty() {
        Ok(())
    } else {
        Err(CallError::OutOfSequence(supplementary).into())
    }
}

/// The only quality of protection of RFC 4121.
pub(crate) const DEFAULT_QOP: u32 = 0;

#[cfg(test)]
mod tests {
    use super::{Protection, Unwrapped, Verified};
    use crate::{ErrorKind, MinorStatus, Supplementary};

    #[test]
    fn there_is_one_quality_of_protection() {
        assert!(Protection::INTEGRITY.require_known_qop().is_ok());
        assert!(
            Protection::CONFIDENTIALITY
                .with_qop(0)
                .require_known_qop()
                .is_ok()
        );
        let error = Protection::INTEGRITY
            .with_qop(1)
            .require_known_qop()
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadQop);
        assert_eq!(error.minor(), MinorStatus::G_UNKNOWN_QOP);
    }

    #[test]
    fn what_is_out_of_sequence_becomes_an_error_when_asked() {
        for (supplementary, kind, text) in [
            (
                Supplementary::DUPLICATE_TOKEN,
                ErrorKind::DuplicateToken,
                "the message has been received before",
            ),
            (
                Supplementary::OLD_TOKEN,
                ErrorKind::OldToken,
                "the message is too old to tell",
            ),
            (
                Supplementary::UNSEQ_TOKEN,
                ErrorKind::UnseqToken,
                "the message has come after a later one",
            ),
            (
                Supplementary::GAP_TOKEN,
                ErrorKind::GapToken,
                "messages before this one have not come",
            ),
        ] {
            let verified = Verified {
                qop: 0,
                supplementary,
            };
            let error = verified.in_sequence().unwrap_err();
            assert_eq!(error.kind(), kind);
            assert!(error.to_string().contains(text), "{error}");
        }
        let unwrapped = Unwrapped {
            message: 7,
            confidential: true,
            qop: 0,
            supplementary: Supplementary::empty(),
        };
        assert_eq!(unwrapped.in_sequence().unwrap(), 7);
    }
}
