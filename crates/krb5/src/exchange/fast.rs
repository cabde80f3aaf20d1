//! FAST: requests and replies under the armor of another ticket's key (RFC 6113 section 5.4).
//!
//! Under armor a password can't be guessed by who records a login, and nobody but the KDC can say no. The armor of
//! an AS-REQ is a ticket of somebody else, a host's for example; that of a TGS-REQ is the ticket that it shows.

mod armor;
mod open;
mod options;

pub(crate) use armor::Armor;
pub(super) use open::{Armored, ErrorReply};
pub use options::{FastArmor, FastUse};
