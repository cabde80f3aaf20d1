//! AP-REQs to the KDC: of TGS-REQs, of armor and of password changes, RFC 4120 section 3.2.3.

use alloc::sync::Arc;
use core::net::IpAddr;

use orthros_asn1::{
    ApReq, Authenticator, EncTicketPart, EncryptedData, HostAddress, Message as _, Ticket,
    TicketFlags,
};
use orthros_crypto::{Key, KeyUsage};
use orthros_types::{AddressType, Principal, ReplayClient, ReplayRecord, Timestamp};

use crate::context::RequestContext;
use crate::error::{RequestPart, ServiceState};
use crate::{PrincipalEntry, PrincipalKey, RequestError, principal_state, transited, wire};

/// A ticket that decrypted in a key that this KDC knows.
pub(crate) struct OpenTicket {
    /// For which service it is, as it says outside of what is encrypted.
    pub(crate) service: Principal,
    /// The service's entry in the store: its canonical name says which principal's key the ticket is in.
    pub(crate) entry: Arc<PrincipalEntry>,
    /// What it says. That is to be believed as far as its [`author`](Self::author).
    pub(crate) part: EncTicketPart,
    /// Which party can have written it.
    pub(crate) author: Author,
    /// Its session key.
    pub(crate) session_key: Key,
}

/// Which party can have written a ticket: each that has the key in which it is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Author {
    /// This KDC alone: it is for the realm's own ticket-granting service, `krbtgt/HERE@HERE`.
    ThisKdc,
    /// The KDC of another realm, in `krbtgt/HERE@THERE`. It speaks for its own clients, and for those that came
    /// through it.
    OtherRealm,
    /// A service, be it the ticket-granting one of another realm, `krbtgt/THERE@HERE`. Nothing that such a ticket
    /// says is taken over unless this KDC has signed it.
    Service,
}

/// An AP-REQ whose sender knows the ticket's session key, now. Client and service of the ticket were not looked at.
pub(crate) struct OpenedApReq {
    pub(crate) ticket: OpenTicket,
    authenticator: Authenticator,
    subkey: Option<Key>,
    replay_record: Option<ReplayRecord>,
}

/// An AP-REQ whose sender knows the ticket's session key, now; client and service of the ticket are as they should be.
pub(crate) struct VerifiedApReq {
    pub(crate) ticket: OpenTicket,
    /// The client's entry in the store, if it is of this realm.
    pub(crate) client: Option<Arc<PrincipalEntry>>,
    pub(crate) authenticator: Authenticator,
    pub(crate) subkey: Option<Key>,
    /// What to remember of the authenticator.
    pub(crate) replay_record: Option<ReplayRecord>,
}

