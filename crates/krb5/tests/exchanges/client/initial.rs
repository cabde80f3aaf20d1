//! Initial tickets: which KDCs are asked, with what, and under which armor.

use orthros_asn1::{ErrorCode, KrbError};
use orthros_krb5::client::{CacheUpdate, InitialTicketRequest, SecretSource};
use orthros_krb5::{AsRequestOptions, FastArmor, FastUse, KdcRefusalError};
use orthros_types::config::Config;
use orthros_types::{Duration, MinorStatus};

use super::*;

fn request() -> InitialTicketRequest {
    with(SecretSource::Password(SecretVec::from(PASSWORD.as_bytes())))
}

fn with(source: SecretSource) -> InitialTicketRequest {
    InitialTicketRequest::new(Config::default(), options(), source)
}

fn minor<T>(outcome: Outcome<T>) -> MinorStatus {
    outcome.result.map(drop).unwrap_err().minor_status()
}

const ANY: &str = "Any KDC of EXAMPLE.TEST: krbtgt/EXAMPLE.TEST@EXAMPLE.TEST";
const PRIMARY: &str = "Primary KDC of EXAMPLE.TEST: krbtgt/EXAMPLE.TEST@EXAMPLE.TEST";

/// What the KDCs say in turn, what the result is, and who was asked.
#[test]
fn a_primary_kdc_has_the_last_word() {
    let unknown = Some(ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN);
    let revoked = Some(ErrorCode::KDC_ERR_CLIENT_REVOKED);
    let cases: [(_, _, _, &[&str]); 5] = [
        (
            [unknown, revoked],
            false,
            MinorStatus::KRB5KDC_ERR_CLIENT_REVOKED,
            &[ANY, PRIMARY],
        ),
        (
            [unknown, None],
            false,
            MinorStatus::KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN,
            &[ANY, PRIMARY],
        ),
        (
            [unknown, unknown],
            false,
            MinorStatus::KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN,
            &[ANY, PRIMARY],
        ),
        // It is not asked twice.
        (
            [unknown, revoked],
            true,
            MinorStatus::KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN,
            &[ANY],
        ),
        // Where none replies there is no other word.
        (
            [None, revoked],
            false,
            MinorStatus::KRB5_KDC_UNREACH,
            &[ANY],
        ),
    ];
    for (says, all_are_primary, expected, asked) in cases {
        let mut says = says.into_iter();
        let mut script = Script::new(move |_, _| says.next().flatten().map(error));
        script.all_are_primary = all_are_primary;
        let outcome = script.run(request());
        assert_eq!(outcome.needs, asked);
        assert_eq!(minor(outcome), expected);
    }
}

#[test]
fn a_password_is_asked_for_once_also_where_a_primary_kdc_is_asked() {
    let mut kdcs = [Kdc::new(), Kdc::new()];
    let mut refusals = 1;
    let mut script = Script::new(|request, kdcs_asked| {
        let is_primary = kdcs_asked == KdcSelection::Primary;
        let has_proof = as_req(&request.message).0.padata.is_some_and(|padata| {
            let types = padata.iter().map(|element| element.padata_type);
            types
                .into_iter()
                .any(|kind| kind == orthros_asn1::PaDataType::ENC_TIMESTAMP)
        });
        if !is_primary && has_proof && refusals > 0 {
            refusals -= 1;
            return Some(error(ErrorCode::KDC_ERR_PREAUTH_FAILED));
        }
        Some(kdcs[usize::from(is_primary)].answer(&request.message))
    });
    let outcome = script.run(with(SecretSource::Prompt));
    outcome.result.unwrap();
    let password = "password of alice@EXAMPLE.TEST";
    assert_eq!(outcome.needs, [ANY, password, ANY, PRIMARY, PRIMARY]);
}

#[test]
fn a_password_or_keys_that_are_not_to_be_had_end_it() {
    let mut kdc = Kdc::new();
    let mut script = Script::new(|request, _| Some(kdc.answer(&request.message)));
    script.password = None;
    let outcome = script.run(with(SecretSource::Prompt));
    assert_eq!(minor(outcome), MinorStatus::KRB5_LIBOS_CANTREADPWD);

    let mut machine = with(SecretSource::Keys);
    let mut random = SeededRandom::new(1);
    machine.step(Answer::Begin, NOW, &mut random);
    let Progress::Done(done) = machine.step(Answer::NoKeys, NOW, &mut random) else {
        panic!("it goes on");
    };
    let error = done.result.unwrap_err();
    assert_eq!(error.minor_status(), MinorStatus::KRB5_KT_NOTFOUND);
}

