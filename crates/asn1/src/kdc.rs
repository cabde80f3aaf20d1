//! The AS and TGS exchanges, RFC 4120 section 5.4.

use alloc::vec::Vec;

use rasn::types::{Constraints, Tag};
use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

use crate::{
    EncryptedData, EncryptionKey, EncryptionType, Exactly, HostAddresses, KdcOptions, KerberosTime,
    LastReqType, MessageType, MethodData, PrincipalName, Raw, Realm, Ticket, TicketFlags, UInt32,
};

/// A request for an initial ticket, RFC 4120 section 5.4.1.
///
/// ```text
/// AS-REQ ::= [APPLICATION 10] KDC-REQ
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
#[rasn(tag(explicit(application, 10)), delegate)]
pub struct AsReq(pub KdcReq<{ MessageType::AS_REQ.0 }>);

/// A request for a ticket that shows another one, RFC 4120 section 5.4.1.
///
/// ```text
/// TGS-REQ ::= [APPLICATION 12] KDC-REQ
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
#[rasn(tag(explicit(application, 12)), delegate)]
pub struct TgsReq(pub KdcReq<{ MessageType::TGS_REQ.0 }>);

/// What AS-REQ and TGS-REQ have in common, RFC 4120 section 5.4.1. `MSG` is its message type.
///
/// ```text
/// KDC-REQ ::= SEQUENCE {
///         -- NOTE: first tag is [1], not [0]
///         pvno            [1] INTEGER (5),
///         msg-type        [2] INTEGER (10 -- AS -- | 12 -- TGS --),
///         padata          [3] SEQUENCE OF PA-DATA OPTIONAL
///                             -- NOTE: not empty --,
///         req-body        [4] KDC-REQ-BODY
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
pub struct KdcReq<const MSG: i32> {
    /// The version of the protocol.
    #[rasn(tag(explicit(1)))]
    pub pvno: Exactly<5>,
    /// The type of the message.
    #[rasn(tag(explicit(2)))]
    pub msg_type: Exactly<MSG>,
    /// Preauthentication, and whatever else extends the protocol.
    #[rasn(tag(explicit(3)))]
    pub padata: Option<MethodData>,
    /// The request. In a TGS-REQ its octets are what the authenticator's checksum covers.
    #[rasn(tag(explicit(4)))]
    pub req_body: Raw<KdcReqBody>,
}

/// What is asked for, RFC 4120 section 5.4.1.
///
/// ```text
/// KDC-REQ-BODY ::= SEQUENCE {
///         kdc-options             [0] KDCOptions,
///         cname                   [1] PrincipalName OPTIONAL
///                                     -- Used only in AS-REQ --,
///         realm                   [2] Realm
///                                     -- Server's realm
///                                     -- Also client's in AS-REQ --,
///         sname                   [3] PrincipalName OPTIONAL,
///         from                    [4] KerberosTime OPTIONAL,
///         till                    [5] KerberosTime,
///         rtime                   [6] KerberosTime OPTIONAL,
///         nonce                   [7] UInt32,
///         etype                   [8] SEQUENCE OF Int32 -- EncryptionType
///                                     -- in preference order --,
///         addresses               [9] HostAddresses OPTIONAL,
///         enc-authorization-data  [10] EncryptedData OPTIONAL
///                                     -- AuthorizationData --,
///         additional-tickets      [11] SEQUENCE OF Ticket OPTIONAL
///                                     -- NOTE: not empty
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
pub struct KdcReqBody {
    /// What the ticket should be, and how to make it.
    #[rasn(tag(explicit(0)))]
    pub kdc_options: KdcOptions,
    /// The client, in an AS-REQ.
    #[rasn(tag(explicit(1)))]
    pub cname: Option<PrincipalName>,
    /// The realm of the service, in an AS-REQ also the client's.
    #[rasn(tag(explicit(2)))]
    pub realm: Realm,
    /// The service. Absent only with [`KdcOptions::ENC_TKT_IN_SKEY`].
    #[rasn(tag(explicit(3)))]
    pub sname: Option<PrincipalName>,
    /// When a postdated ticket should start.
    #[rasn(tag(explicit(4)))]
    pub from: Option<KerberosTime>,
    /// When the ticket should end; [`KerberosTime::EPOCH`] asks for as late as possible.
    #[rasn(tag(explicit(5)))]
    pub till: KerberosTime,
    /// Until when the ticket should be renewable.
    #[rasn(tag(explicit(6)))]
    pub rtime: Option<KerberosTime>,
    /// A random number that the reply repeats. MIT's KDC refuses 2^31 and above.
    #[rasn(tag(explicit(7)))]
    pub nonce: UInt32,
    /// The encryption types that the client can use, the best first.
    #[rasn(tag(explicit(8)))]
    pub etype: Vec<EncryptionType>,
    /// The addresses to put into the ticket.
    #[rasn(tag(explicit(9)))]
    pub addresses: Option<HostAddresses>,
    /// Authorization data to put into the ticket, encrypted.
    #[rasn(tag(explicit(10)))]
    pub enc_authorization_data: Option<EncryptedData>,
    /// Tickets that the options refer to, as they were received.
    #[rasn(tag(explicit(11)))]
    pub additional_tickets: Option<Vec<Raw<Ticket>>>,
}

