//! What it takes to start the program: time and memory of `klist` on a cache of two tickets, next to MIT's.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use orthros_testing::programs;
use orthros_testing::vectors::parse_stanzas;

use crate::Failure;
use crate::cargo::{read, root};

/// The most that `klist` may take, in resident memory and in time.
const MOST_KIB: u64 = 4 << 10;
const LONGEST: Duration = Duration::from_millis(2);

const RUNS: usize = 200;

/// A pipe takes this much before its writer waits.
const PIPE: usize = 64 << 10;

/// How often, and after which pause, it is looked whether the program waits.
const LOOKS: usize = 500;
const PAUSE: Duration = Duration::from_millis(2);

/// Prints the figures of our `klist` and of MIT's if it is there; ours must be within their bounds.
pub(super) fn measure(program: &Path) -> Result<(), Failure> {
    let directory = tempfile::tempdir().map_err(failed("directory of a cache"))?;
    write_cache(directory.path())?;
    let klist = |program: &Path, arguments: &[&str]| {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env("KRB5_CONFIG", directory.path().join("krb5.conf"))
            .env("KRB5CCNAME", directory.path().join("cache"))
            .stdin(Stdio::null());
        command
    };
    let mits = programs::find("klist");
    let mut ours = Figures::of(klist(program, &["klist"]));
    let mut mits = mits.map(|mits| Figures::of(klist(&mits, &[])));
    // In turns, as other work on the machine comes and goes.
    for _ in 0..RUNS {
        ours.run()?;
        mits.as_mut().map_or(Ok(()), Figures::run)?;
    }
    ours.peak()?;
    println!("orthros klist: {ours}");
    if let Some(mut mits) = mits {
        mits.peak()?;
        println!("MIT's klist:   {mits}");
    }
    if ours.least() > LONGEST || ours.kib > MOST_KIB {
        return Err(Failure::TooMuch(format!("{ours}")));
    }
    Ok(())
}

/// A command, how long its runs took, and what was resident.
struct Figures {
    command: Command,
    times: Vec<Duration>,
    kib: u64,
}

impl Figures {
    fn of(command: Command) -> Self {
        Self {
            command,
            times: Vec::with_capacity(RUNS),
            kib: 0,
        }
    }

    fn run(&mut self) -> Result<(), Failure> {
        let started = Instant::now();
        let finished = self.command.stdout(Stdio::null()).status();
        if !finished.map_err(failed("klist"))?.success() {
            return Err(Failure::Command(crate::cargo::line(&self.command)));
        }
        self.times.push(started.elapsed());
        Ok(())
    }

    fn peak(&mut self) -> Result<(), Failure> {
        self.kib = peak(&mut self.command).map_err(failed("klist"))?;
        Ok(())
    }

    fn least(&self) -> Duration {
        self.times.iter().min().copied().unwrap_or_default()
    }

    fn median(&self) -> Duration {
        let mut times = self.times.clone();
        times.sort();
        times.get(times.len() / 2).copied().unwrap_or_default()
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
        write!(
            f,
            "{:.2} ms from start to end (least of {}; median {:.2}), {} KiB resident",
            milliseconds(self.least()),
            self.times.len(),
            milliseconds(self.median()),
            self.kib
        )
    }
}

/// The most that was resident, in KiB, when the program has done its work and waits to print it: the pipe for that is
/// full.
fn peak(command: &mut Command) -> io::Result<u64> {
    let (reader, mut writer) = io::pipe()?;
    writer.write_all(&[0; PIPE])?;
    let mut child = command.stdout(writer).spawn()?;
    let peak = peak_of_waiting(&child);
    child.kill()?;
    child.wait()?;
    // Until here, or it would not wait but fail.
    drop(reader);
    peak
}

fn peak_of_waiting(child: &Child) -> io::Result<u64> {
    let status = format!("/proc/{}/status", child.id());
    for _ in 0..LOOKS {
        sleep(PAUSE);
        let text = fs::read_to_string(&status)?;
        if text.contains("\nState:\tS") {
            let peak = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kib = peak.and_then(|peak| peak.trim().strip_suffix(" kB"));
            return kib
                .and_then(|kib| kib.parse().ok())
                .ok_or_else(|| io::ErrorKind::InvalidData.into());
        }
    }
    Err(io::ErrorKind::TimedOut.into())
}

/// A cache that MIT's kinit and kvno have written, out of the vectors.
fn write_cache(directory: &Path) -> Result<(), Failure> {
    const FILE: &str = "vectors/mit-files/ccache.txt";
    let vectors = parse_stanzas(&read(&root().join(FILE))?, FILE);
    let cache = vectors.first().map(|first| first.octets("file"));
    fs::write(directory.join("cache"), cache.unwrap_or_default()).map_err(failed("cache"))?;
    fs::write(directory.join("krb5.conf"), "").map_err(failed("krb5.conf"))
}

fn failed(what: &str) -> impl FnOnce(io::Error) -> Failure {
    let path = what.to_owned();
    move |source| Failure::File { path, source }
}
