//! Numbers of the protocol's extensions: FAST armor.

use rasn::{AsnType, Decode, Encode};

use super::numbers;

numbers! {
    /// A type of FAST armor, RFC 6113 section 5.4.1.
    FastArmorType {
        AP_REQUEST = 1: "an AP-REQ, whose subkey and session key make the armor key",
    }
}
