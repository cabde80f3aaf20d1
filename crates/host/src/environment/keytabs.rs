//! The keytabs of an environment.

use std::ffi::OsStr;

use super::Environment;
use crate::keytab::{KeytabError, KeytabHandle, KeytabName};

impl Environment {
    /// The keytab of that name, `FILE:path`, `MEMORY:name` or a path. It need not exist.
    ///
    /// # Errors
    ///
    /// [`KeytabError::Name`] for other types.
    pub fn keytab(&self, name: impl AsRef<OsStr>) -> Result<KeytabHandle, KeytabError> {
        Ok(KeytabHandle::open(
            KeytabName::parse(name)?,
            &self.shared.memory_keytabs,
            self.observer(),
        ))
    }

    /// The default keytab, with the keys of this host's services. It need not exist.
    ///
    /// # Errors
    ///
    /// [`KeytabError::NoDefault`] where nothing names one; [`KeytabError::Name`] where it is of a type
    /// that is not supported; [`KeytabError::Token`] where the configured name can't be expanded.
    pub fn default_keytab(&self) -> Result<KeytabHandle, KeytabError> {
        let configured = self.config().default_keytab_name();
        let name = self
            .shared
            .default_keytab
            .resolve(configured, &self.shared.tokens)?;
        self.keytab(name.ok_or(KeytabError::NoDefault)?)
    }

    /// The default client keytab, with the keys of users to get initial tickets with. It need not exist.
    ///
    /// # Errors
    ///
    /// As [`default_keytab`](Self::default_keytab).
    pub fn client_keytab(&self) -> Result<KeytabHandle, KeytabError> {
        let configured = self.config().default_client_keytab_name();
        let name = self
            .shared
            .client_keytab
            .resolve(configured, &self.shared.tokens)?;
        self.keytab(name.ok_or(KeytabError::NoDefault)?)
    }
}
