//! Messages by number, and what holds of all of them.

use std::fmt::Debug;

use orthros_asn1::spnego::{MechTypeList, NegotiationToken};
use orthros_asn1::{
    AdAndOr, AdAuthenticationIndicator, AdCammac, AdKdcIssued, AlgorithmIdentifier, ApRep, ApReq,
    AsRep, AsReq, AuthPack, Authenticator, AuthorizationData, ChangePasswdData, Checksum,
    EncApRepPart, EncAsRepPart, EncKrbCredPart, EncKrbPrivPart, EncTgsRepPart, EncTicketPart,
    EncryptedData, EncryptionKey, EtypeInfo, EtypeInfo2, EtypeList, IakerbFinished, IakerbHeader,
    KdcDhKeyInfo, KdcProxyMessage, KdcReqBody, KerbTgtReply, KerbTgtRequest, Krb5PrincipalName,
    KrbCred, KrbError, KrbFastReq, KrbFastResponse, KrbPriv, KrbSafe, KrbSafeBody, Message,
    MethodData, OtherInfo, OtpTokenInfo, PaAuthenticationSet, PaEncTsEnc, PaForUser, PaFxFastReply,
    PaFxFastRequest, PaOtpChallenge, PaOtpEncRequest, PaOtpPinChange, PaOtpRequest, PaPacOptions,
    PaPacRequest, PaPkAsRep, PaPkAsReq, PaS4uX509User, PaSpake, PkinitSuppPubInfo, PrincipalName,
    ReplyKeyPack, S4uUserId, SpakeSecondFactor, TgsRep, TgsReq, Ticket, TypedData, limits,
};
use rasn_kerberos as theirs;

/// Reads one message of the type with this number, if there is one, and checks what comes of it.
pub fn check(number: u8, octets: &[u8]) {
    if let Some(check) = CHECKS.get(usize::from(number)) {
        check(octets);
        limited(octets);
    }
}

