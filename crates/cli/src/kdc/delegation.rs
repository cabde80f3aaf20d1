//! Which services may act for their clients (`S4U2Proxy`, MS-SFU), as the command line says it.

use orthros_kdc::server::RealmBuilder;

/// Two services, of which the first one's account says what is allowed.
#[derive(Clone, Debug)]
pub(super) struct Delegation {
    account: String,
    other: String,
}

/// Reads `SERVICE=TARGET`.
pub(super) fn to(text: &str) -> Result<Delegation, String> {
    parse(text, "SERVICE=TARGET")
}

/// Reads `TARGET=SERVICE`.
pub(super) fn from(text: &str) -> Result<Delegation, String> {
    parse(text, "TARGET=SERVICE")
}

fn parse(text: &str, form: &str) -> Result<Delegation, String> {
    match text.split_once('=') {
        Some((account, other)) if !account.is_empty() && !other.is_empty() => Ok(Delegation {
            account: account.to_owned(),
            other: other.to_owned(),
        }),
        _ => Err(format!("not of the form {form}")),
    }
}

/// Has the realm write it into its store.
pub(super) fn allow(
    mut builder: RealmBuilder,
    to: &[Delegation],
    from: &[Delegation],
    transitions: &[String],
) -> RealmBuilder {
    for Delegation { account, other } in to {
        builder = builder.delegate(account, other);
    }
    for Delegation { account, other } in from {
        builder = builder.delegate_from(account, other);
    }
    for service in transitions {
        builder = builder.protocol_transition(service);
    }
    builder
}
