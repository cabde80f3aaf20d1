//! Preauthentication, the client's side (RFC 4120 section 5.2.7, RFC 6113 section 2).
//!
//! A KDC that wants the client to authenticate before it issues a ticket answers `KDC_ERR_PREAUTH_REQUIRED` with
//! METHOD-DATA: which mechanisms it takes, how a password becomes the client's key (PA-ETYPE-INFO2), and a cookie
//! to be sent back. The client [chooses](Choice::new) one mechanism of the table and
//! [responds](Preauthentication::respond) with it. A KDC that wants another round answers
//! `KDC_ERR_MORE_PREAUTH_DATA_REQUIRED` with METHOD-DATA for that mechanism and another cookie. The mechanism has
//! the last word on the key that the reply is encrypted in.
//!
//! To add a mechanism, implement [`Mechanism`] in a file below and give it a row in [`MECHANISMS`].

mod client_keys;
mod encrypted_challenge;
mod encrypted_timestamp;
mod password_key_info;
mod spake;
#[cfg(test)]
mod tests;

use alloc::boxed::Box;
use alloc::vec::Vec;

use orthros_asn1::{KdcReqBody, MethodData, PaData, PaDataType, Raw};
use orthros_crypto::{Enctype, Key, RandomSource};
use orthros_types::{Principal, Timestamp};

use crate::exchange::AsRequestOptions;
use crate::exchange::error::ExchangeError;
use crate::exchange::fast::Armor;
use crate::exchange::kdc_refusal::KdcRefusalError;
use crate::exchange::padata::find;

pub(crate) use client_keys::{Asking, ClientKey, ClientKeys, KeyHint};
pub use password_key_info::PasswordKeyInfo;

/// The mechanisms, the one to prefer first.
pub(crate) static MECHANISMS: [MechanismRow; 3] = [
    spake::ROW,
    encrypted_challenge::ROW,
    encrypted_timestamp::ROW,
];

/// What is fixed of a mechanism.
pub(crate) struct MechanismRow {
    /// Under which type METHOD-DATA offers it.
    pub(crate) padata_type: PaDataType,
    /// Whether it may run without the armor of FAST (RFC 6113 section 5.4), where passwords can be guessed against
    /// what it sends.
    pub(crate) runs_without_armor: bool,
    /// Whether it may run under armor.
    pub(crate) runs_under_armor: bool,
    /// Whether the caller's options allow it.
    pub(crate) is_allowed: fn(&AsRequestOptions) -> bool,
    /// Its state before the first round.
    pub(crate) start: fn() -> Box<dyn Mechanism>,
}

impl MechanismRow {
    /// Whether a client may use it that sends its requests with or without armor.
    fn is_possible(&self, client: &PreauthClient<'_>) -> bool {
        let fits = if client.is_armored {
            self.runs_under_armor
        } else {
            self.runs_without_armor
        };
        fits && (self.is_allowed)(client.options) && !client.failed.contains(&self.padata_type)
    }
}

/// A mechanism in one AS exchange. It keeps what it has to know from round to round.
pub(crate) trait Mechanism: Send + Sync {
    /// What answers the KDC's METHOD-DATA: the offer in the first round, that of
    /// `KDC_ERR_MORE_PREAUTH_DATA_REQUIRED` in each further one.
    fn respond(
        &mut self,
        round: &Round<'_>,
        random: &mut dyn RandomSource,
    ) -> Result<MethodData, ExchangeError>;

    /// Whether the KDC may ask for another round now.
    fn has_further_round(&self) -> bool {
        false
    }

    /// Whether another mechanism may be tried where this one fails: as long as nothing was sent that is made of the
    /// client's key.
    fn may_fall_back(&self) -> bool {
        false
    }

    /// The reply key, before FAST strengthens it (RFC 6113 section 5.4.3). `client_key` gives the client's
    /// long-term key in the encryption type of the reply: a mechanism leaves it as it is, strengthens it, or
    /// replaces it by a key of its own.
    fn reply_key(&self, client_key: &mut ClientKeyOfReply<'_>) -> Result<Key, ExchangeError> {
        client_key()
    }

    /// Checks what the KDC shows in its reply to prove that it is the KDC, where the reply key is not proof enough.
    fn check_kdc(&self, _reply: &[PaData]) -> Result<(), ExchangeError> {
        Ok(())
    }
}

/// Gives the client's long-term key in the encryption type of the reply. Making one of a password costs time.
pub(crate) type ClientKeyOfReply<'a> = dyn FnMut() -> Result<Key, ExchangeError> + 'a;

/// What a mechanism responds to, and with.
pub(crate) struct Round<'a> {
    /// The caller's options.
    pub(crate) options: &'a AsRequestOptions,
    /// What the KDC said last.
    pub(crate) method_data: &'a [PaData],
    /// The body of the request that the response goes into, as sent.
    pub(crate) body: &'a Raw<KdcReqBody>,
    /// The client's long-term key, in the encryption type that the KDC prefers among those asked for.
    pub(crate) client_key: &'a Key,
    /// The time by the KDC's clock.
    pub(crate) kdc_time: Timestamp,
    /// The armor of the request.
    pub(crate) armor: Option<&'a Armor>,
}

/// The mechanism that the client answers an offer with, before its key is made: the password may not be known yet.
pub(crate) struct Choice {
    row: &'static MechanismRow,
    hint: KeyHint,
    method_data: MethodData,
}

