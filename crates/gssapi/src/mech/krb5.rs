//! Kerberos V5 (RFC 4121).

pub(super) mod acceptor;
mod delegation;
pub(super) mod initiator;
pub(crate) mod tickets;

use orthros_krb5::ap;

use super::Description;
use crate::{MechAttribute, NameType, Oid};

impl Oid {
    /// The Kerberos V5 mechanism, 1.2.840.113554.1.2.2 (RFC 4121 section 4.1).
    pub const KRB5: Self = Self::of_octets(ap::Mechanism::Krb5.oid());
}

pub(super) const DESCRIPTION: Description = Description {
    oid: Oid::KRB5,
    // Microsoft's has a bit lost, and some servers answer with the one that they were not asked for.
    identifiers: &[
        ap::Mechanism::Krb5.oid(),
        ap::Mechanism::Microsoft.oid(),
        ap::Mechanism::BeforeRfc1964.oid(),
    ],
    is_announced: true,
    attributes: ATTRIBUTES,
    name_types: NAME_TYPES,
};

pub(super) const ATTRIBUTES: &[MechAttribute] = &[
    MechAttribute::MECH_CONCRETE,
    MechAttribute::ITOK_FRAMED,
    MechAttribute::AUTH_INIT,
    MechAttribute::AUTH_TARG,
    MechAttribute::DELEG_CRED,
    MechAttribute::INTEG_PROT,
    MechAttribute::CONF_PROT,
    MechAttribute::MIC,
    MechAttribute::WRAP,
    MechAttribute::REPLAY_DET,
    MechAttribute::OOS_DET,
    MechAttribute::CBINDINGS,
];

pub(super) const NAME_TYPES: &[NameType] = &[
    NameType::USER_NAME,
    NameType::MACHINE_UID_NAME,
    NameType::STRING_UID_NAME,
    NameType::HOSTBASED_SERVICE,
    NameType::HOSTBASED_SERVICE_X,
    NameType::ANONYMOUS,
    NameType::EXPORT_NAME,
    NameType::COMPOSITE_EXPORT,
    NameType::KRB5_PRINCIPAL_NAME,
    NameType::KRB5_ENTERPRISE_NAME,
];
