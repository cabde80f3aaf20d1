//! Heimdal's KDC and kpasswdd, unpacked.

use std::net::SocketAddr;
use std::path::Path;

use orthros_testing::heimdal::{ENCTYPES, Realm};
use orthros_testing::peers;

use crate::principals::{AddOption, Entry, of_realm};
use crate::{Server, StartError};

pub(super) fn start(realm: &'static str, keytab: &Path) -> Result<impl Server + use<>, StartError> {
    let mut builder = Realm::builder(peers::heimdal()?, realm)
        .kpasswdd()
        .section(PREAUTH)
        .section(HOSTS);
    let keytab = format!("--keytab={}", keytab.display());
    for entry in of_realm(realm)? {
        let only = entry.only_enctype()?;
        if only.is_some_and(|enctype| !ENCTYPES.contains(&enctype)) {
            continue;
        }
        builder = builder.kadmin(&add(&entry)?);
        if let Some(only) = only {
            let others = ENCTYPES.into_iter().filter(|enctype| *enctype != only);
            let query = ["del_enctype", entry.name].into_iter().chain(others);
            builder = builder.kadmin(&query.collect::<Vec<_>>());
        }
        if entry.password.is_none() {
            builder = builder.kadmin(&["ext_keytab", &keytab, entry.name]);
        }
    }
    Ok(builder.start()?)
}

/// The query that adds a principal.
fn add(entry: &Entry) -> Result<Vec<String>, StartError> {
    let mut query = vec!["add".to_owned(), "--use-defaults".to_owned()];
    query.push(match entry.password {
        Some(password) => format!("--password={password}"),
        None => "--random-key".to_owned(),
    });
    let mut attributes = Vec::new();
    for option in entry.options()? {
        match option {
            AddOption::RequiresPreauth => attributes.push("requires-pre-auth"),
            AddOption::NoTickets => attributes.push("disallow-all-tix"),
            AddOption::NeedsPasswordChange => attributes.push("requires-pw-change"),
            AddOption::OkAsDelegate => attributes.push("ok-as-delegate"),
            AddOption::Expires(day) => query.push(format!("--expiration-time={day}")),
            AddOption::Enctype(_) => {}
        }
    }
    query.push(format!("--attributes={}", attributes.join(",")));
    query.push(entry.name.to_owned());
    Ok(query)
}

/// It is for the principals to require it, as with MIT.
const PREAUTH: &str = "[kdc]\n require-preauth = no\n";

/// So that the KDC refers clients to the realm of a host.
const HOSTS: &str = "[domain_realm]\n .orthros.test = ORTHROS.TEST\n .other.test = OTHER.TEST\n";

impl Server for Realm {
    fn kdc(&self) -> SocketAddr {
        self.kdc_address()
    }

    fn passwords(&self) -> SocketAddr {
        self.password_address()
    }

    fn log(&self) -> String {
        Self::log(self)
    }
}
