//! What a cache notes of KDCs that answer TGS-REQs under armor (FAST, RFC 6113).

use alloc::vec::Vec;

use orthros_types::{Credential, Principal};

use super::snapshot::ClientSnapshot;
use crate::{TgsExchange, TgsRequestOptions};

/// The realms whose KDCs are known to answer TGS-REQs under armor: those that the cache notes, and those that have
/// done so since.
#[derive(Clone, Debug, Default)]
pub(super) struct ArmoringRealms {
    noted: Vec<Vec<u8>>,
    learned: Vec<Vec<u8>>,
}

impl ArmoringRealms {
    /// Those that the cache notes.
    pub(super) fn of(snapshot: &ClientSnapshot) -> Self {
        let entries = snapshot.contents.credentials.iter();
        let entries = entries.filter_map(Credential::as_config);
        let noted = entries.filter(|entry| entry.key == ARMORS_TGS.as_bytes());
        let services = noted.filter_map(|entry| str::from_utf8(entry.principal?).ok());
        let services = services.filter_map(|text| Principal::parse(text, None).ok());
        let noted = services
            .filter(Principal::is_local_ticket_granting)
            .map(|tgs| tgs.realm().to_vec())
            .collect();
        Self {
            noted,
            learned: Vec::new(),
        }
    }

    /// These options for an exchange, with the realms that must answer it under armor.
    pub(super) fn require(&self, mut options: TgsRequestOptions) -> TgsRequestOptions {
        let realms = self.noted.iter().chain(&self.learned);
        options.armoring_realms.extend(realms.cloned());
        options
    }

    /// What an exchange has shown, also one that has failed.
    pub(super) fn learn(&mut self, exchange: &TgsExchange) {
        for realm in exchange.armoring_realms() {
            if !self.noted.contains(realm) && !self.learned.contains(realm) {
                self.learned.push(realm.clone());
            }
        }
    }

    /// The notes for the cache of what was learned.
    pub(super) fn notes(&self, client: &Principal) -> Vec<Credential> {
        self.learned
            .iter()
            .map(|realm| note(client, realm))
            .collect()
    }

    /// The notes of all that is known, for another cache.
    pub(super) fn all_notes(&self, client: &Principal) -> Vec<Credential> {
        let realms = self.noted.iter().chain(&self.learned);
        realms.map(|realm| note(client, realm)).collect()
    }
}

fn note(client: &Principal, realm: &[u8]) -> Credential {
    let tgs = Principal::local_ticket_granting(realm);
    Credential::config(client.clone(), ARMORS_TGS, Some(&tgs), b"yes".to_vec())
}

/// Our note, about a realm's ticket-granting service, that an authenticated reply of it came under armor. MIT's note
/// that a KDC supports FAST (`fast_avail`) is about AS exchanges: Heimdal 7.8 ignores the armor of a TGS-REQ. MIT
/// passes over notes that it does not know.
const ARMORS_TGS: &str = "orthros_armors_tgs";
