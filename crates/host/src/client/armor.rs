//! Armor: for initial tickets, and what a cache notes of KDCs that answer under it (FAST, RFC 6113).

use orthros_krb5::{
    AsRequestOptions, ExchangeError, FastArmor, FastUse, InitialTicket, KdcRefusalError,
    TgsExchange,
};
use orthros_types::ccache::CacheContents;
use orthros_types::{Credential, Principal};

use super::{AcquireError, ServiceTicketOptions};
use crate::cache::Cache;
use crate::environment::Environment;

impl Environment {
    /// The armor that `cache` has for a client of `realm` (FAST, RFC 6113): its ticket for the ticket-granting service there,
    /// got first if need be. Who asks for armor gets armor: it is [`FastUse::Required`], also where the KDC is not known to support
    /// FAST, where MIT's library would do without. So no error that anybody can have written talks the client out of it.
    ///
    /// # Errors
    ///
    /// As [`service_ticket`](Self::service_ticket).
    pub fn fast_armor(&self, cache: &Cache, realm: &[u8]) -> Result<FastArmor, AcquireError> {
        let tgs = Principal::local_ticket_granting(realm);
        let ticket = self.service_ticket(cache, &tgs, &ServiceTicketOptions::default())?;
        let contents = cache.contents()?;
        let now = self.now();
        Ok(FastArmor {
            ticket,
            usage: FastUse::Required,
            kdc_offset: self.kdc_time(&contents, now).since(now),
        })
    }

    /// Gets a first ticket under armor in whichever realm the client turns out to belong to: `acquire` is one of the other ways to get a
    /// ticket with options, `options` have the [`fast_armor`](Self::fast_armor) for the realm to begin in.
    ///
    /// An armor is good for one realm. Where a KDC refers the client to another one (RFC 6806 section 7), and it may, the search
    /// begins there anew with an armor that `cache` has or gets for it, as by MIT.
    ///
    /// # Errors
    ///
    /// What `acquire` says, and as [`fast_armor`](Self::fast_armor).
    pub fn follow_in_armor(
        &self,
        cache: &Cache,
        mut options: AsRequestOptions,
        mut acquire: impl FnMut(AsRequestOptions) -> Result<InitialTicket, AcquireError>,
    ) -> Result<InitialTicket, AcquireError> {
        for _ in 0..MAX_REFERRALS {
            let error = match acquire(options.clone()) {
                Err(error) if options.may_rename() => error,
                done => return done,
            };
            let Some(realm) = referral(&error) else {
                return Err(error);
            };
            options.client = options.client.with_realm(realm);
            options.armor = Some(self.fast_armor(cache, realm)?);
        }
        acquire(options)
    }
}

/// Where the client has to go with another armor.
fn referral(error: &AcquireError) -> Option<&[u8]> {
    match error {
        AcquireError::Exchange(ExchangeError::Refused(refusal)) => match &**refusal {
            KdcRefusalError::WrongRealm { realm, .. } => Some(realm),
            _ => None,
        },
        _ => None,
    }
}

/// The realms whose KDCs this cache notes to answer TGS-REQs under armor.
pub(super) fn armoring_realms(contents: &CacheContents) -> Vec<Vec<u8>> {
    let entries = contents
        .credentials
        .iter()
        .filter_map(Credential::as_config);
    let noted = entries.filter(|entry| entry.key == ARMORS_TGS.as_bytes());
    let services = noted.filter_map(|entry| str::from_utf8(entry.principal?).ok());
    let services = services.filter_map(|text| Principal::parse(text, None).ok());
    services
        .filter(Principal::is_local_ticket_granting)
        .map(|tgs| tgs.realm().to_vec())
        .collect()
}

/// The notes for a cache of the KDCs that have answered this exchange under armor, and of which it has none yet.
pub(super) fn armor_notes(contents: &CacheContents, exchange: &TgsExchange) -> Vec<Credential> {
    let noted = armoring_realms(contents);
    let learned = exchange.armoring_realms().iter();
    learned
        .filter(|realm| !noted.contains(*realm))
        .map(|realm| {
            let tgs = Principal::local_ticket_granting(realm.as_slice());
            let client = contents.principal.clone();
            Credential::config(client, ARMORS_TGS, Some(&tgs), b"yes".to_vec())
        })
        .collect()
}

/// As many as MIT follows.
const MAX_REFERRALS: usize = 10;
/// Our note, about a realm's ticket-granting service, that an authenticated reply of it came under armor. MIT's note that a KDC
/// supports FAST (`fast_avail`) is about AS exchanges: Heimdal 7.8 ignores the armor of a TGS-REQ. MIT passes over notes that it
/// does not know.
const ARMORS_TGS: &str = "orthros_armors_tgs";
