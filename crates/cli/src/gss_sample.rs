//! MIT's gss-sample protocol, both ends: `gss-client` sends a message under a GSS-API context,
//! `gss-server` answers with its MIC. They exist so that every implementation can be tried against every other.

pub(crate) mod client;
pub(crate) mod server;
mod token;

use std::io;
use std::net::TcpStream;
use std::time::Duration;

use orthros::{ContextFlags, Lifetime};

use crate::output;

/// Sees to it that a silent peer is not waited for without end.
fn limit_waiting(stream: &TcpStream, seconds: u64) -> io::Result<()> {
    let limit = Some(Duration::from_secs(seconds));
    stream.set_read_timeout(limit)?;
    stream.set_write_timeout(limit)
}

/// Prints the negotiated flags, a line each, as MIT's samples do.
fn describe_flags(flags: ContextFlags) {
    const SHOWN: [(ContextFlags, &str); 6] = [
        (ContextFlags::DELEG, "GSS_C_DELEG_FLAG"),
        (ContextFlags::MUTUAL, "GSS_C_MUTUAL_FLAG"),
        (ContextFlags::REPLAY, "GSS_C_REPLAY_FLAG"),
        (ContextFlags::SEQUENCE, "GSS_C_SEQUENCE_FLAG"),
        (ContextFlags::CONF, "GSS_C_CONF_FLAG"),
        (ContextFlags::INTEG, "GSS_C_INTEG_FLAG"),
    ];
    for (_, name) in SHOWN.iter().filter(|(flag, _)| flags.contains(*flag)) {
        output::line(&format!("context flag: {name}"));
    }
}

/// A lifetime in seconds, or in a word.
fn seconds(lifetime: Lifetime) -> String {
    match lifetime {
        Lifetime::Seconds(seconds) => seconds.to_string(),
        Lifetime::Indefinite => "indefinite".to_owned(),
    }
}
