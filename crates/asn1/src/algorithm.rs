//! Algorithms as X.509 names them: RFC 5280 section 4.1.1.2.

use rasn::{AsnType, Decode, Decoder, Encode};

use crate::{AnyValue, ObjectIdentifier};

/// An algorithm and its parameters, RFC 5280 section 4.1.1.2.
///
/// ```text
/// AlgorithmIdentifier ::= SEQUENCE {
///         algorithm       OBJECT IDENTIFIER,
///         parameters      ANY DEFINED BY algorithm OPTIONAL
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct AlgorithmIdentifier {
    /// Its name.
    pub algorithm: ObjectIdentifier,
    /// What else there is to know.
    pub parameters: Option<AnyValue>,
}
