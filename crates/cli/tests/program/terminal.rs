//! Passwords on a terminal: asked for without echo, and given up with Ctrl-C. The terminal is util-linux's `script`.

use std::io::{Read as _, Write as _};
use std::process::Stdio;

use orthros_testing::peers::{self, Missing};
use orthros_testing::programs;
use orthros_testing::require_mit;

use crate::world::World;

const PROMPT: &str = "Password for alice@ORTHROS.TEST: ";

/// Where there is no `script` the test is skipped, and counted as that.
macro_rules! require_script {
    ($test:literal) => {
        if programs::find("script").is_none() {
            let missing = Missing {
                what: "script".to_owned(),
                how: "install util-linux's script (Debian: bsdutils)",
            };
            peers::skip(concat!("terminal::", $test), &missing);
            return;
        }
    };
}

/// Runs a shell's line on a terminal and types `typed` as soon as it asks for the password. Returns what
/// the terminal showed, without its carriage returns.
fn on_a_terminal(world: &World, line: &str, typed: &str) -> String {
    // The limit is for the case that nobody asks.
    let mut script = world.mits("timeout", &["30", "script", "-qec", line, "/dev/null"]);
    script.env("SHELL", "/bin/sh");
    let mut child = script
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut keyboard = child.stdin.take().unwrap();
    let mut screen = child.stdout.take().unwrap();
    let mut shown = Vec::new();
    let mut octet = [0];
    while !shown.ends_with(PROMPT.as_bytes()) && screen.read(&mut octet).unwrap() == 1 {
        shown.extend(octet);
    }
    keyboard.write_all(typed.as_bytes()).unwrap();
    screen.read_to_end(&mut shown).unwrap();
    child.wait().unwrap();
    String::from_utf8(shown).unwrap().replace('\r', "")
}

#[test]
fn a_password_is_not_shown_and_may_be_corrected() {
    require_mit!();
    require_script!("a_password_is_not_shown_and_may_be_corrected");
    let world = World::start();
    let orthros = env!("CARGO_BIN_EXE_orthros");
    // A wrong letter rubbed out, and a whole line.
    for typed in ["secret\n", "secrex\x7Ft\n", "wrong\x15secret\n"] {
        let shown = on_a_terminal(&world, &format!("{orthros} kinit alice"), typed);
        assert_eq!(shown, format!("{PROMPT}\n"));
        assert_eq!(world.services(), ["krbtgt/ORTHROS.TEST@ORTHROS.TEST"]);
        world.ours(&["kdestroy"]);
    }
}

#[test]
fn ctrl_c_gives_up_and_leaves_the_terminal_as_it_was() {
    require_mit!();
    require_script!("ctrl_c_gives_up_and_leaves_the_terminal_as_it_was");
    let world = World::start();
    let orthros = env!("CARGO_BIN_EXE_orthros");
    let line = format!(
        "stty -a > before; {orthros} kinit alice; echo code $?; stty -a > after; cmp before after && echo same"
    );
    let line = format!("cd {} && {line}", world.realm.directory().display());
    for typed in ["sec\x03", "\x03", "\x1C"] {
        let shown = on_a_terminal(&world, &line, typed);
        let expected = "kinit: cannot get the password of alice@ORTHROS.TEST: interrupted while getting initial credentials";
        assert_eq!(shown, format!("{PROMPT}\n{expected}\ncode 1\nsame\n"));
    }
    assert!(!world.realm.ccache().exists());
}
