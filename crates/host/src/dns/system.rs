//! The system's name servers, as they are at each time.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use nix::net::if_::if_nametoindex;
use orthros_krb5::dns::ResolverConfig;

use crate::hostname::system_hostname;

/// What `/etc/resolv.conf` says at each time, and what the environment variables say in its place.
#[derive(Clone, Debug)]
pub(crate) struct SystemResolverConfig {
    path: PathBuf,
    /// `LOCALDOMAIN`.
    local_domain: Option<String>,
    /// `RES_OPTIONS`.
    options: Option<String>,
}

impl Default for SystemResolverConfig {
    fn default() -> Self {
        Self::new(None, None)
    }
}

impl SystemResolverConfig {
    /// With the values of `LOCALDOMAIN` and `RES_OPTIONS`; of no effect where they are no text.
    pub(crate) fn new(local_domain: Option<OsString>, options: Option<OsString>) -> Self {
        let text = |value: OsString| value.into_string().ok();
        Self {
            path: "/etc/resolv.conf".into(),
            local_domain: local_domain.and_then(text),
            options: options.and_then(text),
        }
    }

    /// As it is now. Where the file can't be read it is as if it were empty, as for the system's resolver.
    pub(crate) fn read(&self) -> ResolverConfig {
        let file = fs::read(&self.path).unwrap_or_default();
        let scope_id = |interface: &str| if_nametoindex(interface).ok();
        let mut config = ResolverConfig::parse(&String::from_utf8_lossy(&file), scope_id);
        match &self.local_domain {
            Some(domain) => config.set_local_domain(domain),
            // Without a line for it, what follows the first dot of the host's own name is searched.
            None if config.search.is_empty() => {
                let own = system_hostname().unwrap_or_default();
                config.set_local_domain(own.split_once('.').map_or("", |(_, domain)| domain));
            }
            None => {}
        }
        if let Some(options) = &self.options {
            config.set_res_options(options);
        }
        config
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_counts_as_it_is_at_each_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("resolv.conf");
        let config = SystemResolverConfig {
            path: path.clone(),
            ..SystemResolverConfig::new(Some("own.example".into()), Some("attempts:4".into()))
        };
        assert_eq!(
            config.read().name_servers,
            ResolverConfig::default().name_servers
        );
        fs::write(
            &path,
            "nameserver ::1%lo\nsearch file.example\noptions timeout:3 attempts:1\n",
        )
        .unwrap();
        let read = config.read();
        assert_eq!(read.name_servers[0].to_string(), "[::1%1]:53");
        assert_eq!(read.search, ["own.example"]);
        assert_eq!((read.timeout.as_secs(), read.attempts), (3, 4));
        fs::write(&path, "nameserver 192.0.2.1\n").unwrap();
        assert_eq!(config.read().name_servers[0].to_string(), "192.0.2.1:53");
    }
}
