//! `orthros kswitch`: makes one cache of a collection its primary one.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Args;

use crate::failure::{Failure, Outcome, While};
use crate::names;

/// Make a credential cache the primary one of its collection
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct Arguments {
    /// The cache
    #[arg(short = 'c', value_name = "CACHE")]
    cache: Option<OsString>,
    /// The cache of this principal in the default collection
    #[arg(short = 'p', value_name = "PRINCIPAL")]
    principal: Option<String>,
}

/// Runs `kswitch`. As with MIT's, a cache that is in no collection is left alone, and that is no failure.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let environment = crate::environment()?;
    let cache = match &arguments.principal {
        Some(name) => {
            let principal = names::principal(&environment, name)?;
            crate::cache_of(&environment, &principal)?.ok_or_else(|| {
                Failure::new(
                    format!("no cache of {principal} is in the collection"),
                    "searching for it",
                )
            })?
        }
        None => crate::cache(&environment, arguments.cache.as_deref())?,
    };
    cache
        .switch_to()
        .while_doing("switching to the credential cache")?;
    Ok(ExitCode::SUCCESS)
}
