//! Groups, and how the client is their member.

use bitflags::bitflags;

use crate::Sid;

/// A group of the domain that it stands with (`GROUP_MEMBERSHIP`, \[MS-PAC\] section 2.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GroupMembership {
    /// The last subauthority of the group's SID; those before it are the domain's.
    pub relative_id: u32,
    /// How the client is its member.
    pub attributes: GroupAttributes,
}

/// A SID of the client (`KERB_SID_AND_ATTRIBUTES`, \[MS-PAC\] section 2.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SidAndAttributes {
    /// The SID.
    pub sid: Sid,
    /// How the client has it.
    pub attributes: GroupAttributes,
}

bitflags! {
    /// How a client is a member of a group (\[MS-PAC\] section 2.2.1). Unknown flags survive.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct GroupAttributes: u32 {
        /// `SE_GROUP_MANDATORY`: the membership can't be given up.
        const MANDATORY = 0x1;
        /// `SE_GROUP_ENABLED_BY_DEFAULT`.
        const ENABLED_BY_DEFAULT = 0x2;
        /// `SE_GROUP_ENABLED`: the membership counts.
        const ENABLED = 0x4;
        /// `SE_GROUP_OWNER`: the group can own things for the client.
        const OWNER = 0x8;
        /// `SE_GROUP_USE_FOR_DENY_ONLY`: the membership counts where members are refused, and grants nothing.
        const USE_FOR_DENY_ONLY = 0x10;
        /// `SE_GROUP_RESOURCE`: a domain-local group of the service's domain.
        const RESOURCE = 0x2000_0000;
    }
}

impl GroupAttributes {
    /// What a KDC writes for a membership like any other.
    pub const USUAL: Self = Self::MANDATORY
        .union(Self::ENABLED_BY_DEFAULT)
        .union(Self::ENABLED);

    /// Whether the membership may grant something.
    #[must_use]
    pub const fn grants(self) -> bool {
        !self.contains(Self::USE_FOR_DENY_ONLY)
    }
}
