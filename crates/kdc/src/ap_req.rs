//! What an AP-REQ proves, RFC 4120 section 3.2.3.

use alloc::sync::Arc;

use orthros_asn1::{
    ApReq, Authenticator, EncTicketPart, EncryptedData, HostAddress, Message as _, Ticket,
    TicketFlags,
};
use orthros_crypto::{Key, KeyUsage};
use orthros_krb5::{AddressType, Principal, ReplayRecord, Timestamp};

use crate::case::Case;
use crate::refusal::Sealed;
use crate::{PrincipalEntry, PrincipalKey, Refusal, wire};

/// A ticket that decrypted in a key of this KDC's.
pub(crate) struct OpenTicket {
    /// For which service it is, as it says.
    pub(crate) service: Principal,
    /// What is known of that service.
    pub(crate) entry: Arc<PrincipalEntry>,
    /// What it says.
    pub(crate) part: EncTicketPart,
    /// Its session key.
    pub(crate) session_key: Key,
}

/// An AP-REQ whose sender knows the ticket's session key, now.
pub(crate) struct Presented {
    pub(crate) ticket: OpenTicket,
    pub(crate) authenticator: Authenticator,
    pub(crate) subkey: Option<Key>,
    /// What to remember of the authenticator.
    pub(crate) replay_record: Option<ReplayRecord>,
}

impl OpenTicket {
    /// Decrypts a ticket; says nothing of its times.
    pub(crate) fn open(case: &Case<'_>, ticket: &Ticket, what: Sealed) -> Result<Self, Refusal> {
        let service = wire::principal(&ticket.realm, &ticket.sname);
        let Some(entry) = case.find(&service)? else {
            return Err(Refusal::NotUs { service });
        };
        let plaintext = ticket_key(&service, &entry, &ticket.enc_part)?
            .key
            .decrypt(KeyUsage::KDC_REP_TICKET, &ticket.enc_part.cipher)
            .map_err(|_| Refusal::Integrity(what))?;
        let part = EncTicketPart::decode(&plaintext)?;
        Ok(Self {
            session_key: wire::key(&part.key)?,
            service,
            entry,
            part,
        })
    }

    /// When it becomes valid.
    pub(crate) fn starttime(&self) -> Timestamp {
        wire::timestamp(self.part.starttime.unwrap_or(self.part.authtime))
    }

    /// When it ends.
    pub(crate) fn endtime(&self) -> Timestamp {
        wire::timestamp(self.part.endtime)
    }

    /// The client that it names.
    pub(crate) fn client(&self) -> Principal {
        wire::principal(&self.part.crealm, &self.part.cname)
    }

    /// Whether it has begun and not ended, give or take the clock skew.
    pub(crate) fn check_times(&self, case: &Case<'_>) -> Result<(), Refusal> {
        let skew = case.policy().clock_skew;
        if self.starttime() > case.now.saturating_add(skew) {
            return Err(Refusal::TicketNotYetValid);
        }
        if self.endtime().saturating_add(skew) < case.now {
            return Err(Refusal::TicketExpired);
        }
        Ok(())
    }

    /// Whether it was validated, if it was postdated.
    pub(crate) fn check_valid(&self) -> Result<(), Refusal> {
        if self.part.flags.contains(TicketFlags::INVALID) {
            return Err(Refusal::TicketNotYetValid);
        }
        Ok(())
    }
}

impl Presented {
    /// Opens an AP-REQ whose authenticator is encrypted for `usage`.
    pub(crate) fn open(case: &Case<'_>, ap_req: &ApReq, usage: KeyUsage) -> Result<Self, Refusal> {
        let ticket = OpenTicket::open(case, ap_req.ticket.value(), Sealed::Ticket)?;
        let sealed = &ap_req.authenticator;
        let plaintext = ticket
            .session_key
            .decrypt(usage, &sealed.cipher)
            .map_err(|_| Refusal::Integrity(Sealed::Authenticator))?;
        let authenticator = Authenticator::decode(&plaintext)?;
        check_client(&ticket.part, &authenticator)?;
        ticket.check_times(case)?;
        let time = check_skew(case, &authenticator)?;
        check_address(case, ticket.part.caddr.as_deref())?;
        let subkey = authenticator.subkey.as_ref().map(wire::key).transpose()?;
        let tag_len = ticket.session_key.enctype().tag_len();
        let skew = case.policy().clock_skew;
        let replay_record = ReplayRecord::new(&sealed.cipher, tag_len, time, case.now, skew);
        Ok(Self {
            ticket,
            authenticator,
            subkey,
            replay_record,
        })
    }

    /// The key that replies are encrypted in.
    pub(crate) fn reply_key(&self) -> &Key {
        self.subkey.as_ref().unwrap_or(&self.ticket.session_key)
    }

    /// Refuses it if it was presented before.
    pub(crate) fn check_replay(&self, case: &Case<'_>) -> Result<(), Refusal> {
        let record = self.replay_record.as_ref();
        record.map_or(Ok(()), |record| case.check_replay(record))
    }
}

/// The key that a ticket says it is encrypted in; without a version the newest.
fn ticket_key<'e>(
    service: &Principal,
    entry: &'e PrincipalEntry,
    sealed: &EncryptedData,
) -> Result<&'e PrincipalKey, Refusal> {
    let enctype = wire::enctype(sealed.etype);
    let key = |kvno| entry.key(enctype?, kvno);
    let kvno = sealed.kvno.map(u32::from);
    key(kvno).ok_or_else(|| Refusal::NoSuchKey {
        service: service.clone(),
        etype: sealed.etype,
        kvno: kvno.unwrap_or_default(),
        other_versions: key(None).is_some(),
    })
}

fn check_client(ticket: &EncTicketPart, authenticator: &Authenticator) -> Result<(), Refusal> {
    let same_name = ticket.cname.name_string == authenticator.cname.name_string;
    if same_name && ticket.crealm == authenticator.crealm {
        Ok(())
    } else {
        Err(Refusal::BadMatch)
    }
}

/// The authenticator's time, if it is now.
fn check_skew(case: &Case<'_>, authenticator: &Authenticator) -> Result<Timestamp, Refusal> {
    let seconds = authenticator.ctime.seconds();
    let time = Timestamp::new(seconds, authenticator.cusec.value())
        .unwrap_or(Timestamp::from_seconds(seconds));
    if case.now.is_within(case.policy().clock_skew, time) {
        return Ok(time);
    }
    Err(Refusal::Skew {
        seconds: time.since(case.now).seconds(),
    })
}

/// Whether the sender's address is one of the ticket's, if it has any.
pub(crate) fn check_address(
    case: &Case<'_>,
    addresses: Option<&[HostAddress]>,
) -> Result<(), Refusal> {
    let Some(addresses) = addresses.filter(|addresses| !addresses.is_empty()) else {
        return Ok(());
    };
    let octets;
    let (addr_type, address): (_, &[u8]) = match case.source.address {
        core::net::IpAddr::V4(v4) => {
            octets = v4.octets();
            (AddressType::IPV4, &octets)
        }
        core::net::IpAddr::V6(v6) => (AddressType::IPV6, &v6.octets()),
    };
    let is_sender = |candidate: &HostAddress| {
        candidate.addr_type == addr_type && *candidate.address == *address
    };
    if addresses.iter().any(is_sender) {
        Ok(())
    } else {
        Err(Refusal::BadAddress)
    }
}
