//! `S4U2Self`: the user for which a service asks for a ticket to itself, MS-SFU sections 2.2.1 and 2.2.2.

use alloc::sync::Arc;
use alloc::vec::Vec;

use orthros_asn1::{
    Checksum, CksumType, Message as _, PaData, PaDataType, PaForUser, PaS4uX509User, Raw,
    S4uUserId, S4uUserOptions,
};
use orthros_crypto::{Key, KeyUsage};
use orthros_types::Principal;

use super::TgsRequest;
use crate::context::RequestContext;
use crate::error::{PolicyError, RequestPart};
use crate::{PrincipalEntry, RequestError, clients, wire};

/// The user of an `S4U2Self` request.
pub(super) struct ForUser {
    pub(super) client: Principal,
    /// The request's options, where the reply is to name the user (PA-S4U-X509-USER).
    reply_options: Option<S4uUserOptions>,
}

impl ForUser {
    /// The user that the request names, if it names any.
    pub(super) fn find(
        context: &RequestContext<'_>,
        request: &TgsRequest,
    ) -> Result<Option<(Self, Arc<PrincipalEntry>)>, RequestError> {
        let Some((named, reply_options)) = named(request)? else {
            return Ok(None);
        };
        if named.realm() != context.policy.realm {
            return Err(RequestError::Policy(PolicyError::ForeignUser));
        }
        let entry = clients::find(context, &named, true)?;
        let user = Self {
            client: clients::named(named, &entry),
            reply_options,
        };
        Ok(Some((user, entry)))
    }

    /// The user as the reply names it, under a checksum of the reply's key.
    pub(super) fn reply(&self, request: &TgsRequest) -> Result<Option<PaData>, RequestError> {
        let Some(options) = self.reply_options else {
            return Ok(None);
        };
        let options = options & S4uUserOptions::USE_REPLY_KEY_USAGE;
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
        let reply = PaS4uX509User { user_id, checksum };
        Ok(Some(wire::padata(PaDataType::FOR_X509_USER, &reply)?))
    }
}

/// The user that the request names, and the options with which the reply is to name it.
fn named(
    request: &TgsRequest,
) -> Result<Option<(Principal, Option<S4uUserOptions>)>, RequestError> {
    if let Some(bytes) = wire::find(&request.padata, PaDataType::FOR_X509_USER) {
        let element = PaS4uX509User::decode(bytes)?;
        let key = request.header.reply_key();
        let usage = KeyUsage::S4U_X509_USER_REQUEST;
        let user = &element.user_id;
        wire::verify_checksum(
            key,
            usage,
            user.octets(),
            &element.checksum,
            RequestPart::User,
        )?;
        if user.nonce != request.body.nonce {
            return Err(RequestError::Modified(RequestPart::User));
        }
        // A certificate alone would have to be mapped to a user, which nothing here can.
        let name = user.cname.as_ref().ok_or(RequestError::ClientUnknown)?;
        let options = user.options.unwrap_or_default();
        return Ok(Some((wire::principal(&user.crealm, name), Some(options))));
    }
    let Some(bytes) = wire::find(&request.padata, PaDataType::FOR_USER) else {
        return Ok(None);
    };
    let element = PaForUser::decode(bytes)?;
    let key = &request.header.ticket.session_key;
    check_for_user(key, &element)?;
    let user = wire::principal(&element.user_realm, &element.user_name);
    Ok(Some((user, None)))
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
