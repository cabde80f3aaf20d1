//! NDR, as type serialization version 1 has it (\[MS-RPCE\] section 2.2.6, C706 chapter 14): the encoding of most
//! buffers.
//!
//! A value is what stands at its place, and, for a pointer, an identifier there that is not zero; what it points to
//! follows behind the structure, in the order of the pointers. Numbers are aligned to their size, counted from the
//! beginning of the buffer: its header has 16 bytes, so that this is as good as from the value's.

mod writer;

use alloc::string::String;
use alloc::vec::Vec;

use orthros_types::bytes::{ByteOrder, ByteReader};

use crate::{
    FileTime, GroupAttributes, GroupMembership, PacBufferError, PacBufferProblem, Sid,
    SidAndAttributes, text,
};

pub(crate) use writer::NdrWriter;

/// A reader of one serialized value.
pub(crate) struct NdrReader<'a>(ByteReader<'a>);

/// Whether a pointer points to something, which is then to be read behind the structure.
#[derive(Clone, Copy)]
pub(crate) struct Pointer(bool);

/// The fixed part of an `RPC_UNICODE_STRING` (\[MS-DTYP\] section 2.3.10).
#[derive(Clone, Copy)]
pub(crate) struct StringHeader {
    /// Bytes of the text.
    length: u16,
    buffer: Pointer,
}

type Result<T> = core::result::Result<T, PacBufferError>;

impl<'a> NdrReader<'a> {
    /// Behind the headers, and behind the pointer to the value, which must not be null.
    pub(crate) fn open(buffer: &'a [u8]) -> Result<Self> {
        let mut reader = ByteReader::new(buffer).with_order(ByteOrder::LittleEndian);
        let header = |offset| PacBufferError::at(offset, "header", PacBufferProblem::Header);
        let [version, order] = [reader.u8("version")?, reader.u8("byte order")?];
        let length = reader.u16("header length")?;
        if (version, order, length) != (VERSION, LITTLE_ENDIAN, HEADER_LEN) {
            return Err(header(0));
        }
        reader.take(4, "filler")?;
        let length = usize::try_from(reader.u32("object buffer length")?);
        reader.take(4, "filler")?;
        let length = length.ok().filter(|length| *length <= reader.remaining());
        let length = length.ok_or_else(|| header(8))?;
        let mut this = Self(reader.part(length, "object buffer")?);
        this.pointer("value")?.required(&this, "value")?;
        Ok(this)
    }

    /// Refuses what was read last.
    pub(crate) fn fault<T>(&self, field: &'static str, problem: PacBufferProblem) -> Result<T> {
        Err(PacBufferError::at(self.0.position(), field, problem))
    }

    /// Passes over the bytes before a number of so many bytes.
    fn align(&mut self, size: usize, field: &'static str) -> Result<()> {
        let past = self.0.position().checked_rem(size).unwrap_or_default();
        let gap = size.checked_sub(past).filter(|gap| *gap < size);
        self.0.take(gap.unwrap_or_default(), field)?;
        Ok(())
    }

    pub(crate) fn u16(&mut self, field: &'static str) -> Result<u16> {
        self.align(2, field)?;
        Ok(self.0.u16(field)?)
    }

    pub(crate) fn u32(&mut self, field: &'static str) -> Result<u32> {
        self.align(4, field)?;
        Ok(self.0.u32(field)?)
    }

    /// A number of 64 bits, which is aligned as such.
    pub(crate) fn hyper(&mut self, field: &'static str) -> Result<u64> {
        self.align(8, field)?;
        Ok(self.0.u64(field)?)
    }

    /// A time, which is two numbers of 32 bits.
    pub(crate) fn file_time(&mut self, field: &'static str) -> Result<FileTime> {
        self.align(4, field)?;
        Ok(FileTime(self.0.u64(field)?))
    }

