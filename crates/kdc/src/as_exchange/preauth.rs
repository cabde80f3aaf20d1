//! The client proves who it is: RFC 4120 section 5.2.7, RFC 6113 section 5.4.6.

use alloc::vec::Vec;

use orthros_asn1::{
    EncryptedData, EtypeInfo2, EtypeInfo2Entry, Message as _, MethodData, PaData, PaDataType,
    PaEncTsEnc, TicketFlags,
};
use orthros_crypto::{Key, KeyUsage, RandomSource};

use super::Asked;
use super::parties::Parties;
use crate::case::{Case, Declined};
use crate::fast::Armor;
use crate::{PrincipalFlags, PrincipalKey, Refusal, enctypes, wire};

/// What a client has proved.
pub(super) struct Proof {
    /// What the ticket says of it.
    pub(super) flags: TicketFlags,
    /// The KDC's part of it.
    pub(super) padata: MethodData,
}

/// Takes the client's proof. A wrong one, and a missing one that is required, are refused with word of how it is made.
pub(super) fn prove(
    case: &Case<'_>,
    parties: &Parties,
    asked: &Asked<'_>,
    random: &mut dyn RandomSource,
) -> Result<Proof, Declined> {
    let keys = enctypes::client_keys(&parties.client, &asked.enctypes);
    let keys: Vec<&PrincipalKey> = keys.collect();
    if keys.is_empty() {
        return Err(Refusal::NoCommonEnctype.into());
    }
    let taken = match &case.armor {
        None => timestamp(case, &asked.padata, &keys),
        Some(armor) => challenge(case, armor, &asked.padata, &keys, random),
    };
    match taken {
        Ok(Some(proof)) => Ok(proof),
        Ok(None) if parties.either(PrincipalFlags::REQUIRES_PREAUTH) => {
            hinted(Refusal::PreauthRequired, case, &keys)
        }
        Ok(None) => Ok(Proof {
            flags: TicketFlags::empty(),
            padata: Vec::new(),
        }),
        Err(refusal @ (Refusal::PreauthFailed | Refusal::PreauthEnctype { .. })) => {
            hinted(refusal, case, &keys)
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// PA-ENC-TIMESTAMP: the time, in the client's key.
fn timestamp(
    case: &Case<'_>,
    padata: &[PaData],
    keys: &[&PrincipalKey],
) -> Result<Option<Proof>, Refusal> {
    let Some(octets) = wire::find(padata, PaDataType::ENC_TIMESTAMP) else {
        return Ok(None);
    };
    let sealed = EncryptedData::decode(octets)?;
    let etype = sealed.etype;
    let key = keys
        .iter()
        .find(|key| wire::encryption_type(key.key.enctype()) == etype)
        .ok_or(Refusal::PreauthEnctype { etype })?;
    open_timestamp(case, &key.key, KeyUsage::AS_REQ_PA_ENC_TIMESTAMP, &sealed)?;
    Ok(Some(Proof {
        flags: TicketFlags::PRE_AUTHENT,
        padata: Vec::new(),
    }))
}

/// The encrypted challenge: the time, in the armor key and the client's combined. Which of the client's keys it is the
/// ciphertext does not say. The KDC answers in kind, which proves that it knows the client's key too.
fn challenge(
    case: &Case<'_>,
    armor: &Armor,
    padata: &[PaData],
    keys: &[&PrincipalKey],
    random: &mut dyn RandomSource,
) -> Result<Option<Proof>, Refusal> {
    let Some(octets) = wire::find(padata, PaDataType::ENCRYPTED_CHALLENGE) else {
        return Ok(None);
    };
    let sealed = EncryptedData::decode(octets)?;
    let opens = |key: &&&PrincipalKey| {
        let key = challenge_key(armor, b"clientchallengearmor", &key.key);
        let usage = KeyUsage::ENC_CHALLENGE_CLIENT;
        !matches!(
            open_timestamp(case, &key, usage, &sealed),
            Err(Refusal::PreauthFailed)
        )
    };
    let key = &keys.iter().find(opens).ok_or(Refusal::PreauthFailed)?.key;
    let client_key = challenge_key(armor, b"clientchallengearmor", key);
    open_timestamp(case, &client_key, KeyUsage::ENC_CHALLENGE_CLIENT, &sealed)?;
    let answer = PaEncTsEnc {
        patimestamp: wire::kerberos_time(case.now),
        pausec: Some(wire::microseconds(case.now)),
    };
    let key = challenge_key(armor, b"kdcchallengearmor", key);
    let sealed = wire::seal(&answer, &key, None, KeyUsage::ENC_CHALLENGE_KDC, random)?;
    Ok(Some(Proof {
        flags: TicketFlags::PRE_AUTHENT,
        padata: alloc::vec![wire::padata(PaDataType::ENCRYPTED_CHALLENGE, &sealed)?],
    }))
}

fn challenge_key(armor: &Armor, pepper: &[u8], key: &Key) -> Key {
    armor.key.fx_cf2(pepper, key, b"challengelongterm")
}

/// Opens a timestamp that must be of now.
fn open_timestamp(
    case: &Case<'_>,
    key: &Key,
    usage: KeyUsage,
    sealed: &EncryptedData,
) -> Result<(), Refusal> {
    let plaintext = key
        .decrypt(usage, &sealed.cipher)
        .map_err(|_| Refusal::PreauthFailed)?;
    let stamp = PaEncTsEnc::decode(&plaintext)?;
    let time = wire::timestamp(stamp.patimestamp);
    if case.now.is_within(case.policy().clock_skew, time) {
        return Ok(());
    }
    Err(Refusal::Skew {
        seconds: time.since(case.now).seconds(),
    })
}

/// The refusal, with METHOD-DATA.
fn hinted<T>(refusal: Refusal, case: &Case<'_>, keys: &[&PrincipalKey]) -> Result<T, Declined> {
    let info: EtypeInfo2 = keys.iter().map(|key| etype_info(key)).collect();
    let info = wire::padata(PaDataType::ETYPE_INFO2, &info)?;
    let mut method_data = if case.armor.is_some() {
        alloc::vec![info, wire::mark(PaDataType::ENCRYPTED_CHALLENGE)]
    } else {
        alloc::vec![
            wire::mark(PaDataType::FX_FAST),
            info,
            wire::mark(PaDataType::ENC_TIMESTAMP),
        ]
    };
    method_data.push(PaData {
        padata_type: PaDataType::FX_COOKIE,
        padata_value: COOKIE.into(),
    });
    Err(Declined {
        refusal,
        method_data,
    })
}

/// How the client makes one of its keys.
pub(super) fn etype_info(key: &PrincipalKey) -> EtypeInfo2Entry {
    EtypeInfo2Entry {
        etype: wire::encryption_type(key.key.enctype()),
        salt: key.salt.as_deref().map(Into::into),
        s2kparams: key.s2kparams.as_deref().map(Into::into),
    }
}

/// What the client is to send with its next request (RFC 6113 section 5.2). There is no state to keep in it, but without a
/// cookie MIT's client takes an error under armor for the end.
const COOKIE: &[u8] = b"none";
