//! Whole exchanges over KDCs that fail: the configuration, the exchange and the failover together, in virtual time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests: a wrong assumption should stop the test"
)]

use std::sync::{Arc, Mutex};

use orthros_asn1::{
    EncryptionType, ErrorCode, EtypeInfo2, EtypeInfo2Entry, KrbError, Message as _, MethodData,
    PaData, PaDataType,
};
use orthros_host::{Environment, KdcTransport, ManualClock};
use orthros_krb5::crypto::SecretVec;
use orthros_krb5::failover::ConnectionEvent;
use orthros_krb5::failover::Protocol::{Tcp, Udp};
use orthros_krb5::{KdcReply, KdcRequest, KdcSelection, Transport, TransportError};
use orthros_testing::virtual_network::{Network, error_reply, framed, refused, says};
use orthros_types::config::Config;
use orthros_types::{MinorStatus, Principal, Timestamp};

/// A network as a transport.
#[derive(Debug)]
struct VirtualTransport(Mutex<Network>);

impl VirtualTransport {
    fn sent(&self) -> Vec<String> {
        let network = self.0.lock().unwrap();
        network.sent().into_iter().map(str::to_owned).collect()
    }
}

impl KdcTransport for VirtualTransport {
    fn exchange(
        &self,
        config: &Config,
        request: &KdcRequest,
        selection: KdcSelection,
    ) -> Result<KdcReply, TransportError> {
        let mut network = self.0.lock().unwrap();
        network.exchange(config, request, selection)
    }
}

fn refusal(error_code: ErrorCode) -> Vec<u8> {
    error_reply(error_code).encode().unwrap()
}

fn environment(config: &str, network: Network) -> (Environment, Arc<VirtualTransport>) {
    let transport = Arc::new(VirtualTransport(Mutex::new(network)));
    let environment = Environment::builder()
        .config_text("krb5.conf", config)
        .unwrap()
        .transport(transport.clone())
        .clock(Arc::new(ManualClock::at(NOW)))
        .build();
    (environment, transport)
}

/// The reply of a KDC that can't serve.
fn unavailable() -> Vec<u8> {
    refusal(ErrorCode::KDC_ERR_SVC_UNAVAILABLE)
}

/// The error that asking for a first ticket ends with, and what was sent.
fn acquire(config: &str, network: Network) -> (MinorStatus, Vec<String>) {
    let (environment, transport) = environment(config, network);
    let client = Principal::parse("alice@R", None).unwrap();
    let options = environment.initial_options(client).unwrap();
    let password = SecretVec::from(&b"secret"[..]);
    let error = environment
        .acquire_with_password(options, password)
        .unwrap_err();
    (error.minor_status(), transport.sent())
}

/// What a KDC says that wants an encrypted timestamp.
fn preauth_required() -> Vec<u8> {
    let etype_info: EtypeInfo2 = vec![EtypeInfo2Entry {
        etype: EncryptionType(18),
        salt: None,
        s2kparams: None,
    }];
    let element = |padata_type, value: Vec<u8>| PaData {
        padata_type,
        padata_value: value.into(),
    };
    let methods: MethodData = vec![
        element(PaDataType::ENC_TIMESTAMP, Vec::new()),
        element(PaDataType::ETYPE_INFO2, etype_info.encode().unwrap()),
    ];
    let error = KrbError {
        e_data: Some(methods.encode().unwrap().into()),
        ..error_reply(ErrorCode::KDC_ERR_PREAUTH_REQUIRED)
    };
    error.encode().unwrap()
}

#[test]
fn an_answer_too_big_for_a_datagram_is_asked_for_by_stream_and_no_other_datagram_is_sent() {
    let too_big = refusal(ErrorCode::KRB_ERR_RESPONSE_TOO_BIG);
    let unknown = refusal(ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN);
    let network = Network::default().on(1, Udp, &[(10, says(&too_big))]).on(
        2,
        Tcp,
        &[(0, ConnectionEvent::Connected), (10, framed(&unknown))],
    );
    let (status, sent) = acquire(TWO_KDCS, network);
    assert_eq!(status, MinorStatus::KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN);
    assert_eq!(sent, ["0 udp 1", "0.01 tcp 1", "1.01 tcp 2"]);
}

#[test]
fn a_request_above_the_preference_limit_goes_by_stream_first() {
    let config = format!("[libdefaults]\n udp_preference_limit = 1\n{TWO_KDCS}");
    let unknown = refusal(ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN);
    let network = Network::default()
        .on(1, Tcp, &[(5, refused())])
        .on(2, Tcp, &[(5, refused())])
        .on(1, Udp, &[(5, says(&unknown))]);
    let (status, sent) = acquire(&config, network);
    assert_eq!(status, MinorStatus::KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN);
    assert_eq!(sent, ["0 tcp 1", "0.005 tcp 2", "0.01 udp 1"]);
}

#[test]
fn a_realm_whose_kdcs_are_all_silent_is_out_of_reach_after_mits_time() {
    let (status, sent) = acquire(TWO_KDCS, Network::default());
    assert_eq!(status, MinorStatus::KRB5_KDC_UNREACH);
    assert_eq!(sent.last().unwrap(), "13 udp 2");
}

