//! Our own KDC, in this process.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use orthros_host::Environment;
use orthros_kdc::server::{Realm, RealmError, Server as KdcServer};
use orthros_kdc::{HostRealm, PrincipalEntry, PrincipalFlags, PrincipalKey, RealmPolicy};
use orthros_krb5::crypto::Enctype;
use orthros_types::{Principal, Timestamp};

use crate::principals::{AddOption, Entry, of_realm};
use crate::{HOME, OTHER, Server, StartError};

#[derive(Debug)]
struct Embedded {
    realm: Realm,
    log: Arc<Mutex<String>>,
}

pub(super) fn start(realm: &'static str, keytab: &Path) -> Result<impl Server + use<>, StartError> {
    let log = Arc::new(Mutex::new(String::new()));
    let told = Arc::clone(&log);
    let mut builder =
        Realm::builder(realm)
            .policy(policy(realm))
            .server(KdcServer::builder().on_request(move |request| {
                let line = format!("{}\n", request.record);
                told.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push_str(&line);
            }));
    let entries = of_realm(realm)?;
    for entry in &entries {
        builder = builder.principal(principal(realm, entry)?);
    }
    let realm = builder.start()?;
    let random = entries.iter().filter(|entry| entry.password.is_none());
    let names: Vec<&str> = random.map(|entry| entry.name).collect();
    let octets = realm.keytab_of(&names)?;
    std::fs::write(keytab, &*octets).map_err(StartError::io(keytab.display()))?;
    Ok(Embedded { realm, log })
}

/// It refers clients to the realm of a host.
fn policy(realm: &str) -> RealmPolicy {
    let mut policy = RealmPolicy::new(realm);
    for (domain, realm) in [(".orthros.test", HOME), (".other.test", OTHER)] {
        policy.host_realms.push(HostRealm {
            domain: domain.into(),
            realm: realm.into(),
        });
    }
    policy
}

fn principal(realm: &str, entry: &Entry) -> Result<PrincipalEntry, StartError> {
    let parsed = Principal::parse(entry.name, Some(realm.as_bytes()));
    let principal = parsed.map_err(|error| RealmError::Name {
        name: entry.name.to_owned(),
        error,
    })?;
    let enctypes = match entry.only_enctype()? {
        Some(name) => vec![Enctype::from_name(name).ok_or(StartError::Table { text: name })?],
        // Others would take long to derive.
        None if entry.password.is_some() => vec![Enctype::AES256_CTS_HMAC_SHA1_96],
        None => RealmPolicy::new(realm).enctypes,
    };
    let mut random = Environment::builder().build().random();
    let key = |enctype: &Enctype| match entry.password {
        Some(password) => PrincipalKey::from_password(&principal, password.as_bytes(), 1, *enctype)
            .map_err(|error| RealmError::Password {
                principal: principal.clone(),
                error,
            }),
        None => Ok(PrincipalKey::random(1, *enctype, &mut random)?),
    };
    let keys: Result<Vec<_>, RealmError> = enctypes.iter().map(key).collect();
    let mut made = PrincipalEntry::new(principal.clone(), keys?);
    for option in entry.options()? {
        match option {
            AddOption::RequiresPreauth => made.flags |= PrincipalFlags::REQUIRES_PREAUTH,
            AddOption::NoTickets => made.flags |= PrincipalFlags::LOCKED,
            AddOption::NeedsPasswordChange => {
                made.flags |= PrincipalFlags::REQUIRES_PASSWORD_CHANGE;
            }
            AddOption::OkAsDelegate => made.flags |= PrincipalFlags::OK_AS_DELEGATE,
            // Whichever day it was, it is over.
            AddOption::Expires(_) => made.expiry = Some(Timestamp::from_seconds(1)),
            AddOption::Enctype(_) => {}
        }
    }
    Ok(made)
}

impl Server for Embedded {
    fn kdc(&self) -> SocketAddr {
        self.realm.address()
    }

    fn passwords(&self) -> SocketAddr {
        self.realm.password_address()
    }

    fn log(&self) -> String {
        let log = self.log.lock();
        log.unwrap_or_else(PoisonError::into_inner).clone()
    }
}