/// Lists that are read are not longer than they may be.
fn limited(octets: &[u8]) {
    if let Ok(name) = PrincipalName::decode(octets) {
        assert!(name.name_string.len() <= limits::NAME_COMPONENTS);
        let longest = name.name_string.iter().map(|component| component.len()).max();
        assert!(longest <= Some(limits::TEXT_OCTETS));
    }
    if let Ok(body) = KdcReqBody::decode(octets) {
        assert!(body.etype.len() <= limits::ENCRYPTION_TYPES);
        assert!(body.additional_tickets.is_none_or(|tickets| tickets.len() <= limits::TICKETS));
    }
    if let Ok(padata) = MethodData::decode(octets) {
        assert!(padata.len() <= limits::PADATA);
    }
    if let Ok(mechanisms) = MechTypeList::decode(octets) {
        assert!(mechanisms.len() <= limits::MECHANISMS);
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

/// How many types there are.
pub const COUNT: usize = CHECKS.len();

/// What is read can be written, and reads the same again; what is refused is refused at a place within the input.
pub fn round_trip<T: Message + Debug + PartialEq>(octets: &[u8]) {
    match T::decode(octets) {
        Ok(message) => {
            let written = message.encode().expect("what was read can be written");
            let again = T::decode(&written).expect("what was written can be read");
            assert_eq!(again, message);
            assert_eq!(again.encode().expect("it can be written again"), written);
            extended(octets, &message);
        }
        Err(error) => assert!(error.offset() <= octets.len(), "{error}"),
    }
}

/// What a later version adds behind the fields changes nothing, or is refused; and where there is room for one such
/// field there is none for the same one again, nor for octets that are no field.
fn extended<T: Message + Debug + PartialEq>(octets: &[u8], message: &T) {
    let Ok(written) = message.encode() else {
        return;
    };
    // A list, or a type that ends in ANY, takes what stands behind for an element or a parameter of its own.
    let takes_any = std::any::type_name::<T>().ends_with("::AlgorithmIdentifier");
    for octets in [octets, &written] {
        let Some(contents) = contents_of_sequence(octets).filter(|_| !takes_any) else {
            return;
        };
        let with = |behind: &[u8]| T::decode(&sequence(&[contents, behind].concat()));
        if let Ok(same) = with(ADDITION) {
            assert_eq!(&same, message, "an addition has changed what is read");
            assert!(with(&ADDITION.repeat(2)).is_err(), "an addition is repeated");
            assert!(with(&[ADDITION, b"\xa0\0"].concat()).is_err(), "a field is behind an addition");
        }
        assert!(with(b"\xbe\x03abc").is_err(), "an addition is not DER");
    }
}

/// A field with the highest tag number that one octet holds.
const ADDITION: &[u8] = &[0xBE, 2, 5, 0];

/// The contents of a SEQUENCE, for these octets that have been read as one; None for other types.
fn contents_of_sequence(octets: &[u8]) -> Option<&[u8]> {
    let [0x30, length, rest @ ..] = octets else {
        return None;
    };
    let long = usize::from(length.checked_sub(0x80).unwrap_or(0));
    rest.get(long..)
}

fn sequence(contents: &[u8]) -> Vec<u8> {
    let length = u32::try_from(contents.len()).expect("an input is short").to_be_bytes();
    let zeros = length.iter().take_while(|octet| **octet == 0).count();
    let header = match &length[zeros..] {
        [] => vec![0x30, 0],
        [short @ 0..0x80] => vec![0x30, *short],
        long => [&[0x30, 0x80 | long.len() as u8], long].concat(),
    };
    [&header, contents].concat()
}

/// Where both implementations read what ours would have written, both write the same; or the other one mends what ours
/// keeps as it came (a body, a ticket), and ours reads that.
///
/// `rasn-kerberos` reads less (names that are no ASCII, negative numbers) and more (lengths that are not minimal) than
/// we do.
fn agreement<T: Message, U: rasn::Decode + rasn::Encode>(octets: &[u8]) {
    let ours = T::decode(octets).ok().and_then(|ours| ours.encode().ok());
    if ours.as_deref() != Some(octets) {
        return;
    }
    if let Ok(theirs) = rasn::der::decode::<U>(octets) {
        let theirs = rasn::der::encode(&theirs).expect("they can write what they read");
        if theirs != octets {
            assert!(keeps_octets::<T>(), "rasn-kerberos reads something else");
            let mended = T::decode(&theirs).expect("ours reads what they write");
            assert_eq!(mended.encode().expect("it has an encoding"), theirs);
        }
    }
}

/// Whether a part of the message is kept as it was received.
fn keeps_octets<T>() -> bool {
    let name = std::any::type_name::<T>();
    KEEPING.iter().any(|keeping| name.ends_with(keeping))
}

/// With each type the one of `rasn-kerberos`, if it has it.
macro_rules! types {
    ($($message:ty $(=> $theirs:ty)?),* $(,)?) => {
        const CHECKS: &[fn(&[u8])] = &[$(|octets| {
            round_trip::<$message>(octets);
            $(agreement::<$message, $theirs>(octets);)?
        }),*];
        const READABLE: &[fn(&[u8]) -> bool] = &[$(|octets| <$message>::decode(octets).is_ok()),*];
    };
}

types!(
    AdAndOr => theirs::AdAndOr,
    AdAuthenticationIndicator,
    AdCammac => theirs::AdCammac,
    AdKdcIssued => theirs::AdKdcIssued,
    AlgorithmIdentifier,
    ApRep => theirs::ApRep,
    ApReq => theirs::ApReq,
    AsRep => theirs::AsRep,
    AsReq => theirs::AsReq,
    AuthPack,
    Authenticator => theirs::Authenticator,
    AuthorizationData => theirs::AuthorizationData,
    ChangePasswdData,
    Checksum => theirs::Checksum,
    EncApRepPart => theirs::EncApRepPart,
    EncAsRepPart => theirs::EncAsRepPart,
    EncKrbCredPart => theirs::EncKrbCredPart,
    EncKrbPrivPart => theirs::EncKrbPrivPart,
    EncTgsRepPart => theirs::EncTgsRepPart,
    EncTicketPart => theirs::EncTicketPart,
    EncryptedData => theirs::EncryptedData,
    EncryptionKey => theirs::EncryptionKey,
    EtypeInfo => theirs::EtypeInfo,
    EtypeInfo2 => theirs::EtypeInfo2,
    EtypeList,
    IakerbFinished,
    IakerbHeader,
    KdcDhKeyInfo,
    KdcProxyMessage,
    KdcReqBody => theirs::KdcReqBody,
    KerbTgtReply,
    KerbTgtRequest,
    Krb5PrincipalName,
    KrbCred => theirs::KrbCred,
    KrbError => theirs::KrbError,
    KrbFastReq,
    KrbFastResponse,
    KrbPriv => theirs::KrbPriv,
    KrbSafe => theirs::KrbSafe,
    KrbSafeBody,
    MechTypeList,
    MethodData => theirs::MethodData,
    NegotiationToken,
    OtherInfo,
    OtpTokenInfo,
    PaAuthenticationSet,
    PaEncTsEnc => theirs::PaEncTsEnc,
    PaForUser,
    PaFxFastReply,
    PaFxFastRequest,
    PaOtpChallenge,
    PaOtpEncRequest,
    PaOtpPinChange,
    PaOtpRequest,
    PaPacOptions,
    PaPacRequest,
    PaPkAsRep,
    PaPkAsReq,
    PaS4uX509User,
    PaSpake,
    PkinitSuppPubInfo,
    PrincipalName => theirs::PrincipalName,
    ReplyKeyPack,
    S4uUserId,
    SpakeSecondFactor,
    TgsRep => theirs::TgsRep,
    TgsReq => theirs::TgsReq,
    Ticket => theirs::Ticket,
    TypedData,
);

const KEEPING: &[&str] = &[
    "::AdCammac",
    "::AdKdcIssued",
    "::ApReq",
    "::AsRep",
    "::AsReq",
    "::KdcReqBody",
    "::KrbCred",
    "::KrbSafe",
    "::TgsRep",
    "::TgsReq",
];
