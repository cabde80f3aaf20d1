//! The way to KDC proxies: the application's HTTP client.

use core::error::Error;
use std::time::{Duration, Instant};

use orthros_krb5::failover::LARGEST_PROXY_REPLY;
use orthros_krb5::locate::KdcServer;
use orthros_types::config::{Config, ConfigError, HttpAnchor, Server};

use crate::http::{HttpClient, HttpRequest};

/// What asks the KDC proxies of one realm.
#[derive(Debug)]
pub(super) struct Proxies<'a> {
    pub(super) client: Option<&'a dyn HttpClient>,
    pub(super) anchors: Vec<HttpAnchor>,
    /// How long each is waited for.
    pub(super) patience: Duration,
    /// When the search ends, if it has an end.
    pub(super) deadline: Option<Instant>,
}

impl Proxies<'_> {
    /// Posts a request: the response, or what to say of there being none.
    pub(super) fn post(&self, url: &str, body: &[u8]) -> Result<Vec<u8>, String> {
        let Some(client) = self.client else {
            return Err(NO_CLIENT.to_owned());
        };
        let now = Instant::now();
        // A patience that no clock could show is without end; so is a year.
        let latest = now.checked_add(self.patience.min(YEAR)).unwrap_or(now);
        let request = HttpRequest {
            url,
            body,
            limit: LARGEST_PROXY_REPLY,
            deadline: self.deadline.map_or(latest, |end| end.min(latest)),
            anchors: &self.anchors,
        };
        client.post(&request).map_err(|error| with_sources(&error))
    }
}

/// `http_anchors` of the realm, where one of its servers is a proxy.
pub(super) fn anchors(
    config: &Config,
    realm: &[u8],
    servers: &[KdcServer],
) -> Result<Vec<HttpAnchor>, ConfigError> {
    let has_proxy = servers
        .iter()
        .any(|server| matches!(server.server, Server::Https { .. }));
    match str::from_utf8(realm) {
        Ok(realm) if has_proxy => config.http_anchors(realm),
        // A realm that is no text is none of the configuration's.
        _ => Ok(Vec::new()),
    }
}

/// What an error says, and what those say that it comes from: libraries of HTTP have the cause at the end.
fn with_sources(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    // An error may be its own source, by mistake.
    for _ in 0..MOST_SOURCES {
        let Some(error) = source else { break };
        let said = error.to_string();
        if !text.ends_with(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        source = error.source();
    }
    text
}

const NO_CLIENT: &str =
    "this program has no HTTP client to ask a KDC proxy with (EnvironmentBuilder::http_client)";
const MOST_SOURCES: usize = 8;
const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
