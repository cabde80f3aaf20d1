//! Standard output and standard error, where a closed pipe is the reader's good right and no panic.

use std::io::{self, Write as _};
use std::process::ExitCode;

use serde_json::Value;

use crate::failure::{Failure, Outcome, While as _};

/// Prints `text` as it is.
pub(crate) fn text(text: &str) -> Outcome {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        written => written
            .while_doing("writing to standard output")
            .map(|()| ExitCode::SUCCESS),
    }
}

/// Prints a line on the way. A reader who has gone away misses it, and what is being done goes on.
pub(crate) fn line(text: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Prints a JSON document, indented, with a newline at its end.
pub(crate) fn json(document: &Value) -> Outcome {
    text(&format!("{document:#}\n"))
}

/// Prints a line on standard error. Where that can't be written, there is no place left to say so.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Prints a failure's line on standard error and gives the exit code 1, which MIT's tools use for every failure but
/// bad usage.
pub(crate) fn failure(failure: &Failure, program: &str) -> ExitCode {
    note(&failure.line(program));
    ExitCode::FAILURE
}
