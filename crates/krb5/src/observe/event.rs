//! What can happen.

use core::fmt::{self, Display};

use orthros_asn1::{EncryptionType, PaData, PaDataType};
use orthros_crypto::Enctype;
use orthros_types::Principal;

use crate::PeerError;
use crate::dns::{DnsQuestion, DnsRecord};
use crate::failover::{KdcAddress, Protocol};

/// Something that happens. `Display` gives the line of a trace, in the words of MIT's library where that has such a
/// line.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Event<'a> {
    /// An AS exchange begins.
    InitialCredentials {
        /// The client.
        client: &'a Principal,
    },
    /// An AS-REQ without preauthentication is made.
    UnauthenticatedRequest,
    /// All requests from here on are under FAST armor: the KDC offers it, and there is a ticket for it.
    ArmorOffered,
    /// A KRB-ERROR came from a KDC.
    KdcError {
        /// What it says. Unless there is armor it may be forged.
        error: &'a PeerError,
    },
    /// The KDC's reply is too big for a datagram: the request is sent over a stream.
    ReplyTooBig,
    /// The client belongs to another realm, and is asked for there.
    ClientReferral {
        /// That realm.
        realm: &'a [u8],
    },
    /// The KDC offers preauthentication, or wants another round of it.
    PreauthOffered {
        /// The elements of the METHOD-DATA.
        offered: PadataTypes<'a>,
    },
    /// How the client's key is made.
    KeyHint {
        /// The enctype.
        enctype: Enctype,
        /// The salt; none where it is the default one.
        salt: Option<&'a [u8]>,
    },
    /// A mechanism was chosen.
    PreauthChosen {
        /// Its type.
        mechanism: PaDataType,
    },
    /// A mechanism has failed, and gives way to another one where there is one.
    PreauthFailed {
        /// Its type.
        mechanism: PaDataType,
        /// Why.
        reason: &'a dyn Display,
    },
    /// A request with preauthentication is made.
    PreauthMade {
        /// The elements of its padata.
        padata: PadataTypes<'a>,
    },
    /// A reply with an initial ticket was decrypted and is the one that was asked for.
    InitialTicket {
        /// The client in the ticket.
        client: &'a Principal,
        /// The service.
        service: &'a Principal,
        /// The enctype of the session key.
        session_key: EncryptionType,
        /// Whether the KDC has shown that it knows FAST.
        fast_available: bool,
    },
    /// A ticket is looked for in a cache.
    CacheLookup {
        /// The cache.
        cache: &'a dyn Display,
        /// The client.
        client: &'a Principal,
        /// The service.
        service: &'a Principal,
        /// Whether a ticket was there that has not expired.
        found: bool,
    },
    /// A TGS-REQ is made.
    TicketRequest {
        /// The service that a ticket is asked for.
        service: &'a Principal,
        /// The service of the ticket that it is asked with.
        header: &'a Principal,
    },
    /// A reply with a service ticket was decrypted.
    ServiceTicket {
        /// The client in the ticket.
        client: &'a Principal,
        /// The service.
        service: &'a Principal,
        /// The enctype of the session key.
        session_key: EncryptionType,
    },
    /// A request goes to the KDCs, or password servers, of a realm.
    Sending {
        /// Bytes of the request.
        length: usize,
        /// The realm.
        realm: &'a [u8],
        /// Whether only primary ones are asked.
        primary: bool,
        /// Whether only streams are used.
        stream_only: bool,
    },
    /// Records are asked of the DNS.
    DnsAsked {
        /// Which ones.
        question: &'a DnsQuestion,
    },
    /// The DNS has a record.
    DnsRecord {
        /// Its data.
        record: &'a DnsRecord,
    },
    /// The DNS has no such records.
    DnsEmpty {
        /// What was asked for.
        question: &'a DnsQuestion,
    },
    /// No name server has answered.
    DnsFailed {
        /// Why, server by server.
        reason: &'a dyn Display,
    },
    /// A server's addresses are asked of the resolver.
    Resolving {
        /// Its name.
        host: &'a str,
    },
    /// A server has no address, or none that the resolver knows.
    NotResolved {
        /// Its name.
        host: &'a str,
        /// What the resolver says.
        reason: &'a dyn Display,
    },
    /// No server of a realm can be found, or none has answered.
    NoReply {
        /// The realm.
        realm: &'a [u8],
        /// Why, server by server.
        reason: &'a dyn Display,
    },
    /// A request is sent to a server, or a connection for it begun.
    Attempt {
        /// The server.
        address: &'a KdcAddress,
        /// By which protocol.
        protocol: Protocol,
        /// Whether it was sent there before.
        is_retry: bool,
    },
    /// A connection failed.
    AttemptFailed {
        /// The server.
        address: &'a KdcAddress,
        /// By which protocol.
        protocol: Protocol,
        /// What the system says.
        reason: &'a dyn Display,
    },
    /// A server has answered.
    Received {
        /// Bytes of the reply.
        length: usize,
        /// The server.
        address: &'a KdcAddress,
        /// By which protocol.
        protocol: Protocol,
    },
    /// A cache is begun anew.
    CacheInitialized {
        /// The cache.
        cache: &'a dyn Display,
        /// Whose it is.
        client: &'a Principal,
    },
    /// A ticket, or a note, is put into a cache.
    CacheStored {
        /// The cache.
        cache: &'a dyn Display,
        /// The client.
        client: &'a Principal,
        /// The service.
        service: &'a Principal,
    },
    /// A cache is ended.
    CacheDestroyed {
        /// The cache.
        cache: &'a dyn Display,
    },
    /// A key is looked for in a keytab.
    KeytabLookup {
        /// The keytab.
        keytab: &'a dyn Display,
        /// Whose key.
        principal: &'a Principal,
        /// Of which version; any, if none is given.
        kvno: Option<u32>,
        /// Of which enctype; any, if none is given.
        enctype: Option<EncryptionType>,
        /// What came of it.
        result: KeytabResult<'a>,
    },
    /// An initiator has made its AP-REQ.
    ApReqMade {
        /// The client.
        client: &'a Principal,
        /// The acceptor.
        service: &'a Principal,
    },
    /// An acceptor has taken an AP-REQ.
    ApReqAccepted {
        /// The client in the ticket.
        client: &'a Principal,
        /// The service that the ticket is for.
        service: &'a Principal,
        /// The enctype of the ticket's session key.
        session_key: Enctype,
    },
    /// An acceptor has refused an AP-REQ.
    ApReqRefused {
        /// Why.
        reason: &'a dyn Display,
    },
    /// An initiator has taken the acceptor's AP-REP.
    ApRepAccepted {
        /// The acceptor.
        service: &'a Principal,
        /// The enctype of the ticket's session key.
        session_key: Enctype,
    },
}

/// The types of elements of preauthentication. What is in the elements is for the KDC alone.
#[derive(Clone, Copy)]
pub struct PadataTypes<'a>(&'a [PaData]);

impl<'a> PadataTypes<'a> {
    pub(crate) const fn of(padata: &'a [PaData]) -> Self {
        Self(padata)
    }

    /// The types, in the order in which the elements stand.
    pub fn iter(self) -> impl Iterator<Item = PaDataType> + use<'a> {
        self.0.iter().map(|element| element.padata_type)
    }
}

impl fmt::Debug for PadataTypes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// What came of a look-up in a keytab.
#[derive(Clone, Copy)]
pub enum KeytabResult<'a> {
    /// A key was found.
    Found,
    /// There is none, or the keytab can't be read.
    Failed(&'a dyn Display),
}

impl fmt::Debug for KeytabResult<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Found => f.write_str("Found"),
            Self::Failed(reason) => write!(f, "Failed({reason})"),
        }
    }
}
