//! The same requests to MIT's KDC and to ours, which hold the same principals and keys. What their replies say is compared field by
//! field, without what is random; each difference that there is has its reason beside it.

mod both;
mod seen;

use orthros_asn1::{EncryptionType, HostAddress, KdcOptions, KerberosTime, PaDataType};
use orthros_krb5::{AddressType, NameType};
use orthros_testing::require_mit;

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

#[test]
fn initial_tickets_and_refusals_are_mits() {
    require_mit!();
    let both = Both::start();
    let now = both.now();
    let at = |seconds| KerberosTime::from_seconds(now.seconds() + seconds).unwrap();
    let bob = || AsAsk {
        till: at(10 * HOUR),
        ..AsAsk::bare("bob")
    };
    let alice = || AsAsk {
        till: at(10 * HOUR),
        ..AsAsk::bare("alice")
    };
    let proved = |client: &str| {
        let key = both.world.entry(client).keys[0].key.clone();
        AsAsk {
            till: at(10 * HOUR),
            ..AsAsk::bare(client).with_timestamp(&key, now)
        }
    };
    let with = |mut ask: AsAsk, change: &dyn Fn(&mut AsAsk)| {
        change(&mut ask);
        ask
    };
    let granted = [ENC_PA_REP, PAC, VERSION];
    both.compare_as("preauth required", &alice(), &[WAYS]);
    both.compare_as(
        "preauth required, other order",
        &alice().etypes(&[AES128, AES256]),
        &[WAYS],
    );
    both.compare_as("preauth given", &proved("alice"), &granted);
    both.compare_as("no preauth", &bob(), &granted);
    both.compare_as("second enctype", &bob().etypes(&[AES128]), &granted);
    both.compare_as(
        "wrong password",
        &alice().with_timestamp(&random_key(AES256, 3), now),
        &[WAYS],
    );
    both.compare_as("no enctype", &bob().etypes(&[]), &[]);
    both.compare_as("enctype of no key", &bob().etypes(&[AES256_SHA384]), &[]);
    both.compare_as(
        "unknown enctype",
        &with(bob(), &|ask| ask.etypes = vec![EncryptionType(4711)]),
        &[],
    );
    both.compare_as("unknown client", &AsAsk::bare("mallory"), &[]);
    both.compare_as("unknown service", &bob().service("host/nowhere"), &[]);
    both.compare_as("no client", &with(bob(), &|ask| ask.client = None), &[]);
    both.compare_as(
        "no service",
        &with(bob(), &|ask| ask.service = None),
        &[NO_SERVICE],
    );
    for client in ["locked", "expired", "stale", "must-change"] {
        both.compare_as(client, &proved(client), &[]);
    }
    for service in ["host/locked", "host/u2u", "host/expired"] {
        both.compare_as(service, &bob().service(service), &[]);
    }
    for (case, option) in [
        ("forwardable", KdcOptions::FORWARDABLE),
        ("proxiable", KdcOptions::PROXIABLE),
        ("may-postdate", KdcOptions::ALLOW_POSTDATE),
        ("renewable", KdcOptions::RENEWABLE),
        ("canonicalize", KdcOptions::CANONICALIZE),
    ] {
        both.compare_as(case, &bob().options(option), &granted);
    }
    for (case, option) in [
        ("forwarded", KdcOptions::FORWARDED),
        ("proxy", KdcOptions::PROXY),
        ("renew", KdcOptions::RENEW),
        ("validate", KdcOptions::VALIDATE),
        ("u2u", KdcOptions::ENC_TKT_IN_SKEY),
        ("delegate", KdcOptions::CNAME_IN_ADDL_TKT),
        ("anonymous", KdcOptions::REQUEST_ANONYMOUS),
    ] {
        both.compare_as(case, &bob().options(option), &[]);
    }
    both.compare_as(
        "longest life",
        &with(bob(), &|ask| ask.till = KerberosTime::EPOCH),
        &granted,
    );
    both.compare_as(
        "renewable-ok",
        &with(bob().options(KdcOptions::RENEWABLE_OK), &|ask| {
            ask.till = at(3 * DAY);
        }),
        &granted,
    );
    both.compare_as(
        "end in the past",
        &with(bob(), &|ask| ask.till = at(-HOUR)),
        &[PAST],
    );
    both.compare_as(
        "postdated",
        &with(bob().options(KdcOptions::POSTDATED), &|ask| {
            ask.from = Some(at(HOUR));
        }),
        &granted,
    );
    both.compare_as(
        "addresses",
        &with(bob(), &|ask| {
            ask.addresses = Some(vec![HostAddress {
                addr_type: AddressType::IPV4,
                address: [127, 0, 0, 1].as_slice().into(),
            }]);
        }),
        &granted,
    );
    both.compare_as("service ticket", &bob().service("host/a"), &granted);
    let proof = padata(PaDataType::REQ_ENC_PA_REP, b"");
    both.compare_as(
        "proof of the request",
        &proved("alice").padata(proof),
        &[PAC, VERSION],
    );
    both.compare_as(
        "other name type",
        &with(bob(), &|ask| {
            ask.client = Some(typed_name("bob", NameType::UNKNOWN));
        }),
        &granted,
    );
    both.finish();
}

