//! Reading and writing the big-endian fields of keytabs and credential caches.

use alloc::vec::Vec;

/// A place in octets that are read field by field. Every field is named, for errors to say what was missing.
#[derive(Clone, Debug)]
pub(crate) struct OctetReader<'a> {
    octets: &'a [u8],
    position: usize,
    end: usize,
}

/// A field that runs past the end of what it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Truncated {
    /// Where the field begins.
    pub(crate) offset: usize,
    /// What it is.
    pub(crate) field: &'static str,
}

impl<'a> OctetReader<'a> {
    pub(crate) fn new(octets: &'a [u8]) -> Self {
        Self {
            octets,
            position: 0,
            end: octets.len(),
        }
    }

    /// Where the next field begins, counted from the start of the file.
    pub(crate) fn position(&self) -> usize {
        self.position
    }

    pub(crate) fn remaining(&self) -> usize {
        self.end.saturating_sub(self.position)
    }

    /// Octets of the whole file.
    pub(crate) fn file_length(&self) -> usize {
        self.octets.len()
    }

    /// The next `count` octets.
    pub(crate) fn take(
        &mut self,
        count: usize,
        field: &'static str,
    ) -> Result<&'a [u8], Truncated> {
        let truncated = Truncated {
            offset: self.position,
            field,
        };
        let end = self
            .position
            .checked_add(count)
            .filter(|end| *end <= self.end)
            .ok_or(truncated)?;
        let taken = self.octets.get(self.position..end).ok_or(truncated)?;
        self.position = end;
        Ok(taken)
    }

    /// A reader of the next `count` octets, whose positions count from the start of the file too.
    pub(crate) fn part(&mut self, count: usize, field: &'static str) -> Result<Self, Truncated> {
        let start = self.position;
        self.take(count, field)?;
        Ok(Self {
            octets: self.octets,
            position: start,
            end: self.position,
        })
    }

    pub(crate) fn u8(&mut self, field: &'static str) -> Result<u8, Truncated> {
        self.array(field).map(u8::from_be_bytes)
    }

    pub(crate) fn u16(&mut self, field: &'static str) -> Result<u16, Truncated> {
        self.array(field).map(u16::from_be_bytes)
    }

    pub(crate) fn i16(&mut self, field: &'static str) -> Result<i16, Truncated> {
        self.array(field).map(i16::from_be_bytes)
    }

    pub(crate) fn u32(&mut self, field: &'static str) -> Result<u32, Truncated> {
        self.array(field).map(u32::from_be_bytes)
    }

    pub(crate) fn i32(&mut self, field: &'static str) -> Result<i32, Truncated> {
        self.array(field).map(i32::from_be_bytes)
    }

    /// As many octets as the 16 bits before them say.
    pub(crate) fn counted16(&mut self, field: &'static str) -> Result<&'a [u8], Truncated> {
        let count = self.u16(field)?;
        self.take(count.into(), field)
    }

    /// As many octets as the 32 bits before them say.
    pub(crate) fn counted32(&mut self, field: &'static str) -> Result<&'a [u8], Truncated> {
        let count = self.u32(field)?;
        // What does not fit in memory does not fit in the file either.
        self.take(usize::try_from(count).unwrap_or(usize::MAX), field)
    }

    fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], Truncated> {
        let truncated = Truncated {
            offset: self.position,
            field,
        };
        self.take(N, field)?.try_into().map_err(|_| truncated)
    }
}

/// A value that its field has no room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLarge(pub(crate) &'static str);

/// Appends a number that has to fit in the field's type `T`.
pub(crate) fn put<T, N, const SIZE: usize>(
    out: &mut Vec<u8>,
    value: N,
    to_octets: fn(T) -> [u8; SIZE],
    field: &'static str,
) -> Result<(), TooLarge>
where
    T: TryFrom<N>,
{
    let value = T::try_from(value).map_err(|_| TooLarge(field))?;
    out.extend(to_octets(value));
    Ok(())
}

/// Appends octets after their count in 16 bits.
pub(crate) fn put_counted16(
    out: &mut Vec<u8>,
    octets: &[u8],
    field: &'static str,
) -> Result<(), TooLarge> {
    put(out, octets.len(), u16::to_be_bytes, field)?;
    out.extend_from_slice(octets);
    Ok(())
}

/// Appends octets after their count in 32 bits.
pub(crate) fn put_counted32(
    out: &mut Vec<u8>,
    octets: &[u8],
    field: &'static str,
) -> Result<(), TooLarge> {
    put(out, octets.len(), u32::to_be_bytes, field)?;
    out.extend_from_slice(octets);
    Ok(())
}
