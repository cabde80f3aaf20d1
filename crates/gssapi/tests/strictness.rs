//! Where an acceptor is stricter than MIT krb5's by default.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests: a wrong assumption should stop the test"
)]

use orthros::{
    AcceptContext, ContextFlags, Environment, Error, MajorStatus, SecurityContext, Step,
};
use orthros_asn1::gss::InitialContextToken;
use orthros_asn1::{
    AdType, ApReq, Authenticator, AuthorizationDataEntry, EncryptedData, Message as _, Octets,
};
use orthros_krb5::ap::{InitiatorOptions, initiate};
use orthros_krb5::crypto::{Enctype, KeyUsage};
use orthros_testing::random::SeededRandom;
use orthros_testing::virtual_environment::environment;
use orthros_testing::virtual_realm::VirtualRealm;
use orthros_types::{Credential, Principal};

const ENCTYPE: Enctype = Enctype::AES256_CTS_HMAC_SHA384_192;

struct World {
    realm: VirtualRealm,
    environment: Environment,
    _directory: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let realm = VirtualRealm::new(ENCTYPE);
        Self {
            environment: environment(&realm, directory.path()),
            _directory: directory,
            realm,
        }
    }

    /// A first token that shows `ticket`, and delegates these.
    fn token(&self, ticket: &Credential, delegation: &[Credential]) -> Vec<u8> {
        let options = InitiatorOptions {
            delegation,
            ..InitiatorOptions::default()
        };
        let random = &mut SeededRandom::new(7);
        initiate(ticket, &options, self.realm.now(), random)
            .unwrap()
            .token
    }

    fn accept(&self, token: &[u8], without_checksum: bool) -> Result<SecurityContext, Error> {
        let acceptor = AcceptContext::builder()
            .environment(&self.environment)
            .allow_missing_gss_checksum(without_checksum);
        match acceptor.build().unwrap().step(token)? {
            Step::Done { context, .. } => Ok(context),
            Step::Continue(_) => panic!("there is only one token"),
        }
    }
}

/// The token with its authenticator changed by the client, who knows the session key.
fn with_authenticator(
    ticket: &Credential,
    token: &[u8],
    change: impl FnOnce(&mut Authenticator),
) -> Vec<u8> {
    let framing = InitialContextToken::decode(token).unwrap();
    let (token_id, message) = framing.inner.split_first_chunk::<2>().unwrap();
    let mut request = ApReq::decode(message).unwrap();
    let key = ticket.session_key.key().unwrap();
    let usage = KeyUsage::AP_REQ_AUTHENTICATOR;
    let sealed = key.decrypt(usage, &request.authenticator.cipher).unwrap();
    let mut authenticator = Authenticator::decode(&sealed).unwrap();
    change(&mut authenticator);
    let plaintext = authenticator.encode().unwrap();
    let cipher = key.encrypt(usage, &plaintext, &mut SeededRandom::new(8));
    request.authenticator = EncryptedData {
        cipher: Octets(cipher.unwrap()),
        ..request.authenticator
    };
    let inner = [&token_id[..], &request.encode().unwrap()].concat();
    let mechanism = framing.mechanism;
    InitialContextToken {
        mechanism,
        inner: &inner,
    }
    .encode()
}

#[test]
fn an_ap_req_without_the_gss_checksum_is_refused_unless_the_builder_allows_it() {
    let world = World::new();
    let ticket = world.realm.service_ticket();
    let token = with_authenticator(&ticket, &world.token(&ticket, &[]), |authenticator| {
        authenticator.cksum = None;
    });
    let error = world.accept(&token, false).unwrap_err();
    assert_eq!(error.major(), MajorStatus::FAILURE);
    let context = world.accept(&token, true).unwrap();
    assert_eq!(context.initiator_name().to_string(), "alice@ORTHROS.TEST");
    assert!(!context.integrity_negotiated());
}

#[test]
fn a_delegated_ticket_of_another_client_is_an_error_and_the_context_stands() {
    let world = World::new();
    let ticket = world.realm.service_ticket();
    let mut admin = ticket.clone();
    admin.client = Principal::new("ORTHROS.TEST", ["admin"]);
    let token = world.token(&ticket, &[ticket.clone(), admin]);
    let context = world.accept(&token, false).unwrap();
    assert!(!context.flags().contains(ContextFlags::DELEG));
    let error = context.delegated_cred().unwrap_err();
    assert_eq!(error.major(), MajorStatus::UNAUTHORIZED);
    assert!(error.to_string().contains("admin@ORTHROS.TEST"), "{error}");
}

#[test]
fn critical_authorization_data_that_is_not_known_is_unauthorized() {
    let world = World::new();
    let ticket = world.realm.service_ticket_with(|part| {
        part.authorization_data = Some(vec![AuthorizationDataEntry {
            ad_type: AdType(-7),
            ad_data: Octets(b"only on weekdays".to_vec()),
        }]);
    });
    let error = world.accept(&world.token(&ticket, &[]), false).unwrap_err();
    assert_eq!(error.major(), MajorStatus::UNAUTHORIZED);
}
