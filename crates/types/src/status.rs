//! Minor statuses: the numbers that MIT's programs print and that callers of its library test for.
//!
//! A GSS caller gets two numbers, the major status of RFC 2743 and a minor status of the mechanism.
//! Ours are those of MIT's `krb5` error table, so that a program written against MIT keeps
//! recognising them. The first 128 rows are the error codes of RFC 4120 section 7.5.9 and its
//! extensions; the rest are the library's own. The names are MIT's, the texts are not.

use core::fmt;

use orthros_asn1::ErrorCode;

/// A number of MIT's `krb5` error table (`krb5_error_code` there), of its `k5e1`, `asn1` and `prof` tables, or of
/// the `ggss` and `k5g` tables of its GSS layer.
///
/// Constants carry MIT's names. Numbers without one survive.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MinorStatus(i32);

impl MinorStatus {
    /// The status of an error code that travels in a KRB-ERROR (RFC 4120 section 7.5.9).
    ///
    /// A code outside of 0 to 127 has no row in the table and becomes `KRB5KRB_ERR_GENERIC`.
    #[must_use]
    pub const fn from_rfc_code(code: ErrorCode) -> Self {
        match code.0 {
            0..=127 => Self(KRB5_TABLE_BASE + code.0),
            _ => Self::KRB5KRB_ERR_GENERIC,
        }
    }

    /// The RFC 4120 error code of this status, if it is one that a KRB-ERROR can carry.
    #[must_use]
    pub const fn rfc_code(self) -> Option<ErrorCode> {
        match self.0.checked_sub(KRB5_TABLE_BASE) {
            Some(code @ 0..=127) => Some(ErrorCode(code)),
            _ => None,
        }
    }

    /// Any number as a status; the way back from [`MinorStatus::number`].
    #[must_use]
    pub const fn from_number(number: i32) -> Self {
        Self(number)
    }

    /// The signed number, as MIT's `krb5_error_code` has it.
    #[must_use]
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The same 32 bits unsigned, as an RFC 2744 `OM_uint32` minor status has them.
    #[must_use]
    pub const fn to_gss(self) -> u32 {
        self.0.cast_unsigned()
    }

    /// The status in an RFC 2744 `OM_uint32`; the way back from [`MinorStatus::to_gss`].
    #[must_use]
    pub const fn from_gss(minor: u32) -> Self {
        Self(minor.cast_signed())
    }

    /// MIT's symbolic name, where this status is a row of the table.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        self.row().map(|row| row.name)
    }

    /// What the status means, in words, where it is a row of the table.
    #[must_use]
    pub fn description(self) -> Option<&'static str> {
        self.row().map(|row| row.description)
    }

    fn row(self) -> Option<&'static Row> {
        let place = ROWS.binary_search_by_key(&self, |row| row.status).ok()?;
        ROWS.get(place)
    }
}

impl fmt::Display for MinorStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.description() {
            Some(description) => f.write_str(description),
            None => write!(f, "unknown code {}", self.0),
        }
    }
}

impl fmt::Debug for MinorStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "MinorStatus({} {name})", self.0),
            None => write!(f, "MinorStatus({})", self.0),
        }
    }
}

struct Row {
    status: MinorStatus,
    name: &'static str,
    description: &'static str,
}

/// Where MIT's `ggss` table begins: what any GSS mechanism can fail with.
const GGSS_TABLE_BASE: i32 = -2_045_022_976;

/// Where MIT's `krb5` table begins: `ERROR_TABLE_BASE_krb5`.
const KRB5_TABLE_BASE: i32 = -1_765_328_384;

/// Where MIT's `k5e1` table begins, which goes on where the `krb5` table is full.
const K5E1_TABLE_BASE: i32 = -1_750_600_192;

/// Where MIT's `prof` table begins: what is wrong with a configuration file.
const PROF_TABLE_BASE: i32 = -1_429_577_728;

/// Where MIT's `k5g` table begins: what its Kerberos mechanism of GSS adds.
const K5G_TABLE_BASE: i32 = 39_756_032;

