//! The same for machines: one JSON document, times in RFC 3339.

use orthros_types::ccache::CacheContents;
use orthros_types::keytab::KeytabEntry;
use orthros_types::{Credential, Timestamp};
use serde_json::{Value, json};

use super::table::{enctype_name, flag_names};
use crate::local_time::rfc3339;

/// A cache: its name, its owner and its tickets. Session keys are left out.
pub(super) fn cache(name: &str, contents: &CacheContents) -> Value {
    json!({
        "cache": name,
        "principal": contents.principal.to_string(),
        "tickets": contents.tickets().map(ticket).collect::<Vec<_>>(),
    })
}

/// A cache of a collection: its name, its owner, and whether its tickets are good no more.
pub(super) fn cache_of_collection(name: &str, contents: &CacheContents, expired: bool) -> Value {
    json!({
        "cache": name,
        "principal": contents.principal.to_string(),
        "expired": expired,
    })
}

/// A keytab: its name and its entries. The keys themselves are left out.
pub(super) fn keytab(name: &str, entries: &[KeytabEntry]) -> Value {
    json!({
        "keytab": name,
        "entries": entries.iter().map(key).collect::<Vec<_>>(),
    })
}

fn ticket(credential: &Credential) -> Value {
    let header = credential.ticket_header().ok();
    let time = |time: Timestamp| rfc3339(time.seconds());
    json!({
        "client": credential.client.to_string(),
        "server": credential.server.to_string(),
        "authtime": time(credential.times.authtime),
        "starttime": time(credential.times.start()),
        "endtime": time(credential.times.endtime),
        "renew_till": credential.times.renew_till.map(time),
        "flags": flag_names(credential.flags),
        "session_key_enctype": enctype_name(credential.session_key.enctype()),
        "ticket_server": header.as_ref().map(|header| header.server.to_string()),
        "ticket_enctype": header.as_ref().map(|header| enctype_name(header.enctype)),
        "ticket_kvno": header.as_ref().and_then(|header| header.kvno),
    })
}

fn key(entry: &KeytabEntry) -> Value {
    json!({
        "principal": entry.principal.to_string(),
        "kvno": entry.kvno,
        "enctype": enctype_name(entry.key.enctype()),
        "timestamp": rfc3339(entry.timestamp.seconds()),
    })
}
