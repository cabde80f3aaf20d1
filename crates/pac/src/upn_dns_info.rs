//! `UPN_DNS_INFO`.

use alloc::string::String;

use bitflags::bitflags;
use orthros_types::bytes::{ByteOrder, ByteReader};

use crate::{PacBufferError, PacBufferProblem, Sid, text};

/// What the client is called in its directory (`UPN_DNS_INFO`, \[MS-PAC\] section 2.10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpnDnsInfo {
    /// The user principal name, as `alice@example.com`.
    pub upn: String,
    /// The domain's name in DNS, usually in upper case.
    pub dns_domain_name: String,
    /// What of it holds.
    pub flags: UpnFlags,
    /// The name of the account (`sAMAccountName`); from domain controllers of 2021 and later.
    pub sam_name: Option<String>,
    /// The client's SID; from domain controllers of 2021 and later.
    pub sid: Option<Sid>,
}

bitflags! {
    /// `Flags` of `UPN_DNS_INFO` (\[MS-PAC\] section 2.10). Unknown flags survive.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct UpnFlags: u32 {
        /// The account has no UPN of its own; it was made of its name and the domain's.
        const CONSTRUCTED = 0x1;
        /// There are the account's name and its SID.
        const EXTENDED = 0x2;
    }
}

impl UpnDnsInfo {
    /// Reads the buffer.
    ///
    /// # Errors
    ///
    /// What is malformed in it.
    pub fn decode(buffer: &[u8]) -> Result<Self, PacBufferError> {
        let reader = &mut ByteReader::new(buffer).with_order(ByteOrder::LittleEndian);
        let upn = Place::read(reader, "UPN")?;
        let dns_domain_name = Place::read(reader, "DnsDomainName")?;
        let flags = UpnFlags::from_bits_retain(reader.u32("Flags")?);
        let (sam_name, sid) = match flags.contains(UpnFlags::EXTENDED) {
            true => (
                Some(Place::read(reader, "SamName")?.text(buffer)?),
                Some(Place::read(reader, "Sid")?.sid(buffer)?),
            ),
            false => (None, None),
        };
        Ok(Self {
            upn: upn.text(buffer)?,
            dns_domain_name: dns_domain_name.text(buffer)?,
            flags,
            sam_name,
            sid,
        })
    }
}

/// Where in the buffer a value is.
struct Place {
    field: &'static str,
    length: usize,
    offset: usize,
}

impl Place {
    fn read(reader: &mut ByteReader<'_>, field: &'static str) -> Result<Self, PacBufferError> {
        Ok(Self {
            field,
            length: reader.u16(field)?.into(),
            offset: reader.u16(field)?.into(),
        })
    }

    fn fault(&self, problem: PacBufferProblem) -> PacBufferError {
        PacBufferError::at(self.offset, self.field, problem)
    }

    fn bytes<'a>(&self, buffer: &'a [u8]) -> Result<&'a [u8], PacBufferError> {
        let behind = buffer.get(self.offset..);
        let value = behind.and_then(|behind| behind.get(..self.length));
        value.ok_or_else(|| self.fault(PacBufferProblem::Truncated))
    }

    fn text(&self, buffer: &[u8]) -> Result<String, PacBufferError> {
        let text = text::from_utf16(self.bytes(buffer)?);
        text.ok_or_else(|| self.fault(PacBufferProblem::Utf16))
    }

    fn sid(&self, buffer: &[u8]) -> Result<Sid, PacBufferError> {
        let sid = Sid::from_bytes(self.bytes(buffer)?);
        sid.ok_or_else(|| self.fault(PacBufferProblem::Sid))
    }
}
