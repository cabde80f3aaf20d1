//! The list of buffers.

use alloc::vec::Vec;
use core::fmt;

use orthros_types::bytes::{ByteOrder, ByteReader};

use crate::buffer_type::MOST_BUFFERS;
use crate::{
    AttributesInfo, Claims, ClientInfo, DelegationInfo, DeviceInfo, LogonInfo, PacBufferError,
    PacBufferProblem, PacBufferType, PacError, Sid, UpnDnsInfo,
};

/// A PAC as it was received (`PACTYPE`, \[MS-PAC\] section 2.3): the list of its buffers is read, these are not.
///
/// Nothing of it is to be believed yet: see [`verify`](Self::verify).
#[derive(Clone)]
pub struct Pac<'a> {
    bytes: &'a [u8],
    buffers: Vec<Buffer>,
}

/// Where a buffer is (`PAC_INFO_BUFFER`, section 2.4).
#[derive(Clone, Copy)]
pub(crate) struct Buffer {
    pub(crate) buffer_type: PacBufferType,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl<'a> Pac<'a> {
    /// Reads the list of buffers.
    ///
    /// # Errors
    ///
    /// [`PacError`] for a list that is cut or of a version that is not known; no buffer, or more than 64; buffers that
    /// are not aligned, not there, of the same type, or share bytes.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, PacError> {
        let length = bytes.len();
        let truncated = |_| PacError::Truncated { length };
        let mut reader = ByteReader::new(bytes).with_order(ByteOrder::LittleEndian);
        let count = reader.u32("cBuffers").map_err(truncated)?;
        let version = reader.u32("Version").map_err(truncated)?;
        if version != 0 {
            return Err(PacError::Version(version));
        }
        if count == 0 || count > MOST_BUFFERS {
            return Err(PacError::BufferCount { count });
        }
        // Above zero and small.
        let count = usize::try_from(count).unwrap_or_default();
        let mut list = reader
            .part(count.saturating_mul(INFO_LEN), "Buffers")
            .map_err(truncated)?;
        let mut buffers = Vec::with_capacity(count);
        for _ in 0..count {
            let buffer = Buffer::read(&mut list, reader.position(), length)?;
            // There are few of them.
            buffers
                .iter()
                .try_for_each(|other| buffer.check_beside(other))?;
            buffers.push(buffer);
        }
        Ok(Self { bytes, buffers })
    }

    /// All of its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Its buffers in the order of the list: of each its type and its bytes.
    pub fn buffers(&self) -> impl Iterator<Item = (PacBufferType, &'a [u8])> + '_ {
        let contents = |buffer: &Buffer| (buffer.buffer_type, self.contents(buffer));
        self.buffers.iter().map(contents)
    }

    /// The bytes of the buffer of this type, if there is one.
    #[must_use]
    pub fn buffer(&self, buffer_type: PacBufferType) -> Option<&'a [u8]> {
        let buffer = self.find(buffer_type)?;
        Some(self.contents(buffer))
    }

    pub(crate) fn find(&self, buffer_type: PacBufferType) -> Option<&Buffer> {
        let mut buffers = self.buffers.iter();
        buffers.find(|buffer| buffer.buffer_type == buffer_type)
    }

