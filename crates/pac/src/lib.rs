//! Privilege attribute certificates (PACs) of Active Directory, \[MS-PAC\]: bytes to types and back, without policy.
//!
//! A KDC puts a PAC into the authorization data of a ticket ([`AdType::WIN2K_PAC`], inside of AD-IF-RELEVANT): a list
//! of buffers, each of its own type. [`Pac`] reads the list, and decodes a buffer when it is asked for it. Nothing in
//! a PAC is to be believed before its server signature was verified with the key that the ticket is sealed in:
//! [`Pac::verify`] makes a [`VerifiedPac`], which knows the user's [`Sid`] and those of its groups.
//!
//! | buffer | type | here |
//! |---|---|---|
//! | `KERB_VALIDATION_INFO` | 1 | [`LogonInfo`] |
//! | `PAC_CREDENTIAL_INFO` | 2 | its bytes: they are encrypted for the client |
//! | server signature | 6 | [`Pac::verify_server_signature`] |
//! | KDC signature | 7 | [`Pac::verify_kdc_signature`] |
//! | `PAC_CLIENT_INFO` | 10 | [`ClientInfo`] |
//! | `S4U_DELEGATION_INFO` | 11 | [`DelegationInfo`] |
//! | `UPN_DNS_INFO` | 12 | [`UpnDnsInfo`] |
//! | `PAC_CLIENT_CLAIMS_INFO` | 13 | [`Claims`] |
//! | `PAC_DEVICE_INFO` | 14 | [`DeviceInfo`] |
//! | `PAC_DEVICE_CLAIMS_INFO` | 15 | [`Claims`] |
//! | ticket signature | 16 | [`Pac::verify_ticket_signature`] |
//! | `PAC_ATTRIBUTES_INFO` | 17 | [`AttributesInfo`] |
//! | `PAC_REQUESTOR` | 18 | [`Sid`] |
//! | full (extended KDC) signature | 19 | [`Pac::verify_full_signature`] |
//! | any other | | its bytes |
//!
//! # What is refused
//!
//! A holder of a service's key can write what it likes into PACs for that service, and a KDC without a filter copies
//! what clients ask for. So the bytes are a stranger's: a count is compared with what is there before it sizes
//! anything, the work is linear in the bytes, and of each buffer type there is at most one, which shares no byte with
//! another. [`PacError`] says which buffer is wrong, and where.
//!
//! # Signatures
//!
//! A signature has the checksum type of its key's encryption type (section 2.8). Of another type it is refused, so
//! that a PAC under an AES key can't be one whose HMAC is over an MD5 hash. [`PacBuilder`] makes them.
//!
//! [`AdType::WIN2K_PAC`]: orthros_asn1::AdType::WIN2K_PAC
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod attributes_info;
mod buffer_type;
mod builder;
mod claims;
mod client_info;
mod delegation_info;
mod device_info;
mod error;
mod file_time;
mod group;
mod logon_info;
mod ndr;
mod pac;
mod sid;
mod signature;
mod text;
mod upn_dns_info;
mod verified;

pub use attributes_info::{AttributesInfo, PacAttributes};
pub use buffer_type::PacBufferType;
pub use builder::PacBuilder;
pub use claims::{Claim, ClaimSource, ClaimValues, Claims, ClaimsArray, CompressionFormat};
pub use client_info::ClientInfo;
pub use delegation_info::DelegationInfo;
pub use device_info::{DeviceInfo, DomainGroups};
pub use error::{
    PacBufferError, PacBufferProblem, PacError, PacSignatureError, PacVerificationError,
};
pub use file_time::FileTime;
pub use group::{GroupAttributes, GroupMembership, SidAndAttributes};
pub use logon_info::{LogonInfo, UserFlags};
pub use pac::Pac;
pub use sid::{ParseSidError, Sid};
pub use upn_dns_info::{UpnDnsInfo, UpnFlags};
pub use verified::VerifiedPac;
