//! Credential caches: tickets in a file, in MIT's FILE format.
//!
//! Version 4, which is written today:
//!
//! ```text
//! file       ::= 05 04, header length (u16), tag*, default principal, credential*     integers are big-endian
//! tag        ::= number (u16), length (u16), bytes
//!                1: the KDC's clock less ours, seconds (i32) and microseconds (i32)
//! principal  ::= name type (u32), count (u32), realm, component*                      each: length (u32), bytes
//! credential ::= client, server, enctype (u16), key, authtime, starttime, endtime, renew_till (u32 each),
//!                is_skey (u8), flags (u32), addresses, authorization data, ticket, second ticket
//!                bytes after their length (u32)
//! addresses  ::= count (u32), { type (u16), length (u32), bytes }*                   authorization data alike
//! ```
//!
//! What older versions have otherwise is said at [`CacheFormat`]. All of them are read, and what is added to a file is
//! in the file's own version.
//!
//! A cache grows at its end: [`Header::encode`] begins a file, and each [`encode_credential`] goes behind what is
//! there.

mod contents;
mod credential;
mod error;
mod format;
mod header;
mod principal;
mod single;

use orthros_crypto::SecretVec;

use crate::bytes::ByteReader;
use crate::{Credential, FileWrite, Timestamp};

pub use contents::{CacheContents, PROXY_IMPERSONATOR};
pub use credential::encode_credential;
pub use error::{CacheFormatError, EncodeCacheError};
pub use format::CacheFormat;
pub use header::{Header, HeaderTag, KdcOffset};
pub use single::{decode_credential, decode_principal, encode_principal};

/// A cache file: its header, and its credentials read one by one.
#[derive(Clone, Debug)]
pub struct CacheFile<'a> {
    header: Header,
    reader: ByteReader<'a>,
}

impl<'a> CacheFile<'a> {
    /// Reads the file up to and including its default principal.
    ///
    /// # Errors
    ///
    /// If it is no cache, or ends before its first credential begins.
    pub fn open(file: &'a [u8]) -> Result<Self, CacheFormatError> {
        let mut reader = ByteReader::new(file);
        let header = Header::decode(&mut reader)?;
        Ok(Self { header, reader })
    }

    /// What the file begins with.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Everything that is stored, removed entries too, in the order of the file.
    #[must_use]
    pub fn stored(&self) -> StoredCredentials<'a> {
        StoredCredentials {
            reader: self.reader.clone(),
            format: self.header.format,
            ended: false,
        }
    }

    /// Where the last whole entry ends, which is where the next one goes: behind it is nothing, or what a writer that
    /// died has left of another. Only lengths are looked at, so that this costs little.
    ///
    /// # Errors
    ///
    /// Where an entry contradicts itself.
    pub fn end(&self) -> Result<usize, CacheFormatError> {
        let mut reader = self.reader.clone();
        let mut end = reader.position();
        while reader.remaining() > 0 {
            match credential::skip(&mut reader, self.header.format) {
                Ok(()) => end = reader.position(),
                Err(error) if error.is_cut_off() => break,
                Err(error) => return Err(error),
            }
        }
        Ok(end)
    }

    /// The credentials, in the order of the file, as MIT reads them: without removed entries, and up to
    /// one that the file's end cuts off, as its writer may have died. Configuration entries are among them.
    ///
    /// An entry that contradicts itself elsewhere is an error, after which there are no more.
    pub fn credentials(
        &self,
    ) -> impl Iterator<Item = Result<Credential, CacheFormatError>> + use<'a> {
        self.stored()
            .take_while(|stored| !matches!(stored, Err(error) if error.is_cut_off()))
            .filter(|stored| {
                stored
                    .as_ref()
                    .map_or(true, |stored| !stored.credential.is_removed())
            })
            .map(|stored| stored.map(|stored| stored.credential))
    }
}

/// A credential, and where in the file it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCredential {
    /// Where its first byte is, counted from the start of the file.
    pub offset: usize,
    /// How many bytes it takes.
    pub length: usize,
    /// The version of the file.
    pub format: CacheFormat,
    /// The credential.
    pub credential: Credential,
}

impl StoredCredential {
    /// What to write over the entry so that it is removed for MIT and for us. The file keeps its length.
    ///
    /// The writer holds the lock, and makes sure that the entry is still there.
    ///
    /// # Errors
    ///
    /// None that an entry which was read from a file can have.
    pub fn removal(&self) -> Result<FileWrite, EncodeCacheError> {
        let mut removed = self.credential.clone();
        removed.mark_removed();
        let bytes = encode_credential(&removed, self.format)?;
        Ok(FileWrite::new(self.offset, bytes.to_vec()))
    }
}

/// The stored credentials of a file, in order. After an error there are no more.
#[derive(Clone, Debug)]
pub struct StoredCredentials<'a> {
    reader: ByteReader<'a>,
    format: CacheFormat,
    ended: bool,
}

impl Iterator for StoredCredentials<'_> {
    type Item = Result<StoredCredential, CacheFormatError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended || self.reader.remaining() == 0 {
            return None;
        }
        let offset = self.reader.position();
        let credential = credential::decode(&mut self.reader, self.format);
        self.ended = credential.is_err();
        Some(credential.map(|credential| StoredCredential {
            offset,
            length: self.reader.position() - offset,
            format: self.format,
            credential,
        }))
    }
}

/// A whole cache file: the header, then the credentials in their order.
///
/// # Errors
///
/// If something in it is too large for the format.
pub fn encode<'a>(
    header: &Header,
    credentials: impl IntoIterator<Item = &'a Credential>,
) -> Result<SecretVec, EncodeCacheError> {
    let format = header.format;
    let header = header.encode()?;
    let encoded = credentials
        .into_iter()
        .map(|credential| encode_credential(credential, format))
        .collect::<Result<alloc::vec::Vec<_>, _>>()?;
    let length = header.len() + encoded.iter().map(|entry| entry.len()).sum::<usize>();
    // Allocated once: growing would leave copies of the keys behind.
    let mut file = SecretVec::zeroed(length);
    let parts = core::iter::once(header.as_slice()).chain(encoded.iter().map(|entry| &**entry));
    let mut rest = &mut *file;
    for part in parts {
        let Some((place, behind)) = rest.split_at_mut_checked(part.len()) else {
            break;
        };
        place.copy_from_slice(part);
        rest = behind;
    }
    Ok(file)
}

/// 0 is how the format says that there is no such time.
fn optional_time(seconds: u32) -> Option<Timestamp> {
    (seconds != 0).then(|| Timestamp::from_u32(seconds))
}
