//! `service@host`, and what is often written in its place.

use orthros_types::Shown;

use super::HostBased;
use crate::Error;
use crate::error::CallError;

/// Checks `service@host` or `service`.
pub(super) fn check_whole(bytes: &[u8]) -> Result<(), Error> {
    let (service, host) = split(bytes);
    check(service, host)?;
    read(bytes).map(drop)
}

/// Reads `service@host` or `service`, which has been checked.
pub(super) fn read(bytes: &[u8]) -> Result<HostBased<'_>, Error> {
    let (service, host) = split(bytes);
    let host = host.map(str::from_utf8).transpose();
    let host = host.map_err(|_| CallError::HostName(shown(bytes)))?;
    Ok(HostBased { service, host })
}

fn split(bytes: &[u8]) -> (&[u8], Option<&[u8]>) {
    let at = bytes.iter().position(|byte| *byte == b'@');
    match at.and_then(|at| bytes.split_at_checked(at)) {
        Some((service, [_, host @ ..])) => (service, Some(host)),
        _ => (bytes, None),
    }
}

/// Refuses what no service and no host is called. MIT krb5 takes such a name, and the KDC does not know it.
pub(super) fn check(service: &[u8], host: Option<&[u8]>) -> Result<(), Error> {
    if is_plain(service) && host.is_none_or(is_plain) {
        return Ok(());
    }
    let mistake = match host {
        _ if service.is_empty() => return Err(CallError::NoService(whole(service, host)).into()),
        _ if service.contains(&b'/') => Some(Mistake::Principal),
        _ if service.contains(&b'@') => Some(Mistake::Service),
        Some([]) => Some(Mistake::NoHost),
        Some(host) if host.contains(&b'/') => Some(Mistake::Url),
        Some(host) if host.contains(&b'@') => Some(Mistake::Realm),
        _ => None,
    };
    let is_blank = |byte: &u8| byte.is_ascii_whitespace() || byte.is_ascii_control();
    let has_blank = service.iter().chain(host.unwrap_or_default()).any(is_blank);
    match mistake.or(has_blank.then_some(Mistake::WhiteSpace)) {
        None => Ok(()),
        Some(mistake) => Err(CallError::HostBased {
            name: whole(service, host),
            meant: mistake.meant(service, host),
        }
        .into()),
    }
}

/// Whether there is nothing in a part that has to be looked at more closely.
fn is_plain(part: &[u8]) -> bool {
    let is_special = |byte: &u8| matches!(byte, b'/' | b'@' | ..=b' ' | 0x7F);
    !part.is_empty() && !part.iter().any(is_special)
}

enum Mistake {
    Principal,
    Service,
    NoHost,
    Url,
    Realm,
    WhiteSpace,
}

impl Mistake {
    /// What to write instead, for a message.
    fn meant(&self, service: &[u8], host: Option<&[u8]>) -> String {
        match self {
            Self::Principal => {
                let mut parts = service.split(|byte| *byte == b'/');
                let first = shown(parts.next().unwrap_or_default());
                let second = shown(parts.next().unwrap_or_default());
                format!(
                    "it is written like a principal; write service@host, as {first}@{second}, or use a name of type \
                     KRB5_PRINCIPAL_NAME"
                )
            }
            Self::Service => "a service's name has no @".to_owned(),
            Self::NoHost => format!(
                "no host follows the @; name one, or write {} alone for this host",
                shown(service)
            ),
            Self::Url => {
                "what follows the @ is a host's name alone, without a path or a scheme".to_owned()
            }
            Self::Realm => {
                let host = host.unwrap_or_default();
                let host = host.split(|byte| *byte == b'@').next();
                format!(
                    "a host-based name has no realm; write {}@{}, or use a principal's name",
                    shown(service),
                    shown(host.unwrap_or_default())
                )
            }
            Self::WhiteSpace => "there is white space or a control character in it".to_owned(),
        }
    }
}

fn whole(service: &[u8], host: Option<&[u8]>) -> String {
    match host {
        Some(host) => shown(&[service, b"@", host].concat()),
        None => shown(service),
    }
}

fn shown(bytes: &[u8]) -> String {
    Shown::new(bytes).to_string()
}
