//! Where to listen: addresses, and paths of Unix domain sockets.

use std::net::{AddrParseError, IpAddr, SocketAddr};
use std::path::PathBuf;

/// Where to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Address(SocketAddr),
    Path(PathBuf),
}

/// An address of the KDC, on port 88 where it says none, or a path.
pub(super) fn kdc(text: &str) -> Result<Place, AddrParseError> {
    parse(text, KDC)
}

/// An address for changes of passwords, on port 464 where it says none, or a path.
pub(super) fn password(text: &str) -> Result<Place, AddrParseError> {
    parse(text, PASSWORD)
}

impl Place {
    /// Where passwords are changed next to a KDC there: on the usual port if that is on its usual port; of a path
    /// beside it.
    pub(super) fn next_to(&self) -> Self {
        match self {
            Self::Address(kdc) => {
                let port = if kdc.port() == KDC { PASSWORD } else { 0 };
                Self::Address(SocketAddr::new(kdc.ip(), port))
            }
            Self::Path(kdc) => {
                let mut path = kdc.clone().into_os_string();
                path.push(".kpasswd");
                Self::Path(path.into())
            }
        }
    }
}

fn parse(text: &str, port: u16) -> Result<Place, AddrParseError> {
    if text.starts_with('/') {
        return Ok(Place::Path(text.into()));
    }
    Ok(Place::Address(match text.parse::<IpAddr>() {
        Ok(address) => SocketAddr::new(address, port),
        Err(_) => text.parse()?,
    }))
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
        let shown = |text| match kdc(text) {
            Ok(Place::Address(address)) => Some(address.to_string()),
            _ => None,
        };
        assert_eq!(shown("127.0.0.1").as_deref(), Some("127.0.0.1:88"));
        assert_eq!(shown("127.0.0.1:0").as_deref(), Some("127.0.0.1:0"));
        assert_eq!(shown("::1").as_deref(), Some("[::1]:88"));
        assert_eq!(shown("[::1]:8888").as_deref(), Some("[::1]:8888"));
        assert_eq!(shown("localhost"), None);
        let beside = |text| kdc(text).unwrap().next_to();
        assert_eq!(beside("10.0.0.1"), password("10.0.0.1:464").unwrap());
        assert_eq!(beside("10.0.0.1:8888"), password("10.0.0.1:0").unwrap());
        let path = Place::Path("/run/kdc.kpasswd".into());
        assert_eq!(beside("/run/kdc"), path);
    }
}
