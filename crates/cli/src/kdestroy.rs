//! `orthros kdestroy`: ends a credential cache.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Args;
use orthros_host::CacheError;

use crate::failure::{Outcome, While};

/// Destroy a credential cache
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The cache, instead of the default one
    #[arg(short = 'c', value_name = "CACHE")]
    cache: Option<OsString>,
    /// Say nothing where there is no such cache
    #[arg(short)]
    quiet: bool,
}

/// Runs `kdestroy`. As with MIT's, a cache that does not exist is worth a word and no failure.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let environment = crate::environment()?;
    let cache = crate::cache(&environment, arguments.cache.as_deref())?;
    match cache.destroy() {
        Err(error @ CacheError::Absent { .. }) => {
            if !arguments.quiet {
                eprintln!("kdestroy: {error} while destroying the cache");
            }
            Ok(ExitCode::SUCCESS)
        }
        destroyed => destroyed
            .while_doing("destroying the cache, which is NOT destroyed")
            .map(|()| ExitCode::SUCCESS),
    }
}
