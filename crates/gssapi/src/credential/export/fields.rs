//! The fields of an exported credential.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

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
        let sum = self
            .parts
            .iter()
            .fold(CRC_START, |sum, part| crc(sum, part));
        self.number(!sum);
        let mut all = SecretVec::zeroed(self.parts.iter().map(|part| part.len()).sum());
        let bytes = self.parts.iter().flat_map(|part| part.iter());
        for (place, byte) in all.iter_mut().zip(bytes) {
            *place = *byte;
        }
        all
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.parts.push(bytes.into());
    }
}

/// Fields of an exported credential. Lengths are checked against what is there, and size nothing.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Checks all that can be checked before a field is read.
    pub(super) fn open(token: &'a [u8]) -> Result<(Self, CredentialUsage), Error> {
        let defect = |what| Error::from(CallError::ExportedCredential(what));
        let rest = token
            .strip_prefix(MAGIC)
            .ok_or_else(|| defect("beginning"))?;
        let (version, _) = rest.split_first().ok_or_else(|| defect("length"))?;
        if *version != VERSION {
            return Err(defect("version"));
        }
        let (body, sum) = rest.split_last_chunk().ok_or_else(|| defect("length"))?;
        let computed = !crc(crc(CRC_START, MAGIC), body);
        if u32::from_be_bytes(*sum) != computed {
            return Err(defect("checksum"));
        }
        let mut reader = Self {
            rest: body.get(1..).unwrap_or_default(),
        };
        let usage = CredentialUsage::from_number(reader.byte()?.into());
        Ok((reader, usage.ok_or_else(|| defect("usage"))?))
    }

    pub(super) fn byte(&mut self) -> Result<u8, Error> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    pub(super) fn is_present(&mut self) -> Result<bool, Error> {
        match self.byte()? {
            ABSENT => Ok(false),
            PRESENT => Ok(true),
            _ => Err(CallError::ExportedCredential("marks").into()),
        }
    }

    pub(super) fn number(&mut self) -> Result<u32, Error> {
        self.array().map(u32::from_be_bytes)
    }

    pub(super) fn counted(&mut self) -> Result<&'a [u8], Error> {
        let length = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        let split = self.rest.split_at_checked(length);
        let (bytes, rest) = split.ok_or(CallError::ExportedCredential("length"))?;
        self.rest = rest;
        Ok(bytes)
    }

    pub(super) fn name(&mut self) -> Result<&'a OsStr, Error> {
        self.counted().map(OsStr::from_bytes)
    }

    pub(super) fn principal(&mut self) -> Result<Option<Principal>, Error> {
        if !self.is_present()? {
            return Ok(None);
        }
        let name_type = NameType(i32::from_be_bytes(self.array()?));
        let principal = Principal::parse(self.counted()?, None);
        let principal = principal.map_err(|_| CallError::ExportedCredential("principal"))?;
        Ok(Some(principal.with_name_type(name_type)))
    }

    pub(super) fn finish(self) -> Result<(), Error> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(CallError::ExportedCredential("length").into())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let split = self.rest.split_first_chunk();
        let (array, rest) = split.ok_or(CallError::ExportedCredential("length"))?;
        self.rest = rest;
        Ok(*array)
    }
}

/// CRC-32 as of IEEE 802.3: against accidents, not against attacks.
fn crc(start: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(start, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            let carry = if sum & 1 == 1 { POLYNOMIAL } else { 0 };
            sum >> 1 ^ carry
        })
    })
}

const MAGIC: &[u8] = b"OrthrosC";
const VERSION: u8 = 1;
const CRC_START: u32 = u32::MAX;
const POLYNOMIAL: u32 = 0xEDB8_8320;

#[cfg(test)]
mod tests {
    use super::{CRC_START, crc};

    #[test]
    fn the_checksum_is_the_usual_crc_32() {
        assert_eq!(!crc(CRC_START, b"123456789"), 0xCBF4_3926);
    }
}
