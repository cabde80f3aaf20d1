//! Signatures verified (\[MS-PAC\] section 2.8).
//!
//! | signature | key | over |
//! |---|---|---|
//! | server | that of the ticket | the PAC, with the server's and the KDC's signature zero |
//! | KDC | krbtgt | the server's signature |
//! | ticket | krbtgt | the encrypted part of the ticket, with one zero byte for the PAC |
//! | full | krbtgt | the PAC, with the server's, the KDC's and this signature zero |

use alloc::vec::Vec;

use orthros_asn1::{AdIfRelevant, AdType, EncTicketPart, Message as _};
use orthros_crypto::{Key, KeyUsage};

use crate::pac::Buffer;
use crate::{Pac, PacBufferType, PacSignatureError};

/// Key usage of all signatures: `KERB_NON_KERB_CKSUM_SALT` (section 2.8.1).
pub(crate) const SIGNATURE_USAGE: KeyUsage = KeyUsage(17);

/// Bytes of the checksum type before a signature, which is not set to zero.
pub(crate) const TYPE_LEN: usize = 4;

impl<'a> Pac<'a> {
    /// Verifies the server signature with the key that the ticket is sealed in. Only with it a PAC is the KDC's.
    ///
    /// # Errors
    ///
    /// Where there is none, or it is not of this key.
    pub fn verify_server_signature(&self, key: &Key) -> Result<(), PacSignatureError> {
        let zeroed = [
            PacBufferType::SERVER_SIGNATURE,
            PacBufferType::KDC_SIGNATURE,
        ];
        let covered = self.with_zeroed(&zeroed)?;
        self.verify_signature(PacBufferType::SERVER_SIGNATURE, key, &covered)
    }

    /// Verifies the KDC signature with the key of the ticket-granting service. It covers the server signature alone,
    /// so that the PAC is not proved by it without that.
    ///
    /// # Errors
    ///
    /// Where there is none, or it is not of this key.
    pub fn verify_kdc_signature(&self, key: &Key) -> Result<(), PacSignatureError> {
        let signature = self.signature(PacBufferType::SERVER_SIGNATURE)?;
        let signed = signature.get(TYPE_LEN..).unwrap_or_default();
        self.verify_signature(PacBufferType::KDC_SIGNATURE, key, &[signed])
    }

    /// Verifies the full signature, too, with the key of the ticket-granting service. Domain controllers of 2022 and
    /// later make it for tickets of services.
    ///
    /// # Errors
    ///
    /// Where there is none, or it is not of this key.
    pub fn verify_full_signature(&self, key: &Key) -> Result<(), PacSignatureError> {
        let covered = self.with_zeroed(&[
            PacBufferType::SERVER_SIGNATURE,
            PacBufferType::KDC_SIGNATURE,
            PacBufferType::FULL_SIGNATURE,
        ])?;
        self.verify_signature(PacBufferType::FULL_SIGNATURE, key, &covered)
    }

    /// Verifies the signature over the ticket that the PAC is in, with the key of the ticket-granting service. Tickets
    /// for services have it, those for ticket-granting and password services don't.
    ///
    /// # Errors
    ///
    /// Where there is none, or it is not of this key, or this is not the ticket's PAC.
    pub fn verify_ticket_signature(
        &self,
        key: &Key,
        ticket: &EncTicketPart,
    ) -> Result<(), PacSignatureError> {
        let covered = self.without_pac(ticket);
        let covered = covered.ok_or(PacSignatureError::NotInTicket)?;
        self.verify_signature(PacBufferType::TICKET_SIGNATURE, key, &[&covered])
    }

    fn verify_signature(
        &self,
        signature: PacBufferType,
        key: &Key,
        covered: &[&[u8]],
    ) -> Result<(), PacSignatureError> {
        let bytes = self.signature(signature)?;
        let length = || PacSignatureError::Length {
            signature,
            length: bytes.len(),
        };
        let (actual, value) = bytes.split_first_chunk().ok_or_else(length)?;
        let expected = key.enctype().checksum_type();
        let actual = i32::from_le_bytes(*actual);
        if actual != expected.number() {
            return Err(PacSignatureError::ChecksumType {
                signature,
                actual,
                expected,
            });
        }
        // Behind the value there may be the number of a read-only domain controller.
        let (value, rest) = value.split_at_checked(expected.len()).ok_or_else(length)?;
        if !matches!(rest, [] | [_, _]) {
            return Err(length());
        }
        key.mac(SIGNATURE_USAGE)
            .verify(covered, value)
            .map_err(|_| PacSignatureError::Mismatch(signature))
    }

    fn signature(&self, signature: PacBufferType) -> Result<&'a [u8], PacSignatureError> {
        self.buffer(signature)
            .ok_or(PacSignatureError::Missing(signature))
    }

    /// The bytes of the PAC in parts, with zeros for what these signatures hold.
    fn with_zeroed(&self, zeroed: &[PacBufferType]) -> Result<Vec<&'a [u8]>, PacSignatureError> {
        let find = |signature: &PacBufferType| {
            let buffer = self.find(*signature);
            buffer.ok_or(PacSignatureError::Missing(*signature))
        };
        let mut holes: Vec<&Buffer> = zeroed.iter().map(find).collect::<Result<_, _>>()?;
        holes.sort_by_key(|hole| hole.start);
        let mut parts = Vec::with_capacity(7);
        let mut position = 0;
        for hole in holes {
            let length = hole.end.saturating_sub(hole.start);
            let zeros = length
                .checked_sub(TYPE_LEN)
                .and_then(|length| ZEROS.get(..length));
            let zeros = zeros.ok_or(PacSignatureError::Length {
                signature: hole.buffer_type,
                length,
            })?;
            let start = hole.start.saturating_add(TYPE_LEN);
            parts.extend(self.as_bytes().get(position..start));
            parts.push(zeros);
            position = hole.end;
        }
        parts.extend(self.as_bytes().get(position..));
        Ok(parts)
    }

    /// What the ticket signature covers: the ticket with one zero byte for this PAC. None where the ticket does not
    /// have it.
    fn without_pac(&self, ticket: &EncTicketPart) -> Option<Vec<u8>> {
        let mut ticket = ticket.clone();
        let mut outer = ticket.authorization_data.iter_mut().flatten();
        outer.find_map(|container| {
            if container.ad_type != AdType::IF_RELEVANT {
                return None;
            }
            let mut relevant = AdIfRelevant::decode(&container.ad_data).ok()?;
            let pac = relevant.iter_mut().find(|element| {
                element.ad_type == AdType::WIN2K_PAC && *element.ad_data == *self.as_bytes()
            })?;
            pac.ad_data = PLACE_HOLDER.as_slice().into();
            container.ad_data = relevant.encode().ok()?.into();
            Some(())
        })?;
        ticket.encode().ok()
    }
}

/// What stands for the PAC where a ticket is signed.
pub(crate) const PLACE_HOLDER: [u8; 1] = [0];

/// As many as the longest signature has, and more.
const ZEROS: [u8; 64] = [0; 64];
