//! Adds up what `cargo test` says: one summary line for each test program and each crate's doc tests.

/// How many tests there were of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) ignored: usize,
}

impl Counts {
    /// Reads a summary line; any other line is `None`.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let (_, numbers) = line.strip_prefix("test result: ")?.split_once(". ")?;
        let mut counts = Self::default();
        for part in numbers.split(';') {
            let Some((number, kind)) = part.trim().split_once(' ') else {
                continue;
            };
            let Ok(number) = number.parse() else { continue };
            match kind {
                "passed" => counts.passed = number,
                "failed" => counts.failed = number,
                "ignored" => counts.ignored = number,
                _ => {}
            }
        }
        Some(counts)
    }

    /// Both together.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            ignored: self.ignored + other.ignored,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_line_is_read_and_no_other() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 4 filtered out; finished in 0.10s";
        let counts = Counts {
            passed: 12,
            failed: 3,
            ignored: 1,
        };
        assert_eq!(Counts::parse(line), Some(counts));
        assert_eq!(Counts::parse("test a::b ... ok"), None);
        assert_eq!(Counts::parse("running 6 tests"), None);
    }

    #[test]
    fn summaries_add_up() {
        let one = Counts::parse("test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured");
        let two = Counts::parse("test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured");
        let sum = one.unwrap().plus(two.unwrap());
        assert_eq!((sum.passed, sum.failed, sum.ignored), (5, 0, 1));
    }
}
