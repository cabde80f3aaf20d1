//! The lines of a trace. Where MIT's library has a line for an event it is worded like that one, so that what
//! administrators and their scripts look for is found.

use core::fmt::{self, Display, Formatter};

use orthros_asn1::{EncryptionType, PaDataType};
use orthros_crypto::Enctype;
use orthros_types::Shown;

use super::{Event, KeytabResult, PadataTypes};
use crate::PeerError;
use crate::dns::{DnsQuestion, DnsRecord, RecordType, SrvRecord, UriRecord};
use crate::failover::{KdcAddress, Protocol};

impl Display for Event<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::InitialCredentials { .. }
            | Self::UnauthenticatedRequest
            | Self::ArmorOffered
            | Self::KdcError { .. }
            | Self::ReplyTooBig
            | Self::ClientReferral { .. }
            | Self::InitialTicket { .. }
            | Self::TicketRequest { .. }
            | Self::ServiceTicket { .. } => exchange(self, f),
            Self::PreauthOffered { .. }
            | Self::KeyHint { .. }
            | Self::PreauthChosen { .. }
            | Self::PreauthFailed { .. }
            | Self::PreauthMade { .. } => preauth(self, f),
            Self::DnsAsked { .. }
            | Self::DnsRecord { .. }
            | Self::DnsEmpty { .. }
            | Self::DnsFailed { .. } => dns(self, f),
            Self::Sending { .. }
            | Self::Resolving { .. }
            | Self::NotResolved { .. }
            | Self::NoReply { .. }
            | Self::Attempt { .. }
            | Self::AttemptFailed { .. }
            | Self::Received { .. } => network(self, f),
            _ => local(self, f),
        }
    }
}

impl fmt::Debug for Event<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "Event({self})")
    }
}

/// What happens within exchanges with a KDC.
fn exchange(event: &Event<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    match event {
        Event::InitialCredentials { client } => {
            write!(f, "Getting initial credentials for {client}")
        }
        Event::UnauthenticatedRequest => f.write_str("Sending unauthenticated request"),
        Event::ArmorOffered => {
            f.write_str("Upgrading to FAST due to presence of PA_FX_FAST in reply")
        }
        Event::KdcError { error } => write!(f, "Received error from KDC: {}", KdcText(error)),
        Event::ReplyTooBig => {
            f.write_str("Request or response is too big for UDP; retrying with TCP")
        }
        Event::ClientReferral { realm } => {
            write!(f, "Following referral to realm {}", Shown::new(realm))
        }
        Event::InitialTicket {
            client,
            service,
            session_key,
            fast_available,
        } => {
            let un = if *fast_available { "" } else { "un" };
            let key = EtypeName(*session_key);
            write!(f, "Decrypted AS reply for {client} -> {service}; ")?;
            write!(f, "session key is: {key}; FAST negotiation: {un}available")
        }
        Event::TicketRequest { service, header } => {
            write!(f, "Requesting tickets for {service} using TGT {header}")
        }
        Event::ServiceTicket {
            client,
            service,
            session_key,
        } => {
            let key = EtypeName(*session_key);
            write!(
                f,
                "TGS reply is for {client} -> {service} with session key {key}"
            )
        }
        _ => Ok(()),
    }
}

fn preauth(event: &Event<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    match event {
        Event::PreauthOffered { offered } => {
            f.write_str("Processing preauth types: ")?;
            pa_types(*offered, f)
        }
        Event::KeyHint { enctype, salt } => {
            write!(f, "Selected etype info: etype {}, salt ", enctype.name())?;
            match salt {
                Some(salt) => write!(f, "\"{}\"", Shown::new(salt)),
                None => f.write_str("of the principal"),
            }
        }
        Event::PreauthChosen { mechanism } => {
            write!(f, "Preauthenticating with {}", PaType(*mechanism))
        }
        Event::PreauthFailed { mechanism, reason } => {
            write!(
                f,
                "Preauth mechanism {} failed: {reason}",
                PaType(*mechanism)
            )
        }
        Event::PreauthMade { padata } => {
            f.write_str("Produced preauth for next request: ")?;
            pa_types(*padata, f)
        }
        _ => Ok(()),
    }
}

