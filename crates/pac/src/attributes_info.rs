//! `PAC_ATTRIBUTES_INFO`.

use bitflags::bitflags;
use orthros_types::bytes::{ByteOrder, ByteReader};

use crate::{PacBufferError, PacBufferProblem};

/// Why there is a PAC (`PAC_ATTRIBUTES_INFO`, \[MS-PAC\] section 2.14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttributesInfo {
    /// How many flags the KDC knows.
    pub flags_length: u32,
    /// The first 32 of them.
    pub flags: PacAttributes,
}

bitflags! {
    /// `Flags` of `PAC_ATTRIBUTES_INFO`. Unknown flags survive.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct PacAttributes: u32 {
        /// The client asked for a PAC.
        const PAC_WAS_REQUESTED = 0x1;
        /// The client did not say whether it wants one.
        const PAC_WAS_GIVEN_IMPLICITLY = 0x2;
    }
}

impl AttributesInfo {
    /// Reads the buffer.
    ///
    /// # Errors
    ///
    /// What is malformed in it.
    pub fn decode(buffer: &[u8]) -> Result<Self, PacBufferError> {
        let mut reader = ByteReader::new(buffer).with_order(ByteOrder::LittleEndian);
        let flags_length = reader.u32("FlagsLength")?;
        let flags = PacAttributes::from_bits_retain(reader.u32("Flags")?);
        let bits = u64::try_from(reader.remaining()).unwrap_or(u64::MAX);
        let bits = bits.saturating_add(4).saturating_mul(8);
        if u64::from(flags_length) > bits {
            return Err(PacBufferError::at(4, "Flags", PacBufferProblem::Truncated));
        }
        Ok(Self {
            flags_length,
            flags,
        })
    }
}
