//! `[capaths]`: the ways from realm to realm.

use alloc::vec::Vec;
use core::str;

use super::Config;

impl Config {
    /// The realms on the way from the realm of a client to that of a service by `[capaths]`, in order; none where they
    /// are neighbours (`.`). `None` where the section does not say.
    #[must_use]
    pub fn capath(&self, client: &[u8], server: &[u8]) -> Option<Vec<&str>> {
        let (client, server) = (str::from_utf8(client).ok()?, str::from_utf8(server).ok()?);
        let values = self.profile().values(&["capaths", client, server]);
        let first = values.first()?;
        if first.text.starts_with('.') {
            return Some(Vec::new());
        }
        // What follows white space is no part of the name.
        let names = values.iter().map(|value| value.text.split([' ', '\t']));
        Some(names.filter_map(|mut words| words.next()).collect())
    }

    /// The realms from that of a client on to those that may vouch for it to a service of realm `server`, which is not
    /// among them: those of `[capaths]`, or else those of the hierarchy (RFC 4120 section 1.2), up from the client's
    /// realm to the domain that both have in common and down again.
    #[must_use]
    pub fn realm_path(&self, client: &[u8], server: &[u8]) -> Vec<Vec<u8>> {
        let mut path = match self.capath(client, server) {
            Some(between) => {
                let between = between.into_iter().map(|realm| realm.as_bytes().to_vec());
                [client.to_vec()].into_iter().chain(between).collect()
            }
            None => hierarchy(client, server),
        };
        path.retain(|realm| realm != server);
        path
    }
}

/// The realms of both that are no common ones, and the smallest that is.
fn hierarchy(client: &[u8], server: &[u8]) -> Vec<Vec<u8>> {
    if client.len() > LONGEST_REALM || server.len() > LONGEST_REALM {
        return alloc::vec![client.to_vec()];
    }
    let (ours, theirs) = (domains(client), domains(server));
    let labels = |name: &'_ [u8]| -> Vec<Vec<u8>> {
        name.rsplit(|byte| *byte == b'.')
            .map(<[u8]>::to_vec)
            .collect()
    };
    let pairs = labels(client).into_iter().zip(labels(server));
    let common = pairs.take_while(|(ours, theirs)| ours == theirs).count();
    let up_to = ours.len().saturating_sub(common.saturating_sub(1));
    let down_from = theirs.len().saturating_sub(common);
    let up = ours.into_iter().take(up_to);
    let mut down: Vec<Vec<u8>> = theirs.into_iter().take(down_from).collect();
    down.reverse();
    up.chain(down).collect()
}

/// Bytes of the longest name whose domains are looked for, as by MIT. It has as many as it has periods, and may be a
/// peer's.
const LONGEST_REALM: usize = 512;

/// The name and the domains that it is in, the smallest first.
fn domains(name: &[u8]) -> Vec<Vec<u8>> {
    let starts = name.iter().enumerate().filter(|(_, byte)| **byte == b'.');
    let parents = starts.filter_map(|(index, _)| name.get(index.checked_add(1)?..));
    [name]
        .into_iter()
        .chain(parents)
        .map(<[u8]>::to_vec)
        .collect()
}
