//! `.k5login`: who may be a local user is named on a line of its own, and no one else may. The input is a principal
//! and the file, separated by a zero octet.
#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;
use std::{env, fs, process};

use libfuzzer_sys::fuzz_target;
use orthros_fuzz::texts;
use orthros_host::Environment;
use orthros_types::Principal;

struct World {
    environment: Environment,
    user: String,
    file: PathBuf,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let directory = env::temp_dir().join(format!("orthros-k5login-{}", process::id()));
    fs::create_dir_all(&directory).expect("there is room for a file");
    let config = format!(
        "[libdefaults]\n default_realm = R\n k5login_directory = {}\n",
        directory.display()
    );
    let builder = Environment::builder().config_text("krb5.conf", &config);
    let environment = builder.expect("the configuration is well-formed").build();
    let user = environment
        .local_user_name()
        .expect("who runs this is a user");
    let file = directory.join(&user);
    World {
        environment,
        user,
        file,
    }
});

fuzz_target!(|data: &[u8]| {
    let [principal, file] = texts(data);
    let Ok(principal) = Principal::parse(principal, Some(b"R")) else {
        return;
    };
    fs::write(&WORLD.file, file).expect("there is room for a file");
    let may = WORLD
        .environment
        .authorize_local_login(&principal, &WORLD.user);
    let name = principal.unparse();
    let is_named = file.split(|octet| *octet == b'\n').any(|line| line == name);
    assert_eq!(may.is_ok(), is_named, "{may:?}");
});
