//! The host part of a host-based service's name, as `krb5_sname_to_principal` makes it.

mod lookup;

use nix::unistd::gethostname;
use orthros_krb5::client::HostnameError;

pub use lookup::{HostRecord, Resolver, SystemResolver};

/// The system's own name.
pub(crate) fn system_hostname() -> Result<String, HostnameError> {
    let name = gethostname().map_err(|_| HostnameError::NoLocalName)?;
    name.into_string()
        .ok()
        .filter(|name| !name.is_empty())
        .ok_or(HostnameError::NoLocalName)
}
