//! What is known of a client by a PAC that was verified.

use alloc::string::ToString as _;
use alloc::vec::Vec;

use orthros_crypto::Key;
use orthros_types::{Principal, Timestamp};

use crate::{LogonInfo, Pac, PacError, PacVerificationError, Sid, UpnDnsInfo};

/// A PAC of which it is known that the KDC made it, for this ticket's client.
#[derive(Clone, Debug)]
pub struct VerifiedPac<'a> {
    pac: Pac<'a>,
    logon_info: Option<LogonInfo>,
    upn_dns_info: Option<UpnDnsInfo>,
}

impl<'a> Pac<'a> {
    /// Verifies that it is the PAC of a ticket: its server signature with the key that the ticket is sealed in, and
    /// the client and time in its client info.
    ///
    /// # Errors
    ///
    /// What of that does not hold, or can't be read.
    pub fn verify(
        self,
        key: &Key,
        client: &Principal,
        authtime: Timestamp,
    ) -> Result<VerifiedPac<'a>, PacVerificationError> {
        self.check(key, client, authtime)?;
        Ok(self.assume_verified()?)
    }

    /// As [`verify`](Self::verify), without a look at what it says of the client.
    ///
    /// # Errors
    ///
    /// What of that does not hold.
    pub fn check(
        &self,
        key: &Key,
        client: &Principal,
        authtime: Timestamp,
    ) -> Result<(), PacVerificationError> {
        self.verify_server_signature(key)?;
        self.check_client(client, authtime)
    }

    /// For a PAC that was verified before, in another process perhaps.
    ///
    /// # Errors
    ///
    /// Where logon info or UPN and DNS info are malformed.
    pub fn assume_verified(self) -> Result<VerifiedPac<'a>, PacError> {
        Ok(VerifiedPac {
            logon_info: self.logon_info()?,
            upn_dns_info: self.upn_dns_info()?,
            pac: self,
        })
    }

    /// Checks that the client info is of this client and that time, as MIT krb5 does: the client's name without its
    /// realm and without quoting, to the letter, and the authtime to the second.
    ///
    /// # Errors
    ///
    /// Where there is none, or it is of another.
    pub fn check_client(
        &self,
        client: &Principal,
        authtime: Timestamp,
    ) -> Result<(), PacVerificationError> {
        let info = self
            .client_info()?
            .ok_or(PacVerificationError::NoClientInfo)?;
        let name: Vec<u8> = client.components().join(&b'/');
        if info.name.as_bytes() != name {
            return Err(PacVerificationError::Client {
                pac: orthros_types::Shown::new(&info.name).to_string(),
                ticket: orthros_types::Shown::new(&name).to_string(),
            });
        }
        // A time that is none is the epoch for MIT krb5, too.
        let time = info.client_id.timestamp().unwrap_or_default();
        if time.whole() != authtime.whole() {
            return Err(PacVerificationError::AuthTime {
                pac: time,
                ticket: authtime,
            });
        }
        Ok(())
    }
}

impl<'a> VerifiedPac<'a> {
    /// The PAC, for its other buffers.
    #[must_use]
    pub fn pac(&self) -> &Pac<'a> {
        &self.pac
    }

    /// The user and its groups. A KDC that is not of a domain, as MIT krb5's, says nothing of them.
    #[must_use]
    pub fn logon_info(&self) -> Option<&LogonInfo> {
        self.logon_info.as_ref()
    }

    /// The client's name in its directory.
    #[must_use]
    pub fn upn_dns_info(&self) -> Option<&UpnDnsInfo> {
        self.upn_dns_info.as_ref()
    }

    /// The client's SID, of its logon info or else of its UPN and DNS info.
    #[must_use]
    pub fn user_sid(&self) -> Option<Sid> {
        let of_logon = self.logon_info().and_then(LogonInfo::user_sid);
        of_logon.or_else(|| self.upn_dns_info()?.sid)
    }

    /// The SIDs that may grant the client something: its own and those of its groups, without memberships that only
    /// deny ([`LogonInfo::group_sids`] has these, too).
    pub fn sids(&self) -> impl Iterator<Item = Sid> + '_ {
        let groups = self
            .logon_info()
            .into_iter()
            .flat_map(LogonInfo::group_sids);
        let granting = groups.filter(|group| group.attributes.grants());
        self.user_sid()
            .into_iter()
            .chain(granting.map(|group| group.sid))
    }

    /// Whether the client is this user, or in this group.
    #[must_use]
    pub fn has_sid(&self, sid: &Sid) -> bool {
        self.sids().any(|other| other == *sid)
    }
}
