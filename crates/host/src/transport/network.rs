//! The transport over the host's own network.

use orthros_krb5::failover::{KdcFailover, Timing};
use orthros_krb5::locate::{KdcLocator, LocateStep};
use orthros_krb5::{KdcReply, KdcRequest, KdcSelection, TransportError};
use orthros_types::config::Config;

use super::KdcTransport;
use super::sockets::Sockets;

/// UDP and TCP to the `kdc` entries of `[realms]`, in MIT's order and with MIT's patience, which
/// [`orthros_krb5::failover`] has. Starts no thread; holds its sockets only while it asks.
#[derive(Clone, Debug, Default)]
pub struct NetworkTransport {
    timing: Timing,
}

impl NetworkTransport {
    /// With a patience of one's own.
    #[must_use]
    pub fn with_timing(timing: Timing) -> Self {
        Self { timing }
    }
}

impl KdcTransport for NetworkTransport {
    fn exchange(
        &self,
        config: &Config,
        request: &KdcRequest,
        selection: KdcSelection,
    ) -> Result<KdcReply, TransportError> {
        let LocateStep::Found(servers) = KdcLocator::new(&request.realm, selection).step(config)?;
        let failover = KdcFailover::new(config, request, selection, &servers, &self.timing)?;
        Sockets::new().run(failover)
    }
}