/// The reply to an AS-REQ, RFC 4120 section 5.4.2.
///
/// ```text
/// AS-REP ::= [APPLICATION 11] KDC-REP
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
#[rasn(tag(explicit(application, 11)), delegate)]
pub struct AsRep(pub KdcRep<{ MessageType::AS_REP.0 }>);

/// The reply to a TGS-REQ, RFC 4120 section 5.4.2.
///
/// ```text
/// TGS-REP ::= [APPLICATION 13] KDC-REP
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
#[rasn(tag(explicit(application, 13)), delegate)]
pub struct TgsRep(pub KdcRep<{ MessageType::TGS_REP.0 }>);

/// What AS-REP and TGS-REP have in common, RFC 4120 section 5.4.2. `MSG` is its message type.
///
/// ```text
/// KDC-REP ::= SEQUENCE {
///         pvno            [0] INTEGER (5),
///         msg-type        [1] INTEGER (11 -- AS -- | 13 -- TGS --),
///         padata          [2] SEQUENCE OF PA-DATA OPTIONAL
///                                 -- NOTE: not empty --,
///         crealm          [3] Realm,
///         cname           [4] PrincipalName,
///         ticket          [5] Ticket,
///         enc-part        [6] EncryptedData
///                                 -- EncASRepPart or EncTGSRepPart,
///                                 -- as appropriate
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
pub struct KdcRep<const MSG: i32> {
    /// The version of the protocol.
    #[rasn(tag(explicit(0)))]
    pub pvno: Exactly<5>,
    /// The type of the message.
    #[rasn(tag(explicit(1)))]
    pub msg_type: Exactly<MSG>,
    /// Preauthentication, and whatever else extends the protocol.
    #[rasn(tag(explicit(2)))]
    pub padata: Option<MethodData>,
    /// The realm of the client.
    #[rasn(tag(explicit(3)))]
    pub crealm: Realm,
    /// The client.
    #[rasn(tag(explicit(4)))]
    pub cname: PrincipalName,
    /// The new ticket, as it is to be sent to the service.
    #[rasn(tag(explicit(5)))]
    pub ticket: Raw<Ticket>,
    /// An [`EncAsRepPart`] in the client's key, or an [`EncTgsRepPart`] in the session key or the
    /// subkey.
    #[rasn(tag(explicit(6)))]
    pub enc_part: EncryptedData,
}

/// The encrypted part of an AS-REP, RFC 4120 section 5.4.2.
///
/// ```text
/// EncASRepPart ::= [APPLICATION 25] EncKDCRepPart
/// ```
///
/// MIT's KDC tags it as an [`EncTgsRepPart`], and so may others: it is accepted under either tag.
#[derive(AsnType, Encode, Clone, Debug, PartialEq, Eq)]
#[rasn(tag(explicit(application, 25)), delegate)]
pub struct EncAsRepPart(pub EncKdcRepPart);

