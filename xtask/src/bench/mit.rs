//! MIT's library, measured by a small C program in a throw-away MIT realm.

use std::path::Path;
use std::process::{Command, Stdio};

use orthros_testing::mit::{DEFAULT_ENCTYPES, Realm};
use orthros_testing::peers;

use super::figures::Figures;
use crate::Failure;
use crate::cargo::{output, root};

/// The figures of the library that this machine has; none, with a line that says why, where something is missing.
pub(super) fn measure(directory: &Path) -> Result<Option<Figures>, Failure> {
    if let Err(missing) = peers::mit() {
        println!("MIT's library is not measured: {missing}");
        return Ok(None);
    }
    let program = directory.join("heads");
    if !compiles(&program) {
        println!(
            "MIT's library is not measured: cc or libkrb5-dev is missing (apt-get install gcc libkrb5-dev)"
        );
        return Ok(None);
    }
    let mut lines = String::new();
    for enctype in DEFAULT_ENCTYPES {
        println!("measuring MIT's library with {enctype}");
        lines.push_str(&figures(&program, enctype)?);
    }
    Ok(Some(Figures::parse(&lines)))
}

/// In a realm that has keys of that enctype only.
fn figures(program: &Path, enctype: &str) -> Result<String, Failure> {
    let realm = Realm::builder()
        .enctypes(&[enctype])
        .user("alice", "secret")
        .service("host/localhost")
        .start()?;
    realm.extract_keytab("client.keytab", &["alice"])?;
    let mut heads = realm.command(program);
    heads
        .arg(enctype)
        // As with ours: tickets and the memory of authenticators are not in files, nor is there a trace.
        .env("KRB5CCNAME", "MEMORY:bench")
        .env("KRB5RCACHENAME", "none:")
        .env_remove("KRB5_TRACE");
    output(&mut heads)
}

fn compiles(program: &Path) -> bool {
    let source = root().join("benches/mit/heads.c");
    let mut cc = Command::new("cc");
    cc.args(["-O2", "-o"]).arg(program).arg(source);
    cc.args(["-lgssapi_krb5", "-lkrb5", "-lk5crypto"]);
    let status = cc.stdin(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}
