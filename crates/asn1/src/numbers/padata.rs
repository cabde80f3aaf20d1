//! Preauthentication and typed-data types.

use rasn::{AsnType, Decode, Encode};

use super::numbers;

numbers! {
    /// A preauthentication data type, RFC 4120 section 7.5.2 and the IANA registry.
    PaDataType {
        TGS_REQ = 1: "the AP-REQ of a TGS-REQ",
        ENC_TIMESTAMP = 2: "encrypted timestamp",
        PW_SALT = 3: "salt, as octets",
        ENC_UNIX_TIME = 5: "encrypted time, deprecated",
        SANDIA_SECUREID = 6: "passcode of a hardware token",
        SESAME = 7: "SESAME",
        OSF_DCE = 8: "OSF DCE",
        CYBERSAFE_SECUREID = 9: "passcode of a hardware token, another form",
        AFS3_SALT = 10: "AFS salt",
        ETYPE_INFO = 11: "encryption types and salts, old form",
        SAM_CHALLENGE = 12: "challenge of a single-use authentication mechanism",
        SAM_RESPONSE = 13: "response of a single-use authentication mechanism",
        PK_AS_REQ_OLD = 14: "public key request, old form",
        PK_AS_REP_OLD = 15: "public key reply, old form",
        PK_AS_REQ = 16: "public key request, RFC 4556",
        PK_AS_REP = 17: "public key reply, RFC 4556",
        ETYPE_INFO2 = 19: "encryption types, salts and parameters",
        SVR_REFERRAL_INFO = 20: "referral, RFC 6806",
        SAM_REDIRECT = 21: "redirection of a single-use authentication mechanism",
        GET_FROM_TYPED_DATA = 22: "embedded in typed data",
        SAM_ETYPE_INFO = 23: "encryption types of a single-use authentication mechanism",
        ALT_PRINC = 24: "alternative principal",
        SERVER_REFERRAL = 25: "referral, draft form",
        SAM_CHALLENGE2 = 30: "challenge of a single-use authentication mechanism, second form",
        SAM_RESPONSE2 = 31: "response of a single-use authentication mechanism, second form",
        EXTRA_TGT = 41: "an additional ticket-granting ticket",
        KRB5_TD_PKINIT_CMS_CERTIFICATES = 101: "certificate set",
        TD_KRB_PRINCIPAL = 102: "principal name",
        TD_KRB_REALM = 103: "realm",
        TD_TRUSTED_CERTIFIERS = 104: "trusted certifiers, RFC 4556",
        TD_CERTIFICATE_INDEX = 105: "certificate index",
        TD_APP_DEFINED_ERROR = 106: "application's error",
        TD_REQ_NONCE = 107: "nonce of the request",
        TD_REQ_SEQ = 108: "sequence number of the request",
        PAC_REQUEST = 128: "whether to include a PAC, MS-KILE section 2.2.3",
        FOR_USER = 129: "protocol transition for a user, MS-SFU section 2.2.1",
        FOR_X509_USER = 130: "protocol transition for a certificate, MS-SFU section 2.2.2",
        FOR_CHECK_DUPS = 131: "check for duplicate accounts",
        AS_CHECKSUM = 132: "checksum of the AS-REQ",
        FX_COOKIE = 133: "state of the KDC, RFC 6113",
        AUTHENTICATION_SET = 134: "authentication set, RFC 6113",
        AUTH_SET_SELECTED = 135: "selected authentication set, RFC 6113",
        FX_FAST = 136: "armored request or reply, RFC 6113",
        FX_ERROR = 137: "error in an armored reply, RFC 6113",
        ENCRYPTED_CHALLENGE = 138: "timestamp under armor, RFC 6113",
        OTP_CHALLENGE = 141: "one-time password challenge, RFC 6560",
        OTP_REQUEST = 142: "one-time password, RFC 6560",
        OTP_PIN_CHANGE = 144: "one-time password: new PIN, RFC 6560",
        EPAK_AS_REQ = 145: "anonymous key agreement request",
        EPAK_AS_REP = 146: "anonymous key agreement reply",
        PKINIT_KX = 147: "contribution to the session key, RFC 8062",
        PKU2U_NAME = 148: "name of a PKU2U peer",
        REQ_ENC_PA_REP = 149: "request for encrypted data in the reply, RFC 6806",
        AS_FRESHNESS = 150: "freshness token, RFC 8070",
        SPAKE = 151: "password-authenticated key exchange, RFC 9588",
        KERB_KEY_LIST_REQ = 161: "request for keys, MS-KILE section 2.2.11",
        KERB_KEY_LIST_REP = 162: "keys, MS-KILE section 2.2.12",
        SUPPORTED_ENCTYPES = 165: "encryption types of the service, MS-KILE section 2.2.8",
        PAC_OPTIONS = 167: "options of the PAC, MS-KILE section 2.2.10",
    }
}

numbers! {
    /// A typed-data type, RFC 4120 section 7.5.2 and the IANA registry.
    TdType {
        PADATA = 22: "a PA-DATA",
        PKINIT_CMS_CERTIFICATES = 101: "certificate set",
        KRB_PRINCIPAL = 102: "principal name",
        KRB_REALM = 103: "realm",
        TRUSTED_CERTIFIERS = 104: "trusted certifiers, RFC 4556",
        CERTIFICATE_INDEX = 105: "certificate index",
        APP_DEFINED_ERROR = 106: "application's error",
        REQ_NONCE = 107: "nonce of the request",
        REQ_SEQ = 108: "sequence number of the request",
        DH_PARAMETERS = 109: "Diffie-Hellman parameters, RFC 4556",
        CMS_DIGEST_ALGORITHMS = 111: "digest algorithms for CMS, RFC 8636",
        CERT_DIGEST_ALGORITHMS = 112: "digest algorithms for certificates, RFC 8636",
    }
}
