//! What the configuration adds: to a client's name, the options of a request; to a host's, a service's name.

use orthros_asn1::{HostAddress, KdcOptions};
use orthros_krb5::client::{HostnameError, HostnameRules, ServiceTicketOptions};
use orthros_krb5::{AsRequestOptions, TgsRequestOptions};
use orthros_types::Principal;
use orthros_types::config::{ConfigError, HostnameCanonicalization};

use super::Environment;
use super::local_addresses::{host_address, local_addresses};
use crate::hostname::system_hostname;

impl Environment {
    /// How initial tickets are asked for in `client`'s name: MIT's defaults and what the configuration says of its
    /// realm.
    ///
    /// # Errors
    ///
    /// Where the configuration has a malformed lifetime, or names no enctype that is supported.
    pub fn initial_options(&self, client: Principal) -> Result<AsRequestOptions, ConfigError> {
        let config = self.config();
        let realm = str::from_utf8(client.realm()).ok().map(str::to_owned);
        let realm = realm.as_deref();
        let always = config.kdc_default_options();
        let defaults = AsRequestOptions::new(client);
        Ok(AsRequestOptions {
            lifetime: config.ticket_lifetime(realm)?.unwrap_or(defaults.lifetime),
            renewable_lifetime: config
                .renew_lifetime(realm)?
                .filter(|lifetime| lifetime.seconds() > 0),
            forwardable: config.forwardable(realm) || always.contains(KdcOptions::FORWARDABLE),
            proxiable: config.proxiable(realm) || always.contains(KdcOptions::PROXIABLE),
            renewable_ok: always.contains(KdcOptions::RENEWABLE_OK),
            canonicalize: config.canonicalize(realm) || always.contains(KdcOptions::CANONICALIZE),
            addresses: self.ticket_addresses(realm)?,
            enctypes: config.default_tkt_enctypes()?.to_vec(),
            kdc_timesync: config.kdc_timesync(),
            clock_skew: config.clockskew(),
            observer: self.observer().clone(),
            spake_groups: config.spake_preauth_groups(),
            encrypted_timestamp: !realm
                .is_some_and(|realm| config.disable_encrypted_timestamp(realm)),
            ..defaults
        })
    }

    /// Where initial tickets shall be good; empty: everywhere.
    fn ticket_addresses(&self, realm: Option<&str>) -> Result<Vec<HostAddress>, ConfigError> {
        let config = self.config();
        if config.noaddresses(realm) {
            return Ok(Vec::new());
        }
        // Where the option is not set it is true, so that there is a place to name here.
        let unknown = |_| config.addresses_unknown(realm).map_or(Ok(Vec::new()), Err);
        let mut addresses = local_addresses().or_else(unknown)?;
        for extra in config.extra_addresses(realm)? {
            let extra = host_address(extra);
            if !addresses.contains(&extra) {
                addresses.push(extra);
            }
        }
        Ok(addresses)
    }

    /// How service tickets are got: MIT's defaults and what the configuration says.
    ///
    /// # Errors
    ///
    /// Where the configuration names no enctype that is supported.
    pub fn service_options(&self) -> Result<ServiceTicketOptions, ConfigError> {
        let enctypes = self.config().default_tgs_enctypes()?;
        Ok(ServiceTicketOptions::new(TgsRequestOptions {
            clock_skew: self.config().clockskew(),
            observer: self.observer().clone(),
            ..TgsRequestOptions::of_enctypes(enctypes)
        }))
    }

    /// `service/host` as a host-based service is called: the host's name in its canonical form, this host's where none
    /// is given; the realm that `[domain_realm]` has for it, else an empty one, which leaves it to the KDC.
    ///
    /// # Errors
    ///
    /// As [`canonical_hostname`](Self::canonical_hostname).
    pub fn host_based_service(
        &self,
        service: &str,
        host: Option<&str>,
    ) -> Result<Principal, HostnameError> {
        let host = match host {
            Some(host) => self.canonical_hostname(host)?,
            None => self.canonical_hostname(&self.local_hostname()?)?,
        };
        let bare = host.split_once(':').map_or(host.as_str(), |(bare, _)| bare);
        let realm = self.config().host_realm(bare).unwrap_or_default();
        Ok(Principal::host_based(service, host.as_str(), realm))
    }

