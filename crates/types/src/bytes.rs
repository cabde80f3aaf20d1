//! The byte reader and writer for formats of numbers and counted fields: keytabs, credential caches, exported
//! contexts.

mod crc32;

use alloc::vec::Vec;

use orthros_crypto::SecretVec;
use zeroize::Zeroizing;

pub use crc32::crc32;

/// In which order a file has the bytes of its numbers.
///
/// Today's formats are big-endian. The oldest ones have the order of the host that wrote them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ByteOrder {
    /// The most significant byte first.
    BigEndian,
    /// The least significant byte first.
    LittleEndian,
}

impl ByteOrder {
    /// The order of the processor that this was built for.
    pub const NATIVE: Self = if cfg!(target_endian = "big") {
        Self::BigEndian
    } else {
        Self::LittleEndian
    };

    /// The opposite order.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::BigEndian => Self::LittleEndian,
            Self::LittleEndian => Self::BigEndian,
        }
    }
}

/// A place in bytes that are read field by field. Every field is named, for errors to say what was missing.
#[derive(Clone, Debug)]
pub struct ByteReader<'a> {
    bytes: &'a [u8],
    position: usize,
    end: usize,
    order: ByteOrder,
}

/// A field that runs past the end of what it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Truncated {
    /// Where the field begins.
    pub offset: usize,
    /// What it is.
    pub field: &'static str,
}

