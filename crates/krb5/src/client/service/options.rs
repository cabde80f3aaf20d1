//! How a service ticket is got.

use alloc::string::String;
use alloc::vec::Vec;

use crate::TgsRequestOptions;

/// How a service ticket is got. The default looks in the cache, then asks a KDC, and stores what that gave.
#[derive(Clone, Debug)]
pub struct ServiceTicketOptions {
    /// What to ask a KDC for.
    pub request: TgsRequestOptions,
    /// The service's own ticket-granting ticket in DER, for a ticket that is sealed in that one's session key
    /// (user-to-user, RFC 4120 section 2.9.2): of use to a service that has no key at hand.
    pub second_ticket: Option<Vec<u8>>,
    /// Ask no KDC.
    pub cached_only: bool,
    /// Put what a KDC gave into the cache.
    pub store: bool,
    /// The service's host as the caller wrote it, where the service's name was made of its canonical name: what the
    /// resolver is asked for where the KDC does not know that name.
    pub given_host: Option<String>,
}

impl ServiceTicketOptions {
    /// The default, with this to ask a KDC for.
    #[must_use]
    pub fn new(request: TgsRequestOptions) -> Self {
        Self {
            request,
            second_ticket: None,
            cached_only: false,
            store: true,
            given_host: None,
        }
    }
}

impl Default for ServiceTicketOptions {
    fn default() -> Self {
        Self::new(TgsRequestOptions::default())
    }
}
