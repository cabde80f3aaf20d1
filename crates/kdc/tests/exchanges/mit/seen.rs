//! What a reply says, without what is random.

use std::collections::BTreeMap;

use orthros_asn1::{
    EncKdcRepPart, EncTicketPart, KerberosTime, KrbError, Message as _, MethodData,
};

use crate::support::{AsAsk, Granted, TgsAsk, World, etype_info, open_ticket, to_key};

/// The fields of a reply, as texts.
pub(super) type Fields = BTreeMap<&'static str, String>;

pub(super) fn as_reply(world: &World, ask: &AsAsk, reply: &[u8]) -> Fields {
    if let Some(refused) = refusal(reply) {
        return refused;
    }
    let granted = ask.open(world, reply);
    let part = world.open(&granted.ticket);
    fields(&granted, &part)
}

pub(super) fn tgs_reply(world: &World, ask: &TgsAsk, reply: &[u8]) -> Fields {
    if let Some(refused) = refusal(reply) {
        return refused;
    }
    let granted = ask.open(reply);
    let part = match ask.additional.first() {
        Some(additional) => open_ticket(&granted.ticket, &to_key(&world.open(additional).key)),
        None => world.open(&granted.ticket),
    };
    fields(&granted, &part)
}

fn refusal(reply: &[u8]) -> Option<Fields> {
    if reply.is_empty() {
        return Some(Fields::from([("outcome", "no answer".to_owned())]));
    }
    let error = KrbError::decode(reply).ok()?;
    let mut fields = Fields::from([
        ("outcome", "refused".to_owned()),
        ("error", error.error_code.to_string()),
    ]);
    let data = error.e_data.and_then(|data| MethodData::decode(&data).ok());
    if let Some(data) = data {
        fields.insert("hints", types(&data));
        fields.insert("ways to make the key", format!("{:?}", etype_info(&data)));
    }
    Some(fields)
}

fn fields(granted: &Granted, ticket: &EncTicketPart) -> Fields {
    let part = &granted.part;
    let data = ticket.authorization_data.as_deref().unwrap_or_default();
    let data: Vec<_> = data.iter().map(|entry| entry.ad_type).collect();
    let encrypted = part.encrypted_pa_data.clone().unwrap_or_default();
    Fields::from([
        ("outcome", "granted".to_owned()),
        (
            "client",
            format!("{:?}@{:?}", granted.cname, granted.crealm),
        ),
        ("client's key version", format!("{:?}", granted.kvno)),
        ("reply padata", types(&granted.padata)),
        (
            "service",
            format!("{:?}@{:?}", granted.ticket.sname, granted.ticket.realm),
        ),
        (
            "service in the reply",
            format!("{:?}@{:?}", part.sname, part.srealm),
        ),
        (
            "ticket key",
            format!(
                "{} {:?}",
                granted.ticket.enc_part.etype, granted.ticket.enc_part.kvno
            ),
        ),
        ("flags", format!("{:?}", part.flags)),
        (
            "flags in the ticket",
            (ticket.flags == part.flags).to_string(),
        ),
        ("session key", part.key.keytype.to_string()),
        ("life", life(part)),
        ("addresses", format!("{:?}", part.caddr)),
        ("addresses in the ticket", format!("{:?}", ticket.caddr)),
        ("transited", format!("{:?}", ticket.transited)),
        ("authorization data", format!("{data:?}")),
        ("key expiration", format!("{:?}", part.key_expiration)),
        ("encrypted padata", types(&encrypted)),
    ])
}

/// How long the ticket lives, and can be renewed, from its start. A second may have gone by between both replies.
fn life(part: &EncKdcRepPart) -> String {
    let start = part.starttime.unwrap_or(part.authtime).seconds();
    let minutes = |end: KerberosTime| (end.seconds() - start + 30) / 60;
    format!(
        "{} {:?}",
        minutes(part.endtime),
        part.renew_till.map(minutes)
    )
}

fn types(data: &MethodData) -> String {
    let types: Vec<_> = data.iter().map(|element| element.padata_type).collect();
    format!("{types:?}")
}
