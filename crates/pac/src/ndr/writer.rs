//! Writes NDR.

use alloc::vec::Vec;

use crate::{
    FileTime, GroupMembership, PacBufferError, PacBufferProblem, Sid, SidAndAttributes, text,
};

use super::{FILLER, HEADER_LEN, LITTLE_ENDIAN, VERSION};

/// A writer of one serialized value: fields first, then what its pointers point to.
pub(crate) struct NdrWriter {
    bytes: Vec<u8>,
    /// What the next pointer is known by. Windows counts up by four.
    identifier: u32,
}

type Result<T> = core::result::Result<T, PacBufferError>;

impl NdrWriter {
    /// Behind the headers and the pointer to the value.
    pub(crate) fn new() -> Self {
        let mut bytes = Vec::new();
        bytes.extend([VERSION, LITTLE_ENDIAN]);
        bytes.extend(HEADER_LEN.to_le_bytes());
        bytes.extend(FILLER);
        // The length comes when it is known.
        bytes.extend([0; 8]);
        let mut writer = Self {
            bytes,
            identifier: 0x0002_0000,
        };
        writer.pointer(true);
        writer
    }

    /// The whole buffer.
    pub(crate) fn finish(mut self) -> Result<Vec<u8>> {
        self.align(8);
        let length = self.bytes.len().saturating_sub(16);
        let length = self.number::<u32>(length, "object buffer length")?;
        if let Some(place) = self.bytes.get_mut(8..12) {
            place.copy_from_slice(&length.to_le_bytes());
        }
        Ok(self.bytes)
    }

    fn align(&mut self, size: usize) {
        self.bytes
            .resize(self.bytes.len().next_multiple_of(size), 0);
    }

    fn number<T>(&self, number: impl TryInto<T>, field: &'static str) -> Result<T> {
        let too_long = |_| PacBufferError::at(self.bytes.len(), field, PacBufferProblem::TooLong);
        number.try_into().map_err(too_long)
    }

    pub(crate) fn u16(&mut self, number: u16) {
        self.align(2);
        self.bytes.extend(number.to_le_bytes());
    }

    pub(crate) fn u32(&mut self, number: u32) {
        self.align(4);
        self.bytes.extend(number.to_le_bytes());
    }

    /// How many elements there are.
    pub(crate) fn count(&mut self, count: usize, field: &'static str) -> Result<()> {
        let count = self.number(count, field)?;
        self.u32(count);
        Ok(())
    }

    pub(crate) fn file_time(&mut self, time: FileTime) {
        self.align(4);
        self.bytes.extend(time.0.to_le_bytes());
    }

    /// A pointer, null or not.
    pub(crate) fn pointer(&mut self, is_there: bool) {
        let identifier = if is_there { self.identifier } else { 0 };
        self.u32(identifier);
        self.identifier = self.identifier.wrapping_add(u32::from(is_there) * 4);
    }

    /// The fixed part of an `RPC_UNICODE_STRING`, whose [`string`](Self::string) is written later.
    pub(crate) fn string_header(&mut self, text: &str, field: &'static str) -> Result<()> {
        let length = text.encode_utf16().count().saturating_mul(2);
        let length = self.number(length, field)?;
        self.align(4);
        self.u16(length);
        self.u16(length);
        self.pointer(true);
        Ok(())
    }

    pub(crate) fn string(&mut self, text: &str, field: &'static str) -> Result<()> {
        let bytes = text::to_utf16(text);
        self.count(bytes.len() / 2, field)?;
        self.u32(0);
        self.count(bytes.len() / 2, field)?;
        self.bytes.extend(bytes);
        Ok(())
    }

    pub(crate) fn group_memberships(
        &mut self,
        groups: &[GroupMembership],
        field: &'static str,
    ) -> Result<()> {
        if !groups.is_empty() {
            self.count(groups.len(), field)?;
        }
        for group in groups {
            self.u32(group.relative_id);
            self.u32(group.attributes.bits());
        }
        Ok(())
    }

    pub(crate) fn sids(&mut self, sids: &[SidAndAttributes], field: &'static str) -> Result<()> {
        if !sids.is_empty() {
            self.count(sids.len(), field)?;
        }
        for sid in sids {
            self.pointer(true);
            self.u32(sid.attributes.bits());
        }
        for sid in sids {
            self.sid(Some(&sid.sid), field)?;
        }
        Ok(())
    }

    /// A SID, if it is there.
    pub(crate) fn sid(&mut self, sid: Option<&Sid>, field: &'static str) -> Result<()> {
        let Some(sid) = sid else {
            return Ok(());
        };
        self.count(sid.sub_authorities().len(), field)?;
        self.bytes.extend(sid.to_bytes());
        Ok(())
    }
}
