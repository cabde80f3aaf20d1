//! Channel bindings: what ties a context to the channel that it runs over (RFC 2743 section 1.1.6).

use core::net::{AddrParseError, IpAddr, Ipv4Addr, Ipv6Addr};

use crate::AddressFamily;

mod certificate;

pub use certificate::CertificateError;

/// The channel bindings of RFC 2744 section 3.11: two addresses and application data, all optional.
///
/// Both sides of a context must give the same ones, address types included: the [default](Self::default) has
/// [`AddressFamily::NULLADDR`] (255), bindings to application data alone have [`AddressFamily::UNSPEC`] (0). What
/// travels is an MD5 of them (RFC 4121 section 4.1.1.2), under the encryption of the initiator's authenticator. Every
/// field can be set later.
///
/// Over TLS, which is where they matter most:
///
/// ```
/// use orthros::ChannelBindings;
///
/// let exported = [0u8; 32]; // the TLS library's exporter, label "EXPORTER-Channel-Binding", no context
/// let bindings = ChannelBindings::tls_exporter(&exported);
/// # assert_eq!(bindings.application_data.len(), 13 + 32);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct ChannelBindings {
    /// The kind of the initiator's address.
    pub initiator_address_type: AddressFamily,
    /// The initiator's address, in network order for IP.
    pub initiator_address: Vec<u8>,
    /// The kind of the acceptor's address.
    pub acceptor_address_type: AddressFamily,
    /// The acceptor's address, in network order for IP.
    pub acceptor_address: Vec<u8>,
    /// What the application binds to in addition to the addresses.
    pub application_data: Vec<u8>,
}

impl ChannelBindings {
    /// Bindings to application data alone. Their address types are [`AddressFamily::UNSPEC`] (0), as C programs
    /// leave them and TLS servers expect them.
    ///
    /// The address types are hashed, too: for a peer that gives "no address" (255), as the Python package's
    /// constructor does, begin with [`ChannelBindings::default`].
    ///
    /// ```
    /// use orthros::{AddressFamily, ChannelBindings};
    ///
    /// let usual = ChannelBindings::application_data("tls-unique:..");
    /// assert_eq!(usual.initiator_address_type, AddressFamily::UNSPEC);
    /// let documented = ChannelBindings { application_data: b"..".to_vec(), ..ChannelBindings::default() };
    /// assert_eq!(documented.initiator_address_type, AddressFamily::NULLADDR);
    /// ```
    pub fn application_data(data: impl Into<Vec<u8>>) -> Self {
        Self {
            initiator_address_type: AddressFamily::UNSPEC,
            acceptor_address_type: AddressFamily::UNSPEC,
            application_data: data.into(),
            ..Self::default()
        }
    }

    /// Bindings to the IPv4 addresses of the two sides; either may be `None`.
    ///
    /// ```
    /// use core::net::Ipv4Addr;
    /// use orthros::{AddressFamily, ChannelBindings};
    ///
    /// let bindings = ChannelBindings::ipv4(Ipv4Addr::new(192, 0, 2, 7), None);
    /// assert_eq!(bindings.initiator_address, [192, 0, 2, 7]);
    /// assert_eq!(bindings.acceptor_address_type, AddressFamily::NULLADDR);
    /// ```
    pub fn ipv4(
        initiator: impl Into<Option<Ipv4Addr>>,
        acceptor: impl Into<Option<Ipv4Addr>>,
    ) -> Self {
        Self::addresses(
            initiator.into().map(IpAddr::V4),
            acceptor.into().map(IpAddr::V4),
        )
    }

    /// Bindings to the IPv6 addresses of the two sides; either may be `None`.
    pub fn ipv6(
        initiator: impl Into<Option<Ipv6Addr>>,
        acceptor: impl Into<Option<Ipv6Addr>>,
    ) -> Self {
        Self::addresses(
            initiator.into().map(IpAddr::V6),
            acceptor.into().map(IpAddr::V6),
        )
    }

    /// Bindings to IP addresses of either family; either may be `None`.
    pub fn addresses(
        initiator: impl Into<Option<IpAddr>>,
        acceptor: impl Into<Option<IpAddr>>,
    ) -> Self {
        let (initiator_address_type, initiator_address) = address(initiator.into());
        let (acceptor_address_type, acceptor_address) = address(acceptor.into());
        Self {
            initiator_address_type,
            initiator_address,
            acceptor_address_type,
            acceptor_address,
            application_data: Vec::new(),
        }
    }

