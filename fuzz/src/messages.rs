//! Messages by number, and what holds of all of them.

use std::fmt::Debug;

use orthros_asn1::spnego::{MechTypeList, NegotiationToken};
use orthros_asn1::{
    AdAndOr, AdCammac, AdKdcIssued, ApRep, ApReq, AsRep, AsReq, Authenticator, AuthorizationData,
    ChangePasswdData, EncApRepPart, EncAsRepPart, EncKrbCredPart, EncKrbPrivPart, EncTgsRepPart,
    EncTicketPart, EtypeInfo, EtypeInfo2, IakerbFinished, IakerbHeader, KdcProxyMessage, KrbCred,
    KrbError, KrbFastReq, KrbFastResponse, KrbPriv, KrbSafe, Message, MethodData,
    PaAuthenticationSet, PaEncTsEnc, PaForUser, PaFxFastReply, PaFxFastRequest, PaPacOptions,
    PaPacRequest, PaS4uX509User, PaSpake, SpakeSecondFactor, TgsRep, TgsReq, Ticket, TypedData,
};

/// Reads one message of the type with this number, if there is one, and checks what comes of it.
pub fn check(number: u8, octets: &[u8]) {
    if let Some(check) = CHECKS.get(usize::from(number)) {
        check(octets);
    }
}

/// The numbers of the types as which these octets can be read.
pub fn readable(octets: &[u8]) -> Vec<u8> {
    (0..=u8::MAX)
        .zip(READABLE)
        .filter(|(_, is_readable)| is_readable(octets))
        .map(|(number, _)| number)
        .collect()
}

/// What is read can be written, and reads the same again; what is refused is refused at a place within the input.
pub fn round_trip<T: Message + Debug + PartialEq>(octets: &[u8]) {
    match T::decode(octets) {
        Ok(message) => {
            let written = message.encode().expect("what was read can be written");
            let again = T::decode(&written).expect("what was written can be read");
            assert_eq!(again, message);
            assert_eq!(again.encode().expect("it can be written again"), written);
        }
        Err(error) => assert!(error.offset() <= octets.len(), "{error}"),
    }
}

macro_rules! types {
    ($($message:ty),* $(,)?) => {
        const CHECKS: &[fn(&[u8])] = &[$(round_trip::<$message>),*];
        const READABLE: &[fn(&[u8]) -> bool] = &[$(|octets| <$message>::decode(octets).is_ok()),*];
    };
}

types!(
    AdAndOr,
    AdCammac,
    AdKdcIssued,
    ApRep,
    ApReq,
    AsRep,
    AsReq,
    Authenticator,
    AuthorizationData,
    ChangePasswdData,
    EncApRepPart,
    EncAsRepPart,
    EncKrbCredPart,
    EncKrbPrivPart,
    EncTgsRepPart,
    EncTicketPart,
    EtypeInfo,
    EtypeInfo2,
    IakerbFinished,
    IakerbHeader,
    KdcProxyMessage,
    KrbCred,
    KrbError,
    KrbFastReq,
    KrbFastResponse,
    KrbPriv,
    KrbSafe,
    MechTypeList,
    MethodData,
    NegotiationToken,
    PaAuthenticationSet,
    PaEncTsEnc,
    PaForUser,
    PaFxFastReply,
    PaFxFastRequest,
    PaPacOptions,
    PaPacRequest,
    PaS4uX509User,
    PaSpake,
    SpakeSecondFactor,
    TgsRep,
    TgsReq,
    Ticket,
    TypedData,
);
