//! `S4U2Self`: the user for which a service asks for a ticket to itself, MS-SFU sections 2.2.1 and 2.2.2.

use alloc::sync::Arc;
use alloc::vec::Vec;

use orthros_asn1::{
    Checksum, CksumType, Message as _, PaData, PaDataType, PaForUser, PaS4uX509User, Raw,
    S4uUserId, S4uUserOptions,
};
use orthros_crypto::{Enctype, Key, KeyUsage, md4};
use orthros_types::Principal;

use super::TgsRequest;
use crate::context::RequestContext;
use crate::error::{PolicyError, RequestPart};
use crate::{PrincipalEntry, RequestError, clients, wire};

/// The user of an `S4U2Self` request.
pub(super) struct ForUser {
    pub(super) client: Principal,
    /// The request's element, where the reply is to name the user (PA-S4U-X509-USER).
    asked: Option<Asked>,
}

/// What the reply repeats of a PA-S4U-X509-USER.
struct Asked {
    options: S4uUserOptions,
    checksum: Checksum,
}

/// How a reply names the user.
pub(super) struct UserReply {
    pub(super) padata: PaData,
    /// What goes into the encrypted part.
    pub(super) encrypted: Option<PaData>,
}

impl ForUser {
    /// The user that the request names, if it names any.
    pub(super) fn find(
        context: &RequestContext<'_>,
        request: &TgsRequest,
    ) -> Result<Option<(Self, Arc<PrincipalEntry>)>, RequestError> {
        let Some((named, asked)) = named(request)? else {
            return Ok(None);
        };
        if named.realm() != context.policy.realm {
            return Err(RequestError::Policy(PolicyError::ForeignUser));
        }
        let entry = clients::find(context, &named, true)?;
        let user = Self {
            client: clients::named(named, &entry),
            asked,
        };
        Ok(Some((user, entry)))
    }

    /// The user as the reply names it, under a checksum of the reply's key.
    ///
    /// Clients of RC4 expect both checksums in the encrypted part, too, as theirs has no key (MIT krb5 likewise).
    pub(super) fn reply(&self, request: &TgsRequest) -> Result<Option<UserReply>, RequestError> {
        let Some(asked) = &self.asked else {
            return Ok(None);
        };
        let options = asked.options & S4uUserOptions::USE_REPLY_KEY_USAGE;
        let user_id = Raw::new(S4uUserId {
            nonce: request.body.nonce,
            cname: Some(self.client.to_principal_name()),
            crealm: self.client.to_realm(),
            subject_certificate: None,
            options: Some(options),
        })?;
        let usage = if options.is_empty() {
            KeyUsage::S4U_X509_USER_REQUEST
        } else {
            KeyUsage::S4U_X509_USER_REPLY
        };
        let key = request.header.reply_key();
        let checksum = wire::checksum(key, &key.checksum(usage, user_id.octets()));
        let encrypted = is_rc4(key).then(|| PaData {
            padata_type: PaDataType::FOR_X509_USER,
            padata_value: [&*asked.checksum.checksum, &*checksum.checksum]
                .concat()
                .into(),
        });
        let reply = PaS4uX509User { user_id, checksum };
        Ok(Some(UserReply {
            padata: wire::padata(PaDataType::FOR_X509_USER, &reply)?,
            encrypted,
        }))
    }
}

/// The user that the request names, and what the reply is to repeat.
fn named(request: &TgsRequest) -> Result<Option<(Principal, Option<Asked>)>, RequestError> {
    let Some(bytes) = wire::find(&request.padata, PaDataType::FOR_X509_USER) else {
        return Ok(for_user(request)?.map(|user| (user, None)));
    };
    let element = PaS4uX509User::decode(bytes)?;
    let user = &element.user_id;
    // A certificate alone would have to be mapped to a user, which nothing here can.
    let name = user.cname.as_ref().ok_or(RequestError::ClientUnknown)?;
    let named = wire::principal(&user.crealm, name);
    check_x509_user(request, &element, &named)?;
    if user.nonce != request.body.nonce {
        return Err(RequestError::Modified(RequestPart::User));
    }
    let asked = Asked {
        options: user.options.unwrap_or_default(),
        checksum: element.checksum,
    };
    Ok(Some((named, Some(asked))))
}

/// The checksum of a PA-S4U-X509-USER: that of the reply key.
///
/// Under RC4 Windows has an MD4 without a key in its place, and MIT's client sends that. It counts only next to a
/// PA-FOR-USER, whose checksum has a key, that names the same user.
fn check_x509_user(
    request: &TgsRequest,
    element: &PaS4uX509User,
    named: &Principal,
) -> Result<(), RequestError> {
    let (what, key) = (RequestPart::User, request.header.reply_key());
    let (checksum, covered) = (&element.checksum, element.user_id.octets());
    if !is_rc4(key) || checksum.cksumtype != CksumType::RSA_MD4 {
        let usage = KeyUsage::S4U_X509_USER_REQUEST;
        return wire::verify_checksum(key, usage, covered, checksum, what);
    }
    let keyed = for_user(request)?.ok_or(RequestError::InappropriateChecksum(what))?;
    let is_same = *checksum.checksum == md4(covered) && keyed == *named;
    is_same.then_some(()).ok_or(RequestError::Modified(what))
}

/// The user that PA-FOR-USER names.
fn for_user(request: &TgsRequest) -> Result<Option<Principal>, RequestError> {
    let Some(bytes) = wire::find(&request.padata, PaDataType::FOR_USER) else {
        return Ok(None);
    };
    let element = PaForUser::decode(bytes)?;
    check_for_user(&request.header.ticket.session_key, &element)?;
    Ok(Some(wire::principal(
        &element.user_realm,
        &element.user_name,
    )))
}

/// The checksum of a PA-FOR-USER: HMAC-MD5, whatever the key (MS-SFU section 2.2.1), or as Heimdal's client has it
/// the key's own.
fn check_for_user(key: &Key, element: &PaForUser) -> Result<(), RequestError> {
    let Checksum {
        cksumtype,
        checksum,
    } = &element.cksum;
    let mut covered = element.user_name.name_type.0.to_le_bytes().to_vec();
    let names = element.user_name.name_string.iter();
    covered.extend(names.flat_map(|name| name.iter()));
    covered.extend_from_slice(&element.user_realm);
    covered.extend_from_slice(&element.auth_package);
    let covered: Vec<u8> = covered;
    let usage = KeyUsage::PA_FOR_USER_CHECKSUM;
    if *cksumtype != CksumType::HMAC_MD5 {
        return wire::verify_checksum(key, usage, &covered, &element.cksum, RequestPart::User);
    }
    key.verify_hmac_md5(usage, &covered, checksum)
        .map_err(|_| RequestError::Modified(RequestPart::User))
}

fn is_rc4(key: &Key) -> bool {
    key.enctype() == Enctype::ARCFOUR_HMAC
}
