//! `KerberosFlags` and their like: BIT STRINGs of at least 32 bits, bit 0 the most significant.

use bitflags::bitflags;
use rasn::types::Tag;

use super::contents::{Contents, primitive};
use crate::DecodeErrorKind;

bitflags! {
    /// The properties of a ticket, RFC 4120 section 5.3. Bits without a name survive.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct TicketFlags: u32 {
        /// May be turned into a ticket-granting ticket for another address.
        const FORWARDABLE = bit(1);
        /// Was forwarded, or comes from one that was.
        const FORWARDED = bit(2);
        /// May be turned into a service ticket for another address.
        const PROXIABLE = bit(3);
        /// Is a proxy.
        const PROXY = bit(4);
        /// May be turned into a ticket that starts later.
        const MAY_POSTDATE = bit(5);
        /// Was made to start later than it was asked for.
        const POSTDATED = bit(6);
        /// Must be validated by the KDC before it is used.
        const INVALID = bit(7);
        /// May be renewed until renew-till.
        const RENEWABLE = bit(8);
        /// Comes from the AS exchange, not from a ticket-granting ticket.
        const INITIAL = bit(9);
        /// The client was authenticated before the ticket was issued.
        const PRE_AUTHENT = bit(10);
        /// The client proved it with hardware that only it has.
        const HW_AUTHENT = bit(11);
        /// The KDC has checked the transited realms.
        const TRANSITED_POLICY_CHECKED = bit(12);
        /// The realm says that the service may be trusted with delegated credentials.
        const OK_AS_DELEGATE = bit(13);
        /// The reply carries encrypted preauthentication data, RFC 6806 section 11.
        const ENC_PA_REP = bit(15);
        /// The client is anonymous, RFC 8062 section 3.
        const ANONYMOUS = bit(16);
        const _ = !0;
    }

    /// What a client asks of the KDC, RFC 4120 section 5.4.1. Bits without a name survive.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct KdcOptions: u32 {
        /// Make the ticket forwardable.
        const FORWARDABLE = bit(1);
        /// Give a forwarded ticket, with the addresses in the request.
        const FORWARDED = bit(2);
        /// Make the ticket proxiable.
        const PROXIABLE = bit(3);
        /// Give a proxy, with the addresses in the request.
        const PROXY = bit(4);
        /// Allow postdated tickets to be made from this one.
        const ALLOW_POSTDATE = bit(5);
        /// Let the ticket start at `from`.
        const POSTDATED = bit(6);
        /// Make the ticket renewable until `rtime`.
        const RENEWABLE = bit(8);
        /// The client name is in the additional ticket (constrained delegation, MS-SFU).
        const CNAME_IN_ADDL_TKT = bit(14);
        /// The KDC may answer with other names than were asked for, RFC 6806.
        const CANONICALIZE = bit(15);
        /// Give an anonymous ticket, RFC 8062.
        const REQUEST_ANONYMOUS = bit(16);
        /// Don't check the transited realms.
        const DISABLE_TRANSITED_CHECK = bit(26);
        /// A renewable ticket will do where one of the wanted life can't be had.
        const RENEWABLE_OK = bit(27);
        /// Encrypt the ticket in the session key of the additional ticket (user-to-user).
        const ENC_TKT_IN_SKEY = bit(28);
        /// Renew the ticket that is presented.
        const RENEW = bit(30);
        /// Validate the postdated ticket that is presented.
        const VALIDATE = bit(31);
        const _ = !0;
    }

    /// How a ticket is presented, RFC 4120 section 5.5.1. Bits without a name survive.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct ApOptions: u32 {
        /// The ticket is encrypted in the session key of the server's own ticket (user-to-user).
        const USE_SESSION_KEY = bit(1);
        /// The client wants an AP-REP.
        const MUTUAL_REQUIRED = bit(2);
        const _ = !0;
    }

    /// How a KDC should deal with a request under armor, RFC 6113 section 5.4.2. Bits without a
    /// name survive; a KDC refuses a request that has an unknown one among the first 16.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct FastOptions: u32 {
        /// Name the client only under the armor.
        const HIDE_CLIENT_NAMES = bit(1);
        /// Ask other KDCs for the client.
        const KDC_FOLLOW_REFERRALS = bit(16);
        const _ = !0;
    }

    /// How a KDC should deal with a request for a user, MS-SFU section 2.2.2. Bits without a name
    /// survive.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct S4uUserOptions: u32 {
        /// Refuse it outside of the user's logon hours.
        const CHECK_LOGON_HOURS = bit(1);
        /// Make the checksum of the reply under a key usage of its own, 27 instead of 26.
        const USE_REPLY_KEY_USAGE = bit(2);
        const _ = !0;
    }

    /// What a client knows about PACs and delegation, MS-KILE section 2.2.10. Bits without a name
    /// survive.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct PacOptions: u32 {
        /// Claims.
        const CLAIMS = bit(0);
        /// Domain controllers that hold a part of the domain only.
        const BRANCH_AWARE = bit(1);
        /// The request is to be passed on to a domain controller that holds all of it.
        const FORWARD_TO_FULL_DC = bit(2);
        /// Constrained delegation that the target service allows.
        const RESOURCE_BASED_CONSTRAINED_DELEGATION = bit(3);
        const _ = !0;
    }

    /// How a one-time password is made, RFC 6560 section 4.1. Bits without a name survive.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct OtpFlags: u32 {
        /// The token's next value, not the one that it shows.
        const NEXT_OTP = bit(1);
        /// The value is combined with the user's password.
        const COMBINE = bit(2);
        /// The user enters a PIN, too.
        const COLLECT_PIN = bit(3);
        /// The user enters no PIN.
        const DO_NOT_COLLECT_PIN = bit(4);
        /// The client encrypts the nonce, not the time.
        const MUST_ENCRYPT_NONCE = bit(5);
        /// The PIN is sent apart from the value.
        const SEPARATE_PIN_REQUIRED = bit(6);
        /// The value has a check digit.
        const CHECK_DIGIT = bit(7);
        const _ = !0;
    }

    /// What a SPNEGO initiator would ask of a context, RFC 4178 section 4.2.1. Bits without a name
    /// survive. As ASN.1 counts bits, these are not the values of RFC 2744.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct ContextFlags: u32 {
        /// Delegated credentials.
        const DELEG = bit(0);
        /// Authentication of both sides.
        const MUTUAL = bit(1);
        /// Detection of replayed messages.
        const REPLAY = bit(2);
        /// Detection of messages out of sequence.
        const SEQUENCE = bit(3);
        /// An anonymous initiator.
        const ANON = bit(4);
        /// Confidentiality.
        const CONF = bit(5);
        /// Integrity.
        const INTEG = bit(6);
        const _ = !0;
    }
}