#[test]
fn tickets_for_tickets_and_refusals_are_mits() {
    require_mit!();
    let both = Both::start();
    let all = KdcOptions::FORWARDABLE | KdcOptions::PROXIABLE | KdcOptions::RENEWABLE;
    let tgt = |client: &str, options| -> Held {
        let key = both.world.entry(client).keys[0].key.clone();
        let ask = AsAsk::bare(client).with_timestamp(&key, both.now());
        let ask = AsAsk {
            till: KerberosTime::EPOCH,
            ..ask.options(options)
        };
        ask.granted(&both.world).into()
    };
    let plain = tgt("bob", KdcOptions::empty());
    let rich = tgt("bob", all | KdcOptions::ALLOW_POSTDATE);
    let ask = |held: &Held| TgsAsk::new(held).service("host/a");
    let granted = [ENC_PA_REP];
    both.compare_tgs("plain", &ask(&plain), &granted);
    both.compare_tgs("flags not had", &ask(&plain).options(all), &granted);
    both.compare_tgs("flags had", &ask(&rich).options(all), &granted);
    both.compare_tgs("other enctype", &ask(&plain).etypes(&[AES128]), &granted);
    both.compare_tgs("no enctype", &ask(&plain).etypes(&[AES256_SHA384]), &[]);
    let mut keyless = ask(&plain);
    keyless.subkey = None;
    both.compare_tgs("no subkey", &keyless, &granted);
    both.compare_tgs(
        "ok as delegate",
        &ask(&plain).service("host/trusted"),
        &granted,
    );
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
        let ask = ask(&plain).service("krbtgt/ORTHROS.TEST").options(option);
        both.compare_tgs(case, &ask, &[]);
    }
    let again = |option| ask(&rich).service("krbtgt/ORTHROS.TEST").options(option);
    both.compare_tgs("forwarded, had", &again(KdcOptions::FORWARDED), &granted);
    both.compare_tgs(
        "renew, had",
        &again(KdcOptions::RENEW),
        &[RENEWED, RENEWED_LIFE],
    );
    both.compare_tgs("proxy of a tgt", &again(KdcOptions::PROXY), &[]);
    both.compare_tgs(
        "forwarded to another",
        &ask(&rich).options(KdcOptions::FORWARDED),
        &[],
    );
    let user_to_user = |service: &str| {
        ask(&plain)
            .service(service)
            .options(KdcOptions::ENC_TKT_IN_SKEY)
    };
    both.compare_tgs("u2u without a ticket", &user_to_user("alice"), &[]);
    let alice = tgt("alice", KdcOptions::empty());
    both.compare_tgs(
        "u2u",
        &user_to_user("alice").additional(&alice.ticket),
        &granted,
    );
    both.compare_tgs(
        "u2u, another's",
        &user_to_user("alice").additional(&plain.ticket),
        &[],
    );
    both.compare_tgs(
        "other client",
        &ask(&plain).spoil(|proof| proof.cname = name("alice")),
        &[],
    );
    both.compare_tgs(
        "no checksum",
        &ask(&plain).spoil(|proof| proof.cksum = None),
        &[],
    );
    let mut other_body = ask(&plain);
    other_body.other_body = true;
    both.compare_tgs("other body", &other_body, &[CHECKSUM]);
    both.compare_tgs(
        "path unchecked",
        &ask(&plain).options(KdcOptions::DISABLE_TRANSITED_CHECK),
        &[PATH],
    );
    both.compare_tgs(
        "anonymous",
        &ask(&plain).options(KdcOptions::REQUEST_ANONYMOUS),
        &[ANONYMITY],
    );
    both.finish();
}
