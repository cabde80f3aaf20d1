//! The fields of an exported credential.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use orthros_types::bytes::{ByteReader, Truncated, crc32};
use orthros_types::{NameType, Principal};

use crate::error::CallError;
use crate::{CredentialUsage, Error, SecretVec};

pub(super) const ABSENT: u8 = 0;
pub(super) const PRESENT: u8 = 1;
pub(super) const BY_VALUE: u8 = 2;

/// Fields to be exported, some of them secret. They are put together once all are there, as growing would leave copies
/// behind.
pub(super) struct Writer {
    parts: Vec<SecretVec>,
}

impl Writer {
    pub(super) fn begin(usage: CredentialUsage) -> Self {
        let mut writer = Self { parts: Vec::new() };
        writer.bytes(MAGIC);
        let [.., usage] = usage.number().to_be_bytes();
        writer.bytes(&[VERSION, usage]);
        writer
    }

    pub(super) fn byte(&mut self, byte: u8) {
        self.bytes(&[byte]);
    }

    pub(super) fn number(&mut self, number: u32) {
        self.bytes(&number.to_be_bytes());
    }

    /// Bytes after their length.
    pub(super) fn counted(&mut self, bytes: &[u8]) {
        // Nothing that is exported is longer: caches are not read beyond 64 MiB.
        self.number(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        self.bytes(bytes);
    }

    pub(super) fn principal(&mut self, principal: Option<&Principal>) {
        let Some(principal) = principal else {
            return self.byte(ABSENT);
        };
        self.byte(PRESENT);
        self.bytes(&principal.name_type().0.to_be_bytes());
        self.counted(&principal.unparse());
    }

    pub(super) fn finish(mut self) -> SecretVec {
        // Room for the checksum, too.
        self.bytes(&[0; SUM_LENGTH]);
        let mut all = SecretVec::zeroed(self.parts.iter().map(|part| part.len()).sum());
        let bytes = self.parts.iter().flat_map(|part| part.iter());
        for (place, byte) in all.iter_mut().zip(bytes) {
            *place = *byte;
        }
        if let Some((covered, sum)) = all.split_last_chunk_mut::<SUM_LENGTH>() {
            *sum = crc32(covered).to_be_bytes();
        }
        all
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.parts.push(bytes.into());
    }
}

/// Fields of an exported credential. Lengths are checked against what is there, and size nothing.
pub(super) struct Reader<'a> {
    fields: ByteReader<'a>,
}

impl<'a> Reader<'a> {
    /// Checks all that can be checked before a field is read.
    pub(super) fn open(token: &'a [u8]) -> Result<(Self, CredentialUsage), Error> {
        let defect = |what| Error::from(CallError::ExportedCredential(what));
        let rest = token
            .strip_prefix(MAGIC)
            .ok_or_else(|| defect("beginning"))?;
        let (version, rest) = rest.split_first().ok_or_else(|| defect("length"))?;
        if *version != VERSION {
            return Err(defect("version"));
        }
        let (covered, sum) = token.split_last_chunk().ok_or_else(|| defect("length"))?;
        let (body, _) = rest
            .split_last_chunk::<SUM_LENGTH>()
            .ok_or_else(|| defect("length"))?;
        if u32::from_be_bytes(*sum) != crc32(covered) {
            return Err(defect("checksum"));
        }
        let mut reader = Self {
            fields: ByteReader::new(body),
        };
        let usage = CredentialUsage::from_number(reader.byte()?.into());
        Ok((reader, usage.ok_or_else(|| defect("usage"))?))
    }

    pub(super) fn byte(&mut self) -> Result<u8, Error> {
        self.fields.u8("byte").map_err(truncated)
    }

    pub(super) fn is_present(&mut self) -> Result<bool, Error> {
        match self.byte()? {
            ABSENT => Ok(false),
            PRESENT => Ok(true),
            _ => Err(CallError::ExportedCredential("marks").into()),
        }
    }

    pub(super) fn number(&mut self) -> Result<u32, Error> {
        self.fields.u32("number").map_err(truncated)
    }

    pub(super) fn counted(&mut self) -> Result<&'a [u8], Error> {
        self.fields.counted32("bytes").map_err(truncated)
    }

    pub(super) fn name(&mut self) -> Result<&'a OsStr, Error> {
        self.counted().map(OsStr::from_bytes)
    }

    pub(super) fn principal(&mut self) -> Result<Option<Principal>, Error> {
        if !self.is_present()? {
            return Ok(None);
        }
        let name_type = NameType(self.fields.i32("name type").map_err(truncated)?);
        let principal = Principal::parse(self.counted()?, None);
        let principal = principal.map_err(|_| CallError::ExportedCredential("principal"))?;
        Ok(Some(principal.with_name_type(name_type)))
    }

    pub(super) fn finish(self) -> Result<(), Error> {
        match self.fields.remaining() {
            0 => Ok(()),
            _ => Err(CallError::ExportedCredential("length").into()),
        }
    }
}

/// A field that runs past the end. The checksum was right, so which one it is helps no administrator.
fn truncated(_: Truncated) -> Error {
    CallError::ExportedCredential("length").into()
}

const MAGIC: &[u8] = b"OrthrosC";
const VERSION: u8 = 1;
/// Bytes of the checksum at the end.
const SUM_LENGTH: usize = 4;
