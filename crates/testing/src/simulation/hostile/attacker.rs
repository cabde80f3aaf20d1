//! The wire, and the attacker on it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use orthros_asn1::{
    AsRep, AsReq, ErrorCode, Exactly, KerberosTime, KrbError, Message as _, MethodData,
    Microseconds, NameType, PaDataType, PrincipalName, TgsRep, TgsReq,
};
use orthros_host::{Clock as _, KdcTransport};
use orthros_kdc::{Source, Transport as Carrier};
use orthros_krb5::{KdcReply, KdcRequest, KdcSelection, TransportError};
use orthros_types::config::Config;

use super::realms::{HostileRealms, RealmKdc};
use crate::random::SeededRandom;
use crate::simulation::chance::Chance;
use crate::simulation::time::SkewedClock;

/// The way to all KDCs.
#[derive(Clone)]
pub(super) struct Wire(Arc<Mutex<Attacker>>);

/// A request that was on the wire, as the client sent it.
#[derive(Clone)]
pub(super) struct Seen {
    pub(super) realm: String,
    pub(super) message: Vec<u8>,
    /// Whether the attacker answered it with an error, other than that the reply is too big.
    pub(super) is_refused: bool,
}

struct Attacker {
    kdcs: Vec<RealmKdc>,
    clock: SkewedClock,
    random: SeededRandom,
    chance: Chance,
    attacks: bool,
    seen: Vec<Seen>,
    /// An earlier reply.
    kept: Vec<u8>,
}

/// What the attacker does with one exchange.
#[derive(Clone, Copy)]
enum Attack {
    Nothing,
    Forge,
    StripRequest,
    StripReply,
    /// Takes out of the request and the reply what would show that the reply names another client.
    Rename,
    Replay,
}

impl Wire {
    pub(super) fn new(realms: &HostileRealms, clock: SkewedClock, mut chance: Chance) -> Self {
        Self(Arc::new(Mutex::new(Attacker {
            kdcs: realms.kdcs(),
            clock,
            random: chance.random(),
            chance,
            attacks: false,
            seen: Vec::new(),
            kept: Vec::new(),
        })))
    }

    /// Lets the attacker rest, or not. X does not rest.
    pub(super) fn attack(&self, attacks: bool) {
        self.lock().attacks = attacks;
    }