#[test]
fn a_realm_whose_kdcs_are_all_unavailable_says_so() {
    let says_so = [(5, says(&unavailable()))];
    let framed_so = [(0, ConnectionEvent::Connected), (5, framed(&unavailable()))];
    let network = Network::default()
        .on(1, Udp, &says_so)
        .on(2, Udp, &says_so)
        .on(1, Tcp, &framed_so)
        .on(2, Tcp, &framed_so);
    let (status, sent) = acquire(TWO_KDCS, network);
    assert_eq!(status, MinorStatus::KRB5KDC_ERR_SVC_UNAVAILABLE);
    assert_eq!(
        sent,
        ["0 udp 1", "0.005 udp 2", "0.01 tcp 1", "0.015 tcp 2"]
    );
}

#[test]
fn request_timeout_ends_the_wait_for_silent_kdcs() {
    let config = format!("[libdefaults]\n request_timeout = 3s\n{TWO_KDCS}");
    let (status, sent) = acquire(&config, Network::default());
    assert_eq!(status, MinorStatus::KRB5_KDC_UNREACH);
    assert_eq!(sent, ["0 udp 1", "1 udp 2", "2 tcp 1"]);
}

#[test]
fn a_password_that_a_replica_refuses_is_shown_to_the_primary_kdc() {
    let wrong = refusal(ErrorCode::KDC_ERR_PREAUTH_FAILED);
    let revoked = refusal(ErrorCode::KDC_ERR_CLIENT_REVOKED);
    let network = Network::default()
        .on(1, Udp, &[(10, says(&preauth_required()))])
        .on(1, Udp, &[(10, says(&wrong))])
        .on(3, Udp, &[(10, says(&preauth_required()))])
        .on(3, Udp, &[(10, says(&revoked))]);
    let (status, sent) = acquire(WITH_PRIMARY, network);
    assert_eq!(status, MinorStatus::KRB5KDC_ERR_CLIENT_REVOKED);
    assert_eq!(sent, ["0 udp 1", "0.01 udp 1", "0.02 udp 3", "0.03 udp 3"]);
}

#[test]
fn a_refusal_stands_where_the_primary_kdc_is_silent() {
    let unknown = refusal(ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN);
    let network = Network::default().on(1, Udp, &[(0, says(&unknown))]);
    let (status, sent) = acquire(WITH_PRIMARY, network);
    assert_eq!(status, MinorStatus::KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN);
    assert_eq!(
        sent,
        ["0 udp 1", "0 udp 3", "1 tcp 3", "4 udp 3", "9 udp 3"]
    );
}

#[test]
fn what_the_primary_kdc_has_refused_among_others_it_is_not_asked_again() {
    let unknown = refusal(ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN);
    let config =
        "[realms]\n R = {\n kdc = 192.0.2.1\n kdc = 192.0.2.3\n primary_kdc = 192.0.2.3\n }\n";
    let network = Network::default().on(3, Udp, &[(0, says(&unknown))]);
    let (status, sent) = acquire(config, network);
    assert_eq!(status, MinorStatus::KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN);
    assert_eq!(sent, ["0 udp 1", "1 udp 3"]);
}

/// What becomes of a request to change a password.
fn change(network: Network) -> (Result<Vec<u8>, String>, Vec<String>) {
    let request = KdcRequest {
        realm: b"R".to_vec(),
        message: vec![7; 100],
        transport: Transport::Datagram,
    };
    let config = "[realms]\n R = {\n kdc = 192.0.2.9\n kpasswd_server = 192.0.2.1\n kpasswd_server = 192.0.2.2\n }\n";
    let (environment, transport) = environment(config, network);
    let answer = transport.exchange(environment.config(), &request, KdcSelection::Password);
    let answer = answer
        .map(|answer| answer.message)
        .map_err(|error| error.to_string());
    (answer, transport.sent())
}

#[test]
fn a_password_change_goes_by_stream_to_who_changes_passwords() {
    let network = Network::default().on(
        1,
        Tcp,
        &[
            (0, ConnectionEvent::Connected),
            (10, framed(PASSWORD_REPLY)),
        ],
    );
    let (answer, sent) = change(network);
    assert_eq!(answer.unwrap(), PASSWORD_REPLY);
    assert_eq!(sent, ["0 tcp 1"]);
}

/// A datagram that is sent again would be a replay there.
#[test]
fn a_password_change_goes_by_datagram_only_once_all_streams_have_failed() {
    let network =
        Network::default()
            .on(1, Tcp, &[(5, refused())])
            .on(2, Udp, &[(5, says(PASSWORD_REPLY))]);
    let (answer, sent) = change(network);
    assert_eq!(answer.unwrap(), PASSWORD_REPLY);
    // The second stream has its second and the pauses of three passes.
    assert_eq!(
        sent,
        ["0 tcp 1", "0.005 tcp 2", "15.005 udp 1", "16.005 udp 2"]
    );
}

#[test]
fn a_password_change_that_nobody_answers_names_every_way_once() {
    let (answer, _) = change(Network::default());
    assert_eq!(
        answer.unwrap_err(),
        "cannot contact any KDC for realm R: 192.0.2.1:464 (tcp): timed out; 192.0.2.2:464 (tcp): timed out; \
         192.0.2.1:464 (udp): timed out; 192.0.2.2:464 (udp): timed out"
    );
}

const TWO_KDCS: &str = "[realms]\n R = {\n kdc = 192.0.2.1\n kdc = 192.0.2.2\n }\n";
const WITH_PRIMARY: &str = "[realms]\n R = {\n kdc = 192.0.2.1\n primary_kdc = 192.0.2.3\n }\n";
/// The shortest answer that has its length and version in front.
const PASSWORD_REPLY: &[u8] = &[0, 6, 0, 1, 0, 0];
const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);
