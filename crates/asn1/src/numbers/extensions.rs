//! Numbers of the protocol's extensions: FAST armor, SPAKE groups and factors, one-time passwords.

use rasn::{AsnType, Decode, Encode};

use super::numbers;

numbers! {
    /// A type of FAST armor, RFC 6113 section 5.4.1.
    FastArmorType {
        AP_REQUEST = 1: "an AP-REQ, whose subkey and session key make the armor key",
    }
}

numbers! {
    /// How a one-time password is written, RFC 6560 section 4.1.
    OtpFormat {
        DECIMAL = 0: "decimal digits",
        HEXADECIMAL = 1: "hexadecimal digits",
        ALPHANUMERIC = 2: "letters and digits",
        BINARY = 3: "octets",
        BASE64 = 4: "base64",
    }
}

numbers! {
    /// A group for SPAKE, RFC 9588 section 12.2 and the IANA registry.
    SpakeGroup {
        EDWARDS25519 = 1: "edwards25519",
        P_256 = 2: "P-256",
        P_384 = 3: "P-384",
        P_521 = 4: "P-521",
    }
}

numbers! {
    /// A second factor for SPAKE, RFC 9588 section 12.1 and the IANA registry.
    SpakeSecondFactorType {
        SF_NONE = 1: "no second factor",
    }
}
