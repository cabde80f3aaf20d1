//! What a KDC says of a client in the authorization data of its ticket.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use orthros_asn1::{AdIfRelevant, AdType, AuthorizationData, AuthorizationDataEntry, Message as _};
use orthros_crypto::Key;
use orthros_types::Timestamp;

use super::indicators;

/// The authorization data of an accepted ticket (RFC 4120 section 5.2.6), and what the acceptor knows of it.
#[derive(Debug, PartialEq, Eq)]
pub struct TicketAuthorization {
    /// The elements as they stand in the ticket. Unless one is in a container with a signature, the KDC may have
    /// copied it from the client's request.
    pub data: Box<[AuthorizationDataEntry]>,
    /// How the client was authenticated, in words that the realm's administrator chose (RFC 8129). Only those in a
    /// CAMMAC with a MAC in the service's key (RFC 7751).
    pub indicators: Box<[String]>,
    /// The ticket's PAC.
    pub pac: Option<TicketPac>,
}

/// The data of AD-WIN2K-PAC in a ticket's AD-IF-RELEVANT (\[MS-KILE\] section 3.3.5.6.4): a PAC, or what calls itself
/// one. It is not looked at here.
#[derive(Debug, PartialEq, Eq)]
pub struct TicketPac {
    /// The PAC.
    pub bytes: Box<[u8]>,
    /// The authtime of the ticket, which the PAC has to be of.
    pub authtime: Timestamp,
    /// What vouches for it.
    pub proof: PacProof,
}

/// How it is known that a PAC is the KDC's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PacProof {
    /// By its server signature, which is to be verified with this key: that which opened the ticket.
    Key(Key),
    /// The process that exported the context had verified it.
    Verified,
    /// It is not: the process that exported the context had not verified it, or it did not hold.
    None,
}

/// More than one element of the ticket says that it is the PAC.
pub(super) struct SeveralPacs;

impl TicketAuthorization {
    /// Of a ticket that `service_key` has opened; none where it has no authorization data.
    pub(super) fn of_ticket(
        data: AuthorizationData,
        authtime: Timestamp,
        service_key: &Key,
    ) -> Result<Option<Self>, SeveralPacs> {
        if data.is_empty() {
            return Ok(None);
        }
        let mut indicators = Vec::new();
        let mut pac = None;
        for entry in &data {
            indicators.extend(indicators::of_element(entry, service_key));
            for inner in relevant(entry) {
                indicators.extend(indicators::of_element(&inner, service_key));
                keep_pac(inner, &mut pac)?;
            }
        }
        Ok(Some(Self {
            data: data.into(),
            indicators: indicators.into(),
            pac: pac.map(|bytes| TicketPac {
                bytes,
                authtime,
                proof: PacProof::Key(service_key.clone()),
            }),
        }))
    }

    /// Of an exported context; none where its ticket had none.
    pub(super) fn of_export(
        data: Box<[AuthorizationDataEntry]>,
        indicators: Box<[String]>,
        authtime: Timestamp,
        proof: PacProof,
    ) -> Result<Option<Self>, SeveralPacs> {
        if data.is_empty() && indicators.is_empty() {
            return Ok(None);
        }
        let mut pac = None;
        for inner in data.iter().flat_map(relevant) {
            keep_pac(inner, &mut pac)?;
        }
        Ok(Some(Self {
            data,
            indicators,
            pac: pac.map(|bytes| TicketPac {
                bytes,
                authtime,
                proof,
            }),
        }))
    }
}

/// The elements in an AD-IF-RELEVANT. One that can't be read is not relevant.
fn relevant(entry: &AuthorizationDataEntry) -> AdIfRelevant {
    match entry.ad_type {
        AdType::IF_RELEVANT => AdIfRelevant::decode(&entry.ad_data).unwrap_or_default(),
        _ => AdIfRelevant::new(),
    }
}

fn keep_pac(entry: AuthorizationDataEntry, pac: &mut Option<Box<[u8]>>) -> Result<(), SeveralPacs> {
    if entry.ad_type != AdType::WIN2K_PAC {
        return Ok(());
    }
    match pac.replace(entry.ad_data.0.into()) {
        None => Ok(()),
        Some(_) => Err(SeveralPacs),
    }
}
