//! The same requests to MIT's KDC and to ours, which hold the same principals and keys. What their replies say is
//! compared field by field, without what is random; each difference that there is has its reason beside it.

mod both;
mod seen;

use orthros_asn1::{EncryptionType, HostAddress, KdcOptions, KerberosTime, PaDataType};
use orthros_testing::require_mit;
use orthros_types::{AddressType, NameType};

use crate::support::{
    AES128, AES256, AES256_SHA384, AsAsk, DAY, HOUR, Held, TgsAsk, name, padata, random_key,
    typed_name,
};
use both::Both;

/// A field that differs, and why.
type Difference = (&'static str, &'static str);

const WAYS: Difference = (
    "ways to make the key",
    "MIT names the first enctype that both know, we all of them (RFC 4120 section 5.2.7.5)",
);
const PAST: Difference = (
    "outcome",
    "MIT issues a ticket that has expired; RFC 4120 section 3.1.3 has the request refused",
);
const SIGNED: Difference = (
    "authorization data",
    "ours signs what can be shown again; MIT does so in the PAC, which neither puts into tickets for this one",
);
const PAC: Difference = (
    "authorization data",
    "MIT puts a PAC into initial tickets; ours carry nothing that no directory stands behind",
);
const VERSION: Difference = (
    "client's key version",
    "MIT leaves it out; RFC 4120 section 5.2.9 has it for long-lived keys",
);
const NO_SERVICE: Difference = (
    "outcome",
    "MIT closes the connection; RFC 4120 section 3.1.3 has an error for a service that is not known",
);
const ENC_PA_REP: Difference = (
    "flags",
    "MIT says of every ticket that its reply carries encrypted padata; we where it does (RFC 6806 section 11)",
);
const RENEWED: Difference = (
    "flags",
    "MIT renews a ticket to one that is not renewable unless that is asked for again; RFC 4120 section 3.3.3 changes its times only",
);
const RENEWED_LIFE: Difference = ("life", RENEWED.1);
const CHECKSUM: Difference = (
    "error",
    "MIT's code is that of a ticket that does not decrypt; RFC 4120 section 3.3.3.1 has one for checksums",
);
const PATH: Difference = (
    "error",
    "MIT's code is that of any policy; RFC 4120 section 7.5.9 has one for paths",
);
const ANONYMITY: Difference = (
    "outcome",
    "MIT issues a ticket that is not anonymous; RFC 8062 section 4.2 has the request refused",
);

/// The same request with something else in it.
fn with(mut ask: AsAsk, change: impl FnOnce(&mut AsAsk)) -> AsAsk {
    change(&mut ask);
    ask
}

#[test]
fn demands_for_preauthentication_are_mits() {
    require_mit!();
    let both = Both::start();
    let alice = || both.bare("alice");
    both.compare_as("preauthentication required", &alice(), &[WAYS]);
    let other_order = alice().etypes(&[AES128, AES256]);
    both.compare_as(
        "preauthentication required, other order",
        &other_order,
        &[WAYS],
    );
    let wrong = alice().with_timestamp(&random_key(AES256, 3), both.now());
    both.compare_as("wrong password", &wrong, &[WAYS]);
    both.finish();
}

