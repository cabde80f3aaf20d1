//! The two configuration files of a MIT realm.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// What the configuration files say.
#[derive(Debug, Clone)]
pub(super) struct RealmConfig {
    pub(super) name: String,
    pub(super) port: u16,
    pub(super) supported_enctypes: Vec<String>,
    pub(super) libdefaults: BTreeMap<String, String>,
    pub(super) kdc_realm: BTreeMap<String, String>,
    /// Where kadmind listens: for administration, and for passwords. No kadmind where these are 0.
    pub(super) admin_port: u16,
    pub(super) password_port: u16,
    /// Other realms and where their KDCs listen.
    pub(super) neighbours: BTreeMap<String, u16>,
    /// Whole sections of the clients' file.
    pub(super) sections: String,
}

impl RealmConfig {
    /// A realm without users: every look-up that would leave the machine is off.
    pub(super) fn new(name: &str, enctypes: &[&str]) -> Self {
        let libdefaults = [
            ("default_realm", name),
            ("dns_lookup_kdc", "false"),
            ("dns_lookup_realm", "false"),
            ("dns_canonicalize_hostname", "false"),
            ("rdns", "false"),
            ("qualify_shortname", "\"\""),
            ("forwardable", "true"),
            ("permitted_enctypes", &enctypes.join(" ")),
        ];
        let kdc_realm = [
            ("database_module", "db"),
            ("max_life", "24h"),
            ("max_renewable_life", "7d"),
            ("default_principal_flags", "+forwardable,+renewable"),
        ];
        Self {
            name: name.to_owned(),
            port: 0,
            supported_enctypes: enctypes.iter().map(|&name| name.to_owned()).collect(),
            libdefaults: owned(&libdefaults),
            kdc_realm: owned(&kdc_realm),
            admin_port: 0,
            password_port: 0,
            neighbours: BTreeMap::new(),
            sections: String::new(),
        }
    }

    /// The clients' file, with some `[libdefaults]` relations of the caller's in place of the realm's.
    pub(super) fn krb5_conf(&self, overrides: &[(&str, &str)]) -> String {
        let Self {
            name,
            port,
            sections,
            password_port,
            ..
        } = self;
        let kpasswd = match password_port {
            0 => String::new(),
            port => format!("        kpasswd_server = 127.0.0.1:{port}\n"),
        };
        let neighbours = self
            .neighbours
            .iter()
            .fold(String::new(), |mut text, (name, port)| {
                let _ = writeln!(
                    text,
                    "    {name} = {{\n        kdc = 127.0.0.1:{port}\n    }}"
                );
                text
            });
        let mut libdefaults = self.libdefaults.clone();
        libdefaults.extend(owned(overrides));
        format!(
            "[libdefaults]\n{}[realms]\n    {name} = {{\n        kdc = 127.0.0.1:{port}\n{kpasswd}    }}\n{neighbours}\
             [domain_realm]\n    localhost = {name}\n    .test = {name}\n{sections}",
            relations(&libdefaults, 4)
        )
    }

    /// The KDC's file. Locks and last-success times are off: they would write to the database on each request.
    pub(super) fn kdc_conf(&self, directory: &Path) -> String {
        let Self { name, port, .. } = self;
        let keysalts: Vec<String> = self
            .supported_enctypes
            .iter()
            .map(|enctype| format!("{enctype}:normal"))
            .collect();
        let directory = directory.display();
        let mut realm = self.kdc_realm.clone();
        if self.password_port != 0 {
            let listen = |port| format!("127.0.0.1:{port}");
            realm.insert("kadmind_listen".to_owned(), listen(self.admin_port));
            realm.insert("kpasswd_listen".to_owned(), listen(self.password_port));
        }
        realm.extend([
            ("supported_enctypes".to_owned(), keysalts.join(" ")),
            ("database_name".to_owned(), format!("{directory}/principal")),
            ("key_stash_file".to_owned(), format!("{directory}/stash")),
            ("acl_file".to_owned(), format!("{directory}/kadm5.acl")),
        ]);
        format!(
            "[kdcdefaults]\n    kdc_listen = 127.0.0.1:{port}\n    kdc_tcp_listen = 127.0.0.1:{port}\n\
             [realms]\n    {name} = {{\n{}    }}\n\
             [dbmodules]\n    db = {{\n        db_library = db2\n        disable_last_success = true\n        disable_lockout = true\n    }}\n\
             [logging]\n    kdc = FILE:{directory}/kdc.log\n    admin_server = FILE:{directory}/kadmind.log\n    default = FILE:{directory}/kdc.log\n",
            relations(&realm, 8)
        )
    }
}

fn owned(relations: &[(&str, &str)]) -> BTreeMap<String, String> {
    relations
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn relations(relations: &BTreeMap<String, String>, indent: usize) -> String {
    relations
        .iter()
        .fold(String::new(), |mut text, (name, value)| {
            let _ = writeln!(text, "{:indent$}{name} = {value}", "");
            text
        })
}
