//! Java's GSS-API as the other head of a context: `interop/GssPeer.java`, driven as MIT's is.

use std::path::Path;
use std::process::Command;

use crate::mit::{GssPeer, RealmError};
use crate::peers;

/// Starts Java with a configuration. Its credentials come of the commands `log-in` and `take-keytab`, through
/// [`GssPeer::call`].
///
/// # Errors
///
/// When it does not come up: without [`peers::java`], for example.
pub fn gss_peer(krb5_conf: &Path) -> Result<GssPeer, RealmError> {
    let mut command = Command::new(peers::java()?);
    // It compiles the program first; the rest is for a machine that runs other tests, too.
    command.args(["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]);
    command.arg(SOURCE).env("KRB5_CONFIG", krb5_conf);
    GssPeer::start(&mut command)
}

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../interop/GssPeer.java");
