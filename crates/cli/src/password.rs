//! Asking for a password: without echo on a terminal, from standard input otherwise.

use std::io::{self, BufRead, IsTerminal};

/// Asks `prompt` on the terminal and reads a line without echo; where standard input is no terminal,
/// reads its first line instead, so that a script can pipe the password in.
///
/// # Errors
/// Standard input ended before a line, or reading failed.
pub(crate) fn ask(prompt: &str) -> io::Result<String> {
    if io::stdin().is_terminal() {
        return rpassword::prompt_password(prompt);
    }
    let mut line = String::new();
    if io::stdin().lock().read_line(&mut line)? == 0 {
        return Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "standard input ended before a password was read",
        ));
    }
    let end = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(end);
    Ok(line)
}
