//! Tickets, RFC 4120 section 5.3.

use rasn::types::{Class, Constraints, Tag};
use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

use crate::fields::{Contents, primitive};
use crate::{
    AuthorizationData, DecodeErrorKind, EncryptedData, EncryptionKey, Exactly, HostAddresses,
    KerberosTime, Octets, PrincipalName, Realm, TicketFlags, TransitedType, limits,
};

/// What a client shows a service, RFC 4120 section 5.3.
///
/// ```text
/// Ticket ::= [APPLICATION 1] SEQUENCE {
///         tkt-vno         [0] INTEGER (5),
///         realm           [1] Realm,
///         sname           [2] PrincipalName,
///         enc-part        [3] EncryptedData -- EncTicketPart
/// }
/// ```
///
/// Fields that a peer adds behind these are passed over, and kept where the ticket is a
/// [`Raw`](crate::Raw).
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
#[rasn(tag(explicit(application, 1)))]
pub struct Ticket {
    /// The version of the ticket format.
    #[rasn(tag(explicit(0)))]
    pub tkt_vno: Exactly<5>,
    /// The realm that issued the ticket, which is the realm of the service.
    #[rasn(tag(explicit(1)))]
    pub realm: Realm,
    /// The service.
    #[rasn(tag(explicit(2)))]
    pub sname: PrincipalName,
    /// An [`EncTicketPart`] in the key of the service.
    #[rasn(tag(explicit(3)))]
    pub enc_part: EncryptedData,
}

/// What only the KDC and the service can read of a ticket, RFC 4120 section 5.3.
///
/// ```text
/// EncTicketPart ::= [APPLICATION 3] SEQUENCE {
///         flags                   [0] TicketFlags,
///         key                     [1] EncryptionKey,
///         crealm                  [2] Realm,
///         cname                   [3] PrincipalName,
///         transited               [4] TransitedEncoding,
///         authtime                [5] KerberosTime,
///         starttime               [6] KerberosTime OPTIONAL,
///         endtime                 [7] KerberosTime,
///         renew-till              [8] KerberosTime OPTIONAL,
///         caddr                   [9] HostAddresses OPTIONAL,
///         authorization-data      [10] AuthorizationData OPTIONAL
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
#[rasn(tag(explicit(application, 3)))]
pub struct EncTicketPart {
    /// Properties of the ticket.
    #[rasn(tag(explicit(0)))]
    pub flags: TicketFlags,
    /// The session key.
    #[rasn(tag(explicit(1)))]
    pub key: EncryptionKey,
    /// The realm of the client.
    #[rasn(tag(explicit(2)))]
    pub crealm: Realm,
    /// The client.
    #[rasn(tag(explicit(3)))]
    pub cname: PrincipalName,
    /// The realms between the client's and the service's.
    #[rasn(tag(explicit(4)))]
    pub transited: TransitedEncoding,
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
    /// The addresses that it may be used from; absent or empty means any.
    #[rasn(tag(explicit(9)))]
    pub caddr: Option<HostAddresses>,
    /// Restrictions, and statements about the client.
    #[rasn(tag(explicit(10)))]
    pub authorization_data: Option<AuthorizationData>,
}

/// The realms that took part in authenticating the client, RFC 4120 section 5.3.
///
/// ```text
/// TransitedEncoding ::= SEQUENCE {
///         tr-type         [0] Int32 -- must be registered --,
///         contents        [1] OCTET STRING
/// }
/// ```
///
/// Its contents have up to [`limits::TRANSITED_OCTETS`].
#[derive(AsnType, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct TransitedEncoding {
    /// How `contents` is written.
    #[rasn(tag(explicit(0)))]
    pub tr_type: TransitedType,
    /// The realms; RFC 4120 section 3.3.3.2 for [`TransitedType::DOMAIN_X500_COMPRESS`].
    #[rasn(tag(explicit(1)))]
    pub contents: Octets,
}

impl Decode for TransitedEncoding {
    fn decode_with_tag_and_constraints<D: Decoder>(
        decoder: &mut D,
        tag: Tag,
        _: &Constraints,
    ) -> Result<Self, D::Error> {
        decoder.decode_sequence(tag, None::<fn() -> Self>, |fields| {
            let tr_type = fields.decode_explicit_prefix(Tag::new(Class::Context, 0))?;
            let TransitedContents(contents) =
                fields.decode_explicit_prefix(Tag::new(Class::Context, 1))?;
            Ok(Self { tr_type, contents })
        })
    }
}

/// The contents of a [`TransitedEncoding`], which have a limit.
struct TransitedContents(Octets);

impl Contents for TransitedContents {
    const TAG: Tag = Tag::OCTET_STRING;
    const LIMIT: usize = limits::TRANSITED_OCTETS;

    fn read(contents: &[u8]) -> Result<Self, DecodeErrorKind> {
        Ok(Self(contents.into()))
    }

    fn write(&self) -> impl AsRef<[u8]> {
        &*self.0
    }
}

primitive!(TransitedContents);
