//! `orthros kdestroy`: ends a credential cache.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Args;
use orthros_host::{CacheCollection, CacheError};

use crate::failure::{Outcome, While};
use crate::output;

/// Destroy credential caches
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The cache, instead of the default one
    #[arg(short = 'c', value_name = "CACHE")]
    cache: Option<OsString>,
    /// The cache of this principal in the default collection
    #[arg(short = 'p', value_name = "PRINCIPAL", conflicts_with_all = ["cache", "all"])]
    principal: Option<String>,
    /// All caches of the collection
    #[arg(short = 'A')]
    all: bool,
    /// Say nothing where there is no such cache, or where there are others
    #[arg(short)]
    quiet: bool,
}

/// Runs `kdestroy`. As with MIT's, a cache that does not exist is worth a word and no failure.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let environment = crate::environment()?;
    let collection = crate::collection(&environment, arguments.cache.as_deref())?;
    if arguments.all {
        return destroy_all(&collection);
    }
    let cache = match &arguments.principal {
        Some(name) => crate::cache_of_name(&environment, name)?,
        None => crate::cache(&environment, arguments.cache.as_deref())?,
    };
    match cache.destroy() {
        Err(error @ CacheError::Absent { .. }) => {
            if !arguments.quiet {
                output::note(&format!("kdestroy: {error} while destroying the cache"));
            }
        }
        destroyed => destroyed.while_doing("destroying the cache, which is NOT destroyed")?,
    }
    let others = collection.caches().unwrap_or_default();
    if !arguments.quiet && arguments.principal.is_none() && !others.is_empty() {
        output::note("Other credential caches present, use -A to destroy all");
    }
    Ok(ExitCode::SUCCESS)
}

/// Each cache is tried; one that can't be destroyed makes the exit code 1.
fn destroy_all(collection: &CacheCollection) -> Outcome {
    let caches = collection.caches();
    let mut code = ExitCode::SUCCESS;
    for cache in caches.while_doing("listing credential caches")? {
        match cache.destroy() {
            Ok(()) | Err(CacheError::Absent { .. }) => {}
            Err(error) => {
                let destroyed = Err::<(), _>(error).while_doing("destroying a cache");
                code = destroyed
                    .map_or_else(|failure| output::failure(&failure, "kdestroy"), |()| code);
            }
        }
    }
    Ok(code)
}