#[test]
fn initial_tickets_are_mits() {
    require_mit!();
    let both = Both::start();
    let (bob, granted) = (|| both.bare("bob"), [ENC_PA_REP, PAC, VERSION]);
    both.compare_as(
        "preauthentication given",
        &both.preauthenticated("alice"),
        &granted,
    );
    both.compare_as("no preauthentication", &bob(), &granted);
    both.compare_as("second enctype", &bob().etypes(&[AES128]), &granted);
    for (case, option) in [
        ("forwardable", KdcOptions::FORWARDABLE),
        ("proxiable", KdcOptions::PROXIABLE),
        ("may-postdate", KdcOptions::ALLOW_POSTDATE),
        ("renewable", KdcOptions::RENEWABLE),
        ("canonicalize", KdcOptions::CANONICALIZE),
    ] {
        both.compare_as(case, &bob().options(option), &granted);
    }
    let ask = with(bob(), |ask| ask.till = KerberosTime::EPOCH);
    both.compare_as("longest life", &ask, &granted);
    let ask = with(bob(), |ask| ask.till = both.at(3 * DAY));
    let ask = ask.options(KdcOptions::RENEWABLE_OK);
    both.compare_as("renewable-ok", &ask, &granted);
    let ask = with(bob(), |ask| ask.from = Some(both.at(HOUR)));
    let ask = ask.options(KdcOptions::POSTDATED);
    both.compare_as("postdated", &ask, &granted);
    let here = HostAddress {
        addr_type: AddressType::IPV4,
        address: [127, 0, 0, 1].as_slice().into(),
    };
    let ask = with(bob(), |ask| ask.addresses = Some(vec![here]));
    both.compare_as("addresses", &ask, &granted);
    both.compare_as("service ticket", &bob().service("host/a"), &granted);
    let enc_pa_rep = padata(PaDataType::REQ_ENC_PA_REP, b"");
    let ask = both.preauthenticated("alice").padata(enc_pa_rep);
    both.compare_as("checksum of the request", &ask, &[PAC, VERSION]);
    let unknown = typed_name("bob", NameType::UNKNOWN);
    let ask = with(bob(), |ask| ask.client = Some(unknown));
    both.compare_as("other name type", &ask, &granted);
    both.finish();
}

#[test]
fn refusals_of_initial_tickets_are_mits() {
    require_mit!();
    let both = Both::start();
    let bob = || both.bare("bob");
    both.compare_as("no enctype", &bob().etypes(&[]), &[]);
    both.compare_as("enctype of no key", &bob().etypes(&[AES256_SHA384]), &[]);
    let unknown = with(bob(), |ask| ask.etypes = vec![EncryptionType(4711)]);
    both.compare_as("unknown enctype", &unknown, &[]);
    both.compare_as("unknown client", &AsAsk::bare("mallory"), &[]);
    both.compare_as("unknown service", &bob().service("host/nowhere"), &[]);
    both.compare_as("no client", &with(bob(), |ask| ask.client = None), &[]);
    let nothing = with(bob(), |ask| ask.service = None);
    both.compare_as("no service", &nothing, &[NO_SERVICE]);
    for client in ["locked", "expired", "stale", "must-change"] {
        both.compare_as(client, &both.preauthenticated(client), &[]);
    }
    for service in ["host/locked", "host/u2u", "host/expired"] {
        both.compare_as(service, &bob().service(service), &[]);
    }
    for (case, option) in [
        ("forwarded", KdcOptions::FORWARDED),
        ("proxy", KdcOptions::PROXY),
        ("renew", KdcOptions::RENEW),
        ("validate", KdcOptions::VALIDATE),
        ("user-to-user", KdcOptions::ENC_TKT_IN_SKEY),
        ("delegated", KdcOptions::CNAME_IN_ADDL_TKT),
        ("anonymous", KdcOptions::REQUEST_ANONYMOUS),
    ] {
        both.compare_as(case, &bob().options(option), &[]);
    }
    let ask = with(bob(), |ask| ask.till = both.at(-HOUR));
    both.compare_as("end in the past", &ask, &[PAST]);
    both.finish();
}

const TGS: &str = "krbtgt/ORTHROS.TEST";
const ALL: KdcOptions = KdcOptions::FORWARDABLE
    .union(KdcOptions::PROXIABLE)
    .union(KdcOptions::RENEWABLE);

fn ask(held: &Held) -> TgsAsk {
    TgsAsk::new(held).service("host/a")
}

