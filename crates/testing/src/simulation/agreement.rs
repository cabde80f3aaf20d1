//! Whether all sides see the same ticket: what the client has noted of it, and what the KDC has written into it.

use orthros_asn1::{EncTicketPart, KerberosTime, Message as _, Realm, Ticket};
use orthros_crypto::KeyUsage;
use orthros_types::{Credential, Principal, Timestamp};

use super::realm::SimulatedRealm;

/// Client and KDC don't see the same ticket.
#[derive(Debug, thiserror::Error)]
pub(super) enum Disagreement {
    /// The ticket itself is not what the KDC can have written.
    #[error("ticket for {}: {}", .0.0, .0.1)]
    Ticket(Box<(Principal, String)>),
    /// The client has noted something else of it.
    #[error("ticket for {service}: client and KDC differ in its {field}")]
    Field {
        service: Box<Principal>,
        field: &'static str,
    },
}

/// Opens a ticket with its service's key and compares each field.
pub(super) fn check_ticket(realm: &SimulatedRealm, held: &Credential) -> Result<(), Disagreement> {
    let part = open(realm, held)
        .map_err(|error| Disagreement::Ticket(Box::new((held.server.clone(), error))))?;
    let times = &held.times;
    let start = times.starttime.unwrap_or(times.authtime);
    let fields = [
        ("client", is_named(&held.client, &part)),
        (
            "session key",
            held.session_key.enctype() == part.key.keytype
                && held.session_key.as_bytes() == part.key.keyvalue.expose(),
        ),
        ("flags", held.flags == part.flags),
        ("authtime", times.authtime == time(part.authtime)),
        (
            "starttime",
            start == time(part.starttime.unwrap_or(part.authtime)),
        ),
        ("endtime", times.endtime == time(part.endtime)),
        ("renew-till", times.renew_till == part.renew_till.map(time)),
        (
            "addresses",
            held.addresses == part.caddr.clone().unwrap_or_default(),
        ),
    ];
    match fields.iter().find(|(_, agrees)| !agrees) {
        None => Ok(()),
        Some((field, _)) => Err(Disagreement::Field {
            service: Box::new(held.server.clone()),
            field,
        }),
    }
}

fn open(realm: &SimulatedRealm, held: &Credential) -> Result<EncTicketPart, String> {
    let ticket = Ticket::decode(&held.ticket).map_err(|error| error.to_string())?;
    let key = realm
        .key(&held.server, ticket.enc_part.etype)
        .filter(|key| ticket.enc_part.kvno.map(|kvno| kvno.0) == Some(key.kvno))
        .ok_or("encrypted in a key that its service has not")?;
    let plaintext = key
        .key
        .decrypt(KeyUsage::KDC_REP_TICKET, ticket.enc_part.cipher.as_ref())
        .map_err(|error| error.to_string())?;
    EncTicketPart::decode(&plaintext).map_err(|error| error.to_string())
}

fn is_named(client: &Principal, part: &EncTicketPart) -> bool {
    let components = client.components().iter();
    let names = part.cname.name_string.iter();
    part.crealm == Realm::from(client.realm())
        && components
            .map(Vec::as_slice)
            .eq(names.map(AsRef::<[u8]>::as_ref))
}

fn time(time: KerberosTime) -> Timestamp {
    Timestamp::from_seconds(time.seconds())
}
