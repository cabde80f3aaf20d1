//! One line a figure.

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

/// Prints one line.
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
}