    fn contents(&self, buffer: &Buffer) -> &'a [u8] {
        // Its bounds were checked when it was read.
        self.bytes.get(buffer.start..buffer.end).unwrap_or_default()
    }

    /// The user and its groups, if there.
    ///
    /// # Errors
    ///
    /// [`PacError::Buffer`] where the buffer is malformed; likewise below.
    pub fn logon_info(&self) -> Result<Option<LogonInfo>, PacError> {
        self.decode(PacBufferType::LOGON_INFO, LogonInfo::decode)
    }

    /// Whose ticket it is for, if there.
    ///
    /// # Errors
    ///
    /// As [`logon_info`](Self::logon_info).
    pub fn client_info(&self) -> Result<Option<ClientInfo>, PacError> {
        self.decode(PacBufferType::CLIENT_INFO, ClientInfo::decode)
    }

    /// The client's name in its directory, if there.
    ///
    /// # Errors
    ///
    /// As [`logon_info`](Self::logon_info).
    pub fn upn_dns_info(&self) -> Result<Option<UpnDnsInfo>, PacError> {
        self.decode(PacBufferType::UPN_DNS_INFO, UpnDnsInfo::decode)
    }

    /// The services that acted for the client, if there.
    ///
    /// # Errors
    ///
    /// As [`logon_info`](Self::logon_info).
    pub fn delegation_info(&self) -> Result<Option<DelegationInfo>, PacError> {
        self.decode(PacBufferType::DELEGATION_INFO, DelegationInfo::decode)
    }

    /// Why there is a PAC, if there.
    ///
    /// # Errors
    ///
    /// As [`logon_info`](Self::logon_info).
    pub fn attributes_info(&self) -> Result<Option<AttributesInfo>, PacError> {
        self.decode(PacBufferType::ATTRIBUTES_INFO, AttributesInfo::decode)
    }

    /// The SID of the client that asked for the ticket, if there (`PAC_REQUESTOR`, \[MS-PAC\] section 2.15).
    ///
    /// # Errors
    ///
    /// As [`logon_info`](Self::logon_info).
    pub fn requestor(&self) -> Result<Option<Sid>, PacError> {
        self.decode(PacBufferType::REQUESTOR, |buffer| {
            let invalid = || PacBufferError::at(0, "UserSid", PacBufferProblem::Sid);
            Sid::from_bytes(buffer).ok_or_else(invalid)
        })
    }

    /// The client's machine, if there.
    ///
    /// # Errors
    ///
    /// As [`logon_info`](Self::logon_info).
    pub fn device_info(&self) -> Result<Option<DeviceInfo>, PacError> {
        self.decode(PacBufferType::DEVICE_INFO, DeviceInfo::decode)
    }

    /// What the directory says of the client, if there. A KDC that knows nothing to say leaves the buffer empty.
    ///
    /// # Errors
    ///
    /// As [`logon_info`](Self::logon_info).
    pub fn client_claims(&self) -> Result<Option<Claims>, PacError> {
        self.claims(PacBufferType::CLIENT_CLAIMS_INFO)
    }

    /// What the directory says of the client's machine, if there.
    ///
    /// # Errors
    ///
    /// As [`logon_info`](Self::logon_info).
    pub fn device_claims(&self) -> Result<Option<Claims>, PacError> {
        self.claims(PacBufferType::DEVICE_CLAIMS_INFO)
    }

    fn claims(&self, buffer_type: PacBufferType) -> Result<Option<Claims>, PacError> {
        match self.buffer(buffer_type) {
            Some([]) => Ok(None),
            _ => self.decode(buffer_type, Claims::decode),
        }
    }

    fn decode<T>(
        &self,
        buffer: PacBufferType,
        decode: impl FnOnce(&[u8]) -> Result<T, PacBufferError>,
    ) -> Result<Option<T>, PacError> {
        let decoded = self.buffer(buffer).map(decode).transpose();
        decoded.map_err(|error| PacError::Buffer { buffer, error })
    }
}

impl Buffer {
    /// Reads where it is: behind the list, which ends at `list_end`, and within the PAC.
    fn read(list: &mut ByteReader<'_>, list_end: usize, length: usize) -> Result<Self, PacError> {
        let truncated = |_| PacError::Truncated { length };
        let buffer_type = PacBufferType(list.u32("ulType").map_err(truncated)?);
        let size = list.u32("cbBufferSize").map_err(truncated)?;
        let offset = list.u64("Offset").map_err(truncated)?;
        if !offset.is_multiple_of(ALIGNMENT) {
            return Err(PacError::Unaligned {
                buffer: buffer_type,
                offset,
            });
        }
        let place = || {
            let start = usize::try_from(offset).ok()?;
            let end = start.checked_add(usize::try_from(size).ok()?)?;
            (start >= list_end && end <= length).then_some((start, end))
        };
        let (start, end) = place().ok_or(PacError::OutOfBounds {
            buffer: buffer_type,
            offset,
            size,
            length,
        })?;
        Ok(Self {
            buffer_type,
            start,
            end,
        })
    }

    /// Neither of the type of one before it, nor where that is.
    fn check_beside(&self, before: &Self) -> Result<(), PacError> {
        if self.buffer_type == before.buffer_type {
            Err(PacError::Duplicate(self.buffer_type))
        } else if self.start.max(before.start) < self.end.min(before.end) {
            Err(PacError::Overlap {
                first: before.buffer_type,
                second: self.buffer_type,
            })
        } else {
            Ok(())
        }
    }
}

impl fmt::Debug for Pac<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes = self
            .buffers()
            .map(|(kind, contents)| (kind, contents.len()));
        f.debug_map().entries(sizes).finish()
    }
}

/// Bytes of the list's head.
pub(crate) const HEAD_LEN: usize = 8;
/// Bytes of an entry of the list.
pub(crate) const INFO_LEN: usize = 16;
/// What each buffer's offset is a multiple of.
pub(crate) const ALIGNMENT: u64 = 8;