impl Choice {
    /// The first mechanism of the table that the KDC offers and that may be used, with the encryption type that is
    /// best for the client.
    ///
    /// # Errors
    ///
    /// No mechanism, or no encryption type, that both sides have.
    pub(crate) fn new(
        client: &PreauthClient<'_>,
        method_data: &[PaData],
    ) -> Result<Self, ExchangeError> {
        let is_offered = |row: &MechanismRow| find(method_data, row.padata_type).is_some();
        let mut rows = client.mechanisms.iter();
        let Some(row) = rows.find(|row| is_offered(row) && row.is_possible(client)) else {
            let offered = method_data.iter().map(|element| element.padata_type);
            return Err(KdcRefusalError::PreauthNotPossible {
                client: client.name.clone(),
                offered: offered.collect(),
            }
            .into());
        };
        let hint = match KeyHint::find(method_data, client.enctypes)? {
            KeyHint::NoneAcceptable => {
                return Err(KdcRefusalError::EnctypeNotSupported {
                    client: client.name.clone(),
                    service: client.service.clone(),
                    error: None,
                }
                .into());
            }
            hint => hint,
        };
        Ok(Self {
            row,
            hint,
            method_data: method_data.to_vec(),
        })
    }

    /// What the KDC offers.
    pub(crate) fn method_data(&self) -> &[PaData] {
        &self.method_data
    }

    /// The mechanism's type.
    pub(crate) fn padata_type(&self) -> PaDataType {
        self.row.padata_type
    }

    /// How the client's key is to be made.
    pub(crate) fn hint(&self) -> &KeyHint {
        &self.hint
    }
}

/// What of the client decides how it can preauthenticate.
pub(crate) struct PreauthClient<'a> {
    pub(crate) mechanisms: &'static [MechanismRow],
    pub(crate) options: &'a AsRequestOptions,
    pub(crate) name: &'a Principal,
    pub(crate) service: Principal,
    /// The encryption types to ask for, best first.
    pub(crate) enctypes: &'a [Enctype],
    pub(crate) is_armored: bool,
    /// The mechanisms that were tried already.
    pub(crate) failed: &'a [PaDataType],
}

/// Preauthentication under way: the mechanism, the client's key, and what the KDC said last.
pub(crate) struct Preauthentication {
    row: &'static MechanismRow,
    mechanism: Box<dyn Mechanism>,
    client_key: ClientKey,
    /// The METHOD-DATA that offered the mechanism.
    offer: MethodData,
    /// The METHOD-DATA of the current round.
    method_data: MethodData,
    /// To be sent back as it came (RFC 6113 section 5.2).
    cookie: Option<PaData>,
}

impl Preauthentication {
    pub(crate) fn new(choice: Choice, client_key: ClientKey) -> Self {
        let mut preauthentication = Self {
            row: choice.row,
            mechanism: (choice.row.start)(),
            client_key,
            offer: choice.method_data.clone(),
            method_data: Vec::new(),
            cookie: None,
        };
        preauthentication.next_round(choice.method_data);
        preauthentication
    }

    /// The mechanism's type.
    pub(crate) fn padata_type(&self) -> PaDataType {
        self.row.padata_type
    }

    /// The client's key that the first round was made with.
    pub(crate) fn client_key(&self) -> &ClientKey {
        &self.client_key
    }

    /// Whether the KDC may ask for another round now.
    pub(crate) fn has_further_round(&self) -> bool {
        self.mechanism.has_further_round()
    }

    /// Whether another mechanism may be tried where this one fails.
    pub(crate) fn may_fall_back(&self) -> bool {
        self.mechanism.may_fall_back()
    }

    /// What the KDC offered at first.
    pub(crate) fn offer(&self) -> &[PaData] {
        &self.offer
    }

    /// The client's key, for another mechanism that needs it made in the same way.
    pub(crate) fn into_key(self, hint: &KeyHint) -> Option<ClientKey> {
        Some(self.client_key).filter(|key| key.is_of(hint))
    }

    /// Takes what the KDC says for another round.
    pub(crate) fn next_round(&mut self, method_data: MethodData) {
        self.take_cookie(&method_data);
        self.method_data = method_data;
    }

    /// Begins the mechanism again, with the same key: the KDC has refused what was sent for its time. `method_data` is
    /// what came along with that.
    pub(crate) fn restart(&mut self, method_data: &[PaData]) {
        self.mechanism = (self.row.start)();
        self.method_data.clone_from(&self.offer);
        self.take_cookie(method_data);
    }

    /// Takes the cookie over that a KDC sends along with an error; the last one counts.
    fn take_cookie(&mut self, method_data: &[PaData]) {
        let cookie = method_data
            .iter()
            .find(|element| element.padata_type == PaDataType::FX_COOKIE);
        if let Some(cookie) = cookie {
            self.cookie = Some(cookie.clone());
        }
    }

    /// The preauthentication data of the next request: the cookie, and the mechanism's response.
    pub(crate) fn respond(
        &mut self,
        options: &AsRequestOptions,
        body: &Raw<KdcReqBody>,
        kdc_time: Timestamp,
        armor: Option<&Armor>,
        random: &mut dyn RandomSource,
    ) -> Result<MethodData, ExchangeError> {
        let round = Round {
            options,
            method_data: &self.method_data,
            body,
            client_key: self.client_key.key(),
            kdc_time,
            armor,
        };
        let response = self.mechanism.respond(&round, random)?;
        Ok(self.cookie.iter().cloned().chain(response).collect())
    }

    /// The reply key, before FAST strengthens it.
    pub(crate) fn reply_key(
        &self,
        client_key: &mut ClientKeyOfReply<'_>,
    ) -> Result<Key, ExchangeError> {
        self.mechanism.reply_key(client_key)
    }

    /// Checks what the KDC shows in its reply, besides knowing the reply key.
    pub(crate) fn check_kdc(&self, reply: &[PaData]) -> Result<(), ExchangeError> {
        self.mechanism.check_kdc(reply)
    }
}
