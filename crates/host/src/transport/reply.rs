//! Whether what came in ends the search for a KDC.

use orthros_asn1::{DerValue, ErrorCode, KrbError, Message};

/// What a message from a KDC's address is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// An answer, or an error that is one.
    Usable,
    /// KRB-ERROR with `KDC_ERR_SVC_UNAVAILABLE`: another KDC may do better.
    Unavailable,
    /// Not the outline of a KDC's message. MIT takes it and fails; here one forged
    /// datagram does not end the exchange, because the other protocol and the other KDCs go on.
    NotAReply,
}

/// Judges by the outermost tag and length alone (RFC 4120 section 5.10), which are DER, and by the code of an error.
/// Everything else is the exchange's to check.
pub(super) fn judge(message: &[u8]) -> Verdict {
    match DerValue::first(message) {
        Ok(value)
            if matches!(value.identifier, AS_REP | TGS_REP | KRB_ERROR)
                && value.rest.is_empty() => {}
        _ => return Verdict::NotAReply,
    }
    match KrbError::decode(message) {
        Ok(error) if error.error_code == ErrorCode::KDC_ERR_SVC_UNAVAILABLE => Verdict::Unavailable,
        _ => Verdict::Usable,
    }
}

/// The same for who changes passwords: a KRB-ERROR, or what has the header of RFC 3244 with the right length.
pub(super) fn judge_password_reply(message: &[u8]) -> Verdict {
    if message.first() == Some(&KRB_ERROR) {
        return judge(message);
    }
    match message.split_first_chunk::<4>() {
        Some(([high, low, 0, 1] | [high, low, 0xff, 0x80], _))
            if usize::from(u16::from_be_bytes([*high, *low])) == message.len() =>
        {
            Verdict::Usable
        }
        _ => Verdict::NotAReply,
    }
}

const AS_REP: u8 = 0x6b;
const TGS_REP: u8 = 0x6d;
const KRB_ERROR: u8 = 0x7e;

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use orthros_asn1::{Exactly, KerberosTime, Microseconds, NameType, PrincipalName};

    /// What a KDC says that can't serve.
    pub(in crate::transport) fn unavailable() -> Vec<u8> {
        refusal(ErrorCode::KDC_ERR_SVC_UNAVAILABLE)
    }

    pub(in crate::transport) fn refusal(error_code: ErrorCode) -> Vec<u8> {
        let krbtgt = ["krbtgt", "ORTHROS.TEST"].map(Into::into).to_vec();
        let error = KrbError {
            pvno: Exactly,
            msg_type: Exactly,
            ctime: None,
            cusec: None,
            stime: KerberosTime::from_seconds(0).unwrap(),
            susec: Microseconds::new(0).unwrap(),
            error_code,
            crealm: None,
            cname: None,
            realm: "ORTHROS.TEST".into(),
            sname: PrincipalName {
                name_type: NameType::SRV_INST,
                name_string: krbtgt,
            },
            e_text: None,
            e_data: None,
        };
        error.encode().unwrap()
    }

    #[test]
    fn only_an_unavailable_kdc_is_no_answer() {
        assert_eq!(judge(&unavailable()), Verdict::Unavailable);
        assert_eq!(
            judge(&refusal(ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN)),
            Verdict::Usable
        );
    }

    #[test]
    fn replies_to_password_changes_have_their_length_and_version_in_front() {
        for message in [&[0, 6, 0, 1, 0, 0][..], &[0, 7, 0xff, 0x80, 0, 0, 1]] {
            assert_eq!(judge_password_reply(message), Verdict::Usable);
        }
        for message in [
            &[][..],
            &[0, 7, 0, 1, 0, 0],
            &[0, 6, 0, 2, 0, 0],
            &[0x6b, 0x02, 0x30, 0x00],
        ] {
            assert_eq!(
                judge_password_reply(message),
                Verdict::NotAReply,
                "{message:02x?}"
            );
        }
        assert_eq!(judge_password_reply(&unavailable()), Verdict::Unavailable);
    }

    #[test]
    fn outlines() {
        assert_eq!(judge(&[0x6b, 0x02, 0x30, 0x00]), Verdict::Usable);
        let long = [&[0x6d, 0x81, 0x80, 0x30, 0x7e], &[0; 0x7e][..]].concat();
        assert_eq!(judge(&long), Verdict::Usable);
    }

    #[test]
    fn no_outlines() {
        for message in [
            &[][..],
            &[0x6b],
            &[0x6b, 0x02, 0x30],
            &[0x6b, 0x02, 0x30, 0x00, 0x00],
            &[0x6b, 0x80, 0x00, 0x00],
            &[0x6d, 0x81, 0x02, 0x30, 0x00],
            &[0x7e, 0x82, 0x00, 0x02, 0x30, 0x00],
            &[0x6b, 0x85, 0, 0, 0, 0, 0],
            &[0x6b, 0x82, 0x00],
            &[0x6e, 0x02, 0x30, 0x00],
            b"HTTP/1.0 400 Bad Request\r\n\r\n",
        ] {
            assert_eq!(judge(message), Verdict::NotAReply, "{message:02x?}");
        }
    }
}
