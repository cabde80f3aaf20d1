//! `PAC_CLIENT_INFO`.

use alloc::string::String;
use alloc::vec::Vec;

use orthros_types::bytes::{ByteOrder, ByteReader};

use crate::{FileTime, PacBufferError, PacBufferProblem, text};

/// Whose ticket the PAC is for (`PAC_CLIENT_INFO`, \[MS-PAC\] section 2.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientInfo {
    /// The authtime of the ticket.
    pub client_id: FileTime,
    /// The name of the client in the ticket, without quoting, usually without its realm.
    pub name: String,
}

impl ClientInfo {
    /// Reads the buffer.
    ///
    /// # Errors
    ///
    /// What is malformed in it.
    pub fn decode(buffer: &[u8]) -> Result<Self, PacBufferError> {
        let mut reader = ByteReader::new(buffer).with_order(ByteOrder::LittleEndian);
        let client_id = FileTime(reader.u64("ClientId")?);
        let name = reader.counted16("Name")?;
        let invalid = || PacBufferError::at(NAME, "Name", PacBufferProblem::Utf16);
        let name = text::from_utf16(name).ok_or_else(invalid)?;
        Ok(Self { client_id, name })
    }

    /// The buffer that [`decode`](Self::decode) reads.
    ///
    /// # Errors
    ///
    /// A name of more than 65535 bytes in UTF-16.
    pub fn encode(&self) -> Result<Vec<u8>, PacBufferError> {
        let name = text::to_utf16(&self.name);
        let too_long = |_| PacBufferError::at(NAME, "Name", PacBufferProblem::TooLong);
        let length = u16::try_from(name.len()).map_err(too_long)?;
        let mut buffer = self.client_id.0.to_le_bytes().to_vec();
        buffer.extend(length.to_le_bytes());
        buffer.extend(name);
        Ok(buffer)
    }
}

/// Where the name begins.
const NAME: usize = 10;
