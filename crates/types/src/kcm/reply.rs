//! What the daemon answers.

use alloc::vec::Vec;

use super::error::{KcmReplyError, LONGEST_NAME};
use crate::bytes::ByteReader;
use crate::ccache::{decode_credential, decode_principal};
use crate::{Credential, MinorStatus, Principal};

/// What a reply begins with: how long its body is, and whether the daemon has come to the operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KcmReplyHead {
    /// How many bytes follow.
    pub length: usize,
    /// Why the operation was not begun; [`KcmReply::SUCCESS`] if it was.
    pub status: MinorStatus,
}

/// Bytes of a [`KcmReplyHead`].
pub const REPLY_HEAD: usize = 8;

/// Bytes of the longest body that is read, as by MIT.
pub const LONGEST_REPLY: u32 = 10 * 1024 * 1024;

/// The number that a daemon has for a cache or a credential, as long as it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KcmUuid(
    /// As it came.
    pub [u8; 16],
);

impl KcmReplyHead {
    /// Reads what a reply begins with.
    ///
    /// # Errors
    ///
    /// [`KcmReplyError::TooLong`].
    pub fn decode(bytes: [u8; REPLY_HEAD]) -> Result<Self, KcmReplyError> {
        let [l0, l1, l2, l3, s0, s1, s2, s3] = bytes;
        let length = u32::from_be_bytes([l0, l1, l2, l3]);
        let too_long = KcmReplyError::TooLong { length };
        if length > LONGEST_REPLY {
            return Err(too_long);
        }
        Ok(Self {
            length: usize::try_from(length).map_err(|_| too_long)?,
            status: MinorStatus::from_number(i32::from_be_bytes([s0, s1, s2, s3])),
        })
    }
}

/// The body of a reply. Which operation it belongs to is known by the request alone.
#[derive(Clone, Debug)]
pub struct KcmReply<'a> {
    status: MinorStatus,
    reader: ByteReader<'a>,
}

impl<'a> KcmReply<'a> {
    /// The status of an operation that went well. The table's own "no error" is another number.
    pub const SUCCESS: MinorStatus = MinorStatus::from_number(0);

    /// Reads a body up to its result.
    ///
    /// # Errors
    ///
    /// Where it has no status.
    pub fn decode(body: &'a [u8]) -> Result<Self, KcmReplyError> {
        let mut reader = ByteReader::new(body);
        let status = MinorStatus::from_number(reader.i32("status")?);
        Ok(Self { status, reader })
    }

    /// How the operation went: [`SUCCESS`](Self::SUCCESS) if there is a result.
    #[must_use]
    pub fn status(&self) -> MinorStatus {
        self.status
    }

    /// The result of `GEN_NEW`, `GET_CACHE_BY_UUID` and `GET_DEFAULT_CACHE`: the name of a cache.
    ///
    /// # Errors
    ///
    /// Where no zero octet ends it, or something stands behind that; where it is too long, or has control characters.
    pub fn name(self) -> Result<&'a [u8], KcmReplyError> {
        let mut bytes = self.rest().splitn(2, |byte| *byte == 0);
        match (bytes.next(), bytes.next()) {
            // It goes into messages, line by line.
            (Some(name), _) if name.len() > LONGEST_NAME => Err(KcmReplyError::Name),
            (Some(name), _) if name.iter().any(u8::is_ascii_control) => Err(KcmReplyError::Name),
            (Some(name), Some([])) => Ok(name),
            (_, Some(_)) => Err(KcmReplyError::TrailingBytes { field: "name" }),
            (_, None) => Err(KcmReplyError::Truncated { field: "name" }),
        }
    }

    /// The result of `GET_CRED_UUID_LIST` and `GET_CACHE_UUID_LIST`.
    ///
    /// # Errors
    ///
    /// Where the last one is cut off.
    pub fn uuids(self) -> Result<Vec<KcmUuid>, KcmReplyError> {
        match self.rest().as_chunks() {
            (uuids, []) => Ok(uuids.iter().copied().map(KcmUuid).collect()),
            _ => Err(KcmReplyError::Truncated { field: "UUID" }),
        }
    }

    /// The result of `GET_PRINCIPAL`; none where the cache has not been initialised, which Heimdal takes for success.
    ///
    /// # Errors
    ///
    /// Where it is malformed.
    pub fn principal(self) -> Result<Option<Principal>, KcmReplyError> {
        match self.rest() {
            [] => Ok(None),
            bytes => Ok(Some(decode_principal(bytes)?)),
        }
    }

    /// The result of `GET_KDC_OFFSET`, in seconds.
    ///
    /// # Errors
    ///
    /// Where it is none.
    pub fn kdc_offset(mut self) -> Result<i32, KcmReplyError> {
        let seconds = self.reader.i32("KDC offset")?;
        match self.rest() {
            [] => Ok(seconds),
            _ => Err(KcmReplyError::TrailingBytes {
                field: "KDC offset",
            }),
        }
    }

    /// The result of `GET_CRED_BY_UUID`.
    ///
    /// # Errors
    ///
    /// Where it is malformed.
    pub fn credential(self) -> Result<Credential, KcmReplyError> {
        Ok(decode_credential(self.rest())?)
    }

    /// The result of `GET_CRED_LIST`.
    ///
    /// # Errors
    ///
    /// Where one of them is malformed, or there are more or less than it says.
    pub fn credentials(mut self) -> Result<Vec<Credential>, KcmReplyError> {
        let count = self.reader.u32("count of credentials")?;
        // The count sizes nothing: each credential takes bytes of the reply.
        let mut credentials = Vec::new();
        for _ in 0..count {
            let bytes = self.reader.counted32("credential")?;
            credentials.push(decode_credential(bytes)?);
        }
        match self.rest() {
            [] => Ok(credentials),
            _ => Err(KcmReplyError::TrailingBytes {
                field: "credentials",
            }),
        }
    }

    fn rest(&self) -> &'a [u8] {
        let mut reader = self.reader.clone();
        // As many as are left are there.
        reader.take(reader.remaining(), "rest").unwrap_or_default()
    }
}
