//! `PAC_DEVICE_INFO`.

use alloc::vec::Vec;

use crate::ndr::{NdrReader, Pointer};
use crate::{GroupMembership, PacBufferError, Sid, SidAndAttributes};

/// The machine that the client came from, and its groups (`PAC_DEVICE_INFO`, \[MS-PAC\] section 2.12): where the
/// client used FAST with its ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo {
    /// The relative identifier of the machine's account.
    pub user_id: u32,
    /// The relative identifier of its primary group.
    pub primary_group_id: u32,
    /// Its domain.
    pub account_domain_id: Option<Sid>,
    /// Its groups of that domain.
    pub account_group_ids: Vec<GroupMembership>,
    /// SIDs of no domain.
    pub extra_sids: Vec<SidAndAttributes>,
    /// Its groups of other domains.
    pub domain_groups: Vec<DomainGroups>,
}

/// Groups of one domain (`DOMAIN_GROUP_MEMBERSHIP`, \[MS-PAC\] section 2.2.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainGroups {
    /// The domain.
    pub domain_id: Option<Sid>,
    /// Groups of it.
    pub group_ids: Vec<GroupMembership>,
}

impl DeviceInfo {
    /// Reads the buffer.
    ///
    /// # Errors
    ///
    /// What is malformed in it.
    pub fn decode(buffer: &[u8]) -> Result<Self, PacBufferError> {
        let reader = &mut NdrReader::open(buffer)?;
        let user_id = reader.u32("UserId")?;
        let primary_group_id = reader.u32("PrimaryGroupId")?;
        let domain = reader.pointer("AccountDomainId")?;
        let group_count = reader.u32("AccountGroupCount")?;
        let groups = reader.pointer("AccountGroupIds")?;
        let sid_count = reader.u32("SidCount")?;
        let sids = reader.pointer("ExtraSids")?;
        let domain_count = reader.u32("DomainGroupCount")?;
        let domains = reader.pointer("DomainGroup")?;
        Ok(Self {
            user_id,
            primary_group_id,
            account_domain_id: reader.optional_sid(domain, "AccountDomainId")?,
            account_group_ids: reader.group_memberships(groups, group_count, "AccountGroupIds")?,
            extra_sids: reader.sids(sids, sid_count, "ExtraSids")?,
            domain_groups: read_domains(reader, domains, domain_count)?,
        })
    }

    /// The machine's SID; none where the KDC did not say it.
    #[must_use]
    pub fn device_sid(&self) -> Option<Sid> {
        match self.user_id {
            0 => self.extra_sids.first().map(|first| first.sid),
            user_id => self.account_domain_id?.with_rid(user_id),
        }
    }
}

fn read_domains(
    reader: &mut NdrReader<'_>,
    domains: Pointer,
    count: u32,
) -> Result<Vec<DomainGroups>, PacBufferError> {
    let fixed = reader.array(domains, count, 12, "DomainGroup", |reader| {
        let domain = reader.pointer("DomainId")?;
        let count = reader.u32("GroupCount")?;
        Ok((domain, count, reader.pointer("GroupIds")?))
    })?;
    let mut domains = Vec::with_capacity(fixed.len());
    for (domain, count, groups) in fixed {
        domains.push(DomainGroups {
            domain_id: reader.optional_sid(domain, "DomainId")?,
            group_ids: reader.group_memberships(groups, count, "GroupIds")?,
        });
    }
    Ok(domains)
}
