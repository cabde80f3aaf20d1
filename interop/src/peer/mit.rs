//! MIT's KDC and kadmind on this machine.

use std::net::SocketAddr;
use std::path::Path;

use orthros_testing::mit::Realm;

use crate::principals::of_realm;
use crate::{Server, StartError};

pub(super) fn start(realm: &'static str, keytab: &Path) -> Result<impl Server + use<>, StartError> {
    let mut builder = Realm::builder().name(realm).kadmind().section(HOSTS);
    for entry in of_realm(realm)? {
        let secret = match entry.password {
            Some(password) => format!("-pw {password}"),
            None => "-randkey".to_owned(),
        };
        builder = builder.principal(entry.name, &format!("{} {secret}", entry.options));
        if entry.password.is_none() {
            let (file, name) = (keytab.display(), entry.name);
            builder = builder.kadmin(&format!("ktadd -k {file} -norandkey {name}"));
        }
    }
    Ok(builder.start()?)
}

/// So that the KDC refers clients to the realm of a host.
const HOSTS: &str =
    "[domain_realm]\n    .orthros.test = ORTHROS.TEST\n    .other.test = OTHER.TEST\n";

impl Server for Realm {
    fn kdc(&self) -> SocketAddr {
        self.kdc_address()
    }

    fn passwords(&self) -> SocketAddr {
        self.password_address()
    }

    fn log(&self) -> String {
        let kadmind = std::fs::read_to_string(self.path("kadmind.log")).unwrap_or_default();
        self.kdc_log() + &kadmind
    }
}
