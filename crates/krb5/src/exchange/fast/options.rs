//! What a caller says about FAST.

use orthros_types::{Credential, Duration};

/// The armor for an AS exchange (RFC 6113 section 5.4.1.1).
///
/// It is good for one realm. Where a KDC refers the client to another one, the exchange ends in
/// [`KdcRefusalError::WrongRealm`](crate::KdcRefusalError::WrongRealm): another exchange goes on there, with an
/// armor for that realm.
#[derive(Clone, Debug)]
pub struct FastArmor {
    /// A ticket for the ticket-granting service of the client's realm, with its session key; its client does not
    /// matter.
    pub ticket: Credential,
    /// Whether to insist on it.
    pub usage: FastUse,
    /// The KDC's clock less this machine's, as known from where the ticket is from.
    pub kdc_offset: Duration,
}

/// How much an exchange depends on FAST.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FastUse {
    /// With a KDC that knows it. An AS exchange begins without armor and takes it as soon as the KDC offers that;
    /// a TGS exchange asks under armor and takes a reply without.
    ///
    /// An attacker on the path can hide the offer.
    Preferred,
    /// Always: what comes without armor is refused. Right where the KDC is known to support FAST.
    Required,
}