impl OpenTicket {
    /// Decrypts a ticket; says nothing of its times.
    pub(crate) fn open(
        context: &RequestContext<'_>,
        ticket: &Ticket,
        what: RequestPart,
    ) -> Result<Self, RequestError> {
        let service = wire::principal(&ticket.realm, &ticket.sname);
        let Some(entry) = context.find(&service)? else {
            return Err(RequestError::NotUs { service });
        };
        let plaintext = ticket_key(context, &service, &entry, &ticket.enc_part)?
            .key
            .decrypt(KeyUsage::KDC_REP_TICKET, &ticket.enc_part.cipher)
            .map_err(|_| RequestError::Integrity(what))?;
        let part = EncTicketPart::decode(&plaintext)?;
        Ok(Self {
            session_key: wire::key(context.policy, &part.key)?,
            author: author(context, &entry),
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

    /// Refuses it where its service is locked, its time is over or has not begun, or it takes no tickets in its own
    /// key.
    pub(crate) fn check_service(&self, context: &RequestContext<'_>) -> Result<(), RequestError> {
        let Some(state) = principal_state::of_service(&self.entry, context.now) else {
            return Ok(());
        };
        Err(RequestError::TicketService {
            service: self.service.clone(),
            state,
        })
    }

    /// Its client's entry in the store. One of this realm must be there, and neither locked nor out of its time; that
    /// its password has expired ends no ticket.
    pub(crate) fn check_client(
        &self,
        context: &RequestContext<'_>,
    ) -> Result<Option<Arc<PrincipalEntry>>, RequestError> {
        let client = self.client();
        if client.realm() != context.policy.realm {
            self.check_trust(context, &client)?;
            return Ok(None);
        }
        let entry = context.find(&client)?.ok_or(RequestError::ClientUnknown)?;
        principal_state::check_client(&entry, context.now)?;
        Ok(Some(entry))
    }

    /// A client of another realm that has a ticket of this one's keeps it no longer than the realm is trusted by
    /// way of which it came. That of the other realm's own ticket is its service, and is looked at there; the
    /// anonymous realm has no KDC.
    fn check_trust(
        &self,
        context: &RequestContext<'_>,
        client: &Principal,
    ) -> Result<(), RequestError> {
        let is_anonymous = client.realm() == ANONYMOUS_REALM;
        if self.author == Author::OtherRealm || is_anonymous {
            return Ok(());
        }
        let policy = context.policy;
        let issuer = transited::last(policy, &self.part.transited, client.realm());
        let service = Principal::ticket_granting(policy.realm.clone(), issuer);
        let state = match context.find(&service)? {
            Some(entry) => principal_state::of_service(&entry, context.now),
            None => Some(ServiceState::Gone),
        };
        state.map_or(Ok(()), |state| Err(RequestError::Trust { service, state }))
    }

    /// Whether it has begun and not ended, give or take the clock skew.
    pub(crate) fn check_times(&self, context: &RequestContext<'_>) -> Result<(), RequestError> {
        let skew = context.policy.clock_skew;
        if self.starttime() > context.now.saturating_add(skew) {
            return Err(RequestError::TicketNotYetValid);
        }
        if self.endtime().saturating_add(skew) < context.now {
            return Err(RequestError::TicketExpired);
        }
        Ok(())
    }

    /// Whether it was validated, if it was postdated.
    pub(crate) fn check_valid(&self) -> Result<(), RequestError> {
        if self.part.flags.contains(TicketFlags::INVALID) {
            return Err(RequestError::TicketNotYetValid);
        }
        Ok(())
    }
}

impl OpenedApReq {
    /// Opens an AP-REQ whose authenticator is encrypted for `usage`.
    pub(crate) fn open(
        context: &RequestContext<'_>,
        ap_req: &ApReq,
        usage: KeyUsage,
    ) -> Result<Self, RequestError> {
        let ticket = OpenTicket::open(context, ap_req.ticket.value(), RequestPart::Ticket)?;
        let encrypted = &ap_req.authenticator;
        let plaintext = ticket
            .session_key
            .decrypt(usage, &encrypted.cipher)
            .map_err(|_| RequestError::Integrity(RequestPart::Authenticator))?;
        let authenticator = Authenticator::decode(&plaintext)?;
        check_client(&ticket.part, &authenticator)?;
        ticket.check_times(context)?;
        let time = check_skew(context, &authenticator)?;
        check_address(context, ticket.part.caddr.as_deref())?;
        let subkey = authenticator
            .subkey
            .as_ref()
            .map(|key| wire::key(context.policy, key))
            .transpose()?;
        let tag = ticket.session_key.enctype().tag(&encrypted.cipher);
        let skew = context.policy.clock_skew;
        let replay_record = tag.map(|tag| ReplayRecord::new(tag, time, context.now, skew));
        Ok(Self {
            ticket,
            authenticator,
            subkey,
            replay_record,
        })
    }

    /// Refuses it where its ticket's service or client is locked, has expired or is gone.
    pub(crate) fn verify_principals(
        self,
        context: &RequestContext<'_>,
    ) -> Result<VerifiedApReq, RequestError> {
        self.ticket.check_service(context)?;
        let client = self.ticket.check_client(context)?;
        Ok(VerifiedApReq {
            ticket: self.ticket,
            client,
            authenticator: self.authenticator,
            subkey: self.subkey,
            replay_record: self.replay_record,
        })
    }
}

impl VerifiedApReq {
    /// The key that replies are encrypted in.
    pub(crate) fn reply_key(&self) -> &Key {
        self.subkey.as_ref().unwrap_or(&self.ticket.session_key)
    }

    /// Refuses it if it was sent before, or the replay cache can't tell.
    pub(crate) fn check_replay(&self, context: &RequestContext<'_>) -> Result<(), RequestError> {
        let made_at = made_at(&self.authenticator);
        let record = self.replay_record.as_ref();
        let client = self.ticket.client();
        let client = ReplayClient {
            principal: &client,
            own_realm: &context.policy.realm,
        };
        context.replays.check(client, made_at, record, context.now)
    }
}

fn author(context: &RequestContext<'_>, service: &PrincipalEntry) -> Author {
    let here = context.policy.realm.as_slice();
    let name = &service.principal;
    if name.served_realm() != Some(here) {
        Author::Service
    } else if name.realm() == here {
        Author::ThisKdc
    } else {
        Author::OtherRealm
    }
}

/// The key that a ticket says it is encrypted in; without a version the newest. An enctype that the realm does not
/// permit any more is one that others may have broken: old keys of it open nothing.
fn ticket_key<'e>(
    context: &RequestContext<'_>,
    service: &Principal,
    entry: &'e PrincipalEntry,
    encrypted: &EncryptedData,
) -> Result<&'e PrincipalKey, RequestError> {
    let permitted = &context.policy.enctypes;
    let enctype = wire::enctype(encrypted.etype).filter(|enctype| permitted.contains(enctype));
    let key = |kvno| entry.key(enctype?, kvno);
    let kvno = encrypted.kvno.map(u32::from);
    key(kvno).ok_or_else(|| RequestError::NoSuchKey {
        service: service.clone(),
        etype: encrypted.etype,
        kvno: kvno.unwrap_or_default(),
        other_versions: key(None).is_some(),
    })
}

fn check_client(ticket: &EncTicketPart, authenticator: &Authenticator) -> Result<(), RequestError> {
    let same_name = ticket.cname.name_string == authenticator.cname.name_string;
    if same_name && ticket.crealm == authenticator.crealm {
        Ok(())
    } else {
        Err(RequestError::BadMatch)
    }
}

/// The authenticator's time.
fn made_at(authenticator: &Authenticator) -> Timestamp {
    let seconds = authenticator.ctime.seconds();
    Timestamp::new(seconds, authenticator.cusec.value()).unwrap_or(Timestamp::from_seconds(seconds))
}

/// The authenticator's time, if it is now.
fn check_skew(
    context: &RequestContext<'_>,
    authenticator: &Authenticator,
) -> Result<Timestamp, RequestError> {
    let time = made_at(authenticator);
    if context.now.is_within(context.policy.clock_skew, time) {
        return Ok(time);
    }
    Err(RequestError::Skew {
        seconds: time.since(context.now).seconds(),
    })
}

/// Whether the sender's address is one of the ticket's, if it has any.
pub(crate) fn check_address(
    context: &RequestContext<'_>,
    addresses: Option<&[HostAddress]>,
) -> Result<(), RequestError> {
    let Some(addresses) = addresses.filter(|addresses| !addresses.is_empty()) else {
        return Ok(());
    };
    let sender = context.source.address.to_canonical();
    let is_sender = |candidate: &HostAddress| ip_address(candidate) == Some(sender);
    if addresses.iter().any(is_sender) {
        Ok(())
    } else {
        Err(RequestError::BadAddress)
    }
}

/// The address of a ticket, if it is one of IP. An address of IPv4 in IPv6's form (`::ffff:192.0.2.1`) is the one
/// of IPv4.
fn ip_address(address: &HostAddress) -> Option<IpAddr> {
    let bytes = &*address.address;
    let address = match address.addr_type {
        AddressType::IPV4 => IpAddr::from(<[u8; 4]>::try_from(bytes).ok()?),
        AddressType::IPV6 => IpAddr::from(<[u8; 16]>::try_from(bytes).ok()?),
        _ => return None,
    };
    Some(address.to_canonical())
}

/// The realm of anonymous clients, RFC 8062 section 3.
const ANONYMOUS_REALM: &[u8] = b"WELLKNOWN:ANONYMOUS";
