//! Which realms may vouch for a client.

use alloc::format;
use alloc::string::String;
use alloc::vec;

use orthros_asn1::{TransitedEncoding, TransitedType};
use orthros_testing::vectors::rows;
use orthros_types::config::{Config, Profile, SourceFile};

use super::*;

fn config(text: &str) -> Config {
    let file = SourceFile::new("krb5.conf", text.as_bytes());
    Config::new(Profile::parse(&file, |_| Err("no includes")).unwrap())
}

/// A configuration in which exactly these realms are between the two.
fn trusting(client: &str, server: &str, realms: &[&str]) -> Config {
    let relations: String = realms
        .iter()
        .map(|realm| format!("  {server} = {realm}\n"))
        .collect();
    let neighbours = format!("  {server} = .\n");
    let relations = if realms.is_empty() {
        neighbours
    } else {
        relations
    };
    config(&format!("[capaths]\n {client} = {{\n{relations} }}\n"))
}

fn encoded(contents: &[u8]) -> TransitedEncoding {
    TransitedEncoding {
        tr_type: TransitedType::DOMAIN_X500_COMPRESS,
        contents: contents.into(),
    }
}

fn check(
    config: &Config,
    contents: &[u8],
    client: &str,
    server: &str,
) -> Result<(), TransitedError> {
    check_transited(
        config,
        &encoded(contents),
        client.as_bytes(),
        server.as_bytes(),
    )
}

#[test]
fn a_compressed_list_stands_for_exactly_the_realms_that_mit_reads_in_it() {
    let cases = rows("mit-krb5/transited.tsv");
    assert_eq!(cases.len(), 9);
    for case in cases {
        let (client, server, contents) = (case.text(0), case.text(1), case.text(2).as_bytes());
        if case.text(3) == "-" {
            let all = trusting(client, server, &["EDU", "MIT.EDU", "EDU/COM"]);
            assert_eq!(
                check(&all, contents, client, server),
                Err(TransitedError::Malformed)
            );
            continue;
        }
        let realms: Vec<&str> = case.text(3).split(' ').collect();
        let all = trusting(client, server, &realms);
        assert_eq!(
            check(&all, contents, client, server),
            Ok(()),
            "{}",
            case.place()
        );
        for missing in &realms {
            let others: Vec<&str> = realms
                .iter()
                .copied()
                .filter(|realm| realm != missing)
                .collect();
            // A realm is on the way to itself.
            if *missing == client {
                continue;
            }
            assert_eq!(
                check(&trusting(client, server, &others), contents, client, server),
                Err(TransitedError::NotOnTheWay(missing.as_bytes().to_vec())),
                "{}",
                case.place()
            );
        }
    }
}

#[test]
fn without_a_section_the_hierarchy_is_trusted_and_nothing_else() {
    let nothing = config("");
    let path = |client: &str, server: &str| -> Vec<String> {
        let path = nothing.realm_path(client.as_bytes(), server.as_bytes());
        path.into_iter()
            .map(|realm| String::from_utf8(realm).unwrap())
            .collect()
    };
    assert_eq!(path("A.B.C", "D.C"), ["A.B.C", "B.C", "C"]);
    assert_eq!(path("C", "A.B.C"), ["C", "B.C"]);
    assert_eq!(path("A.B.C", "C"), ["A.B.C", "B.C"]);
    assert_eq!(path("A.EDU", "B.NET"), ["A.EDU", "EDU", "NET"]);
    // A domain that is only spelled alike is none.
    assert_eq!(
        path("ABC.EXAMPLE", "BC.EXAMPLE"),
        ["ABC.EXAMPLE", "EXAMPLE"]
    );
    assert_eq!(
        check(&nothing, b"EXAMPLE", "ABC.EXAMPLE", "BC.EXAMPLE"),
        Ok(())
    );
    assert!(check(&nothing, b"ELSEWHERE", "ABC.EXAMPLE", "BC.EXAMPLE").is_err());
}

#[test]
fn a_way_that_is_configured_takes_the_place_of_the_hierarchy() {
    let direct = trusting("A.X", "B.X", &[]);
    assert_eq!(direct.capath(b"A.X", b"B.X"), Some(vec![]));
    assert!(check(&direct, b"X", "A.X", "B.X").is_err());
    let long = trusting("A.X", "B.X", &["M", "N"]);
    assert_eq!(long.capath(b"A.X", b"B.X"), Some(vec!["M", "N"]));
    assert_eq!(check(&long, b"N,M", "A.X", "B.X"), Ok(()));
    assert!(check(&long, b"X", "A.X", "B.X").is_err());
    // The way back is another one.
    assert_eq!(long.capath(b"B.X", b"A.X"), None);
}

#[test]
fn no_realm_is_between_a_realm_and_itself() {
    assert_eq!(
        check(&config(""), b"EDU", "MIT.EDU", "MIT.EDU"),
        Err(TransitedError::NotOnTheWay(b"EDU".to_vec()))
    );
}

#[test]
fn an_empty_list_and_an_anonymous_client_need_no_trust() {
    let nothing = config("");
    assert_eq!(check(&nothing, b"", "A", "B"), Ok(()));
    assert_eq!(check(&nothing, b"\0", "A", "B"), Ok(()));
    assert_eq!(check(&nothing, b"X", "WELLKNOWN:ANONYMOUS", "B"), Ok(()));
}

#[test]
fn another_encoding_is_not_understood() {
    let mut transited = encoded(b"X");
    transited.tr_type = TransitedType(9);
    assert_eq!(
        check_transited(&config(""), &transited, b"A", b"B"),
        Err(TransitedError::Type(TransitedType(9)))
    );
}

#[test]
fn an_escaped_comma_is_part_of_a_name() {
    let trusted = trusting("A", "B", &["X,Y"]);
    assert_eq!(check(&trusted, b"X\\,Y", "A", "B"), Ok(()));
}

#[test]
fn a_list_that_grows_without_bound_is_refused() {
    let growing = "a.,".repeat(1000);
    let last = "a.".repeat(255) + "z";
    let contents = format!("{last},{growing}");
    assert!(check(&config(""), contents.as_bytes(), "A", "B").is_err());
    // It is the length that is refused where each realm is trusted.
    let trusted = trusting("A", "B", &[&last]);
    let contents = format!("{last},aaa.");
    assert_eq!(
        check(&trusted, contents.as_bytes(), "A", "B"),
        Err(TransitedError::Malformed)
    );
}
