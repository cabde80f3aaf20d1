//! Security contexts: established token by token, then used message by message (RFC 2743 section 2.2).

mod accept;
mod export;
mod init;
mod inquiry;
mod iov;
mod protection;
mod receiver;
mod security_context;
mod sender;

pub use accept::{AcceptContext, AcceptContextBuilder};
pub use init::{InitContext, InitContextBuilder};
pub use inquiry::PrfKey;
pub use protection::{Protection, Unwrapped, Verified};
pub use receiver::Receiver;
pub use security_context::SecurityContext;
pub use sender::Sender;

/// Whether it is a token of NTLM: what Windows' clients send where they have no Kerberos ticket for the service.
fn is_ntlm(token: &[u8]) -> bool {
    token.starts_with(b"NTLMSSP\0")
}

/// What a step of [`InitContext`](crate::InitContext) or [`AcceptContext`](crate::AcceptContext) leads to.
#[derive(Debug)]
#[must_use = "tokens have to be sent, and the context is in here"]
pub enum Step {
    /// Send this token to the peer, wait for its answer, and step again with that.
    Continue(Vec<u8>),
    /// The context is established on this side.
    Done {
        /// The context.
        context: SecurityContext,
        /// A last token to send to the peer, who still needs it.
        token: Option<Vec<u8>>,
    },
}
