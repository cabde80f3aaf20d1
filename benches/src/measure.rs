//! CPU time of the calling thread, per operation.

use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

/// What one operation took.
#[derive(Debug, Clone, Copy)]
pub struct Time {
    /// The median of all windows, in nanoseconds.
    pub median: f64,
    /// The best window, in nanoseconds.
    pub best: f64,
}

impl Time {
    /// Megabytes (of 10^6 octets) a second, when one operation works on `octets`.
    #[must_use]
    pub fn megabytes_a_second(&self, octets: usize) -> f64 {
        as_float(octets) * 1e3 / self.median
    }
}

/// Measures `operation`, which can be repeated as it is.
pub fn measure(mut operation: impl FnMut()) -> Time {
    measure_batches(MOST_OPERATIONS, |count| vec![(); count], |()| operation())
}

/// Measures `operation` on inputs that it uses up: `inputs` makes as many as it is asked for, at most `most` at once,
/// outside of the time, and outside of it they are dropped.
///
/// Make `most` so small that the inputs stay in the processor's cache, where a caller's would be too.
pub fn measure_batches<I>(
    most: usize,
    mut inputs: impl FnMut(usize) -> Vec<I>,
    mut operation: impl FnMut(&mut I),
) -> Time {
    let mut batch = |count: usize| {
        let mut inputs = inputs(count);
        let start = thread_time();
        for input in &mut inputs {
            operation(input);
        }
        thread_time() - start
    };
    let mut window = |count: usize| {
        let rounds = (0..count).step_by(most);
        let total: Duration = rounds.map(|done| batch(most.min(count - done))).sum();
        total.as_secs_f64() * 1e9 / as_float(count)
    };
    let mut count = 1;
    while window(count) * as_float(count) < WINDOW_NANOSECONDS && count < MOST_OPERATIONS {
        count *= 2;
    }
    let mut windows: Vec<f64> = (0..WINDOWS).map(|_| window(count)).collect();
    windows.sort_by(f64::total_cmp);
    let at = |index: usize| windows.get(index).copied().unwrap_or(f64::NAN);
    Time {
        median: at(WINDOWS / 2),
        best: at(0),
    }
}

/// The CPU time that this thread has used. A clock that can't be read shows as a figure of zero.
fn thread_time() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}

#[expect(clippy::cast_precision_loss, reason = "counts here are far below 2^52")]
fn as_float(count: usize) -> f64 {
    count as f64
}

const WINDOWS: usize = 15;
const WINDOW_NANOSECONDS: f64 = 5e6;
const MOST_OPERATIONS: usize = 1 << 20;
