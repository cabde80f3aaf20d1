//! Where tickets and keys are kept: credential caches and keytabs, in files and in memory.
//!
//! An [`Environment`](crate::Environment) gives handles of them by their names. Credentials use them by themselves:
//! this is for programs that look into them, or change them.

pub use orthros_host::{
    Cache, CacheCollection, CacheError, CacheName, KeytabError, KeytabHandle, KeytabName,
};
pub use orthros_types::ccache::CacheContents;
pub use orthros_types::keytab::{Keytab, KeytabEntry};
pub use orthros_types::{Credential, KeyBlock};
