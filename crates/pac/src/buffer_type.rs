//! What a buffer of a PAC is.

use core::fmt;

/// The type of a buffer in a PAC (`ulType` of `PAC_INFO_BUFFER`, \[MS-PAC\] section 2.4). Unknown ones survive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PacBufferType(pub u32);

impl PacBufferType {
    /// `KERB_VALIDATION_INFO`: the user, its groups and its SIDs.
    pub const LOGON_INFO: Self = Self(1);
    /// `PAC_CREDENTIAL_INFO`: secrets of the user's, encrypted.
    pub const CREDENTIALS_INFO: Self = Self(2);
    /// The signature in the key that the ticket is sealed in.
    pub const SERVER_SIGNATURE: Self = Self(6);
    /// The signature of the KDC over the server signature.
    pub const KDC_SIGNATURE: Self = Self(7);
    /// `PAC_CLIENT_INFO`: the client's name and when it authenticated itself.
    pub const CLIENT_INFO: Self = Self(10);
    /// `S4U_DELEGATION_INFO`: the services that acted for the client.
    pub const DELEGATION_INFO: Self = Self(11);
    /// `UPN_DNS_INFO`: the client's name in its directory.
    pub const UPN_DNS_INFO: Self = Self(12);
    /// `PAC_CLIENT_CLAIMS_INFO`: what the directory says of the client.
    pub const CLIENT_CLAIMS_INFO: Self = Self(13);
    /// `PAC_DEVICE_INFO`: the client's machine, and its groups.
    pub const DEVICE_INFO: Self = Self(14);
    /// `PAC_DEVICE_CLAIMS_INFO`: what the directory says of the client's machine.
    pub const DEVICE_CLAIMS_INFO: Self = Self(15);
    /// The signature of the KDC over the ticket.
    pub const TICKET_SIGNATURE: Self = Self(16);
    /// `PAC_ATTRIBUTES_INFO`: why there is a PAC.
    pub const ATTRIBUTES_INFO: Self = Self(17);
    /// `PAC_REQUESTOR`: the SID of the client that asked for the ticket.
    pub const REQUESTOR: Self = Self(18);
    /// The signature of the KDC over the whole PAC ("extended KDC signature").
    pub const FULL_SIGNATURE: Self = Self(19);

    fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::LOGON_INFO => "logon info",
            Self::CREDENTIALS_INFO => "credentials info",
            Self::SERVER_SIGNATURE => "server signature",
            Self::KDC_SIGNATURE => "KDC signature",
            Self::CLIENT_INFO => "client info",
            Self::DELEGATION_INFO => "delegation info",
            Self::UPN_DNS_INFO => "UPN and DNS info",
            Self::CLIENT_CLAIMS_INFO => "client claims",
            Self::DEVICE_INFO => "device info",
            Self::DEVICE_CLAIMS_INFO => "device claims",
            Self::TICKET_SIGNATURE => "ticket signature",
            Self::ATTRIBUTES_INFO => "attributes info",
            Self::REQUESTOR => "requestor",
            Self::FULL_SIGNATURE => "full signature",
            _ => return None,
        })
    }
}

impl fmt::Display for PacBufferType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "buffer of type {}", self.0),
        }
    }
}

/// How many buffers a PAC may have. Microsoft has defined about twenty types.
pub(crate) const MOST_BUFFERS: u32 = 64;
