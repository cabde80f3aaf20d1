//! The messages, and how much room the encoding of each is given from the start.

use alloc::vec::Vec;

use super::Message;
use crate::{
    AdAndOr, AdAuthenticationIndicator, AdCammac, AdKdcIssued, AlgorithmIdentifier, ApRep, ApReq,
    AsRep, AsReq, AuthPack, Authenticator, AuthorizationData, ChangePasswdData, Checksum,
    DecodeError, EncApRepPart, EncAsRepPart, EncKrbCredPart, EncKrbPrivPart, EncTgsRepPart,
    EncTicketPart, EncodeError, EncryptedData, EncryptionKey, EtypeInfo, EtypeInfo2, EtypeList,
    IakerbFinished, IakerbHeader, KdcDhKeyInfo, KdcProxyMessage, KdcReqBody, KerbTgtReply,
    KerbTgtRequest, Krb5PrincipalName, KrbCred, KrbError, KrbFastReq, KrbFastResponse, KrbPriv,
    KrbSafe, KrbSafeBody, MethodData, OtherInfo, OtpTokenInfo, PaAuthenticationSet, PaEncTsEnc,
    PaForUser, PaFxFastReply, PaFxFastRequest, PaOtpChallenge, PaOtpEncRequest, PaOtpPinChange,
    PaOtpRequest, PaPacOptions, PaPacRequest, PaPkAsRep, PaPkAsReq, PaS4uX509User, PaSpake,
    PkinitSuppPubInfo, PrincipalName, ReplyKeyPack, S4uUserId, SpakeSecondFactor, TgsRep, TgsReq,
    Ticket, TypedData, der,
    spnego::{MechTypeList, NegotiationToken},
};

macro_rules! messages {
    ($capacity:expr; $($message:ty),* $(,)?) => {$(
        impl Message for $message {
            fn decode(octets: &[u8]) -> Result<Self, DecodeError> {
                der::decode(octets)
            }

            fn encode(&self) -> Result<Vec<u8>, EncodeError> {
                der::encode(self, $capacity)
            }
        }
    )*};
}

messages!(
    CAPACITY;
    AdAndOr,
    AdAuthenticationIndicator,
    AdCammac,
    AdKdcIssued,
    AlgorithmIdentifier,
    ApRep,
    ApReq,
    AsRep,
    AsReq,
    AuthPack,
    AuthorizationData,
    Checksum,
    EncryptedData,
    EtypeInfo,
    EtypeInfo2,
    EtypeList,
    IakerbFinished,
    IakerbHeader,
    KdcDhKeyInfo,
    KdcProxyMessage,
    KdcReqBody,
    KerbTgtReply,
    KerbTgtRequest,
    Krb5PrincipalName,
    KrbCred,
    KrbError,
    KrbFastReq,
    KrbPriv,
    KrbSafe,
    KrbSafeBody,
    MechTypeList,
    MethodData,
    NegotiationToken,
    OtherInfo,
    OtpTokenInfo,
    PaAuthenticationSet,
    PaEncTsEnc,
    PaForUser,
    PaFxFastReply,
    PaFxFastRequest,
    PaOtpChallenge,
    PaOtpEncRequest,
    PaPacOptions,
    PaPacRequest,
    PaPkAsRep,
    PaPkAsReq,
    PaS4uX509User,
    PaSpake,
    PkinitSuppPubInfo,
    PrincipalName,
    S4uUserId,
    SpakeSecondFactor,
    TgsRep,
    TgsReq,
    Ticket,
    TypedData,
);

messages!(
    SECRET_CAPACITY;
    Authenticator,
    ChangePasswdData,
    EncApRepPart,
    EncAsRepPart,
    EncKrbCredPart,
    EncKrbPrivPart,
    EncTgsRepPart,
    EncTicketPart,
    EncryptionKey,
    KrbFastResponse,
    PaOtpPinChange,
    PaOtpRequest,
    ReplyKeyPack,
);

/// Room that most messages need no more than.
const CAPACITY: usize = 1024;
/// Room for what holds a key, so large that the buffer does not grow and leave a copy of the key
/// in memory that is not zeroized. Only a KDC writes anything that might not fit.
const SECRET_CAPACITY: usize = 16 * 1024;
