//! The client's machines of `orthros-krb5`, driven: clock, randomness, resolver and the way to the KDCs come from the
//! [`Environment`], tickets go to and come from credential caches. Every call blocks, for a bounded time.
//!
//! Nothing is decided here. What a client does is in [`orthros_krb5::client`]; here is one loop that meets its needs.

mod driver;
mod error;
mod initial;
mod password;
mod service;
#[cfg(test)]
mod tests;

pub use driver::{ClientTask, TaskStep};
pub use error::AcquireError;
pub use initial::Secret;
