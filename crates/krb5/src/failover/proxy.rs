//! What a KDC proxy takes and gives: the bodies of a POST and of its response (MS-KKDCP section 2.2.2).

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use orthros_asn1::{DecodeError, EncodeError, KdcProxyMessage, KerberosString, Message as _};
use orthros_types::Shown;

use super::reply::LARGEST_STREAM_REPLY;

/// What is wrong with the response of a KDC proxy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProxyReplyError {
    /// It is longer than [`LARGEST_PROXY_REPLY`].
    #[error("answered with {length} octets, above the limit of {LARGEST_PROXY_REPLY}")]
    TooLong {
        /// Its length, in octets.
        length: usize,
    },
    /// It is no KDC-PROXY-MESSAGE.
    #[error("answered with something that is no KDC-PROXY-MESSAGE: {0}")]
    Malformed(DecodeError),
    /// It is for another realm than the request.
    #[error("answered for realm {realm}")]
    OtherRealm {
        /// That realm, for display.
        realm: String,
    },
    /// The message in it is not as long as the four octets before it say.
    #[error("answered with a message that is not as long as it says")]
    WrongLength,
}

/// The body that takes a request to the KDCs of `realm`: `framed` is that behind its length.
pub(super) fn request(realm: &[u8], framed: Vec<u8>) -> Result<Vec<u8>, EncodeError> {
    let message = KdcProxyMessage {
        kerb_message: framed.into(),
        target_domain: Some(KerberosString(realm.to_vec())),
        dclocator_hint: None,
    };
    message.encode()
}

/// The KDC's reply in the body of a response to a request for `realm`.
///
/// Proxies need not say the realm. Where one does, its case does not count, as in the domains of Windows.
pub(super) fn reply(realm: &[u8], body: &[u8]) -> Result<Vec<u8>, ProxyReplyError> {
    if body.len() > LARGEST_PROXY_REPLY {
        return Err(ProxyReplyError::TooLong { length: body.len() });
    }
    let message = KdcProxyMessage::decode(body).map_err(ProxyReplyError::Malformed)?;
    if let Some(KerberosString(other)) = message.target_domain
        && !other.eq_ignore_ascii_case(realm)
    {
        let realm = Shown::new(&other).to_string();
        return Err(ProxyReplyError::OtherRealm { realm });
    }
    match message.kerb_message.split_first_chunk() {
        Some((length, reply))
            if usize::try_from(u32::from_be_bytes(*length)) == Ok(reply.len()) =>
        {
            Ok(reply.to_vec())
        }
        _ => Err(ProxyReplyError::WrongLength),
    }
}

/// The longest body of a response that is read, in octets: that of the longest reply, with room for what is around it.
pub const LARGEST_PROXY_REPLY: usize = LARGEST_STREAM_REPLY as usize + 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    fn body(kerb_message: &[u8], target_domain: Option<&str>) -> Vec<u8> {
        let message = KdcProxyMessage {
            kerb_message: kerb_message.to_vec().into(),
            target_domain: target_domain.map(Into::into),
            dclocator_hint: None,
        };
        message.encode().unwrap()
    }

    fn refused(body: &[u8]) -> String {
        reply(b"R.EXAMPLE", body).unwrap_err().to_string()
    }

    /// MS-KKDCP section 2.2.2: a SEQUENCE of an OCTET STRING and a `GeneralString`, each in its own tag.
    #[test]
    fn a_request_goes_behind_its_length_with_its_realm() {
        let expected = b"\x30\x10\xa0\x09\x04\x07\0\0\0\x03req\xa1\x03\x1b\x01R";
        assert_eq!(request(b"R", b"\0\0\0\x03req".to_vec()).unwrap(), expected);
    }

    #[test]
    fn a_reply_comes_with_or_without_its_realm() {
        for realm in [None, Some("R.EXAMPLE"), Some("r.example")] {
            let body = body(b"\0\0\0\x02re", realm);
            assert_eq!(reply(b"R.EXAMPLE", &body).unwrap(), b"re");
        }
    }

    #[test]
    fn a_reply_for_another_realm_is_refused_and_names_it() {
        let other = refused(&body(b"\0\0\0\x02re", Some("\u{1b}[2J")));
        assert_eq!(other, r"answered for realm \u{1b}[2J");
        assert_eq!(
            refused(&body(b"\0\0\0\x02re", Some(""))),
            "answered for realm "
        );
    }

    #[test]
    fn a_length_that_is_not_the_replys_is_refused() {
        for wrong in [
            &b""[..],
            b"\0\0\0",
            b"\0\0\0\x01",
            b"\0\0\0\x01re",
            b"\xff\xff\xff\xffre",
        ] {
            let expected = "answered with a message that is not as long as it says";
            assert_eq!(refused(&body(wrong, None)), expected, "{wrong:?}");
        }
    }

    #[test]
    fn what_is_no_proxy_message_is_refused() {
        let whole = body(b"\0\0\0\x02re", None);
        let longer = [&*whole, b"!"].concat();
        let cut = (0..whole.len()).filter_map(|length| whole.get(..length));
        for body in cut.chain([&*longer, b"<html>"]) {
            let error = refused(body);
            assert!(
                error.starts_with("answered with something that is no KDC-PROXY-MESSAGE: "),
                "{error}"
            );
        }
    }

    #[test]
    fn the_longest_reply_has_room_and_a_longer_body_is_not_read() {
        let longest = LARGEST_STREAM_REPLY as usize;
        let framed = [
            &LARGEST_STREAM_REPLY.to_be_bytes()[..],
            &alloc::vec![0; longest],
        ]
        .concat();
        let body = body(&framed, Some("R.EXAMPLE"));
        assert_eq!(reply(b"R.EXAMPLE", &body).unwrap().len(), longest);
        let expected = format!(
            "answered with {} octets, above the limit of {LARGEST_PROXY_REPLY}",
            LARGEST_PROXY_REPLY + 1
        );
        assert_eq!(refused(&alloc::vec![0; LARGEST_PROXY_REPLY + 1]), expected);
    }
}
