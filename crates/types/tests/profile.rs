//! `krb5.conf` as sections and relations, against what MIT's library finds in the same texts.

use orthros_testing::vectors::rows;
use orthros_types::config::{
    Include, Profile, ProfileError, SourceFile, is_included_from_directory,
};

fn parse(name: &str, text: &str) -> Result<Profile, ProfileError<String>> {
    let file = SourceFile::new(name, text.as_bytes());
    Profile::parse(&file, |include| Err(format!("{include:?}")))
}

fn visible_breaks(text: &str) -> String {
    text.replace('\n', "␤")
        .replace('\t', "␉")
        .replace('\r', "␍")
        .replace('\u{B}', "␋")
}

fn breaks(text: &str) -> String {
    text.replace('␤', "\n")
        .replace('␉', "\t")
        .replace('␍', "\r")
        .replace('␋', "\u{B}")
}

/// The values in one or several files, as the vector file writes them.
fn values(texts: &str, path: &[&str]) -> String {
    let mut profile = Profile::default();
    for text in texts.split('␌') {
        match parse("krb5.conf", &breaks(text)) {
            Ok(file) => profile.append(file),
            Err(_) => return "refused".into(),
        }
    }
    let values = profile.values(path);
    if values.is_empty() {
        return "none".into();
    }
    let shown: Vec<String> = (values.iter())
        .map(|value| format!("<{}>", visible_breaks(value.text)))
        .collect();
    shown.join(" ")
}

#[test]
fn values_are_those_that_mit_finds() {
    for row in rows("mit-files/profile.tsv") {
        let path: Vec<&str> = row.text(2).split('|').collect();
        assert_eq!(values(row.text(1), &path), row.text(3), "{}", row.place());
    }
}

#[test]
fn malformed_lines_are_named_with_file_and_line() {
    for row in rows("mit-files/profile-malformed.tsv") {
        match parse("krb5.conf", &breaks(row.text(1))) {
            Ok(_) => panic!("{}: accepted", row.place()),
            Err(error) => {
                assert_eq!(error.to_string(), row.text(2), "{}", row.place());
                let name = error.minor_status().name();
                assert_eq!(name, Some(row.text(3)), "{}", row.place());
            }
        }
    }
}

#[test]
fn a_final_relation_or_section_keeps_later_ones_out_as_in_newer_mit() {
    // MIT 1.20 heeds `*` only between files, and only on sections.
    let b = ["a", "b"];
    assert_eq!(values("[a]␤ b* = 1␤ b = 2␤␌[a]␤ b = 3␤", &b), "<1>");
    assert_eq!(values("[a]*␤ b = 1␤[a]␤ b = 2␤", &b), "<1>");
    let again = "[a]␤ b* = {␤  c = 1␤ }␤ b = {␤  c = 2␤  d = {␤   c = 4␤  }␤ }␤ e = 3␤";
    assert_eq!(values(again, &["a", "b", "c"]), "<1>");
    assert_eq!(values(again, &["a", "b", "d", "c"]), "none");
    assert_eq!(values(again, &["a", "e"]), "<3>");
}

#[test]
fn values_know_their_file_and_line() {
    let mut profile = parse("one.conf", "[a]\n b = 1\n").unwrap();
    profile.append(parse("two.conf", "\n[a]\n\n b = 2\n").unwrap());
    let places: Vec<String> = (profile.values(&["a", "b"]).iter())
        .map(|value| value.place.to_string())
        .collect();
    assert_eq!(places, ["one.conf:2", "two.conf:4"]);
}

#[test]
fn names_are_listed_once_over_all_files() {
    let mut profile = parse("1", "[r]\n B = {\n }\n A = {\n }\n y = 1\n y = 2\n").unwrap();
    profile.append(parse("2", "[r]\n C = {\n }\n A = {\n }\n x = 1\n").unwrap());
    assert_eq!(profile.subsection_names(&["r"]), ["A", "B", "C"]);
    assert_eq!(profile.relation_names(&["r"]), ["y", "x"]);
    assert_eq!(profile.subsection_names(&[]), ["r"]);
    assert!(profile.relation_names(&["none"]).is_empty());
}