    /// Bindings to IP addresses of either family in their text form; either may be `None`.
    ///
    /// ```
    /// # use orthros::ChannelBindings;
    /// let bindings = ChannelBindings::addresses_from_text("192.0.2.7", "192.0.2.8")?;
    /// assert_eq!(bindings.acceptor_address, [192, 0, 2, 8]);
    /// # Ok::<(), core::net::AddrParseError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`AddrParseError`] where a text is no IP address.
    pub fn addresses_from_text<'a>(
        initiator: impl Into<Option<&'a str>>,
        acceptor: impl Into<Option<&'a str>>,
    ) -> Result<Self, AddrParseError> {
        Ok(Self::addresses(
            initiator.into().map(str::parse::<IpAddr>).transpose()?,
            acceptor.into().map(str::parse::<IpAddr>).transpose()?,
        ))
    }

    /// Bindings to a TLS channel by the server's certificate (RFC 5929 section 4), as HTTP, LDAP and SQL Server use.
    ///
    /// `certificate` is the server's own certificate in DER. Its hash is that of its signature algorithm; SHA-256
    /// where that is MD5 or SHA-1.
    ///
    /// # Errors
    ///
    /// [`CertificateError`] where it is not a certificate, or RFC 5929 names no hash for its signature algorithm.
    pub fn tls_server_end_point(certificate: &[u8]) -> Result<Self, CertificateError> {
        let hash = certificate::end_point_hash(certificate)?;
        Ok(Self::tls(b"tls-server-end-point:", &hash))
    }

    /// Bindings to a TLS channel by exported keying material (RFC 9266), the way for TLS 1.3.
    ///
    /// `exported` is 32 bytes under the label `EXPORTER-Channel-Binding` with an empty context.
    #[must_use]
    pub fn tls_exporter(exported: &[u8; 32]) -> Self {
        Self::tls(b"tls-exporter:", exported)
    }

    /// Bindings to a TLS channel by its first Finished message (RFC 5929 section 3); TLS 1.2 and older only.
    #[must_use]
    pub fn tls_unique(first_finished: &[u8]) -> Self {
        Self::tls(b"tls-unique:", first_finished)
    }

    /// The same in the form that the exchange hashes.
    pub(crate) fn of_exchange(&self) -> orthros_types::ChannelBindings {
        orthros_types::ChannelBindings {
            initiator_address_type: self.initiator_address_type.0,
            initiator_address: self.initiator_address.clone(),
            acceptor_address_type: self.acceptor_address_type.0,
            acceptor_address: self.acceptor_address.clone(),
            application_data: self.application_data.clone(),
        }
    }

    fn tls(prefix: &[u8], data: &[u8]) -> Self {
        Self::application_data([prefix, data].concat())
    }
}

fn address(address: Option<IpAddr>) -> (AddressFamily, Vec<u8>) {
    match address {
        None => (AddressFamily::NULLADDR, Vec::new()),
        Some(IpAddr::V4(address)) => (AddressFamily::INET, address.octets().to_vec()),
        Some(IpAddr::V6(address)) => (AddressFamily::INET6, address.octets().to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use core::net::Ipv6Addr;

    use super::ChannelBindings;
    use crate::AddressFamily;

    #[test]
    fn the_documented_constructor_has_no_addresses() {
        let bindings = ChannelBindings::default();
        assert_eq!(bindings.initiator_address_type, AddressFamily(255));
        assert_eq!(bindings.acceptor_address_type, AddressFamily(255));
    }

    /// Type 255 in their place is refused by peers that leave the address types as C does.
    #[test]
    fn application_data_alone_does_not_bind_to_an_address_type() {
        let bindings = ChannelBindings::application_data("anything");
        assert_eq!(bindings.initiator_address_type, AddressFamily(0));
        assert_eq!(bindings.acceptor_address_type, AddressFamily(0));
        assert_eq!(bindings.application_data, b"anything");
        let default = ChannelBindings {
            application_data: b"anything".to_vec(),
            ..ChannelBindings::default()
        };
        assert_ne!(bindings.of_exchange().hash(), default.of_exchange().hash());
    }

    #[test]
    fn text_gives_what_the_addresses_give() {
        let text = ChannelBindings::addresses_from_text("2001:db8::1", None);
        let address = Ipv6Addr::new(0x2001, 0xDB8, 0, 0, 0, 0, 0, 1);
        assert_eq!(text, Ok(ChannelBindings::ipv6(address, None)));
        assert!(ChannelBindings::addresses_from_text("localhost", None).is_err());
    }

    #[test]
    fn tls_bindings_have_unspecified_addresses() {
        let bindings = ChannelBindings::tls_unique(&[1, 2, 3]);
        assert_eq!(bindings.initiator_address_type, AddressFamily::UNSPEC);
        assert_eq!(bindings.acceptor_address_type, AddressFamily::UNSPEC);
        assert_eq!(bindings.application_data, b"tls-unique:\x01\x02\x03");
    }
}
