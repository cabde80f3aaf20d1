//! Cases in a domain of Samba's. Its network is a namespace that a thread can't enter, but a process can: each case is
//! run by this program, started anew in there with the name of the case as its only argument.

use std::process::ExitCode;
use std::time::Duration;

use orthros_testing::process;
use orthros_testing::samba::Domain;

use super::{Body, Case, Report, case_result, caught, run_some_at_a_time};
use crate::Peer;
use crate::limits::Limit;

/// Starts a domain, and runs these cases in it.
pub(super) fn run(cases: &[&Case], report: &mut Report) {
    let name = Peer::Samba.name();
    let domain = match caught(Domain::start) {
        Ok(Ok(domain)) => domain,
        Ok(Err(error)) => return report.fail(name, error.to_string()),
        Err(message) => return report.fail(name, message),
    };
    let failed_before = report.failures.len();
    run_some_at_a_time(cases, report, |case| {
        let limit = Limit::find(Peer::Samba, None, &case.name);
        let outcome = case_result(run_in_domain(&domain, case), limit);
        Some((Peer::Samba, outcome))
    });
    if report.failures.len() > failed_before {
        report.logs.push(format!("--- {name}\n{}", domain.log()));
    }
}

/// What it says where it fails is the message.
fn run_in_domain(domain: &Domain, case: &Case) -> Result<(), String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = domain.command(program);
    let finished = process::run_within(command.arg(&case.name), b"", LIMIT);
    let finished = finished.map_err(|error| error.to_string())?;
    if finished.status.success() {
        Ok(())
    } else {
        Err(finished.to_string())
    }
}

const LIMIT: Duration = Duration::from_secs(300);

/// Runs the one case that the program's argument names; this process is in the domain.
pub(super) fn run_entered(domain: &Domain, cases: &[Case]) -> ExitCode {
    let name = std::env::args().nth(1).unwrap_or_default();
    let mut named = cases.iter().filter(|case| case.name == name);
    match named.next().map(|case| &case.body) {
        Some(Body::Domain(body)) => {
            body(domain);
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("{name:?} is no case of a domain");
            ExitCode::FAILURE
        }
    }
}
