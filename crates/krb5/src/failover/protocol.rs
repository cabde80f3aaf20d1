//! The protocols below the exchanges (RFC 4120 section 7.2), and the order in which they are tried.

use alloc::borrow::Cow;
use core::fmt;

use orthros_asn1::EncodeError;
use orthros_types::config::{Config, Server};

use super::proxy;
use crate::exchange::{KdcRequest, Transport};
use crate::transport::KdcSelection;

/// A protocol that carries a request to a KDC and its reply back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// One datagram each way. A datagram may be lost, so that the request is sent again after a while.
    Udp,
    /// A stream, each message behind its length in four octets. The request is sent once.
    Tcp,
    /// A stream to a Unix domain socket of this host, otherwise as TCP.
    Unix,
    /// A POST over HTTPS to a KDC proxy (MS-KKDCP), which asks the KDC. The request is sent once.
    Https,
}

impl Protocol {
    /// The protocols by which a server of the configuration can be asked.
    pub(crate) const fn of(server: &Server) -> &'static [Self] {
        match server {
            Server::Host(_) => &[Self::Udp, Self::Tcp],
            Server::UnixSocket(_) => &[Self::Unix],
            Server::Https { .. } => &[Self::Https],
        }
    }

    /// A request of `length` octets as it is sent.
    pub(super) fn framed(
        self,
        request: &KdcRequest,
        length: u32,
    ) -> Result<Cow<'_, [u8]>, EncodeError> {
        let message = request.message.as_slice();
        let on_stream = || [&length.to_be_bytes(), message].concat();
        Ok(match self {
            Self::Udp => Cow::Borrowed(message),
            Self::Tcp | Self::Unix => Cow::Owned(on_stream()),
            Self::Https => Cow::Owned(proxy::request(&request.realm, on_stream())?),
        })
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Unix => "unix",
            Self::Https => "https",
        })
    }
}

/// Protocols in the order of preference: all servers are asked by the first one that they have, then by the others.
pub(super) type Preference = &'static [Protocol];

/// Short requests.
const UDP_FIRST: Preference = &[
    Protocol::Udp,
    Protocol::Tcp,
    Protocol::Unix,
    Protocol::Https,
];
/// Requests above `udp_preference_limit`.
const UDP_LAST: Preference = &[
    Protocol::Tcp,
    Protocol::Unix,
    Protocol::Https,
    Protocol::Udp,
];
/// The reply does not fit into a datagram, as a KDC has said.
const NO_UDP: Preference = &[Protocol::Tcp, Protocol::Unix, Protocol::Https];
/// No stream has brought a reply.
const ONLY_UDP: Preference = &[Protocol::Udp];

/// The preference to begin with, and those to start over with where that has failed.
pub(super) fn preferences(
    config: &Config,
    request: &KdcRequest,
    selection: KdcSelection,
) -> (Preference, &'static [Preference]) {
    match (request.transport, selection) {
        (Transport::Stream, _) => (NO_UDP, &[]),
        // A server that changes passwords takes a datagram which is sent again for a replay: as by MIT, none is sent
        // before all streams have failed.
        (Transport::Datagram, KdcSelection::Password) => (NO_UDP, &[ONLY_UDP]),
        (Transport::Datagram, _) if request.message.len() <= config.udp_preference_limit() => {
            (UDP_FIRST, &[])
        }
        (Transport::Datagram, _) => (UDP_LAST, &[]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use orthros_types::config::{Include, Profile, SourceFile};

    fn config(text: &str) -> Config {
        let no_includes = |_: Include<'_>| Err("no includes");
        Config::new(
            Profile::parse(&SourceFile::new("krb5.conf", text.as_bytes()), no_includes).unwrap(),
        )
    }

    fn first(text: &str, length: usize, transport: Transport) -> Preference {
        let request = KdcRequest {
            realm: b"R".to_vec(),
            message: vec![0; length],
            transport,
        };
        let (first, others) = preferences(&config(text), &request, KdcSelection::Any);
        assert!(others.is_empty());
        first
    }

    #[test]
    fn the_length_and_the_kdc_decide_on_the_protocol() {
        assert_eq!(first("", 1465, Transport::Datagram), UDP_FIRST);
        assert_eq!(first("", 1466, Transport::Datagram), UDP_LAST);
        assert_eq!(first("", 1, Transport::Stream), NO_UDP);
        let never = "[libdefaults]\n udp_preference_limit = 0\n";
        assert_eq!(first(never, 1, Transport::Datagram), UDP_LAST);
    }
}
