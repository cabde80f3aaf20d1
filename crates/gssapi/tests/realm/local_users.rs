//! Which local user a principal is, and may be, compared with what MIT's library says.

use std::fs;
use std::process::Command;

use orthros::{Environment, MechName, Name, NameType, Oid};
use orthros_testing::process::run;
use orthros_testing::{peers, require_python_gssapi};

/// The user that there is everywhere.
const USER: &str = "root";

const PRINCIPALS: [&str; 14] = [
    "root@R",
    "root/R@R",
    "root/admin@R",
    "root@S",
    "alice@R",
    "alice@S",
    "alice/admin@R",
    "alice/admin/x@R",
    "nn/node7@HADOOP.EXAMPLE.COM",
    "dn/node7@HADOOP.EXAMPLE.COM",
    "rm/node7@HADOOP.EXAMPLE_COM",
    "a.b-c@R",
    "xxax@R",
    "host/www.example.org@R",
];

/// Ends of `[realms]`, each tried with every principal.
const RULES: [&str; 8] = [
    "",
    "auth_to_local = DEFAULT",
    "auth_to_local = RULE:[1:$1@$0](.*@S)s/@.*//\n auth_to_local = DEFAULT",
    "auth_to_local = RULE:[2:$1;$2](^.*;admin$)s/;admin$//",
    "auth_to_local = RULE:[2:$1@$0]([nrd][mn]@.*HADOOP\\.EXAMPLE\\.COM)s/.*/root/\n auth_to_local = RULE:[3:$3.$1]",
    "auth_to_local = RULE:[1:$1](.*)s/a|ax/Y/g\n auth_to_local = RULE:(host.*)s/\\..*//s/^host.//",
    "auth_to_local = RULE:[1:x$1]s/^x+// s/-/./g\n auth_to_local = RULE:[2:$2](ad.*)s/a/b/",
    "auth_to_local_names = {\n alice = root\n alice/admin = adm\n }\n auth_to_local = RULE:[1:$1](root)s/root/toor/\n auth_to_local = DEFAULT",
];

/// Files of the user's; `None` for no file.
const LISTS: [Option<&str>; 5] = [
    None,
    Some(""),
    Some("alice@R\nroot@S\n"),
    Some("# alice@R\nalice@S \n root@R\nalice@R"),
    Some("alice@R\r\nalice/admin@R\n\nroot@R x\n"),
];

#[test]
fn a_principal_is_and_may_be_the_user_that_mit_says() {
    require_python_gssapi!();
    let directory = tempfile::tempdir().unwrap();
    let conf = directory.path().join("krb5.conf");
    let list = directory.path().join(USER);
    for rules in RULES {
        let principals = principals(rules);
        let asked = principals.iter().map(|name| format!("{name}\t{USER}\n"));
        let asked = asked.collect::<String>();
        for (lines, authoritative) in LISTS.iter().flat_map(|list| [(list, true), (list, false)]) {
            let text = format!(
                "[libdefaults]\n default_realm = R\n k5login_directory = {}\n \
                 k5login_authoritative = {authoritative}\n[realms]\n R = {{\n {rules}\n }}\n",
                directory.path().display()
            );
            fs::write(&conf, &text).unwrap();
            let _ = fs::remove_file(&list);
            if let Some(lines) = lines {
                fs::write(&list, lines).unwrap();
            }
            let mut python = Command::new(peers::python_gssapi().unwrap());
            python.arg(SCRIPT).env("KRB5_CONFIG", &conf);
            let theirs = run(&mut python, asked.as_bytes()).unwrap();
            assert!(theirs.status.success(), "{theirs}");
            let ours = ours(&text, &principals);
            assert_eq!(ours, theirs.stdout, "{text}\n{lines:?}");
        }
    }
}

/// Whom both are asked for. MIT's `auth_to_local_names` maps clients of each realm; ours those of the realm it stands
/// under.
fn principals(rules: &str) -> Vec<&'static str> {
    let is_local_only = rules.contains("auth_to_local_names");
    let principals = PRINCIPALS.into_iter();
    principals
        .filter(|name| !is_local_only || name.ends_with("@R"))
        .collect()
}

/// What we make of all principals, in the words of the script.
fn ours(krb5_conf: &str, principals: &[&str]) -> String {
    let environment = Environment::builder()
        .config_text("krb5.conf", krb5_conf)
        .unwrap()
        .build();
    let said = principals.iter().map(|text| {
        let name = principal(text, &environment);
        let local = name.localname_in(&environment);
        let local = local.unwrap_or_else(|_| "-".to_owned());
        let may = name.authorize_localname_in(USER, &environment).is_ok();
        format!("{local}\t{}\n", if may { "yes" } else { "no" })
    });
    said.collect()
}

fn principal(text: &str, environment: &Environment) -> MechName {
    let name = Name::new(text, NameType::KRB5_PRINCIPAL_NAME).unwrap();
    name.canonicalize_in(Oid::KRB5, environment).unwrap()
}

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../interop/local_names.py");
