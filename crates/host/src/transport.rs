//! Ways to a realm's KDCs.
//!
//! [`KdcTransport`] is the seam: the exchanges of `orthros-krb5` say what to send to which realm, a transport
//! brings the reply. [`NetworkTransport`] does it over UDP, TCP, Unix domain sockets and KDC proxies; a test puts an
//! in-memory KDC there.

use core::fmt;

use orthros_krb5::observe::Observer;
use orthros_krb5::{KdcReply, KdcRequest, KdcSelection, TransportError};
use orthros_types::config::Config;

mod network;
mod proxy;
mod sockets;
mod stream;
#[cfg(test)]
mod tests;

pub use network::NetworkTransport;

/// Brings requests to the KDCs of a realm and their replies back. Blocks, for a bounded time.
pub trait KdcTransport: fmt::Debug + Send + Sync {
    /// Sends `request` to those of its realm's servers that `config` names and `selection` means, until one of them
    /// replies.
    ///
    /// # Errors
    ///
    /// [`TransportError`] where no KDC is known, or none replied.
    fn exchange(
        &self,
        config: &Config,
        request: &KdcRequest,
        selection: KdcSelection,
    ) -> Result<KdcReply, TransportError>;

    /// The same, and tells `observer` of what happens on the way: which servers are looked for, asked and heard of.
    /// A transport that has nothing to tell leaves this as it is.
    ///
    /// # Errors
    ///
    /// As [`exchange`](Self::exchange).
    fn exchange_observed(
        &self,
        config: &Config,
        request: &KdcRequest,
        selection: KdcSelection,
        _observer: &Observer,
    ) -> Result<KdcReply, TransportError> {
        self.exchange(config, request, selection)
    }
}
