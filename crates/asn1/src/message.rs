//! What can be sent or encrypted on its own.

use alloc::vec::Vec;

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

/// A type that stands at the top of an encoding.
pub trait Message: Sized {
    /// Reads one value, which must be all of `octets`.
    ///
    /// The octets must be DER, but for the relaxations that the crate's documentation lists.
    ///
    /// # Errors
    ///
    /// Says what is wrong at which offset of `octets`, and in which field.
    fn decode(octets: &[u8]) -> Result<Self, DecodeError>;

    /// Writes the value as DER.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] where the value can't be written. No value that can be made of this crate's
    /// types is known to cause it.
    fn encode(&self) -> Result<Vec<u8>, EncodeError>;
}

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
/// in memory that nobody zeroizes. Only a KDC writes anything that might not fit.
const SECRET_CAPACITY: usize = 16 * 1024;
