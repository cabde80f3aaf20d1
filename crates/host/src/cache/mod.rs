//! Credential caches.
mod name;
pub use name::{CacheName, CacheNameError};