/// The encrypted part of a TGS-REP, RFC 4120 section 5.4.2.
///
/// ```text
/// EncTGSRepPart ::= [APPLICATION 26] EncKDCRepPart
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
#[rasn(tag(explicit(application, 26)), delegate)]
pub struct EncTgsRepPart(pub EncKdcRepPart);

/// What only the client can read of a KDC's reply, RFC 4120 section 5.4.2.
///
/// ```text
/// EncKDCRepPart ::= SEQUENCE {
///         key                     [0] EncryptionKey,
///         last-req                [1] LastReq,
///         nonce                   [2] UInt32,
///         key-expiration          [3] KerberosTime OPTIONAL,
///         flags                   [4] TicketFlags,
///         authtime                [5] KerberosTime,
///         starttime               [6] KerberosTime OPTIONAL,
///         endtime                 [7] KerberosTime,
///         renew-till              [8] KerberosTime OPTIONAL,
///         srealm                  [9] Realm,
///         sname                   [10] PrincipalName,
///         caddr                   [11] HostAddresses OPTIONAL,
///         encrypted-pa-data       [12] SEQUENCE OF PA-DATA OPTIONAL
///                                 -- RFC 6806, section 11
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
pub struct EncKdcRepPart {
    /// The session key of the ticket.
    #[rasn(tag(explicit(0)))]
    pub key: EncryptionKey,
    /// When the client last asked for something.
    #[rasn(tag(explicit(1)))]
    pub last_req: LastReq,
    /// The nonce of the request.
    #[rasn(tag(explicit(2)))]
    pub nonce: UInt32,
    /// When the client's long-term key expires.
    #[rasn(tag(explicit(3)))]
    pub key_expiration: Option<KerberosTime>,
    /// The flags of the ticket.
    #[rasn(tag(explicit(4)))]
    pub flags: TicketFlags,
    /// When the client was first authenticated.
    #[rasn(tag(explicit(5)))]
    pub authtime: KerberosTime,
    /// When the ticket becomes valid; absent means `authtime`.
    #[rasn(tag(explicit(6)))]
    pub starttime: Option<KerberosTime>,
    /// When the ticket ends.
    #[rasn(tag(explicit(7)))]
    pub endtime: KerberosTime,
    /// Until when the ticket can be renewed.
    #[rasn(tag(explicit(8)))]
    pub renew_till: Option<KerberosTime>,
    /// The realm of the service.
    #[rasn(tag(explicit(9)))]
    pub srealm: Realm,
    /// The service.
    #[rasn(tag(explicit(10)))]
    pub sname: PrincipalName,
    /// The addresses in the ticket.
    #[rasn(tag(explicit(11)))]
    pub caddr: Option<HostAddresses>,
    /// Preauthentication data that only the KDC can have written.
    #[rasn(tag(explicit(12)))]
    pub encrypted_pa_data: Option<MethodData>,
}

/// When the client last asked for something, RFC 4120 section 5.4.2.
///
/// ```text
/// LastReq ::= SEQUENCE OF SEQUENCE {
///         lr-type         [0] Int32,
///         lr-value        [1] KerberosTime
/// }
/// ```
pub type LastReq = Vec<LastReqEntry>;

/// One element of [`LastReq`].
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct LastReqEntry {
    /// What happened at `lr_value`.
    #[rasn(tag(explicit(0)))]
    pub lr_type: LastReqType,
    /// When it did, or will.
    #[rasn(tag(explicit(1)))]
    pub lr_value: KerberosTime,
}

impl Decode for EncAsRepPart {
    fn decode_with_tag_and_constraints<D: Decoder>(
        decoder: &mut D,
        tag: Tag,
        _: &Constraints,
    ) -> Result<Self, D::Error> {
        match decoder.decode_optional_with_explicit_prefix(tag)? {
            Some(part) => Ok(Self(part)),
            None => EncTgsRepPart::decode(decoder).map(|part| Self(part.0)),
        }
    }
}