fn network(event: &Event<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    match event {
        Event::Sending {
            length,
            realm,
            primary,
            stream_only,
        } => {
            let primary = if *primary { " (primary)" } else { "" };
            let tcp = if *stream_only { " (tcp only)" } else { "" };
            let realm = Shown::new(realm);
            write!(
                f,
                "Sending request ({length} bytes) to {realm}{primary}{tcp}"
            )
        }
        Event::Resolving { host } => write!(f, "Resolving hostname {host}"),
        Event::NotResolved { host, reason } => {
            write!(f, "Error resolving hostname {host}: {reason}")
        }
        Event::NoReply { realm, reason } => {
            write!(f, "No answer from {}: {reason}", Shown::new(realm))
        }
        Event::Attempt {
            address,
            protocol,
            is_retry,
        } => {
            f.write_str(match (protocol, is_retry) {
                (Protocol::Udp, false) => "Sending initial UDP request to ",
                (Protocol::Udp, true) => "Sending retry UDP request to ",
                (Protocol::Https, _) => "Sending HTTPS request to ",
                _ => "Initiating TCP connection to ",
            })?;
            server(address, *protocol, f)
        }
        Event::AttemptFailed {
            address,
            protocol,
            reason,
        } => {
            f.write_str(match protocol {
                Protocol::Udp => "UDP error on ",
                Protocol::Https => "HTTPS error on ",
                _ => "TCP error on ",
            })?;
            server(address, *protocol, f)?;
            write!(f, ": {reason}")
        }
        Event::Received {
            length,
            address,
            protocol,
        } => {
            write!(f, "Received answer ({length} bytes) from ")?;
            server(address, *protocol, f)
        }
        _ => Ok(()),
    }
}

fn dns(event: &Event<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    match event {
        Event::DnsAsked { question } => {
            let record_type = record_type(question);
            write!(f, "Sending DNS {record_type} query for {}", question.name)
        }
        Event::DnsRecord { record } => match record {
            DnsRecord::Srv(SrvRecord {
                priority,
                weight,
                port,
                target,
            }) => {
                let target = target.as_deref().unwrap_or(".");
                write!(f, "SRV answer: {priority} {weight} {port} \"{target}\"")
            }
            DnsRecord::Uri(UriRecord {
                priority,
                weight,
                target,
            }) => {
                let target = Shown::new(target);
                write!(f, "URI answer: {priority} {weight} \"{target}\"")
            }
            DnsRecord::Txt(text) => write!(f, "TXT answer: \"{}\"", Shown::new(text)),
        },
        Event::DnsEmpty { question } => write!(f, "No {} records found", record_type(question)),
        Event::DnsFailed { reason } => write!(f, "DNS query failed: {reason}"),
        _ => Ok(()),
    }
}

const fn record_type(question: &DnsQuestion) -> &'static str {
    match question.record_type {
        RecordType::Srv => "SRV",
        RecordType::Uri => "URI",
        RecordType::Txt => "TXT",
    }
}

