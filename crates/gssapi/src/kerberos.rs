//! What Kerberos says of a context in terms of its own: keys, times, flags of tickets, types of authorization data.
//!
//! They are the types of [`SecurityContext::session_key`](crate::SecurityContext::session_key) and its kin. A program
//! that uses nothing but GSS-API needs none of them.

pub use orthros_krb5::crypto::{Enctype, Key};
pub use orthros_types::{AdType, Duration, Principal, TicketFlags, Timestamp};
