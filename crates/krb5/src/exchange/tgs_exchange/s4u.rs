//! `S4U2Self` and `S4U2Proxy`: a service asks in a user's name (MS-SFU), for a ticket to itself or to another service.

use alloc::vec::Vec;

use orthros_asn1::{
    Checksum, CksumType, KerberosString, Message, MethodData, PaData, PaDataType, PaForUser,
    PaPacOptions, PaS4uX509User, PacOptions, Raw, S4uUserId, S4uUserOptions, UInt32,
};
use orthros_crypto::{Enctype, Key, KeyUsage, md4};

use crate::exchange::error::malformed;
use crate::exchange::padata::find;
use crate::exchange::{ExchangeError, ExchangeMisuseError, ReplyError};
use crate::wire;
use orthros_types::Principal;

/// A request of a ticket to oneself in a user's name.
pub(super) struct SelfRequest<'r> {
    pub(super) user: &'r Principal,
    pub(super) nonce: u32,
    pub(super) subkey: &'r Key,
}

/// What a reply says of the user.
pub(super) struct ReplyUser<'r> {
    pub(super) client: &'r Principal,
    pub(super) padata: &'r [PaData],
    /// The preauthentication data in the encrypted part.
    pub(super) encrypted: &'r [PaData],
    pub(super) is_armored: bool,
}

/// Says for which user a service wants a ticket to itself: in the form that every KDC knows, and in the one that
/// the reply answers (MS-SFU sections 2.2.1 and 2.2.2).
pub(super) fn for_user(
    request: &SelfRequest<'_>,
    session_key: &Key,
) -> Result<MethodData, ExchangeMisuseError> {
    let user = request.user;
    let x509_user = request.x509_user()?;
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
    request: &SelfRequest<'_>,
    reply: &ReplyUser<'_>,
) -> Result<(), ExchangeError> {
    let Some(element) = find(reply.padata, PaDataType::FOR_X509_USER) else {
        return if reply.is_armored {
            Ok(())
        } else {
            Err(ReplyError::UserMissing.into())
        };
    };
    let element = PaS4uX509User::decode(element).map_err(malformed("PA-S4U-X509-USER"))?;
    if !request.is_checksum_of_reply(&element, reply.encrypted)? {
        return Err(ReplyError::UserChecksum.into());
    }
    let name = element.user_id.cname.as_ref();
    let found = name.map(|name| wire::principal(&element.user_id.crealm, name));
    if element.user_id.nonce.0 != request.nonce || found.as_ref() != Some(reply.client) {
        return Err(ReplyError::UserChecksum.into());
    }
    Ok(())
}

impl SelfRequest<'_> {
    /// PA-S4U-X509-USER. Under RC4 its checksum is MD4 without a key, as Windows has it and MIT's library sends it:
    /// the reply proves which one the KDC saw.
    fn x509_user(&self) -> Result<PaS4uX509User, ExchangeMisuseError> {
        let user_id = Raw::new(S4uUserId {
            nonce: UInt32(self.nonce),
            cname: Some(wire::principal_name(self.user)),
            crealm: wire::realm(self.user),
            subject_certificate: None,
            options: Some(S4uUserOptions::USE_REPLY_KEY_USAGE),
        })?;
        let subkey = self.subkey;
        let (cksumtype, checksum) = if self.is_rc4() {
            let checksum = md4(user_id.octets()).as_slice().into();
            (CksumType::RSA_MD4, checksum)
        } else {
            let tag = subkey.checksum(KeyUsage::S4U_X509_USER_REQUEST, user_id.octets());
            let cksumtype = CksumType(subkey.enctype().checksum_type().number());
            (cksumtype, tag.as_ref().into())
        };
        let checksum = Checksum {
            cksumtype,
            checksum,
        };
        Ok(PaS4uX509User { user_id, checksum })
    }

    /// Whether the KDC made this element for this request: by a checksum in the subkey, or under RC4 by one without a
    /// key that the encrypted part repeats after the request's.
    fn is_checksum_of_reply(
        &self,
        element: &PaS4uX509User,
        encrypted: &[PaData],
    ) -> Result<bool, ExchangeMisuseError> {
        let Checksum {
            cksumtype,
            checksum,
        } = &element.checksum;
        let covered = element.user_id.octets();
        if self.is_rc4() && *cksumtype == CksumType::RSA_MD4 {
            let sent = self.x509_user()?.checksum.checksum;
            let both = [&*sent, &**checksum].concat();
            let repeated = find(encrypted, PaDataType::FOR_X509_USER);
            return Ok(**checksum == md4(covered) && repeated == Some(&both));
        }
        let is_of_key = cksumtype.0 == self.subkey.enctype().checksum_type().number();
        let usage = KeyUsage::S4U_X509_USER_REPLY;
        let verified = self.subkey.verify_checksum(usage, covered, checksum);
        Ok(is_of_key && verified.is_ok())
    }

    fn is_rc4(&self) -> bool {
        self.subkey.enctype() == Enctype::ARCFOUR_HMAC
    }
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