    /// The form of a host's name that services' keys are filed under: the one that the resolver has for it, where
    /// `dns_canonicalize_hostname` is true; else, and where the resolver has none, a name of one label is qualified by
    /// `qualify_shortname` or the search domain. Letters are lowered; a dot at the end goes.
    ///
    /// # Errors
    ///
    /// Where it is no host's name, or the configuration's value is neither a boolean nor `fallback`.
    pub fn canonical_hostname(&self, host: &str) -> Result<String, HostnameError> {
        let rules = self.hostname_rules();
        let looks_up =
            self.config().dns_canonicalize_hostname()? == HostnameCanonicalization::Always;
        let resolved = match looks_up {
            true => self.resolve_name(&rules.query(host)?),
            false => None,
        };
        rules.canonical(host, resolved)
    }

    /// The other names that a host-based service may be known by, to be tried in this order where the KDC does not
    /// know the first: only where `dns_canonicalize_hostname` is `fallback`, which is its default.
    ///
    /// `given_host` is the host as the caller wrote it, before [`canonical_hostname`](Self::canonical_hostname);
    /// without it, it is the service's. First comes the name that the resolver has for that: it knows aliases, and
    /// names of one label in any of its search domains. Then, of a name of one label that `qualify_shortname` says
    /// nothing about, those in the search domains after the first.
    ///
    /// The realm goes with the host unless it was chosen by the caller.
    ///
    /// # Errors
    ///
    /// As [`canonical_hostname`](Self::canonical_hostname).
    pub fn fallback_services(
        &self,
        service: &Principal,
        given_host: Option<&str>,
    ) -> Result<Vec<Principal>, HostnameError> {
        match self.hostname_rules().fallback(service, given_host)? {
            Some(fallback) => fallback.names(self.resolve_name(fallback.query())),
            None => Ok(Vec::new()),
        }
    }

    /// This host's name, as it is.
    ///
    /// # Errors
    ///
    /// [`HostnameError::NoLocalName`] where it has none.
    pub fn local_hostname(&self) -> Result<String, HostnameError> {
        self.shared
            .local_hostname
            .clone()
            .map_or_else(system_hostname, Ok)
    }

