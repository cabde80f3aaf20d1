//! What was measured.

use std::collections::HashMap;

/// Figures by what was done, with what, and to how many octets.
#[derive(Debug, Default)]
pub(super) struct Figures(HashMap<(String, String, usize), Figure>);

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Figure {
    /// Of CPU time, for one operation.
    pub(super) nanoseconds: f64,
    /// What the processor allows, in megabytes a second.
    pub(super) floor: Option<f64>,
    pub(super) allocations: Option<u64>,
}

impl Figures {
    /// Reads the lines that benches record: fields between tabs, the last two of which may be empty or absent.
    pub(super) fn parse(lines: &str) -> Self {
        Self(lines.lines().filter_map(parse_line).collect())
    }

    pub(super) fn get(&self, what: &str, with: &str, octets: usize) -> Option<Figure> {
        let key = (what.to_owned(), with.to_owned(), octets);
        self.0.get(&key).copied()
    }

    /// Nanoseconds alone.
    pub(super) fn time(&self, what: &str, with: &str, octets: usize) -> Option<f64> {
        self.get(what, with, octets)
            .map(|figure| figure.nanoseconds)
    }

    /// The one figure of something that was done to messages of one length only.
    pub(super) fn only(&self, what: &str, with: &str) -> Option<(usize, Figure)> {
        let mut all = self.0.iter();
        all.find(|((w, with_, _), _)| w == what && with_ == with)
            .map(|((_, _, octets), figure)| (*octets, *figure))
    }
}

fn parse_line(line: &str) -> Option<((String, String, usize), Figure)> {
    let mut fields = line.split('\t');
    let what = fields.next()?.to_owned();
    let with = fields.next()?.to_owned();
    let octets = fields.next()?.parse().ok()?;
    let figure = Figure {
        nanoseconds: fields.next()?.parse().ok()?,
        floor: fields.next().and_then(|field| field.parse().ok()),
        allocations: fields.next().and_then(|field| field.parse().ok()),
    };
    Some(((what, with, octets), figure))
}

/// Megabytes (of 10^6 octets) a second.
pub(super) fn speed(octets: usize, nanoseconds: f64) -> f64 {
    f64::from(u32::try_from(octets).unwrap_or(u32::MAX)) * 1e3 / nanoseconds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_both_kinds_are_read_and_others_are_not() {
        let figures = Figures::parse(
            "wrap\taes\t64\t300.5\t400\t\naccept\taes\t0\t5000\t\t45\nwrap\tmit\t64\t1400.0\nnonsense\n",
        );
        let wrap = figures.get("wrap", "aes", 64).unwrap();
        assert_eq!((wrap.nanoseconds, wrap.floor), (300.5, Some(400.0)));
        let accept = figures.get("accept", "aes", 0).unwrap();
        assert_eq!(accept.allocations, Some(45));
        assert_eq!(figures.time("wrap", "mit", 64), Some(1400.0));
        assert_eq!(figures.0.len(), 3);
    }

    #[test]
    fn a_kilobyte_in_a_microsecond_is_a_gigabyte_a_second() {
        assert!((speed(1000, 1000.0) - 1000.0).abs() < 1e-9);
    }
}
