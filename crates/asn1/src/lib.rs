//! Kerberos V5 messages as ASN.1 DER: RFC 4120 and its extensions, GSS-API framing.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod ap;
mod basic;
mod cred;
mod der;
mod error;
mod fields;
pub mod gss;
mod kdc;
mod krb_error;
mod message;
mod numbers;
mod preauth;
mod ticket;

pub use ap::{ApRep, ApReq, Authenticator, EncApRepPart};
pub use basic::{
    AuthorizationData, AuthorizationDataEntry, Checksum, EncryptedData, EncryptionKey, HostAddress,
    HostAddresses, PrincipalName, Realm, TypedData, TypedDataEntry,
};
pub use cred::{EncKrbCredPart, KrbCred, KrbCredInfo};
pub use error::{DecodeError, DecodeErrorKind, EncodeError};
pub use fields::{
    ApOptions, Exactly, KdcOptions, KerberosString, KerberosTime, Microseconds, Octets, Raw,
    SecretOctets, TicketFlags, UInt32,
};
pub use kdc::{
    AsRep, AsReq, EncAsRepPart, EncKdcRepPart, EncTgsRepPart, KdcRep, KdcReq, KdcReqBody, LastReq,
    LastReqEntry, TgsRep, TgsReq,
};
pub use krb_error::KrbError;
pub use message::Message;
pub use numbers::{
    AdType, AddressType, CksumType, EncryptionType, ErrorCode, LastReqType, MessageType, NameType,
    PaDataType, TdType, TransitedType,
};
pub use preauth::{
    EtypeInfo2, EtypeInfo2Entry, MethodData, PaData, PaEncTimestamp, PaEncTsEnc, PaPacRequest,
};
pub use ticket::{EncTicketPart, Ticket, TransitedEncoding};