    fn hostname_rules(&self) -> HostnameRules<'_> {
        HostnameRules {
            config: self.config(),
            search_domains: self.search_domains(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::EnvironmentBuilder;
    use crate::hostname::{HostRecord, Resolver};
    use orthros_krb5::crypto::Enctype;
    use orthros_types::{Duration, NameType};
    use std::net::{IpAddr, Ipv4Addr};
    use std::sync::Arc;

    fn builder(libdefaults: &str) -> EnvironmentBuilder {
        let text = format!("[libdefaults]\n{libdefaults}\n[domain_realm]\n .example = EXAMPLE\n");
        Environment::builder()
            .config_text("krb5.conf", &text)
            .unwrap()
    }

    fn service(environment: &Environment, host: Option<&str>) -> String {
        let service = environment.host_based_service("HTTP", host).unwrap();
        assert_eq!(service.name_type(), NameType::SRV_HST);
        service.to_string()
    }

    #[test]
    fn a_host_based_service_has_its_hosts_realm_or_none() {
        let environment = builder("").local_hostname("Here.Example").build();
        assert_eq!(
            service(&environment, Some("WWW.Example.")),
            "HTTP/www.example@EXAMPLE"
        );
        assert_eq!(
            service(&environment, Some("sql.example:1433")),
            "HTTP/sql.example:1433@EXAMPLE"
        );
        assert_eq!(service(&environment, Some("www.other")), "HTTP/www.other@");
        assert_eq!(service(&environment, None), "HTTP/here.example@EXAMPLE");
    }

    #[test]
    fn short_names_are_qualified_by_the_configuration_before_the_system() {
        let in_domain = |libdefaults| builder(libdefaults).search_domain("example").build();
        assert_eq!(
            service(&in_domain(""), Some("www")),
            "HTTP/www.example@EXAMPLE"
        );
        assert_eq!(
            service(&in_domain("qualify_shortname = org"), Some("www")),
            "HTTP/www.org@"
        );
        assert_eq!(
            service(&in_domain("qualify_shortname = \"\""), Some("www")),
            "HTTP/www@"
        );
    }

    /// Has another name for every host.
    #[derive(Debug)]
    struct Aliases;

    impl Resolver for Aliases {
        fn forward(&self, host: &str) -> Option<HostRecord> {
            let canonical_name = Some(format!("real-{host}"));
            Some(HostRecord {
                canonical_name,
                address: Ipv4Addr::LOCALHOST.into(),
            })
        }

        fn reverse(&self, _: IpAddr) -> Option<String> {
            None
        }
    }

    #[test]
    fn the_resolver_is_asked_at_once_or_later_or_never() {
        let with = |value: &str| {
            let libdefaults = format!("dns_canonicalize_hostname = {value}");
            builder(&libdefaults).resolver(Arc::new(Aliases)).build()
        };
        let www = "www.example";
        assert_eq!(
            with("true").canonical_hostname(www).unwrap(),
            "real-www.example"
        );
        for value in ["false", "fallback"] {
            assert_eq!(with(value).canonical_hostname(www).unwrap(), www);
        }
        let service = Principal::host_based("HTTP", www, "EXAMPLE");
        for value in ["true", "false"] {
            let others = with(value).fallback_services(&service, Some(www));
            assert!(others.unwrap().is_empty());
        }
        let others = with("fallback").fallback_services(&service, None).unwrap();
        assert_eq!(shown(&others), ["HTTP/real-www.example@EXAMPLE"]);
    }

    fn shown(services: &[Principal]) -> Vec<String> {
        services.iter().map(Principal::to_string).collect()
    }

    /// Knows one short name, as /etc/hosts may.
    #[derive(Debug)]
    struct Shorty;

    impl Resolver for Shorty {
        fn forward(&self, host: &str) -> Option<HostRecord> {
            (host == "shorty").then(|| HostRecord {
                canonical_name: Some("real.bugs.test".to_owned()),
                address: Ipv4Addr::LOCALHOST.into(),
            })
        }

        fn reverse(&self, _: IpAddr) -> Option<String> {
            None
        }
    }

    /// Once the resolver was asked for shorty.other.example, which nothing knows.
    #[test]
    fn the_name_as_it_was_given_is_not_lost_before_the_second_attempt() {
        let builder = |libdefaults: &str| {
            let lookup = Arc::new(Shorty);
            builder(libdefaults).resolver(lookup).search_domains([
                "other.example",
                "b.test",
                "c.test",
            ])
        };
        let environment = builder("").build();
        let service = environment.host_based_service("HTTP", Some("Shorty"));
        let service = service.unwrap();
        assert_eq!(service.to_string(), "HTTP/shorty.other.example@EXAMPLE");
        let others = |environment: &Environment, given: &str| {
            let service = environment.host_based_service("HTTP", Some(given)).unwrap();
            shown(
                &environment
                    .fallback_services(&service, Some(given))
                    .unwrap(),
            )
        };
        assert_eq!(
            others(&environment, "shorty"),
            [
                "HTTP/real.bugs.test@",
                "HTTP/shorty.b.test@",
                "HTTP/shorty.c.test@"
            ]
        );
        // Where the resolver does not know it each search domain counts all the same.
        assert_eq!(
            others(&environment, "tiny:88"),
            ["HTTP/tiny.b.test:88@", "HTTP/tiny.c.test:88@"]
        );
        // What was written in full is in no other domain, and `qualify_shortname` has the last word.
        assert!(others(&environment, "shorty.other.example").is_empty());
        let decided = builder("qualify_shortname = d.test").build();
        assert_eq!(others(&decided, "shorty"), ["HTTP/real.bugs.test@"]);
        assert!(others(&decided, "tiny").is_empty());
    }

    #[test]
    fn a_realm_goes_with_its_host_unless_it_was_chosen() {
        let environment = builder("").resolver(Arc::new(Aliases)).build();
        let fall_back = |realm: &str, host: &str| {
            let service = Principal::host_based("HTTP", host, realm);
            let others = environment.fallback_services(&service, None).unwrap();
            shown(&others).concat()
        };
        assert_eq!(fall_back("", "www.example"), "HTTP/real-www.example@");
        assert_eq!(fall_back("", "www.other"), "HTTP/real-www.other@");
        assert_eq!(
            fall_back("CHOSEN", "www.example"),
            "HTTP/real-www.example@CHOSEN"
        );
        let user = Principal::new("EXAMPLE", ["HTTP", "www.example"]);
        let others = environment.fallback_services(&user, None).unwrap();
        assert!(others.is_empty());
    }

    #[test]
    fn tickets_are_asked_for_with_this_hosts_addresses_where_the_configuration_wants_that() {
        let addresses = |libdefaults: &str| {
            let client = Principal::parse("alice@EXAMPLE", None).unwrap();
            let options = builder(libdefaults).build().initial_options(client);
            options.unwrap().addresses
        };
        assert_eq!(addresses(""), []);
        assert_eq!(addresses("noaddresses = false"), local_addresses().unwrap());
        let extra = "extra_addresses = 192.0.2.1, 2001:db8::1 192.0.2.1";
        let with_extra = addresses(&format!("noaddresses = false\n{extra}"));
        let expected = ["192.0.2.1", "2001:db8::1"].map(|text| host_address(text.parse().unwrap()));
        assert_eq!(
            with_extra,
            [local_addresses().unwrap(), expected.to_vec()].concat()
        );
        assert_eq!(addresses(extra), []);
        let client = Principal::parse("alice@EXAMPLE", None).unwrap();
        let wrong = builder("noaddresses = no\nextra_addresses = 192.0.2.1, gate").build();
        assert_eq!(
            wrong.initial_options(client).unwrap_err().to_string(),
            "krb5.conf:3: extra_addresses = 192.0.2.1, gate: not a list of IP addresses"
        );
        assert_eq!(
            addresses("noaddresses = false\nEXAMPLE = {\n noaddresses = true\n}"),
            []
        );
    }

    #[test]
    fn what_all_requests_shall_ask_for_they_ask_for() {
        let options = |libdefaults: &str| {
            let client = Principal::parse("alice@EXAMPLE", None).unwrap();
            let options = builder(libdefaults).build().initial_options(client);
            let options = options.unwrap();
            [
                options.forwardable,
                options.proxiable,
                options.canonicalize,
                options.renewable_ok,
            ]
        };
        assert_eq!(options(""), [false, false, false, true]);
        assert_eq!(
            options("kdc_default_options = 0x50010000"),
            [true, true, true, false]
        );
    }

    #[test]
    fn requests_go_by_the_configuration() {
        let environment = builder(
            "ticket_lifetime = 1h\nrenew_lifetime = 2d\nforwardable = yes\nclockskew = 30\nkdc_timesync = 0\n\
             permitted_enctypes = aes128-cts",
        )
        .build();
        let client = Principal::parse("alice@EXAMPLE", None).unwrap();
        let options = environment.initial_options(client).unwrap();
        assert_eq!(options.lifetime, Duration::from_hours(1));
        assert_eq!(options.renewable_lifetime, Some(Duration::from_hours(48)));
        assert!(options.forwardable && !options.proxiable && !options.kdc_timesync);
        assert_eq!(options.enctypes, [Enctype::AES128_CTS_HMAC_SHA1_96]);
        let options = environment.service_options().unwrap();
        assert_eq!(options.request.enctypes, [Enctype::AES128_CTS_HMAC_SHA1_96]);
        assert_eq!(options.request.clock_skew, Duration::from_seconds(30));
    }
}
