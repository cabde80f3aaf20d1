//! Addresses to listen on.

use std::net::{AddrParseError, IpAddr, SocketAddr};

/// An address of the KDC, on port 88 where it says none.
pub(super) fn kdc(text: &str) -> Result<SocketAddr, AddrParseError> {
    parse(text, KDC)
}

/// An address for changes of passwords, on port 464 where it says none.
pub(super) fn password(text: &str) -> Result<SocketAddr, AddrParseError> {
    parse(text, PASSWORD)
}

/// Where passwords are changed next to a KDC there: on the usual port if that is on its usual port.
pub(super) fn next_to(kdc: SocketAddr) -> SocketAddr {
    let port = if kdc.port() == KDC { PASSWORD } else { 0 };
    SocketAddr::new(kdc.ip(), port)
}

fn parse(text: &str, port: u16) -> Result<SocketAddr, AddrParseError> {
    match text.parse::<IpAddr>() {
        Ok(address) => Ok(SocketAddr::new(address, port)),
        Err(_) => text.parse(),
    }
}

/// RFC 4120 section 7.2.1.
const KDC: u16 = 88;
/// RFC 3244.
const PASSWORD: u16 = 464;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_not_said_is_the_usual_one() {
        let shown = |text| kdc(text).map(|address| address.to_string()).ok();
        assert_eq!(shown("127.0.0.1").as_deref(), Some("127.0.0.1:88"));
        assert_eq!(shown("127.0.0.1:0").as_deref(), Some("127.0.0.1:0"));
        assert_eq!(shown("::1").as_deref(), Some("[::1]:88"));
        assert_eq!(shown("[::1]:8888").as_deref(), Some("[::1]:8888"));
        assert_eq!(shown("localhost"), None);
        assert_eq!(password("::1").unwrap().port(), 464);
        assert_eq!(
            next_to(kdc("10.0.0.1").unwrap()),
            password("10.0.0.1").unwrap()
        );
        assert_eq!(next_to(kdc("10.0.0.1:8888").unwrap()).port(), 0);
    }
}
