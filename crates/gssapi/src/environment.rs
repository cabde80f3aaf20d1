//! The environment of those who name none.

use orthros_host::Environment;

use crate::Error;
use crate::error::config_file_error;

/// The process' own, made when it is first needed.
pub(crate) fn process() -> Result<Environment, Error> {
    Environment::process().map_err(config_file_error)
}
