//! FAST: requests and replies under the armor of another ticket's key (RFC 6113 section 5.4).
//!
//! Under armor a password can't be guessed from a recorded login, and errors can't be forged. The armor key of an
//! AS-REQ comes from another client's ticket, a host's for example; that of a TGS-REQ from its header ticket.

mod armor;
mod open;
mod options;

pub(crate) use armor::Armor;
pub(super) use open::{Armored, ErrorReply};
pub use options::{FastArmor, FastUse};