/// What happens in files, and in contexts.
fn local(event: &Event<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    match event {
        Event::CacheLookup {
            cache,
            client,
            service,
            found,
        } => {
            write!(
                f,
                "Retrieving {client} -> {service} from {cache} with result: "
            )?;
            f.write_str(match found {
                true => "0/Success",
                false => "-1765328243/Matching credential not found",
            })
        }
        Event::CacheInitialized { cache, client } => {
            write!(f, "Initializing {cache} with default princ {client}")
        }
        Event::CacheStored {
            cache,
            client,
            service,
        } => write!(f, "Storing {client} -> {service} in {cache}"),
        Event::CacheDestroyed { cache } => write!(f, "Destroying ccache {cache}"),
        Event::KeytabLookup {
            keytab,
            principal,
            kvno,
            enctype,
            result,
        } => {
            let kvno = kvno.unwrap_or_default();
            write!(
                f,
                "Retrieving {principal} from {keytab} (vno {kvno}, enctype "
            )?;
            match enctype {
                Some(enctype) => write!(f, "{}", EtypeName(*enctype))?,
                None => f.write_str("0")?,
            }
            match result {
                KeytabResult::Found => f.write_str(") with result: 0/Success"),
                KeytabResult::Failed(reason) => write!(f, ") with result: {reason}"),
            }
        }
        Event::ApReqMade { client, service } => {
            write!(f, "Creating authenticator for {client} -> {service}")
        }
        Event::ApReqAccepted {
            client,
            service,
            session_key,
        } => {
            let key = session_key.name();
            write!(f, "AP-REQ ticket: {client} -> {service}, session key {key}")
        }
        Event::ApReqRefused { reason } => write!(f, "AP-REQ refused: {reason}"),
        Event::ApRepAccepted {
            service,
            session_key,
        } => {
            let key = session_key.name();
            write!(f, "Read AP-REP of {service}, session key {key}")
        }
        _ => Ok(()),
    }
}

/// A server as MIT writes it.
fn server(address: &KdcAddress, protocol: Protocol, f: &mut Formatter<'_>) -> fmt::Result {
    let socket = match protocol {
        // The HTTP client has the socket, if it has one.
        Protocol::Https => return address.fmt(f),
        Protocol::Udp => "dgram",
        _ => "stream",
    };
    write!(f, "{socket} {address}")
}

/// A KDC's error as MIT writes it: number and text.
struct KdcText<'a>(&'a PeerError);

impl Display for KdcText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.0.minor_status().number(), self.0)
    }
}

struct EtypeName(EncryptionType);

impl Display for EtypeName {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match Enctype::from_number(self.0.0) {
            Some(enctype) => f.write_str(enctype.name()),
            None => write!(f, "etype {}", self.0.0),
        }
    }
}

fn pa_types(types: PadataTypes<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    for (index, padata_type) in types.iter().enumerate() {
        let separator = if index == 0 { "" } else { ", " };
        write!(f, "{separator}{}", PaType(padata_type))?;
    }
    Ok(())
}

/// A type by its name in the registry, and its number.
struct PaType(PaDataType);

impl Display for PaType {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let named = PADATA_NAMES.iter().find(|(known, _)| *known == self.0);
        match named {
            Some((_, name)) => write!(f, "{name} ({})", self.0.0),
            None => write!(f, "{}", self.0.0),
        }
    }
}

const PADATA_NAMES: [(PaDataType, &str); 14] = [
    (PaDataType::TGS_REQ, "PA-TGS-REQ"),
    (PaDataType::ENC_TIMESTAMP, "PA-ENC-TIMESTAMP"),
    (PaDataType::PW_SALT, "PA-PW-SALT"),
    (PaDataType::ETYPE_INFO, "PA-ETYPE-INFO"),
    (PaDataType::PK_AS_REQ, "PA-PK-AS-REQ"),
    (PaDataType::PK_AS_REP, "PA-PK-AS-REP"),
    (PaDataType::ETYPE_INFO2, "PA-ETYPE-INFO2"),
    (PaDataType::FX_COOKIE, "PA-FX-COOKIE"),
    (PaDataType::FX_FAST, "PA-FX-FAST"),
    (PaDataType::FX_ERROR, "PA-FX-ERROR"),
    (PaDataType::ENCRYPTED_CHALLENGE, "PA-ENCRYPTED-CHALLENGE"),
    (PaDataType::REQ_ENC_PA_REP, "PA-REQ-ENC-PA-REP"),
    (PaDataType::AS_FRESHNESS, "PA_AS_FRESHNESS"),
    (PaDataType::SPAKE, "PA-SPAKE"),
];
