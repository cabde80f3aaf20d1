//! What a request brings.

use alloc::vec::Vec;
use core::fmt;

/// What a KDC replied. `Debug` does not show the message: passwords and keys of services can be guessed against it.
#[derive(Clone, PartialEq, Eq)]
pub struct KdcReply {
    /// A whole message, unchecked; a KRB-ERROR is a reply, too.
    pub message: Vec<u8>,
    /// Whether it came from a primary KDC, so that there is no use in asking one again.
    pub from_primary: bool,
}

impl fmt::Debug for KdcReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KdcReply")
            .field("message", &format_args!("{} octets", self.message.len()))
            .field("from_primary", &self.from_primary)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, vec};

    #[test]
    fn a_reply_does_not_show_its_octets() {
        let reply = KdcReply {
            message: vec![107; 300],
            from_primary: true,
        };
        assert_eq!(
            format!("{reply:?}"),
            "KdcReply { message: 300 octets, from_primary: true }"
        );
    }
}
