//! Protocol numbers: newtypes of `i32` with the registered values as constants.
//!
//! A number without a name here survives; nothing is refused because it is unknown.

mod algorithms;
mod error_code;
mod extensions;
mod padata;
mod types;

pub use algorithms::{CksumType, EncryptionType};
pub use error_code::ErrorCode;
pub use extensions::{FastArmorType, OtpFormat, SpakeGroup, SpakeSecondFactorType};
pub use padata::{PaDataType, TdType};
pub use types::{AdType, AddressType, LastReqType, MessageType, NameType, TransitedType};

/// Declares a newtype of `i32` with named values, each with its meaning.
macro_rules! numbers {
    (
        $(#[$attribute:meta])*
        $type:ident { $($name:ident = $value:literal: $meaning:literal,)* }
    ) => {
        $(#[$attribute])*
        #[derive(
            AsnType, Decode, Encode,
            Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
        )]
        #[rasn(delegate)]
        pub struct $type(pub i32);

        impl $type {
            $(#[doc = $meaning] pub const $name: Self = Self($value);)*

            /// The registered name of the number, if it has one.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some(stringify!($name)),)*
                    _ => None,
                }
            }

            /// What the number means, in lower case and without a period, if it is registered.
            #[must_use]
            pub const fn meaning(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some($meaning),)*
                    _ => None,
                }
            }
        }

        /// Name and number, or the number alone.
        impl core::fmt::Display for $type {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                match self.name() {
                    Some(name) => write!(f, "{name} ({})", self.0),
                    None => self.0.fmt(f),
                }
            }
        }

        impl core::fmt::Debug for $type {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                core::fmt::Display::fmt(self, f)
            }
        }

        impl From<i32> for $type {
            fn from(number: i32) -> Self {
                Self(number)
            }
        }

        impl From<$type> for i32 {
            fn from(number: $type) -> Self {
                number.0
            }
        }
    };
}

use numbers;

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn numbers_are_shown_by_name_where_they_have_one() {
        let code = ErrorCode::KDC_ERR_PREAUTH_REQUIRED;
        assert_eq!(code.to_string(), "KDC_ERR_PREAUTH_REQUIRED (25)");
        assert_eq!(
            code.meaning(),
            Some("additional pre-authentication is required")
        );
        assert_eq!(ErrorCode(-7).to_string(), "-7");
        assert_eq!(CksumType(-138).name(), Some("HMAC_MD5"));
    }
}
