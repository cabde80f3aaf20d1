//! What MIT's programs say of a failure, for scripts that look for it. Ours follows behind.

use std::error::Error;
use std::fmt;

use orthros_host::{AcquireError, CacheError, KcmError, KeytabError};
use orthros_krb5::client::ClientError;
use orthros_krb5::{KdcRefusalError, TransportError};

/// MIT's text where it has a well-known one, and ours behind it unless that says the same.
pub(crate) fn before(error: &(dyn Error + 'static), ours: String) -> String {
    let Some(theirs) = text(error) else {
        return ours;
    };
    let plain = theirs.replace(['\'', '"'], "");
    match ours.split_at_checked(plain.len()) {
        _ if is_absence(&ours) => theirs,
        Some((same, rest)) if same.eq_ignore_ascii_case(&plain) => theirs + rest,
        _ => format!("{theirs}: {ours}"),
    }
}

/// What MIT says with the same file's name in other words.
fn is_absence(ours: &str) -> bool {
    ours.starts_with("no credential cache found at ") || ours.starts_with("no keytab found at ")
}

/// MIT's text, if it has a well-known one.
fn text(error: &(dyn Error + 'static)) -> Option<String> {
    if let Some(error) = error.downcast_ref::<AcquireError>() {
        return of_acquiring(error);
    }
    if let Some(error) = error.downcast_ref::<CacheError>() {
        return of_cache(error);
    }
    error.downcast_ref::<KeytabError>().and_then(of_keytab)
}

fn of_acquiring(error: &AcquireError) -> Option<String> {
    match error {
        AcquireError::Client(error) => of_client(error),
        AcquireError::Transport(error) => of_transport(error),
        AcquireError::Cache(error) => of_cache(error),
        AcquireError::Keytab(error) => of_keytab(error),
        _ => None,
    }
}

fn of_client(error: &ClientError) -> Option<String> {
    match error {
        ClientError::TicketExpired { .. } => Some("Ticket expired".to_owned()),
        ClientError::NotCached { cache, .. }
        | ClientError::NoTicketGrantingTicket { cache, .. } => Some(format!(
            "Matching credential not found (filename: {})",
            residual(cache)
        )),
        _ => error.refusal().and_then(of_refusal),
    }
}

fn of_refusal(refusal: &KdcRefusalError) -> Option<String> {
    Some(match refusal {
        KdcRefusalError::ClientUnknown { client, .. } => {
            format!("Client '{client}' not found in Kerberos database")
        }
        KdcRefusalError::ServiceUnknown { service, .. } => {
            format!("Server {service} not found in Kerberos database")
        }
        KdcRefusalError::ClientRevoked { .. } => {
            "Client's credentials have been revoked".to_owned()
        }
        KdcRefusalError::PasswordExpired { .. } => "Password has expired".to_owned(),
        KdcRefusalError::WrongSecret {
            is_password: true, ..
        } => "Password incorrect".to_owned(),
        KdcRefusalError::WrongSecret { .. } => "Preauthentication failed".to_owned(),
        KdcRefusalError::EnctypeNotSupported { .. } => {
            "KDC has no support for encryption type".to_owned()
        }
        KdcRefusalError::Skew { .. } => "Clock skew too great".to_owned(),
        KdcRefusalError::TicketExpired { .. } => "Ticket expired".to_owned(),
        KdcRefusalError::TicketNotYetValid { .. } => "Ticket not yet valid".to_owned(),
        _ => return None,
    })
}

fn of_transport(error: &TransportError) -> Option<String> {
    Some(match error {
        TransportError::Unreachable { realm, .. } => {
            format!("Cannot contact any KDC for realm '{realm}'")
        }
        TransportError::NoKdc { realm } | TransportError::DnsDiscovery { realm, .. } => {
            format!("Cannot find KDC for realm \"{realm}\"")
        }
        _ => return None,
    })
}

fn of_cache(error: &CacheError) -> Option<String> {
    match error {
        CacheError::Absent { name } => Some(match name.type_name() {
            "KCM" => format!("Credentials cache '{name}' not found"),
            "KEYRING" => format!("Credentials cache keyring '{}' not found", residual(name)),
            _ => format!("No credentials cache found (filename: {})", residual(name)),
        }),
        CacheError::Kcm {
            error: KcmError::NoDaemon | KcmError::Disabled,
            ..
        } => Some("No KCM server found".to_owned()),
        _ => None,
    }
}

fn of_keytab(error: &KeytabError) -> Option<String> {
    match error {
        KeytabError::Absent { name } => {
            Some(format!("Key table file '{}' not found", residual(name)))
        }
        KeytabError::NoKey { error, .. } => Some(format!(
            "Keytab contains no suitable keys for {}",
            error.principal
        )),
        KeytabError::NoUsableKey { principal, .. } => {
            Some(format!("Keytab contains no suitable keys for {principal}"))
        }
        _ => None,
    }
}

/// A name without its type.
fn residual(name: &impl fmt::Display) -> String {
    let text = name.to_string();
    text.split_once(':')
        .map_or(text.clone(), |(_, rest)| rest.to_owned())
}

#[cfg(test)]
mod tests {
    use orthros_host::{CacheName, KeytabName};
    use orthros_krb5::ExchangeError;
    use orthros_types::Principal;

    use super::*;

    #[test]
    fn what_scripts_look_for_is_there() {
        let absent = CacheError::Absent {
            name: CacheName::parse("/tmp/cc").unwrap(),
        };
        let expected = "No credentials cache found (filename: /tmp/cc)";
        assert_eq!(text(&absent).as_deref(), Some(expected));
        let acquired = AcquireError::Cache(absent);
        assert_eq!(text(&acquired).as_deref(), Some(expected));
        let keytab = KeytabError::Absent {
            name: KeytabName::parse("/tmp/kt").unwrap(),
        };
        let expected = "Key table file '/tmp/kt' not found";
        assert_eq!(text(&keytab).as_deref(), Some(expected));
        let expired = KdcRefusalError::TicketExpired {
            ticket: Principal::new("R", ["krbtgt", "R"]),
        };
        let expired = AcquireError::from(ClientError::from(ExchangeError::from(expired)));
        assert_eq!(text(&expired).as_deref(), Some("Ticket expired"));
        let unreachable = AcquireError::from(TransportError::Unreachable {
            realm: "R".to_owned(),
            attempts: Vec::new(),
        });
        let expected = "Cannot contact any KDC for realm 'R'";
        assert_eq!(text(&unreachable).as_deref(), Some(expected));
        let said = |error: &AcquireError| before(error, error.to_string());
        assert!(said(&unreachable).starts_with("Cannot contact any KDC for realm 'R':"));
        assert_eq!(said(&unreachable).matches("ontact any").count(), 1);
        assert_eq!(
            said(&acquired),
            "No credentials cache found (filename: /tmp/cc)"
        );
        assert_eq!(
            said(&expired),
            "Ticket expired: the ticket for krbtgt/R@R has expired"
        );
    }
}