impl<'a> ByteReader<'a> {
    /// A reader of numbers in big-endian order.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            position: 0,
            end: bytes.len(),
            order: ByteOrder::BigEndian,
        }
    }

    /// The same place, but numbers are in this order from here on.
    #[must_use]
    pub fn with_order(&self, order: ByteOrder) -> Self {
        Self {
            order,
            ..self.clone()
        }
    }

    /// Where the next field begins, counted from the start of the file.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }

    /// How many bytes are left.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.end.saturating_sub(self.position)
    }

    /// Bytes of the whole file.
    #[must_use]
    pub fn file_length(&self) -> usize {
        self.bytes.len()
    }

    /// The next `count` bytes.
    pub fn take(&mut self, count: usize, field: &'static str) -> Result<&'a [u8], Truncated> {
        let truncated = Truncated {
            offset: self.position,
            field,
        };
        let end = self
            .position
            .checked_add(count)
            .filter(|end| *end <= self.end)
            .ok_or(truncated)?;
        let taken = self.bytes.get(self.position..end).ok_or(truncated)?;
        self.position = end;
        Ok(taken)
    }

    /// A reader of the next `count` bytes, whose positions count from the start of the file too.
    pub fn part(&mut self, count: usize, field: &'static str) -> Result<Self, Truncated> {
        let start = self.position;
        self.take(count, field)?;
        Ok(Self {
            bytes: self.bytes,
            position: start,
            end: self.position,
            order: self.order,
        })
    }

    /// One byte; `field` is its name in an error.
    pub fn u8(&mut self, field: &'static str) -> Result<u8, Truncated> {
        self.number(field, u8::from_be_bytes)
    }

    /// An unsigned number of 16 bits; `field` is its name in an error.
    pub fn u16(&mut self, field: &'static str) -> Result<u16, Truncated> {
        self.number(field, u16::from_be_bytes)
    }

    /// A signed number of 16 bits; `field` is its name in an error.
    pub fn i16(&mut self, field: &'static str) -> Result<i16, Truncated> {
        self.number(field, i16::from_be_bytes)
    }

    /// An unsigned number of 32 bits; `field` is its name in an error.
    pub fn u32(&mut self, field: &'static str) -> Result<u32, Truncated> {
        self.number(field, u32::from_be_bytes)
    }

    /// A signed number of 32 bits; `field` is its name in an error.
    pub fn i32(&mut self, field: &'static str) -> Result<i32, Truncated> {
        self.number(field, i32::from_be_bytes)
    }

    /// An unsigned number of 64 bits; `field` is its name in an error.
    pub fn u64(&mut self, field: &'static str) -> Result<u64, Truncated> {
        self.number(field, u64::from_be_bytes)
    }

    /// As many bytes as the 16 bits before them say.
    pub fn counted16(&mut self, field: &'static str) -> Result<&'a [u8], Truncated> {
        let count = self.u16(field)?;
        self.take(count.into(), field)
    }

    /// As many bytes as the 32 bits before them say.
    pub fn counted32(&mut self, field: &'static str) -> Result<&'a [u8], Truncated> {
        let count = self.u32(field)?;
        // What does not fit in memory does not fit in the file either.
        self.take(usize::try_from(count).unwrap_or(usize::MAX), field)
    }

    fn number<T, const N: usize>(
        &mut self,
        field: &'static str,
        from_be_bytes: fn([u8; N]) -> T,
    ) -> Result<T, Truncated> {
        let truncated = Truncated {
            offset: self.position,
            field,
        };
        let bytes = self.take(N, field)?.try_into().map_err(|_| truncated)?;
        Ok(from_be_bytes(in_order(bytes, self.order)))
    }
}

/// Bytes that fields are appended to. They may be keys: they are zeroized on drop.
///
/// Room for all of them is made at once, as growing would leave a copy of a key behind.
pub struct ByteWriter {
    bytes: Zeroizing<Vec<u8>>,
    order: ByteOrder,
}

/// A value that its field has no room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge(
    /// The field.
    pub &'static str,
);

impl core::fmt::Debug for ByteWriter {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ByteWriter")
            .field("length", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

impl ByteWriter {
    /// Room for `capacity` bytes, with numbers in that order.
    #[must_use]
    pub fn with_capacity(capacity: usize, order: ByteOrder) -> Self {
        Self {
            bytes: Zeroizing::new(Vec::with_capacity(capacity)),
            order,
        }
    }

    /// One byte.
    pub fn u8(&mut self, number: u8) {
        self.bytes.push(number);
    }

    /// An unsigned number of 16 bits; an error where the number is out of its range.
    pub fn u16(&mut self, number: impl TryInto<u16>, field: &'static str) -> Result<(), TooLarge> {
        self.number(number, u16::to_be_bytes, field)
    }

    /// A signed number of 16 bits; an error where the number is out of its range.
    pub fn i16(&mut self, number: impl TryInto<i16>, field: &'static str) -> Result<(), TooLarge> {
        self.number(number, i16::to_be_bytes, field)
    }

    /// An unsigned number of 32 bits; an error where the number is out of its range.
    pub fn u32(&mut self, number: impl TryInto<u32>, field: &'static str) -> Result<(), TooLarge> {
        self.number(number, u32::to_be_bytes, field)
    }

    /// A signed number of 32 bits; an error where the number is out of its range.
    pub fn i32(&mut self, number: impl TryInto<i32>, field: &'static str) -> Result<(), TooLarge> {
        self.number(number, i32::to_be_bytes, field)
    }

    /// An unsigned number of 64 bits.
    pub fn u64(&mut self, number: u64) {
        self.bytes
            .extend(in_order(number.to_be_bytes(), self.order));
    }

    /// Bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Bytes after their count in 16 bits.
    pub fn counted16(&mut self, bytes: &[u8], field: &'static str) -> Result<(), TooLarge> {
        self.u16(bytes.len(), field)?;
        self.bytes(bytes);
        Ok(())
    }

    /// Bytes after their count in 32 bits.
    pub fn counted32(&mut self, bytes: &[u8], field: &'static str) -> Result<(), TooLarge> {
        self.u32(bytes.len(), field)?;
        self.bytes(bytes);
        Ok(())
    }

    /// What was written.
    #[must_use]
    pub fn finish(mut self) -> SecretVec {
        core::mem::take(&mut *self.bytes).into()
    }

    /// A number that has to fit in the field's type `T`.
    fn number<T, const N: usize>(
        &mut self,
        number: impl TryInto<T>,
        to_be_bytes: fn(T) -> [u8; N],
        field: &'static str,
    ) -> Result<(), TooLarge> {
        let number = number.try_into().map_err(|_| TooLarge(field))?;
        self.bytes.extend(in_order(to_be_bytes(number), self.order));
        Ok(())
    }
}

/// Big-endian bytes in another order, and back.
fn in_order<const N: usize>(mut bytes: [u8; N], order: ByteOrder) -> [u8; N] {
    if order == ByteOrder::LittleEndian {
        bytes.reverse();
    }
    bytes
}
