//! What the tests of this crate share: row files, and messages by their ASN.1 name.
#![allow(
    dead_code,
    reason = "each test file is a crate of its own and uses a part of this"
)]

pub(crate) mod lists;
pub(crate) mod samples;
pub(crate) mod strategies;
pub(crate) mod tree;

use orthros_asn1::{
    AdAndOr, AdCammac, AdKdcIssued, AlgorithmIdentifier, ApRep, ApReq, AsRep, AsReq, AuthPack,
    Authenticator, AuthorizationData, ChangePasswdData, Checksum, DecodeError, EncApRepPart,
    EncAsRepPart, EncKrbCredPart, EncKrbPrivPart, EncTgsRepPart, EncTicketPart, EncryptedData,
    EncryptionKey, EtypeInfo, EtypeInfo2, EtypeList, IakerbFinished, IakerbHeader, KdcDhKeyInfo,
    KdcProxyMessage, KdcReqBody, KerbTgtReply, KerbTgtRequest, Krb5PrincipalName, KrbCred,
    KrbError, KrbFastReq, KrbFastResponse, KrbPriv, KrbSafe, KrbSafeBody, Message, MethodData,
    OtherInfo, OtpTokenInfo, PaAuthenticationSet, PaEncTsEnc, PaForUser, PaFxFastReply,
    PaFxFastRequest, PaOtpChallenge, PaOtpEncRequest, PaOtpPinChange, PaOtpRequest, PaPacOptions,
    PaPacRequest, PaPkAsRep, PaPkAsReq, PaS4uX509User, PaSpake, PkinitSuppPubInfo, PrincipalName,
    ReplyKeyPack, S4uUserId, SpakeSecondFactor, TgsRep, TgsReq, Ticket, TypedData,
    spnego::{MechTypeList, NegotiationToken},
};

/// Encodings that must come out as they went in.
const REFERENCES: [&str; 2] = [
    include_str!("../../../../vectors/mit-asn1/reference.tsv"),
    include_str!("../../../../vectors/rfc4178/reference.tsv"),
];

/// Decodes a message and encodes it again.
pub(crate) type Recode = fn(&[u8]) -> Result<Vec<u8>, DecodeError>;

/// All encodings that must come out as they went in: type, contents, encoding.
pub(crate) fn references() -> Vec<[&'static str; 3]> {
    REFERENCES.iter().flat_map(|text| rows(text)).collect()
}

/// The rows of a vector file, each of `N` fields.
pub(crate) fn rows<const N: usize>(text: &str) -> Vec<[&str; N]> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            fields.try_into().expect(line)
        })
        .collect()
}

/// Octets from hexadecimal digits.
pub(crate) fn hex(digits: &str) -> Vec<u8> {
    assert!(digits.len().is_multiple_of(2), "{digits}");
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect(digits))
        .collect()
}

