//! A realm of ours, and what foreign clients need of it as files.

use std::fs;
use std::path::PathBuf;

use orthros_kdc::server::{Realm, RealmBuilder};
use orthros_types::Credential;
use tempfile::TempDir;

pub(crate) const USER: &str = "alice";
pub(crate) const PASSWORD: &str = "correct horse";
pub(crate) const SERVICE: &str = "host/localhost";

pub(crate) struct World {
    pub(crate) realm: Realm,
    directory: TempDir,
}

impl World {
    pub(crate) fn start() -> Self {
        Self::with(|realm| realm, |conf| conf)
    }

    /// A realm that is told more, for clients whose configuration says more.
    pub(crate) fn with(
        realm: impl FnOnce(RealmBuilder) -> RealmBuilder,
        conf: impl FnOnce(String) -> String,
    ) -> Self {
        let builder = Realm::builder("OURS.TEST").user(USER, PASSWORD);
        let realm = realm(builder.service(SERVICE)).start().unwrap();
        let directory = tempfile::tempdir().unwrap();
        let world = Self { realm, directory };
        let conf = conf(world.realm.krb5_conf().to_owned());
        fs::write(world.path("krb5.conf"), conf).unwrap();
        fs::write(world.path("keytab"), world.realm.keytab().unwrap()).unwrap();
        let users = world.realm.keytab_of(&[USER]).unwrap();
        fs::write(world.path("user.keytab"), users).unwrap();
        world
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.directory.path().join(file)
    }

    /// What a client has stored in its cache, as we read it.
    pub(crate) fn tickets(&self) -> Vec<Credential> {
        let cache = self.realm.environment().cache(self.path("ccache")).unwrap();
        let contents = cache.contents().unwrap();
        contents.tickets().cloned().collect()
    }
}

/// Puts relations into the first section, which is `[libdefaults]`.
pub(crate) fn with_libdefaults(conf: &str, relations: &str) -> String {
    conf.replacen(
        "[libdefaults]\n",
        &format!("[libdefaults]\n{relations}\n"),
        1,
    )
}
