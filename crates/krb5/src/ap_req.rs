//! The AP-REQ (RFC 4120 section 5.5.1) as a client makes it: for an acceptor, for a KDC, and as armor.

use alloc::vec::Vec;

use orthros_asn1::{
    ApOptions, ApReq, Authenticator, AuthorizationData, Checksum, EncodeError, Exactly,
    KerberosTime, Message, Microseconds, Raw, Ticket, UInt32,
};
use orthros_crypto::{Key, KeyUsage, RandomError, RandomSource, SecretVec};
use orthros_types::Principal;

use crate::wire;

/// A ticket with its session key, and what its authenticator says.
pub(crate) struct ApReqParts<'a> {
    /// The ticket, as received.
    pub(crate) ticket: Raw<Ticket>,
    /// The ticket's session key, which the authenticator is encrypted in.
    pub(crate) session_key: &'a Key,
    /// The key usage of the authenticator: another one in PA-TGS-REQ than everywhere else.
    pub(crate) usage: KeyUsage,
    pub(crate) ap_options: ApOptions,
    /// The client of the ticket (crealm and cname).
    pub(crate) client: &'a Principal,
    /// The client's time (ctime and cusec).
    pub(crate) time: (KerberosTime, Microseconds),
    pub(crate) checksum: Option<Checksum>,
    pub(crate) subkey: &'a Key,
    pub(crate) sequence_number: Option<u32>,
    pub(crate) authorization_data: Option<AuthorizationData>,
}

impl ApReqParts<'_> {
    /// Encrypts the authenticator and encodes the message.
    ///
    /// # Errors
    ///
    /// A name that can't be written, or no randomness: the caller's own error type says so.
    pub(crate) fn encode<E>(self, random: &mut dyn RandomSource) -> Result<Vec<u8>, E>
    where
        E: From<EncodeError> + From<RandomError>,
    {
        let authenticator = Authenticator {
            authenticator_vno: Exactly,
            crealm: wire::realm(self.client),
            cname: wire::principal_name(self.client),
            cksum: self.checksum,
            cusec: self.time.1,
            ctime: self.time.0,
            subkey: Some(wire::encryption_key(self.subkey)),
            seq_number: self.sequence_number.map(UInt32),
            authorization_data: self.authorization_data,
        };
        let plaintext = SecretVec::from(authenticator.encode()?);
        let request = ApReq {
            pvno: Exactly,
            msg_type: Exactly,
            ap_options: self.ap_options,
            ticket: self.ticket,
            authenticator: wire::encrypt(self.session_key, self.usage, &plaintext, random)?,
        };
        Ok(request.encode()?)
    }
}
