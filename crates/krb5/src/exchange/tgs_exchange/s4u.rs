//! `S4U2Self` and `S4U2Proxy`: a service asks in a user's name (MS-SFU), for a ticket to itself or to another service.

use alloc::vec::Vec;

use orthros_asn1::{
    Checksum, CksumType, KerberosString, Message, MethodData, PaData, PaDataType, PaForUser,
    PaPacOptions, PaS4uX509User, PacOptions, Raw, S4uUserId, S4uUserOptions, UInt32,
};
use orthros_crypto::{Key, KeyUsage};

use crate::exchange::error::malformed;
use crate::exchange::padata::find;
use crate::exchange::{ExchangeError, ExchangeMisuseError, ReplyError};
use crate::wire;
use orthros_types::Principal;

/// Says for which user a service wants a ticket to itself: in the form that every KDC knows, and in the one that
/// the reply answers (MS-SFU sections 2.2.1 and 2.2.2).
pub(super) fn for_user(
    user: &Principal,
    nonce: u32,
    session_key: &Key,
    subkey: &Key,
) -> Result<MethodData, ExchangeMisuseError> {
    let user_id = Raw::new(S4uUserId {
        nonce: UInt32(nonce),
        cname: Some(wire::principal_name(user)),
        crealm: wire::realm(user),
        subject_certificate: None,
        options: Some(S4uUserOptions::USE_REPLY_KEY_USAGE),
    })?;
    let checksum = subkey.checksum(KeyUsage::S4U_X509_USER_REQUEST, user_id.octets());
    let x509_user = PaS4uX509User {
        checksum: Checksum {
            cksumtype: CksumType(subkey.enctype().checksum_type().number()),
            checksum: checksum.as_ref().into(),
        },
        user_id,
    };
    let checksum = session_key.hmac_md5(KeyUsage::PA_FOR_USER_CHECKSUM, &covered(user));
    let for_user = PaForUser {
        user_name: wire::principal_name(user),
        user_realm: wire::realm(user),
        cksum: Checksum {
            cksumtype: CksumType::HMAC_MD5,
            checksum: checksum.as_slice().into(),
        },
        auth_package: KerberosString(PACKAGE.to_vec()),
    };
    Ok([
        element(PaDataType::FOR_X509_USER, x509_user.encode()?),
        element(PaDataType::FOR_USER, for_user.encode()?),
    ]
    .into())
}

/// Says that a KDC may also go by what the target service allows (MS-KILE section 2.2.10).
pub(super) fn resource_based_delegation() -> Result<MethodData, ExchangeMisuseError> {
    let flags = PacOptions::RESOURCE_BASED_CONSTRAINED_DELEGATION;
    let options = PaPacOptions { flags };
    Ok([element(PaDataType::PAC_OPTIONS, options.encode()?)].into())
}

/// Checks that the reply repeats the user, under the reply's own key usage.
///
/// Without it, only armor says that the client's name is the KDC's word. An attacker on the path can take the user
/// out of the request, where nothing covers the preauthentication data; the KDC then gives the service a ticket of
/// its own, which needs but another name outside. So a KDC that knows PA-FOR-USER alone is not believed, where
/// MIT's library believes it.
pub(super) fn check_reply(
    padata: &[PaData],
    user: &Principal,
    nonce: u32,
    subkey: &Key,
    is_armored: bool,
) -> Result<(), ExchangeError> {
    let Some(reply) = find(padata, PaDataType::FOR_X509_USER) else {
        return if is_armored {
            Ok(())
        } else {
            Err(ReplyError::UserMissing.into())
        };
    };
    let reply = PaS4uX509User::decode(reply).map_err(malformed("PA-S4U-X509-USER"))?;
    let (usage, checksum) = (KeyUsage::S4U_X509_USER_REPLY, &reply.checksum);
    if checksum.cksumtype.0 != subkey.enctype().checksum_type().number() {
        return Err(ReplyError::UserChecksum.into());
    }
    subkey
        .verify_checksum(usage, reply.user_id.octets(), &checksum.checksum)
        .map_err(|_| ReplyError::UserChecksum)?;
    let name = reply.user_id.cname.as_ref();
    let found = name.map(|name| wire::principal(&reply.user_id.crealm, name));
    if reply.user_id.nonce.0 != nonce || found.as_ref() != Some(user) {
        return Err(ReplyError::UserChecksum.into());
    }
    Ok(())
}

/// What the checksum of PA-FOR-USER covers.
fn covered(user: &Principal) -> Vec<u8> {
    let mut covered = user.name_type().0.to_le_bytes().to_vec();
    for component in user.components() {
        covered.extend_from_slice(component);
    }
    covered.extend_from_slice(user.realm());
    covered.extend_from_slice(PACKAGE);
    covered
}

fn element(padata_type: PaDataType, value: Vec<u8>) -> PaData {
    PaData {
        padata_type,
        padata_value: value.into(),
    }
}

/// How the user was authenticated, as if it were by the KDC.
const PACKAGE: &[u8] = b"Kerberos";
