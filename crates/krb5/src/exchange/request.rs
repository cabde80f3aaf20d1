//! What both exchanges send: KDC-REQ-BODY (RFC 4120 section 5.4.1) and the envelope for the driver.

use alloc::vec::Vec;
use core::fmt;

use orthros_asn1::{EncryptionType, HostAddress, KdcOptions, KdcReqBody, KerberosTime, UInt32};
use orthros_crypto::{Enctype, RandomError, RandomSource};

use super::ExchangeMisuseError;
use crate::wire;
use orthros_types::{Principal, Shown, Timestamp};

/// A message for a KDC of a realm. The driver finds the KDC, sends, and feeds back the answer.
///
/// `Debug` does not show the message: passwords can be guessed against it.
#[derive(Clone, PartialEq, Eq)]
pub struct KdcRequest {
    /// The realm whose KDC it is for.
    pub realm: Vec<u8>,
    /// The bytes to send: AS-REQ or TGS-REQ. Streams need the length in front (RFC 4120 section 7.2.2).
    pub message: Vec<u8>,
    /// How it may travel.
    pub transport: Transport,
}

impl fmt::Debug for KdcRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KdcRequest")
            .field("realm", &Shown::new(&self.realm))
            .field("message", &format_args!("{} bytes", self.message.len()))
            .field("transport", &self.transport)
            .finish()
    }
}

/// How a request may travel (RFC 4120 section 7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// In a datagram, if the driver sees fit: it may know the message to be too large for one.
    Datagram,
    /// Over a stream only: the KDC said that its response is too big for a datagram.
    Stream,
}

/// The ticket that a request asks for (KDC-REQ-BODY), kept to be compared with the reply.
#[derive(Clone, Debug)]
pub(super) struct RequestedTicket {
    pub(super) nonce: u32,
    pub(super) service: Principal,
    pub(super) options: KdcOptions,
    pub(super) from: Option<Timestamp>,
    pub(super) till: Timestamp,
    pub(super) renew_till: Option<Timestamp>,
    /// In order of preference.
    pub(super) enctypes: Vec<Enctype>,
    /// Empty: any.
    pub(super) addresses: Vec<HostAddress>,
}

impl RequestedTicket {
    /// The request body, with the client's name for an AS-REQ and without it for a TGS-REQ.
    pub(super) fn body(
        &self,
        client: Option<&Principal>,
    ) -> Result<KdcReqBody, ExchangeMisuseError> {
        Ok(KdcReqBody {
            kdc_options: self.options,
            cname: client.map(wire::principal_name),
            realm: wire::realm(&self.service),
            sname: Some(wire::principal_name(&self.service)),
            from: self.from.map(time).transpose()?,
            till: time(self.till)?,
            rtime: self.renew_till.map(time).transpose()?,
            nonce: UInt32(self.nonce),
            etype: self
                .enctypes
                .iter()
                .map(|enctype| EncryptionType(enctype.number()))
                .collect(),
            addresses: (!self.addresses.is_empty()).then(|| self.addresses.clone()),
            enc_authorization_data: None,
            additional_tickets: None,
        })
    }

    /// Whether this encryption type was asked for.
    pub(super) fn has_enctype(&self, etype: EncryptionType) -> bool {
        self.enctypes
            .iter()
            .any(|enctype| enctype.number() == etype.0)
    }
}

fn time(time: Timestamp) -> Result<KerberosTime, ExchangeMisuseError> {
    wire::kerberos_time(time).ok_or(ExchangeMisuseError::TimeOutOfRange)
}

/// Draws a nonce of 31 bits.
///
/// RFC 4120 gives it 32 unsigned ones, but MIT and Heimdal have encoded them as signed.
pub(super) fn draw_nonce(random: &mut dyn RandomSource) -> Result<u32, RandomError> {
    let mut bytes = [0; 4];
    random.fill(&mut bytes)?;
    Ok(u32::from_be_bytes(bytes) & 0x7FFF_FFFF)
}
