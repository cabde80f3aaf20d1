//! Message, name, address, authorization-data, last-request and transited-encoding types.

use rasn::{AsnType, Decode, Encode};

use super::numbers;

numbers! {
    /// A message type, RFC 4120 section 7.5.7.
    MessageType {
        AS_REQ = 10: "request for initial authentication",
        AS_REP = 11: "response to AS-REQ",
        TGS_REQ = 12: "request for authentication based on a ticket-granting ticket",
        TGS_REP = 13: "response to TGS-REQ",
        AP_REQ = 14: "application request to a server",
        AP_REP = 15: "response to AP-REQ, for mutual authentication",
        KRB_TGT_REQ = 16: "request for a server's ticket-granting ticket, user-to-user",
        KRB_TGT_REP = 17: "response to KRB-TGT-REQ",
        KRB_SAFE = 20: "application message with a checksum",
        KRB_PRIV = 21: "application message, encrypted",
        KRB_CRED = 22: "message that forwards credentials",
        KRB_ERROR = 30: "error response",
    }
}

numbers! {
    /// A name type, RFC 4120 section 6.2 and its successors.
    NameType {
        UNKNOWN = 0: "not known",
        PRINCIPAL = 1: "just the name of the principal: of a user, mostly",
        SRV_INST = 2: "a service and its instance; krbtgt",
        SRV_HST = 3: "a service and its host",
        SRV_XHST = 4: "a service and its host, of several components",
        UID = 5: "a unique identifier",
        X500_PRINCIPAL = 6: "an encoded X.500 distinguished name, RFC 2253",
        SMTP_NAME = 7: "the form of an SMTP mail address",
        ENTERPRISE = 10: "an enterprise name, which may be mapped to a principal; RFC 6806",
        WELLKNOWN = 11: "a well-known name, RFC 8062",
        SRV_HST_DOMAIN = 12: "a service, its host and its domain, RFC 5179",
        MS_PRINCIPAL = -128: "Windows 2000 UPN and SID",
        MS_PRINCIPAL_AND_ID = -129: "NT 4 style name",
        ENT_PRINCIPAL_AND_ID = -130: "NT 4 style name and SID",
    }
}

numbers! {
    /// An address type, RFC 4120 section 7.5.3.
    AddressType {
        IPV4 = 2: "IPv4",
        DIRECTIONAL = 3: "directional, RFC 4120 section 7.1",
        CHAOSNET = 5: "MIT Chaosnet",
        XNS = 6: "XNS",
        ISO = 7: "ISO",
        DECNET = 12: "phase IV DEC network",
        APPLETALK = 16: "Apple datagrams, DDP",
        NETBIOS = 20: "NETBIOS",
        IPV6 = 24: "IPv6",
    }
}

numbers! {
    /// An authorization data type, RFC 4120 section 5.2.6 and the IANA registry.
    AdType {
        IF_RELEVANT = 1: "elements that may be ignored where they are not known",
        KDC_ISSUED = 4: "elements with the KDC's checksum",
        AND_OR = 5: "elements of which some number must hold",
        MANDATORY_TICKET_EXTENSIONS = 6: "ticket extensions that must be there",
        IN_TICKET_EXTENSIONS = 7: "elements that are in the ticket extensions",
        MANDATORY_FOR_KDC = 8: "elements that a KDC must know",
        INITIAL_VERIFIED_CAS = 9: "certification authorities of the client's certificate, RFC 4556",
        OSF_DCE = 64: "OSF DCE",
        SESAME = 65: "SESAME",
        FX_FAST_ARMOR = 71: "ticket for use as FAST armor only, RFC 6113",
        FX_FAST_USED = 72: "FAST was used, RFC 6113",
        CAMMAC = 96: "container authenticated by multiple MACs, RFC 7751",
        AUTHENTICATION_INDICATOR = 97: "how the client was authenticated, RFC 8129",
        WIN2K_PAC = 128: "privilege attribute certificate, MS-PAC",
        ETYPE_NEGOTIATION = 129: "encryption types of the client for the subkey, RFC 4537",
        KERB_AUTH_DATA_TOKEN_RESTRICTIONS = 141: "token restrictions, MS-KILE section 2.2.6",
        KERB_LOCAL = 142: "local to the client's host, MS-KILE section 2.2.4",
        AP_OPTIONS = 143: "options such as for channel bindings, MS-KILE section 2.2.7",
        TARGET_PRINCIPAL = 144: "the service name the client meant, MS-KILE section 3.2.5.8",
        SIGNTICKET = 512: "a KDC's signature over the ticket, of MIT and Heimdal before the PAC had one",
    }
}

numbers! {
    /// What an entry of [`LastReq`](crate::LastReq) is about, RFC 4120 section 5.4.2.
    /// Negative values are about the responding server only.
    LastReqType {
        NONE = 0: "nothing",
        LAST_TGT = 1: "last request for a ticket-granting ticket",
        LAST_INITIAL = 2: "last initial request",
        NEWEST_TGT_ISSUE = 3: "issue of the newest ticket-granting ticket in use",
        LAST_RENEWAL = 4: "last renewal",
        LAST_REQ = 5: "last request of any kind",
        PW_EXPTIME = 6: "expiry of the password",
        ACCT_EXPTIME = 7: "expiry of the account",
    }
}

numbers! {
    /// How [`TransitedEncoding`](crate::TransitedEncoding) is written, RFC 4120 section 7.5.5.
    TransitedType {
        DOMAIN_X500_COMPRESS = 1: "the realms, compressed; RFC 4120 section 3.3.3.2",
    }
}
