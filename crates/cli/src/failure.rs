//! How a subcommand fails: one line for the administrator, one exit code for the script.

use std::error::Error;
use std::process::ExitCode;

use crate::mit_text;

/// What went wrong and what was being done, as MIT's tools phrase it: `kinit: <what> while <doing>`.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    doing: String,
}

/// The result of a subcommand: an exit code that may itself say "no" (as `klist -s` does), or a failure.
pub(crate) type Outcome = Result<ExitCode, Failure>;

impl Failure {
    /// A failure without a cause of its own, such as an argument that means nothing.
    pub(crate) fn new(what: impl Into<String>, doing: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            doing: doing.into(),
        }
    }

    /// The line that says so on standard error.
    pub(crate) fn line(&self, program: &str) -> String {
        if self.doing.is_empty() {
            format!("{program}: {}", self.what)
        } else {
            format!("{program}: {} while {}", self.what, self.doing)
        }
    }
}

/// Adds what was being done to an error.
pub(crate) trait While<T> {
    /// Turns the error into a [`Failure`] that ends in `while {doing}`.
    fn while_doing(self, doing: impl Into<String>) -> Result<T, Failure>;
}

impl<T, E: Error + 'static> While<T> for Result<T, E> {
    fn while_doing(self, doing: impl Into<String>) -> Result<T, Failure> {
        self.map_err(|error| {
            let ours = with_causes(&error);
            Failure::new(mit_text::before(&error, ours), doing)
        })
    }
}

/// The error's text, followed by those of its causes that it does not repeat itself.
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let said = inner.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use super::*;

    #[derive(Debug)]
    struct Layer(&'static str, Option<Box<Layer>>);

    impl fmt::Display for Layer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Layer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|cause| cause as _)
        }
    }

    #[test]
    fn causes_follow_and_are_not_said_twice() {
        let root = Layer("disk on fire", None);
        let middle = Layer("can't read x: disk on fire", Some(Box::new(root)));
        let top = Layer("no cache", Some(Box::new(middle)));
        assert_eq!(with_causes(&top), "no cache: can't read x: disk on fire");
    }

    #[test]
    fn a_failure_says_what_was_being_done() {
        let failed: Result<(), _> = Err(Layer("no", None));
        let failure = failed.while_doing("trying").unwrap_err();
        assert_eq!((&*failure.what, &*failure.doing), ("no", "trying"));
    }
}
