//! `orthros kswitch`: makes one cache of a collection its primary one.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Args;

use crate::failure::{Outcome, While};

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
        Some(name) => crate::cache_of_name(&environment, name)?,
        None => crate::cache(&environment, arguments.cache.as_deref())?,
    };
    cache
        .switch_to()
        .while_doing("switching to the credential cache")?;
    Ok(ExitCode::SUCCESS)
}