/// Where MIT's `asn1` table begins: `ERROR_TABLE_BASE_asn1`.
const ASN1_TABLE_BASE: i32 = 1_859_794_432;

/// Each row once: its constant, its name and its text. The rows are in ascending order of number.
macro_rules! rows {
    ($($base:ident { $($offset:literal $name:ident $description:literal;)* })*) => {
        impl MinorStatus {
            $($(
                #[doc = concat!("`", stringify!($name), "`: ", $description, ".")]
                pub const $name: Self = Self($base + $offset);
            )*)*
        }

        const ROWS: &[Row] = &[
            $($(Row {
                status: MinorStatus::$name,
                name: stringify!($name),
                description: $description,
            },)*)*
        ];
    };
}

rows! {
GGSS_TABLE_BASE {
    0 G_BAD_SERVICE_NAME "the host-based service name has no @";
    1 G_BAD_STRING_UID "the user number is not made of digits";
    2 G_NOUSER "there is no user of this number";
    3 G_VALIDATE_FAILED "the handle is not valid";
    4 G_BUFFER_ALLOC "a buffer could not be allocated";
    5 G_BAD_MSG_CTX "the message context is not valid";
    6 G_WRONG_SIZE "a buffer has the wrong size";
    7 G_BAD_USAGE "the usage of the credential is unknown";
    8 G_UNKNOWN_QOP "the quality of protection is unknown";
    9 G_NO_HOSTNAME "the name of this host could not be determined";
    10 G_BAD_HOSTNAME "the host name could not be canonicalized";
    11 G_WRONG_MECH "the token is of another mechanism";
    12 G_BAD_TOK_HEADER "the header of the token is malformed";
    13 G_BAD_DIRECTION "the token was sent in the other direction";
    14 G_TOK_TRUNC "the token is too short";
    15 G_REFLECT "the token was reflected to its sender";
    16 G_WRONG_TOKID "the token is of another kind than expected";
    17 G_CRED_USAGE_MISMATCH "the credential is not for this use";
    18 G_STORE_ACCEPTOR_CRED_NOSUPP "acceptor credentials can't be stored";
    19 G_STORE_NON_DEFAULT_CRED_NOSUPP "credentials that are not the default can't be stored";
}
KRB5_TABLE_BASE {
    0 KRB5KDC_ERR_NONE "no error";
    1 KRB5KDC_ERR_NAME_EXP "the client's entry in the KDC's database has expired";
    2 KRB5KDC_ERR_SERVICE_EXP "the service's entry in the KDC's database has expired";
    3 KRB5KDC_ERR_BAD_PVNO "the protocol version is not supported";
    4 KRB5KDC_ERR_C_OLD_MAST_KVNO "the client's key is sealed in an old master key";
    5 KRB5KDC_ERR_S_OLD_MAST_KVNO "the service's key is sealed in an old master key";
    6 KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN "the client is not in the KDC's database";
    7 KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN "the service is not in the KDC's database";
    8 KRB5KDC_ERR_PRINCIPAL_NOT_UNIQUE "the principal is more than once in the KDC's database";
    9 KRB5KDC_ERR_NULL_KEY "the client or the service has no key";
    10 KRB5KDC_ERR_CANNOT_POSTDATE "the ticket may not be postdated";
    11 KRB5KDC_ERR_NEVER_VALID "the ticket would end before it begins";
    12 KRB5KDC_ERR_POLICY "the KDC's policy rejects the request";
    13 KRB5KDC_ERR_BADOPTION "the KDC can't grant a requested option";
    14 KRB5KDC_ERR_ETYPE_NOSUPP "the KDC has no key of a requested encryption type";
    15 KRB5KDC_ERR_SUMTYPE_NOSUPP "the KDC does not support the checksum type";
    16 KRB5KDC_ERR_PADATA_TYPE_NOSUPP "the KDC does not support the pre-authentication type";
    17 KRB5KDC_ERR_TRTYPE_NOSUPP "the KDC does not support the transited encoding";
    18 KRB5KDC_ERR_CLIENT_REVOKED "the client is locked or disabled";
    19 KRB5KDC_ERR_SERVICE_REVOKED "the service is locked or disabled";
    20 KRB5KDC_ERR_TGT_REVOKED "the ticket-granting ticket has been revoked";
    21 KRB5KDC_ERR_CLIENT_NOTYET "the client is not valid yet";
    22 KRB5KDC_ERR_SERVICE_NOTYET "the service is not valid yet";
    23 KRB5KDC_ERR_KEY_EXP "the password has expired";
    24 KRB5KDC_ERR_PREAUTH_FAILED "pre-authentication failed";
    25 KRB5KDC_ERR_PREAUTH_REQUIRED "pre-authentication is required";
    26 KRB5KDC_ERR_SERVER_NOMATCH "the ticket is for another service than the one requested";
    27 KRB5KDC_ERR_MUST_USE_USER2USER "the service takes user-to-user tickets only";
    28 KRB5KDC_ERR_PATH_NOT_ACCEPTED "the KDC's policy rejects the transited realms";
    29 KRB5KDC_ERR_SVC_UNAVAILABLE "a service that the KDC needs is not available";
    31 KRB5KRB_AP_ERR_BAD_INTEGRITY "decryption failed: wrong key or damaged data";
    32 KRB5KRB_AP_ERR_TKT_EXPIRED "the ticket has expired";
    33 KRB5KRB_AP_ERR_TKT_NYV "the ticket is not valid yet";
    34 KRB5KRB_AP_ERR_REPEAT "the request is a replay";
    35 KRB5KRB_AP_ERR_NOT_US "the ticket is not for us";
    36 KRB5KRB_AP_ERR_BADMATCH "ticket and authenticator don't match";
    37 KRB5KRB_AP_ERR_SKEW "the clocks are too far apart";
    38 KRB5KRB_AP_ERR_BADADDR "the network address is not one of the ticket's";
    39 KRB5KRB_AP_ERR_BADVERSION "the protocol versions don't match";
    40 KRB5KRB_AP_ERR_MSG_TYPE "the message is of another type than expected";
    41 KRB5KRB_AP_ERR_MODIFIED "the message has been modified";
    42 KRB5KRB_AP_ERR_BADORDER "the message is out of order";
    43 KRB5KRB_AP_ERR_ILL_CR_TKT "the cross-realm ticket is not acceptable";
    44 KRB5KRB_AP_ERR_BADKEYVER "that version of the key is not available";
    45 KRB5KRB_AP_ERR_NOKEY "the service's key is not available";
    46 KRB5KRB_AP_ERR_MUT_FAIL "mutual authentication failed";
    47 KRB5KRB_AP_ERR_BADDIRECTION "the message has the wrong direction";
    48 KRB5KRB_AP_ERR_METHOD "another authentication method is required";
    49 KRB5KRB_AP_ERR_BADSEQ "the sequence number is wrong";
    50 KRB5KRB_AP_ERR_INAPP_CKSUM "the checksum's type is not acceptable here";
    51 KRB5KRB_AP_PATH_NOT_ACCEPTED "policy rejects the transited realms";
    52 KRB5KRB_ERR_RESPONSE_TOO_BIG "the response is too big for a datagram";
    60 KRB5KRB_ERR_GENERIC "an error that only its text explains";
    61 KRB5KRB_ERR_FIELD_TOOLONG "a field is too long for this implementation";
    62 KRB5KDC_ERR_CLIENT_NOT_TRUSTED "the client's certificate is not trusted";
    63 KRB5KDC_ERR_KDC_NOT_TRUSTED "the KDC's certificate is not trusted";
    64 KRB5KDC_ERR_INVALID_SIG "the signature is not valid";
    65 KRB5KDC_ERR_DH_KEY_PARAMETERS_NOT_ACCEPTED "the Diffie-Hellman parameters are not accepted";
    66 KRB5KDC_ERR_CERTIFICATE_MISMATCH "the certificates don't match";
    67 KRB5KRB_AP_ERR_NO_TGT "there is no ticket-granting ticket";
    68 KRB5KDC_ERR_WRONG_REALM "the client belongs to another realm";
    69 KRB5KRB_AP_ERR_USER_TO_USER_REQUIRED "user-to-user authentication is required";
    70 KRB5KDC_ERR_CANT_VERIFY_CERTIFICATE "the certificate can't be verified";
    71 KRB5KDC_ERR_INVALID_CERTIFICATE "the certificate is not valid";
    72 KRB5KDC_ERR_REVOKED_CERTIFICATE "the certificate has been revoked";
    73 KRB5KDC_ERR_REVOCATION_STATUS_UNKNOWN "the certificate's revocation status is not known";
    74 KRB5KDC_ERR_REVOCATION_STATUS_UNAVAILABLE "the certificate's revocation status is not available";
    75 KRB5KDC_ERR_CLIENT_NAME_MISMATCH "the certificate names another client";
    76 KRB5KDC_ERR_KDC_NAME_MISMATCH "the certificate names another KDC";
    77 KRB5KDC_ERR_INCONSISTENT_KEY_PURPOSE "the certificate is for another purpose";
    78 KRB5KDC_ERR_DIGEST_IN_CERT_NOT_ACCEPTED "the certificate's digest is not accepted";
    79 KRB5KDC_ERR_PA_CHECKSUM_MUST_BE_INCLUDED "the checksum of the request is missing";
    80 KRB5KDC_ERR_DIGEST_IN_SIGNED_DATA_NOT_ACCEPTED "the signed data's digest is not accepted";
    81 KRB5KDC_ERR_PUBLIC_KEY_ENCRYPTION_NOT_SUPPORTED "public key encryption is not supported";
    85 KRB5KRB_AP_ERR_IAKERB_KDC_NOT_FOUND "the IAKERB proxy found no KDC";
    86 KRB5KRB_AP_ERR_IAKERB_KDC_NO_RESPONSE "the IAKERB proxy got no answer from a KDC";
    90 KRB5KDC_ERR_PREAUTH_EXPIRED "pre-authentication took too long";
    91 KRB5KDC_ERR_MORE_PREAUTH_DATA_REQUIRED "pre-authentication needs another round";
    93 KRB5KDC_ERR_UNKNOWN_CRITICAL_FAST_OPTION "a critical FAST option is not supported";
    100 KRB5KDC_ERR_NO_ACCEPTABLE_KDF "no offered key derivation function is acceptable";
    129 KRB5_LIBOS_BADLOCKFLAG "not a way to lock a file";
    130 KRB5_LIBOS_CANTREADPWD "the password can't be read";
    131 KRB5_LIBOS_BADPWDMATCH "the two passwords differ";
    132 KRB5_LIBOS_PWDINTR "the password prompt was interrupted";
    133 KRB5_PARSE_ILLCHAR "an illegal character in a principal name";
    134 KRB5_PARSE_MALFORMED "not the text of a principal name";
    135 KRB5_CONFIG_CANTOPEN "the configuration file can't be opened";
    136 KRB5_CONFIG_BADFORMAT "the configuration file is malformed";
    138 KRB5_BADMSGTYPE "not a message type that can be encoded";
    139 KRB5_CC_BADNAME "not the name of a credential cache";
    140 KRB5_CC_UNKNOWN_TYPE "the type of the credential cache is not known";
    141 KRB5_CC_NOTFOUND "no matching credential is in the cache";
    142 KRB5_CC_END "the credential cache has no more entries";
    143 KRB5_NO_TKT_SUPPLIED "the request has no ticket";
    144 KRB5KRB_AP_WRONG_PRINC "the ticket is for another principal";
    145 KRB5KRB_AP_ERR_TKT_INVALID "the ticket's invalid flag is set";
    146 KRB5_PRINC_NOMATCH "ticket and request name different principals";
    147 KRB5_KDCREP_MODIFIED "the KDC's reply does not answer the request";
    148 KRB5_KDCREP_SKEW "the KDC's reply is of another time";
    149 KRB5_IN_TKT_REALM_MISMATCH "client and service of an initial ticket are in different realms";
    150 KRB5_PROG_ETYPE_NOSUPP "the encryption type is not supported here";
    151 KRB5_PROG_KEYTYPE_NOSUPP "the key type is not supported here";
    152 KRB5_WRONG_ETYPE "the message is in another encryption type than requested";
    153 KRB5_PROG_SUMTYPE_NOSUPP "the checksum type is not supported here";
    154 KRB5_REALM_UNKNOWN "no KDC is known for the realm";
    155 KRB5_SERVICE_UNKNOWN "the service is not known";
    156 KRB5_KDC_UNREACH "no KDC of the realm answers";
    157 KRB5_NO_LOCALNAME "the principal has no local name";
    158 KRB5_MUTUAL_FAILED "mutual authentication failed";
    160 KRB5_RC_MALLOC "the replay cache has no more memory";
    161 KRB5_RC_TYPE_NOTFOUND "the type of the replay cache is not known";
    162 KRB5_RC_UNKNOWN "the replay cache failed";
    163 KRB5_RC_REPLAY "the message is a replay";
    164 KRB5_RC_IO "the replay cache can't be read or written";
    165 KRB5_RC_NOIO "the replay cache has no durable storage";
    166 KRB5_RC_PARSE "not the name of a replay cache";
    175 KRB5_LNAME_CANTOPEN "the local name rules can't be opened";
    176 KRB5_LNAME_NOTRANS "the principal has no local name";
    177 KRB5_LNAME_BADFORMAT "the local name rules are malformed";
    178 KRB5_CRYPTO_INTERNAL "the cryptography failed";
    179 KRB5_KT_BADNAME "not the name of a keytab";
    180 KRB5_KT_UNKNOWN_TYPE "the type of the keytab is not known";
    181 KRB5_KT_NOTFOUND "no matching key is in the keytab";
    182 KRB5_KT_END "the keytab has no more entries";
    183 KRB5_KT_NOWRITE "the keytab can't be written to";
    184 KRB5_KT_IOERR "the keytab can't be read or written";
    185 KRB5_NO_TKT_IN_RLM "there is no ticket for the realm";
    188 KRB5_BAD_ENCTYPE "not an encryption type";
    189 KRB5_BAD_KEYSIZE "the key's length is not that of its encryption type";
    190 KRB5_BAD_MSIZE "the length is not possible with this encryption type";
    193 KRB5_CC_IO "the credential cache can't be read or written";
    194 KRB5_FCC_PERM "the credential cache's permissions are wrong";
    195 KRB5_FCC_NOFILE "there is no credential cache";
    196 KRB5_FCC_INTERNAL "the credential cache failed";
    197 KRB5_CC_WRITE "the credential cache can't be written to";
    198 KRB5_CC_NOMEM "no more memory for the credential cache";
    199 KRB5_CC_FORMAT "the credential cache is malformed";
    200 KRB5_CC_NOT_KTYPE "no credential in the cache has a supported encryption type";
    201 KRB5_INVALID_FLAGS "these KDC options don't go together";
    202 KRB5_NO_2ND_TKT "the request has no second ticket";
    203 KRB5_NOCREDS_SUPPLIED "no credentials were given";
    208 KRB5_PREAUTH_BAD_TYPE "the pre-authentication type is not supported here";
    209 KRB5_PREAUTH_NO_KEY "the key for pre-authentication is missing";
    210 KRB5_PREAUTH_FAILED "no offered pre-authentication is possible";
    211 KRB5_RCACHE_BADVNO "the replay cache's version is not supported";
    212 KRB5_CCACHE_BADVNO "the credential cache's version is not supported";
    213 KRB5_KEYTAB_BADVNO "the keytab's version is not supported";
    214 KRB5_PROG_ATYPE_NOSUPP "the address type is not supported here";
    215 KRB5_RC_REQUIRED "a replay cache is required";
    216 KRB5_ERR_BAD_HOSTNAME "the host name can't be canonicalized";
    217 KRB5_ERR_HOST_REALM_UNKNOWN "the realm of the host is not known";
    218 KRB5_SNAME_UNSUPP_NAMETYPE "a name of this type is no service";
    219 KRB5KRB_AP_ERR_V4_REPLY "the reply looks like one of Kerberos version 4";
    220 KRB5_REALM_CANT_RESOLVE "the address of the realm's KDC can't be found";
    221 KRB5_TKT_NOT_FORWARDABLE "the ticket is not forwardable";
    222 KRB5_FWD_BAD_PRINCIPAL "credentials can't be forwarded to this principal";
    223 KRB5_GET_IN_TKT_LOOP "the exchange with the KDC does not end";
    224 KRB5_CONFIG_NODEFREALM "there is no default realm";
    229 KRB5_KT_NAME_TOOLONG "the keytab's name is too long";
    230 KRB5_KT_KVNONOTFOUND "that version of the key is not in the keytab";
    233 KRB5_CHPW_PWDNULL "the new password is empty";
    234 KRB5_CHPW_FAIL "the password was not changed";
    235 KRB5_KT_FORMAT "the keytab is malformed";
    236 KRB5_NOPERM_ETYPE "the encryption type is not permitted";
    237 KRB5_CONFIG_ETYPE_NOSUPP "no permitted encryption type is supported";
    239 KRB5_EAI_FAIL "the address look-up failed";
    240 KRB5_EAI_NODATA "the host has no address";
    241 KRB5_EAI_NONAME "the host is not known";
    242 KRB5_EAI_SERVICE "the port's name is not known";
    243 KRB5_ERR_NUMERIC_REALM "a numeric address has no realm";
    244 KRB5_ERR_BAD_S2K_PARAMS "the KDC's key generation parameters are not acceptable";
    245 KRB5_ERR_NO_SERVICE "the service is not available";
    246 KRB5_CC_READONLY "the credential cache can only be read";
    247 KRB5_CC_NOSUPP "the credential cache can't do this";
    248 KRB5_DELTAT_BADFORMAT "not the text of a duration";
    251 KRB5_ERR_INVALID_UTF8 "not UTF-8";
    252 KRB5_ERR_FAST_REQUIRED "FAST is required and the KDC does not support it";
    253 KRB5_LOCAL_ADDR_REQUIRED "the local address is required";
    254 KRB5_REMOTE_ADDR_REQUIRED "the remote address is required";
}
K5E1_TABLE_BASE {
    5 KRB5_KCC_INVALID_ANCHOR "there is no such kind of keyring for credential caches";
    6 KRB5_KCC_UNKNOWN_VERSION "the version of the keyring collection is not supported";
    7 KRB5_KCC_INVALID_UID "the persistent keyring's user number is not valid";
    8 KRB5_KCM_MALFORMED_REPLY "the KCM daemon's reply is malformed";
    10 KRB5_KCM_REPLY_TOO_BIG "the KCM daemon's reply is too long";
    11 KRB5_KCM_NO_SERVER "there is no KCM daemon";
}
PROF_TABLE_BASE {
    7 PROF_BAD_GROUP_LVL "sections of the configuration are nested wrongly";
    13 PROF_SECTION_NOTOP "a section of the configuration begins within braces";
    14 PROF_SECTION_SYNTAX "a section's header in the configuration is malformed";
    15 PROF_RELATION_SYNTAX "a relation in the configuration is malformed";
    16 PROF_EXTRA_CBRACE "a closing brace in the configuration closes nothing";
    17 PROF_MISSING_OBRACE "an opening brace is missing in the configuration";
    31 PROF_FAIL_INCLUDE_FILE "a file that the configuration includes can't be read";
    32 PROF_FAIL_INCLUDE_DIR "a directory that the configuration includes can't be read";
    35 PROF_MODULE "the configuration asks for a module";
}
K5G_TABLE_BASE {
    0 KG_CCACHE_NOMATCH "the credential cache is of another principal than the desired name";
    1 KG_KEYTAB_NOMATCH "the keytab has no key of the desired name";
    2 KG_TGT_MISSING "the credential cache has no ticket-granting ticket";
    3 KG_NO_SUBKEY "the authenticator has no subkey";
    4 KG_CONTEXT_ESTABLISHED "the context is established already";
    5 KG_BAD_SIGN_TYPE "the signature type of the token is unknown";
    6 KG_BAD_LENGTH "a length in the token is wrong";
    7 KG_CTX_INCOMPLETE "the context is not established yet";
    8 KG_CONTEXT "the context is not a Kerberos context";
    9 KG_CRED "the credential is not a Kerberos credential";
    10 KG_ENC_DESC "the encryption descriptor is not valid";
    11 KG_BAD_SEQ "the sequence number of the token is damaged";
    12 KG_EMPTY_CCACHE "the credential cache is empty";
    13 KG_NO_CTYPES "initiator and acceptor share no checksum type";
    14 KG_LUCID_VERSION "the version of the lucid context is not supported";
    15 KG_INPUT_TOO_LONG "the input of the pseudo-random function is too long";
    16 KG_IAKERB_CONTEXT "the context is not an IAKERB context";
}
ASN1_TABLE_BASE {
    0 ASN1_BAD_TIMEFORMAT "not a Kerberos time";
    1 ASN1_MISSING_FIELD "a field is missing";
    2 ASN1_MISPLACED_FIELD "a field is out of place";
    3 ASN1_TYPE_MISMATCH "a field is of another type";
    4 ASN1_OVERFLOW "a value is too large";
    5 ASN1_OVERRUN "the encoding ends too soon";
    6 ASN1_BAD_ID "an identifier is wrong";
    7 ASN1_BAD_LENGTH "a length is wrong";
    8 ASN1_BAD_FORMAT "the encoding is malformed";
    9 ASN1_PARSE_ERROR "the encoding can't be read";
}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_ascend_so_that_the_search_finds_each() {
        assert!(ROWS.windows(2).all(|pair| pair[0].status < pair[1].status));
        for row in ROWS {
            assert_eq!(row.status.name(), Some(row.name));
            assert_eq!(row.status.description(), Some(row.description));
        }
    }

    #[test]
    fn numbers_are_those_of_mits_header() {
        assert_eq!(
            MinorStatus::KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN.number(),
            -1_765_328_378
        );
        assert_eq!(
            MinorStatus::KRB5KRB_AP_ERR_BAD_INTEGRITY.number(),
            -1_765_328_353
        );
        assert_eq!(MinorStatus::KRB5_CC_NOTFOUND.number(), -1_765_328_243);
        assert_eq!(MinorStatus::KRB5_KDC_UNREACH.number(), -1_765_328_228);
        assert_eq!(MinorStatus::KRB5_KT_NOTFOUND.number(), -1_765_328_203);
        assert_eq!(MinorStatus::KRB5_FCC_NOFILE.number(), -1_765_328_189);
        assert_eq!(
            MinorStatus::KRB5_REMOTE_ADDR_REQUIRED.number(),
            -1_765_328_130
        );
        assert_eq!(MinorStatus::ASN1_PARSE_ERROR.number(), 1_859_794_441);
        assert_eq!(MinorStatus::G_BAD_SERVICE_NAME.number(), -2_045_022_976);
        assert_eq!(MinorStatus::KG_EMPTY_CCACHE.number(), 39_756_044);
    }

    #[test]
    fn protocol_codes_map_both_ways_and_local_ones_have_no_code() {
        for code in 0..=127 {
            let status = MinorStatus::from_rfc_code(ErrorCode(code));
            assert_eq!(status.rfc_code(), Some(ErrorCode(code)));
        }
        assert_eq!(MinorStatus::KRB5_CC_NOTFOUND.rfc_code(), None);
        assert_eq!(MinorStatus::from_number(i32::MAX).rfc_code(), None);
        assert_eq!(MinorStatus::from_number(i32::MIN).rfc_code(), None);
    }

    #[test]
    fn a_code_outside_of_the_table_is_generic() {
        for code in [-1, 128, i32::MIN, i32::MAX] {
            let status = MinorStatus::from_rfc_code(ErrorCode(code));
            assert_eq!(status, MinorStatus::KRB5KRB_ERR_GENERIC);
        }
    }

    #[test]
    fn the_gss_form_keeps_all_bits() {
        let status = MinorStatus::KRB5KRB_AP_ERR_SKEW;
        assert_eq!(status.to_gss(), 2_529_638_949);
        assert_eq!(MinorStatus::from_gss(status.to_gss()), status);
    }
}