#[test]
fn keys_are_asked_for_before_any_kdc() {
    let mut kdc = Kdc::new();
    let mut script = Script::new(|request, _| Some(kdc.answer(&request.message)));
    let outcome = script.run(with(SecretSource::Keys));
    assert_eq!(outcome.needs, ["keys of alice@EXAMPLE.TEST", ANY, ANY]);
    let ticket = outcome.result.unwrap();
    // What a cache begins with, with what MIT notes in addition.
    let contents = CacheUpdate::begin(&ticket, true);
    assert_eq!(contents.principal, alice());
    assert_eq!(contents.credentials.last(), Some(&ticket.credential));
    assert!(contents.kdc_offset.is_some());
    assert_eq!(CacheUpdate::begin(&ticket, false).kdc_offset, None);
}

#[test]
fn a_realm_with_automatic_armor_is_sent_nothing_without_armor() {
    let config = config("[realms]\n EXAMPLE.TEST = {\n  auto_fast_armor = true\n }\n");
    let request = |options: AsRequestOptions| {
        let source = SecretSource::Password(SecretVec::from(PASSWORD.as_bytes()));
        InitialTicketRequest::new(config.clone(), options, source)
    };
    let error = Script::silent().run(request(options())).result.unwrap_err();
    assert_eq!(
        error,
        ClientError::AutomaticArmor {
            realm: REALM.to_owned()
        }
    );
    let mut kdc = FastKdc::new();
    let mut script = Script::new(|request, _| Some(kdc.answer(&request.message)));
    script.run(request(armored())).result.unwrap();
}

fn armored() -> AsRequestOptions {
    let mut options = options();
    options.armor = Some(FastArmor {
        ticket: tgt(),
        usage: FastUse::Required,
        kdc_offset: Duration::ZERO,
    });
    options
}

/// The own KDC says under armor that the client belongs to another realm, whose KDC knows it.
fn referring() -> (FastKdc, FastKdc) {
    let mut elsewhere = FastKdc::new();
    elsewhere.kdc.realm = OTHER;
    (FastKdc::new(), elsewhere)
}

const OTHER: &str = "OTHER.TEST";

#[test]
fn a_client_is_followed_to_another_realm_under_an_armor_for_it() {
    let (mut home, mut elsewhere) = referring();
    let mut script = Script::new(|request, _| {
        let is_as_req = request.message[0] == 0x6A;
        Some(match request.realm.as_slice() {
            b"OTHER.TEST" => elsewhere.answer(&request.message),
            _ if is_as_req => {
                let error = KrbError {
                    crealm: Some(OTHER.into()),
                    ..krb_error(ErrorCode::KDC_ERR_WRONG_REALM, NOW)
                };
                home.refuse(&request.message, error)
            }
            _ => home.answer(&request.message),
        })
    });
    let outcome = script.run(following(armored()).armored_by(snapshot("", &[tgt()])));
    let ticket = outcome.result.unwrap();
    assert_eq!(ticket.credential.client, alice().with_realm(OTHER));
    let there = "Any KDC of OTHER.TEST: krbtgt/OTHER.TEST@OTHER.TEST";
    assert_eq!(
        outcome.needs,
        [
            ANY,
            PRIMARY,
            "Any KDC of EXAMPLE.TEST: krbtgt/OTHER.TEST@EXAMPLE.TEST",
            there,
            there,
            "password of alice@OTHER.TEST",
            there,
        ]
    );
    // The armor's cache learns the way there, and which KDCs answer under armor.
    let learned = added(&outcome.update);
    assert!(
        learned.contains(&"krbtgt/OTHER.TEST@EXAMPLE.TEST".to_owned()),
        "{learned:?}"
    );
    assert!(
        learned.contains(&"krbtgt/OTHER.TEST@OTHER.TEST".to_owned()),
        "{learned:?}"
    );
}

fn following(mut options: AsRequestOptions) -> InitialTicketRequest {
    options.canonicalize = true;
    InitialTicketRequest::new(Config::default(), options, SecretSource::Prompt)
}

#[test]
fn a_client_is_not_followed_without_a_cache_to_get_armor_from() {
    let mut home = FastKdc::new();
    let mut script = Script::new(|request, _| {
        let error = KrbError {
            crealm: Some(OTHER.into()),
            ..krb_error(ErrorCode::KDC_ERR_WRONG_REALM, NOW)
        };
        Some(home.refuse(&request.message, error))
    });
    let error = script.run(following(armored())).result.unwrap_err();
    assert!(
        matches!(error.refusal(), Some(KdcRefusalError::WrongRealm { .. })),
        "{error}"
    );
}
