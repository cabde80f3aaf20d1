//! Which credential of a cache matches a query, by MIT's rules.

use orthros_asn1::{AuthorizationDataEntry, EncryptionType, TicketFlags};
use orthros_crypto::Enctype;

use super::Credential;
use crate::{Principal, Timestamp};

/// What a credential has to be; a field that is `None` does not matter.
///
/// User-to-user credentials are matched by no query that does not ask for them: their tickets are of no use elsewhere.
/// Removed entries are matched by none.
#[derive(Clone, Debug, Default)]
pub struct CredentialQuery<'a> {
    /// The client.
    pub client: Option<&'a Principal>,
    /// The service.
    pub server: Option<&'a Principal>,
    /// Until when it has to be good at least: usually now.
    pub good_at: Option<Timestamp>,
    /// Until when it has to be renewable at least.
    pub renewable_at: Option<Timestamp>,
    /// Of which enctype the session key is.
    pub enctype: Option<EncryptionType>,
    /// Flags that have to be set.
    pub flags: TicketFlags,
    /// Exactly this authorization data.
    pub authorization_data: Option<&'a [AuthorizationDataEntry]>,
    /// User-to-user: encrypted in the session key of this second ticket.
    pub user_to_user: bool,
    /// Exactly this second ticket.
    pub second_ticket: Option<&'a [u8]>,
}

/// What a search through a cache came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection<T> {
    /// This one serves best.
    Found(T),
    /// There are some, but their session keys are of none of the enctypes asked for.
    NoSupportedEnctype,
    /// There is none.
    NotFound,
}

impl<'a> CredentialQuery<'a> {
    /// A service ticket as a client looks for it before it asks a KDC: for `server`, and not expired at `now`.
    #[must_use]
    pub fn service(client: &'a Principal, server: &'a Principal, now: Timestamp) -> Self {
        Self {
            client: Some(client),
            server: Some(server),
            good_at: Some(now),
            authorization_data: Some(&[]),
            ..Self::default()
        }
    }

    /// Whether a credential is what is asked for.
    #[must_use]
    pub fn matches(&self, credential: &Credential) -> bool {
        !credential.is_removed()
            && self.matches_names(credential)
            && self.matches_times(credential)
            && credential.is_skey == self.user_to_user
            && credential.flags.contains(self.flags)
            && self
                .authorization_data
                .is_none_or(|wanted| wanted == credential.authorization_data)
            && self
                .second_ticket
                .is_none_or(|wanted| wanted == credential.second_ticket)
            && self
                .enctype
                .is_none_or(|wanted| wanted == credential.session_key.enctype())
    }

    /// The first match in the cache's order.
    pub fn first<T: AsRef<Credential>>(&self, cache: impl IntoIterator<Item = T>) -> Option<T> {
        cache.into_iter().find(|entry| self.matches(entry.as_ref()))
    }

    /// The match whose session key's enctype stands first in `preference`, the earlier of equals.
    pub fn best<T: AsRef<Credential>>(
        &self,
        cache: impl IntoIterator<Item = T>,
        preference: &[Enctype],
    ) -> Selection<T> {
        let mut best: Option<(usize, T)> = None;
        let mut unsupported = false;
        for entry in cache {
            if !self.matches(entry.as_ref()) {
                continue;
            }
            let enctype = entry.as_ref().session_key.enctype();
            match preference
                .iter()
                .position(|wanted| wanted.number() == enctype.0)
            {
                None => unsupported = true,
                Some(rank) if best.as_ref().is_none_or(|(best, _)| rank < *best) => {
                    best = Some((rank, entry));
                }
                Some(_) => {}
            }
        }
        match best {
            Some((_, entry)) => Selection::Found(entry),
            None if unsupported => Selection::NoSupportedEnctype,
            None => Selection::NotFound,
        }
    }

    fn matches_names(&self, credential: &Credential) -> bool {
        self.client
            .is_none_or(|client| *client == credential.client)
            && self
                .server
                .is_none_or(|server| *server == credential.server)
    }

    /// As in MIT, a ticket serves up to and including the second in which it ends.
    fn matches_times(&self, credential: &Credential) -> bool {
        self.good_at
            .is_none_or(|time| time.whole() <= credential.times.endtime)
            && self.renewable_at.is_none_or(|time| {
                time.whole() <= credential.times.renew_till.unwrap_or(Timestamp::EPOCH)
            })
    }
}

impl AsRef<Self> for Credential {
    fn as_ref(&self) -> &Self {
        self
    }
}
