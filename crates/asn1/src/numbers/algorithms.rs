//! Encryption and checksum types, from the Kerberos encryption type and checksum type registries.

use rasn::{AsnType, Decode, Encode};

use super::numbers;

numbers! {
    /// An encryption type number; RFC 3961 section 8 and the IANA registry.
    EncryptionType {
        NULL = 0: "no encryption",
        DES_CBC_CRC = 1: "DES-CBC with CRC-32, RFC 3961 section 6.2.3",
        DES_CBC_MD4 = 2: "DES-CBC with MD4, RFC 3961 section 6.2.2",
        DES_CBC_MD5 = 3: "DES-CBC with MD5, RFC 3961 section 6.2.1",
        DES3_CBC_SHA1 = 16: "triple DES with HMAC-SHA1, RFC 3961 section 6.3",
        AES128_CTS_HMAC_SHA1_96 = 17: "AES-128 with HMAC-SHA1, RFC 3962",
        AES256_CTS_HMAC_SHA1_96 = 18: "AES-256 with HMAC-SHA1, RFC 3962",
        AES128_CTS_HMAC_SHA256_128 = 19: "AES-128 with HMAC-SHA256, RFC 8009",
        AES256_CTS_HMAC_SHA384_192 = 20: "AES-256 with HMAC-SHA384, RFC 8009",
        RC4_HMAC = 23: "RC4 with HMAC-MD5, RFC 4757",
        RC4_HMAC_EXP = 24: "RC4 with HMAC-MD5 and 56-bit keys, RFC 4757",
        CAMELLIA128_CTS_CMAC = 25: "Camellia-128 with CMAC, RFC 6803",
        CAMELLIA256_CTS_CMAC = 26: "Camellia-256 with CMAC, RFC 6803",
    }
}

numbers! {
    /// A checksum type number; RFC 3961 section 8 and the IANA registry.
    CksumType {
        CRC32 = 1: "CRC-32, RFC 3961 section 6.1.3",
        RSA_MD4 = 2: "MD4, RFC 3961 section 6.1.2",
        RSA_MD5 = 7: "MD5, RFC 3961 section 6.1.1",
        HMAC_SHA1_DES3_KD = 12: "HMAC-SHA1 with a triple DES key, RFC 3961 section 6.3",
        SHA1 = 14: "SHA-1, RFC 3961 section 8",
        HMAC_SHA1_96_AES128 = 15: "HMAC-SHA1 with an AES-128 key, RFC 3962",
        HMAC_SHA1_96_AES256 = 16: "HMAC-SHA1 with an AES-256 key, RFC 3962",
        CMAC_CAMELLIA128 = 17: "CMAC with a Camellia-128 key, RFC 6803",
        CMAC_CAMELLIA256 = 18: "CMAC with a Camellia-256 key, RFC 6803",
        HMAC_SHA256_128_AES128 = 19: "HMAC-SHA256 with an AES-128 key, RFC 8009",
        HMAC_SHA384_192_AES256 = 20: "HMAC-SHA384 with an AES-256 key, RFC 8009",
        GSSAPI = 0x8003: "the GSS-API structure of RFC 4121 section 4.1.1, which is no checksum",
        HMAC_MD5 = -138: "HMAC-MD5 with an RC4 key, RFC 4757",
    }
}
