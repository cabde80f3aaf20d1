//! Keys as files have them: of any enctype, known here or not.

use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroizing;

/// A key of any enctype: what a keytab or a credential cache holds, usable or not.
///
/// The octets are zeroized on drop, compared in constant time and never shown by `Debug`.
#[derive(Clone)]
pub struct KeyBlock {
    enctype: i32,
    octets: Zeroizing<Vec<u8>>,
}

impl KeyBlock {
    /// Takes the octets over; they are zeroized with this.
    #[must_use]
    pub fn new(enctype: i32, octets: Vec<u8>) -> Self {
        Self {
            enctype,
            octets: Zeroizing::new(octets),
        }
    }

    /// No key: enctype 0 and no octets, as configuration entries have it.
    #[must_use]
    pub fn null() -> Self {
        Self::new(0, Vec::new())
    }

    /// Which cipher it is for.
    #[must_use]
    pub fn enctype(&self) -> i32 {
        self.enctype
    }

    /// The secret.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }
}

impl PartialEq for KeyBlock {
    fn eq(&self, other: &Self) -> bool {
        use subtle::ConstantTimeEq as _;
        self.enctype == other.enctype && bool::from(self.octets.ct_eq(&other.octets))
    }
}

impl Eq for KeyBlock {}

impl fmt::Debug for KeyBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyBlock")
            .field("enctype", &self.enctype)
            .finish_non_exhaustive()
    }
}
