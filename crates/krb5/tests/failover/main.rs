//! Which KDC a request goes to and when, in virtual time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests: a wrong assumption should stop the test"
)]

mod anything;
mod host_realm;
mod locate;
mod order;
mod proxies;
mod replies;
mod streams;

use orthros_asn1::{ErrorCode, Message as _};
use orthros_krb5::failover::{KdcFailover, Protocol, Timing};
use orthros_krb5::locate::KdcServer;
use orthros_krb5::{KdcRequest, KdcSelection, Transport, TransportError};
use orthros_testing::virtual_network::{Network, error_reply};
use orthros_types::config::{Config, Include, Profile, Server, ServerAddress, SourceFile};

pub(crate) use Protocol::{Tcp, Udp};

/// Which protocols a request goes by, and in which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Preference {
    /// A short request.
    UdpFirst,
    /// A request above `udp_preference_limit`.
    UdpLast,
    /// A request whose reply does not fit into a datagram.
    NoUdp,
    /// A short request to servers that have no streams.
    OnlyUdp,
}

/// The KDCs of these names, which answer by these protocols.
fn servers(hosts: &[&str], protocols: &'static [Protocol]) -> Vec<KdcServer> {
    let hosts = hosts.iter().map(|host| KdcServer {
        server: Server::Host(ServerAddress {
            host: (*host).to_owned(),
            port: 88,
        }),
        protocols,
        is_primary: false,
    });
    hosts.collect()
}

fn config(text: &str) -> Config {
    let no_includes = |_: Include<'_>| Err("no includes");
    let file = SourceFile::new("krb5.conf", text.as_bytes());
    Config::new(Profile::parse(&file, no_includes).unwrap())
}

fn request(transport: Transport) -> KdcRequest {
    KdcRequest {
        realm: b"R".to_vec(),
        message: vec![0; 100],
        transport,
    }
}

/// MIT's patience, but for what `change` says.
fn timing(change: impl FnOnce(&mut Timing)) -> Timing {
    let mut timing = Timing::default();
    change(&mut timing);
    timing
}

/// What asking these KDCs comes to with MIT's patience: the KDC that replied and its reply, or how each address
/// failed.
fn ask(
    network: &mut Network,
    preference: Preference,
    hosts: &[&str],
) -> Result<(u8, Vec<u8>), Vec<String>> {
    ask_with(network, preference, hosts, &Timing::default())
}

fn ask_with(
    network: &mut Network,
    preference: Preference,
    hosts: &[&str],
    timing: &Timing,
) -> Result<(u8, Vec<u8>), Vec<String>> {
    let (limit, transport, protocols): (_, _, &[Protocol]) = match preference {
        Preference::UdpFirst => ("1465", Transport::Datagram, &[Udp, Tcp]),
        Preference::UdpLast => ("0", Transport::Datagram, &[Udp, Tcp]),
        Preference::NoUdp => ("1465", Transport::Stream, &[Udp, Tcp]),
        Preference::OnlyUdp => ("1465", Transport::Datagram, &[Udp]),
    };
    let config = config(&format!("[libdefaults]\n udp_preference_limit = {limit}\n"));
    let (servers, request) = (servers(hosts, protocols), request(transport));
    let failover = KdcFailover::new(&config, &request, KdcSelection::Any, &servers, timing);
    match network.run(failover.unwrap()) {
        Ok((kdc, reply)) => Ok((kdc, reply.message)),
        Err(TransportError::Unreachable { attempts, .. }) => {
            Err(attempts.iter().map(ToString::to_string).collect())
        }
        Err(error) => panic!("{error}"),
    }
}

/// The reply of a KDC that can't serve.
fn unavailable() -> Vec<u8> {
    let error = error_reply(ErrorCode::KDC_ERR_SVC_UNAVAILABLE);
    error.encode().unwrap()
}

/// The outline of an AS-REP.
const REPLY: &[u8] = &[0x6b, 0x02, 0x30, 0x00];