    /// All requests up to now.
    pub(super) fn requests(&self) -> Vec<Seen> {
        self.lock().seen.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Attacker> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KdcTransport for Wire {
    fn exchange(
        &self,
        _: &Config,
        request: &KdcRequest,
        kdcs: KdcSelection,
    ) -> Result<KdcReply, TransportError> {
        let realm = String::from_utf8_lossy(&request.realm).into_owned();
        let message = match kdcs {
            KdcSelection::Any => self.lock().answer(&realm, &request.message),
            _ => None,
        };
        match message {
            Some(message) => Ok(KdcReply {
                message,
                from_primary: true,
            }),
            None => Err(TransportError::NoKdc { realm }),
        }
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").finish_non_exhaustive()
    }
}

/// Whether this is an AS-REQ that is not under armor.
pub(super) fn is_open(seen: &Seen) -> bool {
    let Ok(AsReq(request)) = AsReq::decode(&seen.message) else {
        return false;
    };
    let padata = request.padata.unwrap_or_default();
    let is_armor = |element: &orthros_asn1::PaData| element.padata_type == PaDataType::FX_FAST;
    !padata.iter().all(is_armor) || padata.is_empty()
}

impl Attacker {
    fn answer(&mut self, realm: &str, request: &[u8]) -> Option<Vec<u8>> {
        let attack = self.choose();
        let forged = matches!(attack, Attack::Forge).then(|| self.forge(realm));
        let too_big = ErrorCode::KRB_ERR_RESPONSE_TOO_BIG;
        self.seen.push(Seen {
            realm: realm.to_owned(),
            message: request.to_vec(),
            is_refused: forged
                .as_ref()
                .is_some_and(|error| error.error_code != too_big),
        });
        if let Some(error) = forged {
            return error.encode().ok();
        }
        let kept = std::mem::take(&mut self.kept);
        if matches!(attack, Attack::Replay) && !kept.is_empty() {
            return Some(kept);
        }
        let stripped = match attack {
            Attack::StripRequest | Attack::Rename => self.strip_request(request),
            _ => None,
        };
        let reply = self.ask(realm, stripped.as_deref().unwrap_or(request))?;
        self.kept.clone_from(&reply);
        let changed = match attack {
            Attack::StripReply => self.change_reply(&reply, false),
            Attack::Rename => self.change_reply(&reply, true),
            _ => None,
        };
        Some(changed.unwrap_or(reply))
    }

    fn choose(&mut self) -> Attack {
        let attacks = [
            Attack::Forge,
            Attack::StripRequest,
            Attack::StripReply,
            Attack::Rename,
            Attack::Replay,
        ];
        if self.attacks && self.chance.happens(250) {
            self.chance.one_of(&attacks, Attack::Nothing)
        } else {
            Attack::Nothing
        }
    }

    /// Asks the realm's KDCs in turn until one grants something: those that X runs come first.
    fn ask(&mut self, realm: &str, request: &[u8]) -> Option<Vec<u8>> {
        let source = Source {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            transport: Carrier::Stream,
        };
        let now = self.clock.now();
        let mut last = None;
        for host in self.kdcs.iter().filter(|host| host.realm == realm) {
            let answer = host.kdc.handle(request, &source, now, &mut self.random);
            let is_granted = |reply: &Vec<u8>| matches!(reply.first(), Some(0x6B | 0x6D));
            if answer.reply.as_ref().is_some_and(is_granted) || !host.is_hostile {
                return answer.reply;
            }
            last = answer.reply;
        }
        last
    }

    /// An error that anybody can write.
    fn forge(&mut self, realm: &str) -> KrbError {
        let codes = [
            ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN,
            ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN,
            ErrorCode::KDC_ERR_ETYPE_NOSUPP,
            ErrorCode::KDC_ERR_PREAUTH_FAILED,
            ErrorCode::KDC_ERR_PREAUTH_REQUIRED,
            ErrorCode::KDC_ERR_PREAUTH_EXPIRED,
            ErrorCode::KDC_ERR_KEY_EXPIRED,
            ErrorCode::KDC_ERR_WRONG_REALM,
            ErrorCode::KRB_AP_ERR_SKEW,
            ErrorCode::KRB_ERR_RESPONSE_TOO_BIG,
        ];
        let offers = vec![orthros_asn1::PaData {
            padata_type: PaDataType::ENC_TIMESTAMP,
            padata_value: Vec::new().into(),
        }];
        let later = self.clock.now().seconds() + self.chance.between(-4000, 4000);
        KrbError {
            pvno: Exactly,
            msg_type: Exactly,
            ctime: None,
            cusec: None,
            stime: KerberosTime::from_seconds(later).unwrap_or_default(),
            susec: Microseconds::default(),
            error_code: self
                .chance
                .one_of(&codes, ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN),
            crealm: Some("X.TEST".into()),
            cname: None,
            realm: realm.into(),
            sname: PrincipalName {
                name_type: NameType::SRV_INST,
                name_string: vec!["krbtgt".into(), realm.into()],
            },
            e_text: None,
            e_data: offers.encode().ok().map(Into::into),
        }
    }

    /// The request without what says for whom it is, what hides it, and what would prove that it arrived as it was.
    fn strip_request(&mut self, request: &[u8]) -> Option<Vec<u8>> {
        if let Ok(TgsReq(mut request)) = TgsReq::decode(request) {
            self.strip(request.padata.as_mut()?);
            return TgsReq(request).encode().ok();
        }
        let AsReq(mut request) = AsReq::decode(request).ok()?;
        self.strip(request.padata.as_mut()?);
        AsReq(request).encode().ok()
    }

    /// The reply without these, and in another's name.
    fn change_reply(&mut self, reply: &[u8], renames: bool) -> Option<Vec<u8>> {
        let name = if self.chance.happens(700) {
            "bob"
        } else {
            "alice"
        };
        let name = PrincipalName {
            name_type: NameType::PRINCIPAL,
            name_string: vec![name.into()],
        };
        if let Ok(TgsRep(mut reply)) = TgsRep::decode(reply) {
            self.strip(reply.padata.get_or_insert_default());
            if renames {
                reply.cname = name;
            }
            return TgsRep(reply).encode().ok();
        }
        let AsRep(mut reply) = AsRep::decode(reply).ok()?;
        self.strip(reply.padata.get_or_insert_default());
        if renames {
            reply.cname = name;
        }
        AsRep(reply).encode().ok()
    }

    fn strip(&mut self, padata: &mut MethodData) {
        let all = [
            PaDataType::FOR_USER,
            PaDataType::FOR_X509_USER,
            PaDataType::FX_FAST,
            PaDataType::REQ_ENC_PA_REP,
        ];
        // Mostly all of them: what is left would give it away.
        let taken: Vec<_> = all
            .into_iter()
            .filter(|_| self.chance.happens(900))
            .collect();
        padata.retain(|element| !taken.contains(&element.padata_type));
    }
}
