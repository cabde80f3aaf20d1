//! One-time passwords: RFC 6560. Its module has implicit tags.

use alloc::string::String;
use alloc::vec::Vec;

use rasn::{AsnType, Decode, Decoder, Encode};

use crate::{
    AlgorithmIdentifier, EncryptedData, KerberosString, KerberosTime, Octets, OtpFlags, OtpFormat,
    SecretOctets, SecretString,
};

/// Which tokens the client may use, the data of
/// [`PaDataType::OTP_CHALLENGE`](crate::PaDataType::OTP_CHALLENGE); RFC 6560 section 4.1.
///
/// ```text
/// PA-OTP-CHALLENGE ::= SEQUENCE {
///         nonce           [0] OCTET STRING,
///         otp-service     [1] UTF8String OPTIONAL,
///         otp-tokenInfo   [2] SEQUENCE (SIZE(1..MAX)) OF OTP-TOKENINFO,
///         salt            [3] KerberosString OPTIONAL,
///         s2kparams       [4] OCTET STRING OPTIONAL,
///         ...
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
pub struct PaOtpChallenge {
    /// What the client encrypts to show that it has the keys.
    #[rasn(tag(0))]
    pub nonce: Octets,
    /// What to tell the user about the service that checks the password.
    #[rasn(tag(1))]
    pub otp_service: Option<String>,
    /// The tokens, of which the client chooses one.
    #[rasn(tag(2))]
    pub otp_token_info: Vec<OtpTokenInfo>,
    /// The salt for the user's password, where that is combined.
    #[rasn(tag(3))]
    pub salt: Option<KerberosString>,
    /// String-to-key parameters, as in ETYPE-INFO2.
    #[rasn(tag(4))]
    pub s2kparams: Option<Octets>,
}

/// A token, RFC 6560 section 4.1.
///
/// ```text
/// OTP-TOKENINFO ::= SEQUENCE {
///         flags               [0] OTPFlags,
///         otp-vendor          [1] UTF8String OPTIONAL,
///         otp-challenge       [2] OCTET STRING (SIZE(1..MAX)) OPTIONAL,
///         otp-length          [3] Int32 OPTIONAL,
///         otp-format          [4] OTPFormat OPTIONAL,
///         otp-tokenID         [5] OCTET STRING OPTIONAL,
///         otp-algID           [6] AnyURI OPTIONAL,
///         supportedHashAlg    [7] SEQUENCE OF AlgorithmIdentifier OPTIONAL,
///         iterationCount      [8] Int32 OPTIONAL,
///         ...
/// }
///
/// AnyURI ::= UTF8String
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
pub struct OtpTokenInfo {
    /// What the client must do with the token's value.
    #[rasn(tag(0))]
    pub flags: OtpFlags,
    /// The token's vendor.
    #[rasn(tag(1))]
    pub otp_vendor: Option<String>,
    /// What the token makes its value of.
    #[rasn(tag(2))]
    pub otp_challenge: Option<Octets>,
    /// Characters or octets of the value.
    #[rasn(tag(3))]
    pub otp_length: Option<i32>,
    /// How the value is written.
    #[rasn(tag(4))]
    pub otp_format: Option<OtpFormat>,
    /// Which token it is.
    #[rasn(tag(5))]
    pub otp_token_id: Option<Octets>,
    /// How the token makes its value: a name of RFC 6030.
    #[rasn(tag(6))]
    pub otp_alg_id: Option<String>,
    /// Hashes that the client may use in place of sending the value.
    #[rasn(tag(7))]
    pub supported_hash_alg: Option<Vec<AlgorithmIdentifier>>,
    /// How often it must hash.
    #[rasn(tag(8))]
    pub iteration_count: Option<i32>,
}

