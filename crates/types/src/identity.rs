//! `.k5identity`: the principal that its owner wants to use for each server.
//!
//! ```text
//! line       ::= principal constraint* | # comment
//! constraint ::= realm=PATTERN | service=PATTERN | host=PATTERN          a shell's pattern: * ? [a-z] [!a-z] \
//! ```
//!
//! The first line whose constraints all hold counts.

mod pattern;

use orthros_asn1::NameType;

use crate::Principal;

/// The principal to use for `server` by a `.k5identity` file, as MIT reads it; `None` where the file does not say.
///
/// `service` and `host` hold for host-based services only; a host's name is compared in lower case. An unknown
/// constraint never holds, and a line that is malformed does not count. A principal without a realm is in
/// `default_realm`.
#[must_use]
pub fn choose_identity(
    file: &[u8],
    server: &Principal,
    default_realm: Option<&[u8]>,
) -> Option<Principal> {
    file.split(|byte| *byte == b'\n')
        .find_map(|line| identity(line, server, default_realm))
}

fn identity(line: &[u8], server: &Principal, default_realm: Option<&[u8]>) -> Option<Principal> {
    let mut words = line
        .split(|byte| b" \t\r".contains(byte))
        .filter(|word| !word.is_empty());
    let principal = words.next().filter(|word| !word.starts_with(b"#"))?;
    if !words.all(|constraint| holds(constraint, server)) {
        return None;
    }
    Principal::parse(principal, default_realm).ok()
}

fn holds(constraint: &[u8], server: &Principal) -> bool {
    let equals = constraint.iter().position(|byte| *byte == b'=');
    let Some((name, pattern)) = equals.and_then(|equals| constraint.split_at_checked(equals))
    else {
        return false;
    };
    let pattern = pattern.get(1..).unwrap_or_default();
    let host_based = match server.components() {
        [service, host, ..] if server.name_type() == NameType::SRV_HST => Some((service, host)),
        _ => None,
    };
    match (name, host_based) {
        (b"realm", _) => pattern::matches(pattern, server.realm()),
        (b"service", Some((service, _))) => pattern::matches(pattern, service),
        (b"host", Some((_, host))) => pattern::matches(pattern, &host.to_ascii_lowercase()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(file: &str, server: &Principal) -> Option<alloc::string::String> {
        let chosen = choose_identity(file.as_bytes(), server, Some(b"HOME"));
        chosen.map(|principal| alloc::format!("{principal}"))
    }

    #[test]
    fn the_first_line_whose_constraints_hold_counts() {
        let file = "# who I am\n\nalice@OUT\trealm=OUT*  service=HTTP\r\n  mail host=*.mail.example\n\
                    root/admin service=host host=[a-c]?.example\nbob@HOME realm=HOME\n";
        let server =
            |service: &str, host: &str, realm: &str| Principal::host_based(service, host, realm);
        for (server, expected) in [
            (server("HTTP", "www.out", "OUTER"), Some("alice@OUT")),
            (server("imap", "A.Mail.Example", "X"), Some("mail@HOME")),
            (server("host", "b1.example", "X"), Some("root/admin@HOME")),
            (server("host", "d1.example", "X"), None),
            (server("host", "d1.example", "HOME"), Some("bob@HOME")),
            (server("imap", "www.out", "OUT"), None),
        ] {
            assert_eq!(chosen(file, &server).as_deref(), expected, "{server}");
        }
    }

    #[test]
    fn only_host_based_services_have_a_service_and_a_host() {
        let plain = Principal::parse("HTTP/www@R", None).unwrap();
        assert_eq!(
            chosen("a service=HTTP\nb host=www\nc realm=R", &plain).as_deref(),
            Some("c@HOME")
        );
    }

    #[test]
    fn a_line_that_is_malformed_or_not_understood_does_not_count() {
        let server = Principal::host_based("HTTP", "www", "R");
        for line in [
            "a realm",
            "a realm=R color=red",
            "a@b@c realm=R",
            "#a realm=R",
            "a =R",
        ] {
            assert_eq!(chosen(line, &server), None, "{line}");
        }
        assert_eq!(chosen("a", &server).as_deref(), Some("a@HOME"));
        assert_eq!(choose_identity(b"a", &server, None), None);
    }
}