#[test]
fn includes_are_asked_for_and_add_to_the_sections_they_name() {
    let main = SourceFile::new(
        "main.conf",
        b"include /first\n[a]\n b = 1\nincludedir /dir \n c = 2\ninclude\t/last\n",
    );
    let mut asked = Vec::new();
    let profile = Profile::parse(&main, |include| {
        asked.push(format!("{include:?}"));
        let file = |name, text: &str| SourceFile::new(name, text.as_bytes());
        Ok::<_, String>(match include {
            Include::File("/first") => vec![file("first", "[a]\n b = 0\n")],
            Include::File(_) => vec![file("last", "[a]\n b = 9\n")],
            Include::Directory(_) => vec![
                file("x", "[z]\n q = {\n  r = 1\n"),
                file("y", "no section\n"),
            ],
        })
    })
    .unwrap();
    assert_eq!(
        asked,
        ["File(\"/first\")", "Directory(\"/dir\")", "File(\"/last\")"]
    );
    let texts = |path: &[&str]| -> Vec<String> {
        let values = profile.values(path);
        values.iter().map(|value| value.text.to_owned()).collect()
    };
    assert_eq!(texts(&["a", "b"]), ["0", "1", "9"]);
    // What an included file leaves open does not reach the including one.
    assert_eq!(texts(&["a", "c"]), ["2"]);
    assert_eq!(texts(&["z", "q", "r"]), ["1"]);
}

#[test]
fn an_include_that_can_not_be_read_is_named_with_its_line() {
    let Err(error) = parse("krb5.conf", "[a]\ninclude /nowhere\n") else {
        panic!("accepted");
    };
    assert_eq!(
        error.to_string(),
        "krb5.conf:2: can't include /nowhere: File(\"/nowhere\")"
    );
}

#[test]
fn an_error_in_an_included_file_names_that_file() {
    let main = SourceFile::new("main.conf", b"include /x\n");
    let result = Profile::parse(&main, |_| {
        Ok::<_, String>(vec![SourceFile::new("/x", b"[a]\n\n}\n")])
    });
    assert_eq!(
        result.err().unwrap().to_string(),
        "/x:3: \"}\" closes nothing"
    );
}

#[test]
fn a_file_that_includes_itself_is_refused() {
    let file = SourceFile::new("loop.conf", b"include loop.conf\ninclude loop.conf\n");
    let mut reads = 0;
    let result = Profile::parse(&file, |_| {
        reads += 1;
        Ok::<_, String>(vec![file.clone()])
    });
    assert_eq!(
        result.err().unwrap().to_string(),
        "loop.conf:1: includes are nested too deeply or too many"
    );
    assert!(reads < 100);
}

#[test]
fn braces_without_end_are_refused_before_they_exhaust_the_stack() {
    let text = format!("[a]\n{}", "b = {\n".repeat(100_000));
    let Err(error) = parse("deep.conf", &text) else {
        panic!("accepted");
    };
    assert!(error.to_string().contains("nested too deeply"), "{error}");
}

#[test]
fn octets_that_are_no_utf_8_hurt_only_where_they_stand() {
    let file = SourceFile::new("krb5.conf", b"# caf\xE9\n[a]\n b = \xFF\n c = d\n");
    let profile = Profile::parse(&file, |_| Err(())).unwrap();
    assert_eq!(profile.value(&["a", "b"]).unwrap().text, "\u{FFFD}");
    assert_eq!(profile.value(&["a", "c"]).unwrap().text, "d");
}

#[test]
fn a_directory_gives_only_names_that_are_meant_for_it() {
    for (name, expected) in [
        ("crypto-policies", true),
        ("local_1", true),
        ("site.conf", true),
        ("a b.conf", true),
        ("site.conf~", false),
        ("site.conf.rpmsave", false),
        (".hidden.conf", false),
        (".conf", false),
        ("site.txt", false),
    ] {
        assert_eq!(is_included_from_directory(name), expected, "{name}");
    }
}
