//! The authenticator's checksum field as RFC 4121 section 4.1.1 uses it: not a checksum at all,
//! but channel bindings, flags and a delegated credential, under the authenticator's encryption.

use alloc::vec::Vec;

use orthros_types::ChannelBindingsHash;

use super::error::ApMisuseError;
use super::flags::ContextFlags;
use crate::MalformedTokenError;

/// The contents of a checksum of type 0x8003.
///
/// All numbers are least significant byte first:
///
/// | bytes | field |
/// |---|---|
/// | 0..4 | `Lgth`: 16 |
/// | 4..20 | `Bnd`: hash of the channel bindings |
/// | 20..24 | `Flags` |
/// | 24..26 | `DlgOpt`: 1, with the DELEG flag only |
/// | 26..28 | `Dlgth`: length of the next |
/// | 28.. | `Deleg`: a KRB-CRED message |
/// | .. | `Exts`: extensions, if any; ignored |
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticatorChecksum<'a> {
    /// Hash of the initiator's channel bindings.
    pub channel_bindings: ChannelBindingsHash,
    /// What the initiator asks for.
    pub flags: ContextFlags,
    /// The KRB-CRED message of a delegated credential. Present exactly with [`ContextFlags::DELEG`].
    pub delegation: Option<&'a [u8]>,
}

impl<'a> AuthenticatorChecksum<'a> {
    /// Reads the field. Extensions behind it are ignored, as RFC 4121 section 4.1.1 demands.
    ///
    /// # Errors
    ///
    /// A field that is too short for its own lengths, or has another delegation option than 1.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, MalformedTokenError> {
        let too_short = || MalformedTokenError::ChecksumTooShort(bytes.len());
        let (length, rest) = bytes.split_first_chunk().ok_or_else(too_short)?;
        let (bindings, rest) = rest.split_first_chunk().ok_or_else(too_short)?;
        let (flags, rest) = rest.split_first_chunk().ok_or_else(too_short)?;
        let length = u32::from_le_bytes(*length);
        if length != BINDINGS_LEN {
            return Err(MalformedTokenError::BindingsLength(length));
        }
        let flags = ContextFlags::from_bits_retain(u32::from_le_bytes(*flags));
        let delegation = if flags.contains(ContextFlags::DELEG) {
            parse_delegation(rest).ok_or_else(too_short)??
        } else {
            None
        };
        Ok(Self {
            channel_bindings: ChannelBindingsHash(*bindings),
            flags,
            delegation,
        })
    }

    /// The field's bytes. The DELEG flag follows [`delegation`](Self::delegation).
    ///
    /// # Errors
    ///
    /// A KRB-CRED of 64 KiB or more, whose length can't be written.
    pub fn build(&self) -> Result<Vec<u8>, ApMisuseError> {
        let mut flags = self.flags;
        flags.set(ContextFlags::DELEG, self.delegation.is_some());
        let mut bytes =
            Vec::with_capacity(FIXED_LEN + self.delegation.map_or(0, |message| message.len() + 4));
        bytes.extend_from_slice(&BINDINGS_LEN.to_le_bytes());
        bytes.extend_from_slice(&self.channel_bindings.0);
        bytes.extend_from_slice(&flags.bits().to_le_bytes());
        if let Some(message) = self.delegation {
            let length = u16::try_from(message.len())
                .map_err(|_| ApMisuseError::DelegationTooLong(message.len()))?;
            bytes.extend_from_slice(&DELEGATION_OPTION.to_le_bytes());
            bytes.extend_from_slice(&length.to_le_bytes());
            bytes.extend_from_slice(message);
        }
        Ok(bytes)
    }
}

/// `None` if the option is cut off. MIT takes a DELEG flag with nothing at all behind it as no
/// delegation, and so do we.
fn parse_delegation(rest: &[u8]) -> Option<Result<Option<&[u8]>, MalformedTokenError>> {
    if rest.is_empty() {
        return Some(Ok(None));
    }
    let (option, rest) = rest.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    let option = u16::from_le_bytes(*option);
    if option != DELEGATION_OPTION {
        return Some(Err(MalformedTokenError::DelegationOption(option)));
    }
    let message = rest.get(..u16::from_le_bytes(*length).into())?;
    Some(Ok(Some(message)))
}

const BINDINGS_LEN: u32 = 16;
const FIXED_LEN: usize = 24;
const DELEGATION_OPTION: u16 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    const BINDINGS: ChannelBindingsHash = ChannelBindingsHash([0xb1; 16]);

    fn with_delegation() -> Vec<u8> {
        AuthenticatorChecksum {
            channel_bindings: BINDINGS,
            flags: ContextFlags::MUTUAL,
            delegation: Some(b"cred"),
        }
        .build()
        .unwrap()
    }

    #[test]
    fn fields_are_where_rfc_4121_has_them() {
        let bytes = with_delegation();
        assert_eq!(bytes[..4], [16, 0, 0, 0]);
        assert_eq!(bytes[4..20], BINDINGS.0);
        assert_eq!(bytes[20..24], [3, 0, 0, 0]);
        assert_eq!(bytes[24..], *b"\x01\x00\x04\x00cred");
    }

    #[test]
    fn what_was_built_is_read() {
        let bytes = with_delegation();
        let parsed = AuthenticatorChecksum::parse(&bytes).unwrap();
        assert_eq!(parsed.channel_bindings, BINDINGS);
        assert_eq!(parsed.flags, ContextFlags::MUTUAL | ContextFlags::DELEG);
        assert_eq!(parsed.delegation, Some(&b"cred"[..]));
    }

    #[test]
    fn extensions_are_ignored_with_and_without_delegation() {
        let mut bytes = with_delegation();
        bytes.extend_from_slice(b"extension");
        let parsed = AuthenticatorChecksum::parse(&bytes).unwrap();
        assert_eq!(parsed.delegation, Some(&b"cred"[..]));
        bytes[20] = 2;
        assert_eq!(
            AuthenticatorChecksum::parse(&bytes).unwrap().delegation,
            None
        );
    }

    #[test]
    fn every_truncation_is_refused() {
        let bytes = with_delegation();
        for length in (0..bytes.len()).filter(|length| *length != FIXED_LEN) {
            assert_eq!(
                AuthenticatorChecksum::parse(&bytes[..length]),
                Err(MalformedTokenError::ChecksumTooShort(length))
            );
        }
    }

    #[test]
    fn another_bindings_length_or_delegation_option_is_refused() {
        let mut bytes = with_delegation();
        bytes[24] = 2;
        assert_eq!(
            AuthenticatorChecksum::parse(&bytes),
            Err(MalformedTokenError::DelegationOption(2))
        );
        bytes[0] = 15;
        assert_eq!(
            AuthenticatorChecksum::parse(&bytes),
            Err(MalformedTokenError::BindingsLength(15))
        );
    }

    #[test]
    fn a_credential_of_64_kib_can_not_be_delegated() {
        let message = alloc::vec![0; 0x1_0000];
        let checksum = AuthenticatorChecksum {
            channel_bindings: BINDINGS,
            flags: ContextFlags::empty(),
            delegation: Some(&message),
        };
        assert_eq!(
            checksum.build(),
            Err(ApMisuseError::DelegationTooLong(0x1_0000))
        );
    }
}