/// Bit `number` as ASN.1 counts them: bit 0 is the most significant of the 32.
const fn bit(number: u32) -> u32 {
    0x8000_0000 >> number
}

/// The first 32 bits of BIT STRING contents; missing ones are zero, further ones are ignored.
///
/// `None` where the contents are not DER: no or an impossible number of unused bits (X.690
/// section 8.6.2), or unused bits that are set (section 11.2.1).
fn first_32_bits(contents: &[u8]) -> Option<u32> {
    let (unused, octets) = contents.split_first()?;
    let unused_mask = match (*unused, octets.last()) {
        (0, None) => 0,
        (1..=7, None) | (8.., _) => return None,
        (unused, Some(last)) => last & !(u8::MAX << unused),
    };
    let mut bits = [0; 4];
    for (bit, octet) in bits.iter_mut().zip(octets) {
        *bit = *octet;
    }
    (unused_mask == 0).then(|| u32::from_be_bytes(bits))
}

macro_rules! flags {
    ($($flags:ty),*) => {
        $(impl Contents for $flags {
            const TAG: Tag = Tag::BIT_STRING;

            fn read(contents: &[u8]) -> Result<Self, DecodeErrorKind> {
                first_32_bits(contents)
                    .map(Self::from_bits_retain)
                    .ok_or(DecodeErrorKind::BitString)
            }

            fn write(&self) -> impl AsRef<[u8]> {
                let [a, b, c, d] = self.bits().to_be_bytes();
                [0, a, b, c, d]
            }
        })*

        primitive!($($flags),*);
    };
}

flags!(
    TicketFlags,
    KdcOptions,
    ApOptions,
    FastOptions,
    S4uUserOptions,
    PacOptions,
    OtpFlags,
    ContextFlags
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bit_0_is_the_most_significant() {
        assert_eq!(
            first_32_bits(&[0, 0x40, 0x81, 0x00, 0x12]),
            Some(0x4081_0012)
        );
        let options = KdcOptions::from_bits_retain(0x4081_0012);
        let expected = KdcOptions::FORWARDABLE
            | KdcOptions::RENEWABLE
            | KdcOptions::CANONICALIZE
            | KdcOptions::RENEWABLE_OK
            | KdcOptions::RENEW;
        assert_eq!(options, expected);
    }

    #[test]
    fn bits_without_a_name_survive() {
        let flags = TicketFlags::from_bits_retain(0x8000_0001);
        assert_eq!((flags | TicketFlags::INVALID).bits(), 0x8100_0001);
    }
}
