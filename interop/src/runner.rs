//! Runs cases against peers, and reports as Rust's test programs do, so that the same tools count what it says.
//!
//! Cargo's own runner would have each case start realms of its own. Here a peer's realms are started once, serve all
//! cases, and end when these are done, whether they hold or not.

mod domain;

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use orthros_testing::peers::{self, INTEROP};
use orthros_testing::samba::Domain;

use crate::limits::{LIMITS, Limit};
use crate::{Peer, Realms};

/// Something that must hold with every peer, with containers, or in a domain of Samba's.
pub struct Case {
    name: String,
    body: Body,
}

enum Body {
    /// Shares the realms of a peer with all others.
    Shared(Box<dyn Fn(&Realms) + Send + Sync>),
    /// Starts containers of its own, and does to them what no other case could stand.
    Containers(fn()),
    /// Is run in a process that has entered the domain.
    Domain(fn(&Domain)),
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Case").field(&self.name).finish()
    }
}

impl Case {
    /// A case that is given the realms of the peer. It fails by panicking.
    pub fn new(name: impl Into<String>, body: impl Fn(&Realms) + Send + Sync + 'static) -> Self {
        Self {
            name: name.into(),
            body: Body::Shared(Box::new(body)),
        }
    }

    /// A case of containers that it starts itself. It is run with [`Peer::Docker`] only, after the others.
    pub fn of_containers(name: impl Into<String>, body: fn()) -> Self {
        Self {
            name: name.into(),
            body: Body::Containers(body),
        }
    }

    /// A case that is given a domain of Samba's, in whose network it is run.
    pub fn of_domain(name: impl Into<String>, body: fn(&Domain)) -> Self {
        Self {
            name: name.into(),
            body: Body::Domain(body),
        }
    }

    /// Whether it is for a peer.
    fn is_for(&self, peer: Peer) -> bool {
        match self.body {
            Body::Shared(_) => peer != Peer::Samba,
            Body::Containers(_) => peer == Peer::Docker,
            Body::Domain(_) => peer == Peer::Samba,
        }
    }

    fn name_with(&self, peer: Peer) -> String {
        format!("{}::{}", peer.name(), self.name)
    }
}

/// Runs the cases whose names contain one of the program's arguments, or all.
#[must_use]
pub fn main(cases: &[Case]) -> ExitCode {
    if let Some(domain) = Domain::entered() {
        return domain::run_entered(&domain, cases);
    }
    let started = Instant::now();
    let peers = match chosen_peers() {
        Ok(peers) => peers,
        Err(unknown) => {
            eprintln!("{INTEROP} names {unknown:?}, which is no peer");
            return ExitCode::FAILURE;
        }
    };
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.iter().any(|word| word == "--list") {
        for peer in peers {
            of_peer(peer, cases).for_each(|case| println!("{}: test", case.name_with(peer)));
        }
        return ExitCode::SUCCESS;
    }
    panic::set_hook(Box::new(|info| {
        PANIC.with_borrow_mut(|message| *message = Some(info.to_string()));
    }));
    let mut report = Report::default();
    for limit in strays(cases) {
        report.fail(limit.case, "has a limit, and is no case".to_owned());
    }
    for peer in peers {
        run_peer(peer, cases, &words, &mut report);
    }
    report.print(started)
}

fn chosen_peers() -> Result<Vec<Peer>, String> {
    let Ok(names) = std::env::var(INTEROP) else {
        return Ok(vec![Peer::Mit, Peer::Embedded]);
    };
    let peers = names.split(',').map(str::trim);
    peers
        .map(|name| Peer::by_name(name).ok_or_else(|| name.to_owned()))
        .collect()
}

/// The cases that are for a peer.
fn of_peer(peer: Peer, cases: &[Case]) -> impl Iterator<Item = &Case> {
    cases.iter().filter(move |case| case.is_for(peer))
}

/// The limits of cases that there are not.
fn strays(cases: &[Case]) -> impl Iterator<Item = &'static Limit> {
    let is_stray = |limit: &&Limit| cases.iter().all(|case| case.name != limit.case);
    LIMITS.iter().filter(is_stray)
}

fn run_peer(peer: Peer, cases: &[Case], words: &[String], report: &mut Report) {
    let (chosen, others): (Vec<&Case>, Vec<&Case>) =
        of_peer(peer, cases).partition(|case| is_chosen(&case.name_with(peer), words));
    report.filtered_out += others.len();
    if chosen.is_empty() {
        return;
    }
    if let Err(missing) = peer.find() {
        for case in chosen {
            let skipped = caught(|| peers::skip(&case.name_with(peer), &missing));
            report.add(peer, case, skipped.map(|()| CaseResult::Ok));
        }
        return;
    }
    if peer == Peer::Samba {
        return domain::run(&chosen, report);
    }
    let realms = match caught(|| Realms::start(peer)) {
        Ok(Ok(realms)) => realms,
        Ok(Err(error)) => return report.fail(peer.name(), error.to_string()),
        Err(message) => return report.fail(peer.name(), message),
    };
    let failed_before = report.failures.len();
    run_shared(peer, &chosen, &realms, report);
    for case in chosen {
        if let Body::Containers(body) = case.body {
            report.add(peer, case, caught(body).map(|()| CaseResult::Ok));
        }
    }
    if report.failures.len() > failed_before {
        report.logs.push(realms.log());
    }
}