#[test]
fn tickets_for_tickets_are_mits() {
    require_mit!();
    let both = Both::start();
    let plain = both.tgt("bob", KdcOptions::empty());
    let rich = both.tgt("bob", ALL | KdcOptions::ALLOW_POSTDATE);
    let granted = [ENC_PA_REP];
    both.compare_tgs("plain", &ask(&plain), &granted);
    both.compare_tgs("flags not had", &ask(&plain).options(ALL), &granted);
    let signed = [ENC_PA_REP, SIGNED];
    both.compare_tgs("flags had", &ask(&rich).options(ALL), &signed);
    let other = ask(&plain).etypes(&[AES128]);
    both.compare_tgs("other enctype", &other, &granted);
    let mut keyless = ask(&plain);
    keyless.subkey = None;
    both.compare_tgs("no subkey", &keyless, &granted);
    let trusted = ask(&plain).service("host/trusted");
    both.compare_tgs("ok as delegate", &trusted, &granted);
    let again = |option| ask(&rich).service(TGS).options(option);
    both.compare_tgs("forwarded", &again(KdcOptions::FORWARDED), &granted);
    let renewed = again(KdcOptions::RENEW);
    both.compare_tgs("renewed", &renewed, &[RENEWED, RENEWED_LIFE]);
    let alice = both.tgt("alice", KdcOptions::empty());
    let to_alice = ask(&plain)
        .service("alice")
        .options(KdcOptions::ENC_TKT_IN_SKEY)
        .additional(&alice.ticket);
    both.compare_tgs("user-to-user", &to_alice, &granted);
    both.finish();
}

#[test]
fn refusals_of_tickets_for_tickets_are_mits() {
    require_mit!();
    let both = Both::start();
    let plain = both.tgt("bob", KdcOptions::empty());
    let rich = both.tgt("bob", ALL | KdcOptions::ALLOW_POSTDATE);
    let unknown = ask(&plain).etypes(&[AES256_SHA384]);
    both.compare_tgs("no enctype", &unknown, &[]);
    for service in [
        "host/nowhere",
        "host/locked",
        "host/u2u",
        "host/expired",
        "host/as-only",
    ] {
        both.compare_tgs(service, &ask(&plain).service(service), &[]);
    }
    for (case, option) in [
        ("forwarded", KdcOptions::FORWARDED),
        ("proxy", KdcOptions::PROXY),
        ("postdated", KdcOptions::POSTDATED),
        ("renew", KdcOptions::RENEW),
        ("validate", KdcOptions::VALIDATE),
    ] {
        both.compare_tgs(case, &ask(&plain).service(TGS).options(option), &[]);
    }
    let proxy = ask(&rich).service(TGS).options(KdcOptions::PROXY);
    both.compare_tgs("proxy of a ticket-granting ticket", &proxy, &[]);
    let elsewhere = ask(&rich).options(KdcOptions::FORWARDED);
    both.compare_tgs("forwarded to another", &elsewhere, &[]);
    let to_alice = ask(&plain)
        .service("alice")
        .options(KdcOptions::ENC_TKT_IN_SKEY);
    both.compare_tgs("user-to-user without a ticket", &to_alice, &[]);
    let others = to_alice.additional(&plain.ticket);
    both.compare_tgs("user-to-user with another's", &others, &[]);
    let spoiled = ask(&plain).spoil(|authenticator| authenticator.cname = name("alice"));
    both.compare_tgs("other client", &spoiled, &[]);
    let spoiled = ask(&plain).spoil(|authenticator| authenticator.cksum = None);
    both.compare_tgs("no checksum", &spoiled, &[]);
    let mut other_body = ask(&plain);
    other_body.other_body = true;
    both.compare_tgs("other body", &other_body, &[CHECKSUM]);
    let unchecked = ask(&plain).options(KdcOptions::DISABLE_TRANSITED_CHECK);
    both.compare_tgs("path unchecked", &unchecked, &[PATH]);
    let anonymous = ask(&plain).options(KdcOptions::REQUEST_ANONYMOUS);
    both.compare_tgs("anonymous", &anonymous, &[ANONYMITY]);
    both.finish();
}
