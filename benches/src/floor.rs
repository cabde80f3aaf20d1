//! The floor: what a hand-written program reaches on this machine, in this run.

use std::collections::HashMap;
use std::env;
use std::process::Command;

/// The figures of a program that measures whole RFC 4121 tokens in hand-interleaved instructions.
///
/// It is not part of this repository. `ORTHROS_WRAPFLOOR` names its binary; each line that it prints is a name, a
/// size in octets and MB/s, separated by tabs (`wrapfloor_conf_et18`, `unwrapfloor_conf_et18`, `micfloor_sha1`), and
/// may go on. `ORTHROS_HWFLOOR` names one for kernels alone, cipher and hash of as many octets, whose lines are alike
/// (`stitch_enc128+sha256`): the floor where there is no program for whole tokens.
#[derive(Debug, Default)]
pub struct Floor(HashMap<(String, usize), f64>);

impl Floor {
    /// Runs the programs that are named, and says what came of it. They run twice and the better figures count, as
    /// whatever else the machine does only makes them worse.
    #[must_use]
    pub fn run() -> Self {
        let mut floor = Self::of_program("ORTHROS_WRAPFLOOR", &[]);
        floor
            .0
            .extend(Self::of_program("ORTHROS_HWFLOOR", &["quick"]).0);
        floor
    }

    fn of_program(variable: &str, arguments: &[&str]) -> Self {
        let Some(program) = env::var_os(variable) else {
            println!("floor: not measured, {variable} names no program");
            return Self::default();
        };
        let name = program.to_string_lossy().into_owned();
        let mut again = Command::new(&program);
        again.args(arguments);
        match Command::new(program).args(arguments).output() {
            Ok(output) if output.status.success() => {
                let mut floor = Self::parse(&String::from_utf8_lossy(&output.stdout));
                if let Ok(again) = again.output() {
                    floor.raise(&Self::parse(&String::from_utf8_lossy(&again.stdout)));
                }
                println!("floor: {} figures from {name}", floor.0.len());
                floor
            }
            Ok(output) => {
                println!("floor: not measured, {name} ended with {}", output.status);
                Self::default()
            }
            Err(error) => {
                println!("floor: not measured, {name}: {error}");
                Self::default()
            }
        }
    }

    /// MB/s of the figure `name` for `octets`.
    #[must_use]
    pub fn figure(&self, name: &str, octets: usize) -> Option<f64> {
        self.0.get(&(name.to_owned(), octets)).copied()
    }

    fn raise(&mut self, other: &Self) {
        for (name, figure) in &mut self.0 {
            *figure = other
                .0
                .get(name)
                .map_or(*figure, |other| figure.max(*other));
        }
    }

    fn parse(output: &str) -> Self {
        let figures = output.lines().filter_map(|line| {
            let mut fields = line.split('\t');
            let name = fields.next()?.to_owned();
            let octets = fields.next()?.parse().ok()?;
            let speed = fields.next()?.split_whitespace().next()?.parse().ok()?;
            Some(((name, octets), speed))
        });
        Self(figures.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::Floor;

    #[test]
    fn of_two_runs_the_better_figures_count() {
        let mut floor = Floor::parse("wrap\t64\t380\nwrap\t1024\t1200\n");
        floor.raise(&Floor::parse("wrap\t64\t390\nwrap\t1024\t900\n"));
        assert_eq!(floor.figure("wrap", 64), Some(390.0));
        assert_eq!(floor.figure("wrap", 1024), Some(1200.0));
    }

    #[test]
    fn both_kinds_of_lines_are_read_and_others_are_not() {
        let floor = Floor::parse(
            "wrapfloor_conf_et18\t64\t382\t9.401\t394\n\
             unwrapfloor_conf_et18\t64\t466 MB/s\t0.137 us\n\
             bad=0\n",
        );
        assert_eq!(floor.figure("wrapfloor_conf_et18", 64), Some(382.0));
        assert_eq!(floor.figure("unwrapfloor_conf_et18", 64), Some(466.0));
        assert_eq!(floor.0.len(), 2);
    }
}
