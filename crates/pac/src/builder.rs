//! PACs made, and their signatures.

use alloc::vec::Vec;

use orthros_asn1::{AdType, AuthorizationDataEntry, EncTicketPart, Message as _};
use orthros_crypto::Key;

use crate::buffer_type::MOST_BUFFERS;
use crate::pac::{ALIGNMENT, HEAD_LEN, INFO_LEN};
use crate::signature::{PLACE_HOLDER, SIGNATURE_USAGE, TYPE_LEN};
use crate::{PacBufferError, PacBufferProblem, PacBufferType, PacError};

/// A PAC in the making: buffers, which are then signed.
#[derive(Clone, Debug, Default)]
pub struct PacBuilder {
    buffers: Vec<(PacBufferType, Vec<u8>)>,
}

impl PacBuilder {
    /// Without a buffer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more buffer. Those of signatures are made by what signs.
    ///
    /// # Errors
    ///
    /// Where there is one of that type, or there are too many.
    pub fn with(
        mut self,
        buffer_type: PacBufferType,
        contents: impl Into<Vec<u8>>,
    ) -> Result<Self, PacError> {
        self.push(buffer_type, contents.into())?;
        Ok(self)
    }

    /// Signs it for a ticket-granting ticket, or another one that is renewed or changed by the KDC: by the key that
    /// the ticket is sealed in, and that of the ticket-granting service.
    ///
    /// # Errors
    ///
    /// Where it has signatures already, or more than four gigabytes.
    pub fn sign(mut self, server_key: &Key, kdc_key: &Key) -> Result<Vec<u8>, PacError> {
        self.push_room(PacBufferType::SERVER_SIGNATURE, server_key)?;
        self.push_room(PacBufferType::KDC_SIGNATURE, kdc_key)?;
        let mut unsigned = self.lay_out()?;
        unsigned.sign_both(server_key, kdc_key);
        Ok(unsigned.bytes)
    }

    /// Signs it for a ticket for a service, which has no PAC yet, and puts it there: with the ticket and the full
    /// signature besides.
    ///
    /// # Errors
    ///
    /// Where it has signatures already, or ticket or PAC can't be encoded.
    pub fn sign_ticket(
        mut self,
        ticket: &mut EncTicketPart,
        server_key: &Key,
        kdc_key: &Key,
    ) -> Result<(), PacError> {
        let data = ticket.authorization_data.get_or_insert_default();
        data.insert(0, in_if_relevant(&PLACE_HOLDER)?);
        let covered = ticket.encode().map_err(|_| cant_encode())?;
        self.push_room(PacBufferType::TICKET_SIGNATURE, kdc_key)?;
        self.push_room(PacBufferType::FULL_SIGNATURE, kdc_key)?;
        self.push_room(PacBufferType::SERVER_SIGNATURE, server_key)?;
        self.push_room(PacBufferType::KDC_SIGNATURE, kdc_key)?;
        let mut unsigned = self.lay_out()?;
        unsigned.put(PacBufferType::TICKET_SIGNATURE, kdc_key, &covered);
        let with_ticket_signature = unsigned.bytes.clone();
        unsigned.put(
            PacBufferType::FULL_SIGNATURE,
            kdc_key,
            &with_ticket_signature,
        );
        unsigned.sign_both(server_key, kdc_key);
        let data = ticket.authorization_data.get_or_insert_default();
        if let Some(place) = data.first_mut() {
            *place = in_if_relevant(&unsigned.bytes)?;
        }
        Ok(())
    }

    fn push(&mut self, buffer_type: PacBufferType, contents: Vec<u8>) -> Result<(), PacError> {
        if self.buffers.iter().any(|(other, _)| *other == buffer_type) {
            return Err(PacError::Duplicate(buffer_type));
        }
        let count = u32::try_from(self.buffers.len()).unwrap_or(u32::MAX);
        if count >= MOST_BUFFERS {
            return Err(PacError::BufferCount { count });
        }
        self.buffers.push((buffer_type, contents));
        Ok(())
    }

    /// A buffer for a signature of this key: the checksum type, and zeros.
    fn push_room(&mut self, signature: PacBufferType, key: &Key) -> Result<(), PacError> {
        let checksum_type = key.enctype().checksum_type();
        let mut room = checksum_type.number().to_le_bytes().to_vec();
        room.resize(TYPE_LEN.saturating_add(checksum_type.len()), 0);
        self.push(signature, room)
    }

    /// The list, and behind it each buffer where it is aligned.
    fn lay_out(self) -> Result<Unsigned, PacError> {
        let too_long = |_| PacError::OutOfBounds {
            buffer: PacBufferType::SERVER_SIGNATURE,
            offset: u64::MAX,
            size: u32::MAX,
            length: usize::MAX,
        };
        let alignment = usize::try_from(ALIGNMENT).map_err(too_long)?;
        let count = u32::try_from(self.buffers.len()).map_err(too_long)?;
        let mut bytes = [count.to_le_bytes(), [0; 4]].concat();
        let mut offset = HEAD_LEN + INFO_LEN * self.buffers.len();
        let mut places = Vec::with_capacity(self.buffers.len());
        for (buffer_type, contents) in &self.buffers {
            bytes.extend(buffer_type.0.to_le_bytes());
            bytes.extend(
                u32::try_from(contents.len())
                    .map_err(too_long)?
                    .to_le_bytes(),
            );
            bytes.extend(u64::try_from(offset).map_err(too_long)?.to_le_bytes());
            places.push((*buffer_type, offset));
            offset = (offset + contents.len()).next_multiple_of(alignment);
        }
        for (_, contents) in &self.buffers {
            bytes.extend(contents);
            bytes.resize(bytes.len().next_multiple_of(alignment), 0);
        }
        Ok(Unsigned { bytes, places })
    }
}

/// A PAC whose signatures are zero, but for those that were put.
struct Unsigned {
    bytes: Vec<u8>,
    places: Vec<(PacBufferType, usize)>,
}

impl Unsigned {
    /// The server signature over all, the KDC signature over that.
    fn sign_both(&mut self, server_key: &Key, kdc_key: &Key) {
        let covered = self.bytes.clone();
        let server = self.put(PacBufferType::SERVER_SIGNATURE, server_key, &covered);
        self.put(PacBufferType::KDC_SIGNATURE, kdc_key, &server);
    }

    /// Puts a signature over `covered` where there is room for it.
    fn put(&mut self, signature: PacBufferType, key: &Key, covered: &[u8]) -> Vec<u8> {
        let tag = key.checksum(SIGNATURE_USAGE, covered);
        let place = self.places.iter().find(|(kind, _)| *kind == signature);
        let room = place.and_then(|(_, offset)| {
            let behind = self.bytes.get_mut(offset.saturating_add(TYPE_LEN)..)?;
            behind.get_mut(..tag.len())
        });
        if let Some(room) = room {
            room.copy_from_slice(&tag);
        }
        tag.to_vec()
    }
}

/// The element of authorization data that a PAC is in.
fn in_if_relevant(pac: &[u8]) -> Result<AuthorizationDataEntry, PacError> {
    let inner = alloc::vec![AuthorizationDataEntry {
        ad_type: AdType::WIN2K_PAC,
        ad_data: pac.into(),
    }];
    Ok(AuthorizationDataEntry {
        ad_type: AdType::IF_RELEVANT,
        ad_data: inner.encode().map_err(|_| cant_encode())?.into(),
    })
}

fn cant_encode() -> PacError {
    PacError::Buffer {
        buffer: PacBufferType::TICKET_SIGNATURE,
        error: PacBufferError::at(0, "ticket", PacBufferProblem::Value),
    }
}