/// A token's value, or what is made of it; the data of
/// [`PaDataType::OTP_REQUEST`](crate::PaDataType::OTP_REQUEST); RFC 6560 section 4.2.
///
/// ```text
/// PA-OTP-REQUEST ::= SEQUENCE {
///         flags           [0] OTPFlags,
///         nonce           [1] OCTET STRING OPTIONAL,
///         encData         [2] EncryptedData, -- PA-OTP-ENC-REQUEST or PA-ENC-TS-ENC
///         hashAlg         [3] AlgorithmIdentifier OPTIONAL,
///         iterationCount  [4] Int32 OPTIONAL,
///         otp-value       [5] OCTET STRING OPTIONAL,
///         otp-pin         [6] UTF8String OPTIONAL,
///         otp-challenge   [7] OCTET STRING (SIZE(1..MAX)) OPTIONAL,
///         otp-time        [8] KerberosTime OPTIONAL,
///         otp-counter     [9] OCTET STRING OPTIONAL,
///         otp-format      [10] OTPFormat OPTIONAL,
///         otp-tokenID     [11] OCTET STRING OPTIONAL,
///         otp-algID       [12] AnyURI OPTIONAL,
///         otp-vendor      [13] UTF8String OPTIONAL,
///         ...
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
pub struct PaOtpRequest {
    /// What the client did with the token's value.
    #[rasn(tag(0))]
    pub flags: OtpFlags,
    /// The client's nonce, where the value is hashed.
    #[rasn(tag(1))]
    pub nonce: Option<Octets>,
    /// The KDC's nonce ([`PaOtpEncRequest`]), or the time
    /// ([`PaEncTsEnc`](crate::PaEncTsEnc)), in a key made of the value.
    #[rasn(tag(2))]
    pub enc_data: EncryptedData,
    /// The hash, where the value is hashed.
    #[rasn(tag(3))]
    pub hash_alg: Option<AlgorithmIdentifier>,
    /// How often the value was hashed.
    #[rasn(tag(4))]
    pub iteration_count: Option<i32>,
    /// The value. Zeroized on drop.
    #[rasn(tag(5))]
    pub otp_value: Option<SecretOctets>,
    /// The token's PIN. Zeroized on drop.
    #[rasn(tag(6))]
    pub otp_pin: Option<SecretString>,
    /// What the token made its value of.
    #[rasn(tag(7))]
    pub otp_challenge: Option<Octets>,
    /// The time that the token made its value of.
    #[rasn(tag(8))]
    pub otp_time: Option<KerberosTime>,
    /// The count that the token made its value of.
    #[rasn(tag(9))]
    pub otp_counter: Option<Octets>,
    /// How the value is written.
    #[rasn(tag(10))]
    pub otp_format: Option<OtpFormat>,
    /// Which token it is.
    #[rasn(tag(11))]
    pub otp_token_id: Option<Octets>,
    /// How the token makes its value: a name of RFC 6030.
    #[rasn(tag(12))]
    pub otp_alg_id: Option<String>,
    /// The token's vendor.
    #[rasn(tag(13))]
    pub otp_vendor: Option<String>,
}

/// The KDC's nonce, encrypted in a key of the one-time password; RFC 6560 section 4.2.
///
/// ```text
/// PA-OTP-ENC-REQUEST ::= SEQUENCE {
///         nonce           [0] OCTET STRING,
///         ...
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct PaOtpEncRequest {
    /// The nonce of the challenge.
    #[rasn(tag(0))]
    pub nonce: Octets,
}

/// A new PIN, or the request for one; the data of
/// [`PaDataType::OTP_PIN_CHANGE`](crate::PaDataType::OTP_PIN_CHANGE); RFC 6560 section 4.3.
///
/// ```text
/// PA-OTP-PIN-CHANGE ::= SEQUENCE {
///         flags           [0] OTPFlags,
///         pin             [1] UTF8String OPTIONAL,
///         minLength       [2] INTEGER OPTIONAL,
///         maxLength       [3] INTEGER OPTIONAL,
///         ...
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
pub struct PaOtpPinChange {
    /// Whether the PIN is entered apart from the value.
    #[rasn(tag(0))]
    pub flags: OtpFlags,
    /// The PIN that the KDC has set; absent, the user chooses one. Zeroized on drop.
    #[rasn(tag(1))]
    pub pin: Option<SecretString>,
    /// Characters that it must have.
    #[rasn(tag(2))]
    pub min_length: Option<i32>,
    /// Characters that it may have.
    #[rasn(tag(3))]
    pub max_length: Option<i32>,
}
