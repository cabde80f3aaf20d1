//! MIT's notation for spans of time: `10h`, `1d12h`, `1:30`, `36000`.

use alloc::string::String;
use core::str::FromStr;

use super::Duration;
use crate::MinorStatus;

/// A text that is no span of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is no duration: {problem} at offset {offset}")]
pub struct ParseDurationError {
    /// What was to be read.
    pub text: String,
    /// Where it went wrong, in bytes.
    pub offset: usize,
    /// What was wrong there.
    problem: Problem,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Problem {
    #[error("a number is missing")]
    NoNumber,
    #[error("units are repeated, out of order or missing")]
    Unit,
    #[error("there is other text")]
    Text,
    #[error("it needs one or two digits")]
    Digits,
    #[error("more than 2147483647 seconds")]
    TooLong,
}

impl ParseDurationError {
    /// MIT's number for it.
    #[must_use]
    pub fn minor_status(&self) -> MinorStatus {
        MinorStatus::KRB5_DELTAT_BADFORMAT
    }
}

/// Reads what `krb5.conf` and `kinit -l` take for a span of time.
///
/// The forms are `NdNhNmNs` with any of the units left out, `h:m`, `h:m:s`, `d-h:m:s` and a plain number of seconds.
/// White space may stand before each number; each may be negative. A comment may follow (`24h  # a day`), as in MIT;
/// there any other text may too, so that `1.5h` is one second, which we refuse.
impl FromStr for Duration {
    type Err = ParseDurationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut reader = Reader { text, position: 0 };
        let seconds = reader.duration()?;
        // MIT keeps durations in 32 bits; a larger one is a mistake.
        i32::try_from(seconds)
            .map(|seconds| Self::from_seconds(seconds.into()))
            .map_err(|_| reader.error(Problem::TooLong))
    }
}

struct Reader<'a> {
    text: &'a str,
    position: usize,
}

impl Reader<'_> {
    fn duration(&mut self) -> Result<i64, ParseDurationError> {
        let first = self.number()?;
        match self.peek() {
            Some(b':') => self.clock(0, first),
            Some(b'-') => {
                self.position += 1;
                let hours = self.digits()?;
                if self.peek() != Some(b':') {
                    return Err(self.error(Problem::Unit));
                }
                self.clock(first, hours)
            }
            Some(b'd' | b'h' | b'm' | b's') => self.units(first),
            _ => self.end(first),
        }
    }

    /// The rest of `h:m` or `h:m:s`, from the first colon on.
    fn clock(&mut self, days: i64, hours: i64) -> Result<i64, ParseDurationError> {
        self.position += 1;
        let minutes = self.digits()?;
        let seconds = if self.peek() == Some(b':') {
            self.position += 1;
            self.digits()?
        } else {
            0
        };
        self.end(days * DAY + hours * HOUR + minutes * MINUTE + seconds)
    }

    /// The units in falling order, from the first one's letter on.
    fn units(&mut self, first: i64) -> Result<i64, ParseDurationError> {
        let mut number = first;
        let mut sum = 0;
        let mut last_size = i64::MAX;
        loop {
            let size = match self.peek() {
                Some(b'd') => DAY,
                Some(b'h') => HOUR,
                Some(b'm') => MINUTE,
                Some(b's') => 1,
                _ => return Err(self.error(Problem::Unit)),
            };
            if size >= last_size {
                return Err(self.error(Problem::Unit));
            }
            self.position += 1;
            last_size = size;
            sum += number * size;
            self.skip_space();
            match self.peek() {
                Some(b'-' | b'0'..=b'9') if size > 1 => number = self.number()?,
                _ => return self.end(sum),
            }
        }
    }

    fn number(&mut self) -> Result<i64, ParseDurationError> {
        self.skip_space();
        let negative = self.peek() == Some(b'-');
        if negative {
            self.position += 1;
        }
        let mut value = self.digit().ok_or_else(|| self.error(Problem::NoNumber))?;
        while let Some(digit) = self.digit() {
            value = value * 10 + digit;
            if value > i64::from(i32::MAX) {
                return Err(self.error(Problem::TooLong));
            }
        }
        Ok(if negative { -value } else { value })
    }

    /// One or two digits, as between colons.
    fn digits(&mut self) -> Result<i64, ParseDurationError> {
        let first = self.digit().ok_or_else(|| self.error(Problem::Digits))?;
        let value = self.digit().map_or(first, |second| first * 10 + second);
        match self.peek() {
            Some(b'0'..=b'9') => Err(self.error(Problem::Digits)),
            _ => Ok(value),
        }
    }

    fn digit(&mut self) -> Option<i64> {
        let digit = self.peek().filter(u8::is_ascii_digit)?;
        self.position += 1;
        Some((digit - b'0').into())
    }

    /// Nothing but a comment may follow.
    fn end(&mut self, seconds: i64) -> Result<i64, ParseDurationError> {
        self.skip_space();
        match self.peek() {
            None | Some(b'#' | b';') => Ok(seconds),
            Some(b'-' | b':' | b'd' | b'h' | b'm' | b's' | b'0'..=b'9') => {
                Err(self.error(Problem::Unit))
            }
            Some(_) => Err(self.error(Problem::Text)),
        }
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.position += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    fn error(&self, problem: Problem) -> ParseDurationError {
        ParseDurationError {
            text: self.text.into(),
            offset: self.position,
            problem,
        }
    }
}

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