/// The message whose ASN.1 name is `name`.
pub(crate) fn recode(name: &str) -> Recode {
    fn of<T: Message>(octets: &[u8]) -> Result<Vec<u8>, DecodeError> {
        T::decode(octets).map(|message| message.encode().expect("what was decoded can be encoded"))
    }
    match name {
        "AD-AND-OR" => of::<AdAndOr>,
        "AD-CAMMAC" => of::<AdCammac>,
        "AD-KDCIssued" => of::<AdKdcIssued>,
        "AP-REP" => of::<ApRep>,
        "AP-REQ" => of::<ApReq>,
        "AS-REP" => of::<AsRep>,
        "AS-REQ" => of::<AsReq>,
        "AlgorithmIdentifier" => of::<AlgorithmIdentifier>,
        "AuthPack" => of::<AuthPack>,
        "Authenticator" => of::<Authenticator>,
        "AuthorizationData" => of::<AuthorizationData>,
        "ChangePasswdData" => of::<ChangePasswdData>,
        "Checksum" => of::<Checksum>,
        "ETYPE-INFO" => of::<EtypeInfo>,
        "ETYPE-INFO2" => of::<EtypeInfo2>,
        "EncAPRepPart" => of::<EncApRepPart>,
        "EncASRepPart" => of::<EncAsRepPart>,
        "EncKrbCredPart" => of::<EncKrbCredPart>,
        "EncKrbPrivPart" => of::<EncKrbPrivPart>,
        "EncTGSRepPart" => of::<EncTgsRepPart>,
        "EncTicketPart" => of::<EncTicketPart>,
        "EncryptedData" => of::<EncryptedData>,
        "EncryptionKey" => of::<EncryptionKey>,
        "IAKERB-FINISHED" => of::<IakerbFinished>,
        "IAKERB-HEADER" => of::<IakerbHeader>,
        "KDC-PROXY-MESSAGE" => of::<KdcProxyMessage>,
        "KDC-REQ-BODY" => of::<KdcReqBody>,
        "KDCDHKeyInfo" => of::<KdcDhKeyInfo>,
        "KERB-PA-PAC-REQUEST" => of::<PaPacRequest>,
        "KERB-TGT-REPLY" => of::<KerbTgtReply>,
        "KERB-TGT-REQUEST" => of::<KerbTgtRequest>,
        "KRB-CRED" => of::<KrbCred>,
        "KRB-ERROR" => of::<KrbError>,
        "KRB-PRIV" => of::<KrbPriv>,
        "KRB-SAFE" => of::<KrbSafe>,
        "KRB-SAFE-BODY" => of::<KrbSafeBody>,
        "KRB5PrincipalName" => of::<Krb5PrincipalName>,
        "KrbFastReq" => of::<KrbFastReq>,
        "KrbFastResponse" => of::<KrbFastResponse>,
        "EtypeList" => of::<EtypeList>,
        "METHOD-DATA" => of::<MethodData>,
        "MechTypeList" => of::<MechTypeList>,
        "NegotiationToken" => of::<NegotiationToken>,
        "OTP-TOKENINFO" => of::<OtpTokenInfo>,
        "OtherInfo" => of::<OtherInfo>,
        "PA-AUTHENTICATION-SET" => of::<PaAuthenticationSet>,
        "PA-ENC-TS-ENC" => of::<PaEncTsEnc>,
        "PA-FOR-USER" => of::<PaForUser>,
        "PA-FX-FAST-REPLY" => of::<PaFxFastReply>,
        "PA-FX-FAST-REQUEST" => of::<PaFxFastRequest>,
        "PA-OTP-CHALLENGE" => of::<PaOtpChallenge>,
        "PA-OTP-ENC-REQUEST" => of::<PaOtpEncRequest>,
        "PA-OTP-PIN-CHANGE" => of::<PaOtpPinChange>,
        "PA-OTP-REQUEST" => of::<PaOtpRequest>,
        "PA-PAC-OPTIONS" => of::<PaPacOptions>,
        "PA-PK-AS-REP" => of::<PaPkAsRep>,
        "PA-PK-AS-REQ" => of::<PaPkAsReq>,
        "PA-S4U-X509-USER" => of::<PaS4uX509User>,
        "PA-SPAKE" => of::<PaSpake>,
        "PkinitSuppPubInfo" => of::<PkinitSuppPubInfo>,
        "PrincipalName" => of::<PrincipalName>,
        "ReplyKeyPack" => of::<ReplyKeyPack>,
        "S4UUserID" => of::<S4uUserId>,
        "SPAKESecondFactor" => of::<SpakeSecondFactor>,
        "TGS-REP" => of::<TgsRep>,
        "TGS-REQ" => of::<TgsReq>,
        "TYPED-DATA" => of::<TypedData>,
        "Ticket" => of::<Ticket>,
        _ => panic!("no message is called {name}"),
    }
}

/// The values in `octets`, which are DER: identifier and contents of each.
pub(crate) fn values(mut octets: &[u8]) -> Vec<(u8, &[u8])> {
    let mut values = Vec::new();
    while let [identifier, length, rest @ ..] = octets {
        let (length, rest) = match length {
            0x81 => (usize::from(rest[0]), &rest[1..]),
            0x82 => (usize::from(rest[0]) << 8 | usize::from(rest[1]), &rest[2..]),
            0x83 => {
                let length = u32::from_be_bytes([0, rest[0], rest[1], rest[2]]);
                (usize::try_from(length).unwrap(), &rest[3..])
            }
            _ => (usize::from(*length), rest),
        };
        values.push((*identifier, &rest[..length]));
        octets = &rest[length..];
    }
    values
}
