//! Security contexts: established token by token, then used message by message (RFC 2743 section 2.2).

mod accept;
mod export;
mod init;
mod inquiry;
mod iov;
mod progress;
mod protection;
mod receiver;
mod security_context;
mod sender;
mod step;

pub use accept::{AcceptContext, AcceptContextBuilder};
pub use init::{InitContext, InitContextBuilder};
pub use inquiry::PrfKey;
pub use progress::Progress;
pub use protection::{Protection, Unwrapped, Verified};
pub use receiver::Receiver;
pub use security_context::SecurityContext;
pub use sender::Sender;
pub use step::Step;