    pub(crate) fn take(&mut self, count: usize, field: &'static str) -> Result<&'a [u8]> {
        Ok(self.0.take(count, field)?)
    }

    pub(crate) fn pointer(&mut self, field: &'static str) -> Result<Pointer> {
        Ok(Pointer(self.u32(field)? != 0))
    }

    pub(crate) fn string_header(&mut self, field: &'static str) -> Result<StringHeader> {
        self.align(4, field)?;
        let length = self.u16(field)?;
        // How much room its maker had for it is the maker's business.
        self.u16(field)?;
        let buffer = self.pointer(field)?;
        if length > 0 {
            buffer.required(self, field)?;
        }
        Ok(StringHeader { length, buffer })
    }

    /// The text of an `RPC_UNICODE_STRING`. It is empty where the pointer is null.
    pub(crate) fn string(&mut self, header: StringHeader, field: &'static str) -> Result<String> {
        if !header.buffer.0 {
            return Ok(String::new());
        }
        let bytes = self.varying_string(field)?;
        if bytes.len() != usize::from(header.length) {
            return self.fault(field, PacBufferProblem::Count);
        }
        self.text(bytes, field)
    }

    /// A text that ends in a zero character (`[string] WCHAR`).
    pub(crate) fn terminated_string(&mut self, field: &'static str) -> Result<String> {
        match self.varying_string(field)? {
            [bytes @ .., 0, 0] => self.text(bytes, field),
            _ => self.fault(field, PacBufferProblem::Value),
        }
    }

    /// The characters of a conformant and varying array: room, place and number of them, and these.
    fn varying_string(&mut self, field: &'static str) -> Result<&'a [u8]> {
        let room = self.u32(field)?;
        let offset = self.u32(field)?;
        let count = self.u32(field)?;
        if offset != 0 || count > room {
            return self.fault(field, PacBufferProblem::Count);
        }
        // What does not fit in memory does not fit in the buffer either.
        let length = usize::try_from(u64::from(count) * 2).unwrap_or(usize::MAX);
        self.take(length, field)
    }

    fn text(&self, bytes: &[u8], field: &'static str) -> Result<String> {
        match text::from_utf16(bytes) {
            Some(text) => Ok(text),
            None => self.fault(field, PacBufferProblem::Utf16),
        }
    }

    /// The number of elements before a conformant array, each of at least `element` bytes: they are there, and as many
    /// as `expected`, which the structure says.
    pub(crate) fn count(
        &mut self,
        expected: u32,
        element: usize,
        field: &'static str,
    ) -> Result<usize> {
        if self.u32(field)? != expected {
            return self.fault(field, PacBufferProblem::Count);
        }
        let count = usize::try_from(expected).unwrap_or(usize::MAX);
        if count.saturating_mul(element) > self.0.remaining() {
            return self.fault(field, PacBufferProblem::Truncated);
        }
        Ok(count)
    }

    /// What a pointer to `count` elements points to: read by `read`, or nothing where the pointer is null and so is
    /// the count.
    pub(crate) fn array<T>(
        &mut self,
        pointer: Pointer,
        expected: u32,
        element: usize,
        field: &'static str,
        mut read: impl FnMut(&mut Self) -> Result<T>,
    ) -> Result<Vec<T>> {
        if !pointer.0 {
            return match expected {
                0 => Ok(Vec::new()),
                _ => self.fault(field, PacBufferProblem::NullPointer),
            };
        }
        let count = self.count(expected, element, field)?;
        let mut elements = Vec::with_capacity(count);
        for _ in 0..count {
            elements.push(read(self)?);
        }
        Ok(elements)
    }

    /// An array of `GROUP_MEMBERSHIP`.
    pub(crate) fn group_memberships(
        &mut self,
        pointer: Pointer,
        count: u32,
        field: &'static str,
    ) -> Result<Vec<GroupMembership>> {
        self.array(pointer, count, 8, field, |reader| {
            Ok(GroupMembership {
                relative_id: reader.u32(field)?,
                attributes: GroupAttributes::from_bits_retain(reader.u32(field)?),
            })
        })
    }

    /// An array of `KERB_SID_AND_ATTRIBUTES`.
    pub(crate) fn sids(
        &mut self,
        pointer: Pointer,
        count: u32,
        field: &'static str,
    ) -> Result<Vec<SidAndAttributes>> {
        let attributes = self.array(pointer, count, 8, field, |reader| {
            reader.pointer(field)?.required(reader, field)?;
            Ok(GroupAttributes::from_bits_retain(reader.u32(field)?))
        })?;
        let read = |attributes| {
            let sid = self.sid(field)?;
            Ok(SidAndAttributes { sid, attributes })
        };
        attributes.into_iter().map(read).collect()
    }

    /// A SID that may be absent.
    pub(crate) fn optional_sid(
        &mut self,
        pointer: Pointer,
        field: &'static str,
    ) -> Result<Option<Sid>> {
        pointer.0.then(|| self.sid(field)).transpose()
    }

    /// A SID behind the number of its subauthorities, which it has itself, too.
    fn sid(&mut self, field: &'static str) -> Result<Sid> {
        let count = self.u32(field)?;
        let most = Sid::MOST_SUB_AUTHORITIES;
        let Some(count) = usize::try_from(count).ok().filter(|count| *count <= most) else {
            return self.fault(field, PacBufferProblem::Sid);
        };
        match Sid::from_bytes(self.take(8 + 4 * count, field)?) {
            Some(sid) => Ok(sid),
            None => self.fault(field, PacBufferProblem::Sid),
        }
    }
}

impl Pointer {
    /// Refuses it where it is null.
    pub(crate) fn required(self, reader: &NdrReader<'_>, field: &'static str) -> Result<()> {
        if self.0 {
            Ok(())
        } else {
            reader.fault(field, PacBufferProblem::NullPointer)
        }
    }
}

const VERSION: u8 = 1;
const LITTLE_ENDIAN: u8 = 0x10;
/// Bytes of the common header.
const HEADER_LEN: u16 = 8;
/// What stands where nothing does.
const FILLER: [u8; 4] = [0xcc; 4];