fn run_shared(peer: Peer, cases: &[&Case], realms: &Realms, report: &mut Report) {
    let version = peer.version();
    run_some_at_a_time(cases, report, |case| {
        let Body::Shared(body) = &case.body else {
            return None;
        };
        let outcome = case_result(
            caught(|| body(realms)),
            Limit::find(peer, version, &case.name),
        );
        Some((peer, outcome))
    });
}

/// A few at a time: some of them wait.
fn run_some_at_a_time(
    cases: &[&Case],
    report: &mut Report,
    run: impl Fn(&Case) -> Option<(Peer, Result<CaseResult, String>)> + Sync,
) {
    let report = Mutex::new(report);
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Some((peer, outcome)) = run(case) {
                let mut report = report.lock().unwrap_or_else(PoisonError::into_inner);
                report.add(peer, case, outcome);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(work);
        }
    });
}

const AT_A_TIME: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CaseResult {
    Ok,
    /// It does not hold, as was said before.
    Limited(&'static str),
}

/// A limit that is none any more is a failure, too.
fn case_result(outcome: Result<(), String>, limit: Option<&Limit>) -> Result<CaseResult, String> {
    match (outcome, limit) {
        (outcome, None) => outcome.map(|()| CaseResult::Ok),
        (Err(_), Some(limit)) => Ok(CaseResult::Limited(limit.reason)),
        (Ok(()), Some(limit)) => Err(format!(
            "it holds, but the table of limits says that it does not: {}",
            limit.reason
        )),
    }
}

thread_local! {
    /// What the last panic on this thread said.
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

fn caught<T>(body: impl FnOnce() -> T) -> Result<T, String> {
    panic::catch_unwind(AssertUnwindSafe(body)).map_err(|_| {
        let message = PANIC.with_borrow_mut(Option::take);
        message.unwrap_or_else(|| "panicked".to_owned())
    })
}

/// Options of Cargo's own runner are not for this one.
fn is_chosen(name: &str, words: &[String]) -> bool {
    let mut words = words
        .iter()
        .filter(|word| !word.starts_with('-'))
        .peekable();
    words.peek().is_none() || words.any(|word| name.contains(word.as_str()))
}

#[derive(Debug, Default)]
struct Report {
    passed: usize,
    limited: usize,
    filtered_out: usize,
    failures: Vec<(String, String)>,
    logs: Vec<String>,
}

impl Report {
    fn add(&mut self, peer: Peer, case: &Case, outcome: Result<CaseResult, String>) {
        let name = case.name_with(peer);
        match outcome {
            Ok(CaseResult::Ok) => {
                self.passed += 1;
                println!("test {name} ... ok");
            }
            Ok(CaseResult::Limited(reason)) => {
                self.limited += 1;
                println!("test {name} ... not with this peer: {reason}");
            }
            Err(message) => self.fail(&name, message),
        }
    }

    fn fail(&mut self, name: &str, message: String) {
        println!("test {name} ... FAILED");
        self.failures.push((name.to_owned(), message));
    }

    fn print(&self, started: Instant) -> ExitCode {
        for log in &self.logs {
            println!("\n{log}");
        }
        for (name, message) in &self.failures {
            println!("\n---- {name} ----\n{message}");
        }
        let (word, exit) = match self.failures.as_slice() {
            [] => ("ok", ExitCode::SUCCESS),
            _ => ("FAILED", ExitCode::FAILURE),
        };
        let Self {
            passed,
            limited,
            filtered_out,
            failures,
            ..
        } = self;
        println!(
            "\ntest result: {word}. {passed} passed; {} failed; 0 ignored; 0 measured; {filtered_out} filtered out; \
             {limited} not with their peer; finished in {:.2}s\n",
            failures.len(),
            started.elapsed().as_secs_f64()
        );
        exit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit {
        peer: Peer::Heimdal,
        before: None,
        case: "a::b",
        reason: "it has none",
    };

    #[test]
    fn a_limit_that_is_none_any_more_is_a_failure() {
        let failed = || Err("no".to_owned());
        assert_eq!(case_result(Ok(()), None), Ok(CaseResult::Ok));
        assert_eq!(
            case_result(failed(), None),
            failed().map(|()| CaseResult::Ok)
        );
        let limited = Ok(CaseResult::Limited("it has none"));
        assert_eq!(case_result(failed(), Some(&LIMIT)), limited);
        assert!(case_result(Ok(()), Some(&LIMIT)).is_err());
    }

    #[test]
    fn a_panic_is_an_outcome() {
        assert_eq!(caught(|| 1), Ok(1));
        assert!(caught(|| panic!("no")).is_err());
    }

    #[test]
    fn words_choose_cases_and_options_do_not() {
        let words = |words: &[&str]| {
            words
                .iter()
                .map(|&word| word.to_owned())
                .collect::<Vec<_>>()
        };
        assert!(is_chosen("mit::login::x", &words(&["--quiet"])));
        assert!(is_chosen("mit::login::x", &words(&["tickets", "login"])));
        assert!(!is_chosen("mit::login::x", &words(&["tickets"])));
    }
}
