//! One line a figure: printed for people, and recorded for `cargo xtask bench`.

use std::fs::OpenOptions;
use std::io::Write as _;

use crate::Time;

/// What a line says.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// What was done.
    pub what: &'a str,
    /// To what: an enctype, a store.
    pub with: &'a str,
    /// Octets of one operation; 0 where there are none.
    pub octets: usize,
    /// What it took.
    pub time: Time,
    /// Megabytes a second of the floor, where it has a figure.
    pub floor: Option<f64>,
}

/// Prints the head of the table.
pub fn print_head() {
    println!(
        "{:<20} {:<28} {:>8} {:>10} {:>10} {:>8} {:>8} {:>6}",
        "what", "with", "octets", "us", "best us", "MB/s", "floor", "ratio"
    );
}

/// Prints one line, and records it.
pub fn print(row: &Row<'_>) {
    let Row {
        what,
        with,
        octets,
        time,
        floor,
    } = *row;
    let (median, best) = (time.median / 1e3, time.best / 1e3);
    print!("{what:<20} {with:<28} {octets:>8} {median:>10.3} {best:>10.3}");
    if octets > 0 {
        let speed = time.megabytes_a_second(octets);
        print!(" {speed:>8.0}");
        if let Some(floor) = floor {
            print!(" {floor:>8.0} {:>6.2}", speed / floor);
        }
    }
    println!();
    record(row, None);
}

/// Appends a figure to the file that `ORTHROS_BENCH_RECORD` names, if it names one: what, with, octets, nanoseconds,
/// and where they are known the floor's megabytes a second and the allocations, between tabs.
pub fn record(row: &Row<'_>, allocations: Option<u64>) {
    let Some(path) = std::env::var_os(RECORD) else {
        return;
    };
    let floor = row.floor.map(|floor| floor.to_string()).unwrap_or_default();
    let allocations = allocations.map(|count| count.to_string());
    let allocations = allocations.unwrap_or_default();
    let Row {
        what, with, octets, ..
    } = row;
    let median = row.time.median;
    let file = OpenOptions::new().append(true).create(true).open(&path);
    let line = format!("{what}\t{with}\t{octets}\t{median}\t{floor}\t{allocations}\n");
    if let Err(error) = file.and_then(|mut file| file.write_all(line.as_bytes())) {
        eprintln!("{}: {error}", path.display());
    }
}

const RECORD: &str = "ORTHROS_BENCH_RECORD";
