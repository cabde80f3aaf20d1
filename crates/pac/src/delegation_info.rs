//! `S4U_DELEGATION_INFO`.

use alloc::string::String;
use alloc::vec::Vec;

use crate::PacBufferError;
use crate::ndr::NdrReader;

/// The services that acted for the client by constrained delegation (`S4U_DELEGATION_INFO`, \[MS-PAC\] section 2.9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DelegationInfo {
    /// The service that the ticket is for.
    pub s4u2proxy_target: String,
    /// The services on the way there, the first one first.
    pub transited_services: Vec<String>,
}

impl DelegationInfo {
    /// Reads the buffer.
    ///
    /// # Errors
    ///
    /// What is malformed in it.
    pub fn decode(buffer: &[u8]) -> Result<Self, PacBufferError> {
        let reader = &mut NdrReader::open(buffer)?;
        let target = reader.string_header(TARGET)?;
        let count = reader.u32("TransitedListSize")?;
        let services = reader.pointer(SERVICES)?;
        let s4u2proxy_target = reader.string(target, TARGET)?;
        let headers = reader.array(services, count, 8, SERVICES, |reader| {
            reader.string_header(SERVICES)
        })?;
        let texts = headers.into_iter();
        let texts = texts.map(|header| reader.string(header, SERVICES));
        Ok(Self {
            s4u2proxy_target,
            transited_services: texts.collect::<Result<_, _>>()?,
        })
    }
}

const TARGET: &str = "S4U2proxyTarget";
const SERVICES: &str = "S4UTransitedServices";
