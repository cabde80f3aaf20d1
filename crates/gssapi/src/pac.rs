//! What the domain controller says of a client: the PAC of Active Directory (\[MS-PAC\]).
//!
//! [`SecurityContext::pac`](crate::SecurityContext::pac) gives a [`VerifiedPac`], which knows the client's [`Sid`] and
//! those of its groups. The [manual](crate::manual::active_directory) has an example.

pub use orthros_pac::{
    AttributesInfo, Claim, ClaimSource, ClaimValues, Claims, ClaimsArray, ClientInfo,
    CompressionFormat, DelegationInfo, DeviceInfo, DomainGroups, FileTime, GroupAttributes,
    GroupMembership, LogonInfo, Pac, PacAttributes, PacBufferError, PacBufferProblem,
    PacBufferType, PacError, PacSignatureError, PacVerificationError, ParseSidError, Sid,
    SidAndAttributes, UpnDnsInfo, UpnFlags, UserFlags, VerifiedPac,
};
