//! What happened, step by step, for people and for machines.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// The steps so far.
#[derive(Debug, Default)]
pub(super) struct Account {
    steps: Vec<Step>,
}

/// What a step gives to later ones and what was seen; or what was not as it should be. Both are told, not acted upon.
pub(super) type Seen<T> = Result<(T, String), String>;

#[derive(Debug)]
struct Step {
    title: &'static str,
    /// What came of it: what was expected, or what was not.
    seen: String,
    holds: bool,
    took: Duration,
}

impl Account {
    /// Takes a step: it gives what later ones need and says what was seen, or what was not as it should be.
    pub(super) fn step<T>(
        &mut self,
        title: &'static str,
        take: impl FnOnce() -> Seen<T>,
    ) -> Option<T> {
        let started = Instant::now();
        let taken = take();
        let took = started.elapsed();
        let (result, seen) = match taken {
            Ok((result, seen)) => (Some(result), seen),
            Err(seen) => (None, seen),
        };
        self.steps.push(Step {
            title,
            seen,
            holds: result.is_some(),
            took,
        });
        result
    }

    /// Whether every step so far was as it should be.
    pub(super) fn holds(&self) -> bool {
        self.steps.iter().all(|step| step.holds)
    }

    /// Two lines a step.
    pub(super) fn to_text(&self, holds: bool) -> String {
        let mut text =
            String::from("A realm, a client and a service in one process, and no line of C:\n\n");
        for step in &self.steps {
            let mark = if step.holds { "ok  " } else { "FAIL" };
            let title = step.title;
            let took = shown(step.took);
            let _ = writeln!(
                text,
                "  {mark} {title:<WIDTH$} {took:>9}\n       {}",
                step.seen
            );
        }
        let total = shown(self.total());
        let _ = if holds {
            let count = self.steps.len();
            writeln!(
                text,
                "\nAll {count} steps held, in {total}. The realm is gone; it left nothing on disk."
            )
        } else {
            writeln!(text, "\nNot all of it held.")
        };
        text
    }

    /// One document, times in microseconds.
    pub(super) fn to_json(&self, holds: bool) -> Value {
        let steps = self.steps.iter().map(|step| {
            json!({
                "step": step.title,
                "seen": step.seen,
                "holds": step.holds,
                "microseconds": microseconds(step.took),
            })
        });
        json!({
            "holds": holds,
            "microseconds": microseconds(self.total()),
            "steps": steps.collect::<Vec<_>>(),
        })
    }

    fn total(&self) -> Duration {
        self.steps.iter().map(|step| step.took).sum()
    }
}

/// In milliseconds, or in microseconds where those say more.
fn shown(time: Duration) -> String {
    if time < Duration::from_millis(1) {
        format!("{} us", time.as_micros())
    } else {
        format!("{:.1} ms", time.as_secs_f64() * 1e3)
    }
}

fn microseconds(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Columns of a title.
const WIDTH: usize = 66;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_fails_is_told_and_nothing_holds() {
        let mut account = Account::default();
        assert_eq!(account.step("first", || Ok((7, "seven".into()))), Some(7));
        assert!(account.holds());
        let failed = account.step("second", || Seen::<()>::Err("it rained".to_owned()));
        assert_eq!(failed, None);
        assert!(!account.holds());
        let text = account.to_text(false);
        assert!(
            text.contains("FAIL second") && text.contains("it rained"),
            "{text}"
        );
        assert!(!text.contains("All"), "{text}");
        let json = account.to_json(false);
        assert_eq!(json["steps"][1]["holds"], false);
        assert_eq!(json["holds"], false);
    }
}
