//! What is taken for a reply.

use std::time::Duration;

use orthros_asn1::{ErrorCode, Message as _};
use orthros_krb5::failover::{FailoverStep, KdcFailover, Timing};
use orthros_krb5::{AttemptOutcome, KdcSelection, Transport, TransportError};
use orthros_testing::virtual_network::{error_reply, says};

use super::{Udp, config, request, servers, unavailable};

/// Whether a datagram is a reply, or how the attempt has ended with it.
fn validity(selection: KdcSelection, message: &[u8]) -> Result<(), AttemptOutcome> {
    let (config, servers, timing) = (config(""), servers(&["kdc"], &[Udp]), Timing::default());
    let request = request(Transport::Datagram);
    // Password changes begin by stream, which this server does not have: they start over by datagram.
    let mut failover = KdcFailover::new(&config, &request, selection, &servers, &timing).unwrap();
    let mut now = Duration::ZERO;
    let connection = loop {
        match failover.next(now) {
            FailoverStep::Resolve(_) => failover.resolved(Ok(vec![([192, 0, 2, 1], 88).into()])),
            FailoverStep::Send { connection, .. } => break connection,
            FailoverStep::Wait { until } => now = until,
            FailoverStep::GiveUp => panic!("nothing was sent"),
        }
    };
    failover.sent(connection, Ok(()), now);
    if failover.handle(connection, says(message), now).is_some() {
        return Ok(());
    }
    match failover.into_error() {
        TransportError::Unreachable { mut attempts, .. } => Err(attempts.remove(0).outcome),
        error => panic!("{error}"),
    }
}

fn kdc_reply(message: &[u8]) -> Result<(), AttemptOutcome> {
    validity(KdcSelection::Any, message)
}

fn password_reply(message: &[u8]) -> Result<(), AttemptOutcome> {
    validity(KdcSelection::Password, message)
}

#[test]
fn only_an_unavailable_kdc_is_no_answer() {
    assert_eq!(kdc_reply(&unavailable()), Err(AttemptOutcome::Unavailable));
    let unknown = error_reply(ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN);
    assert_eq!(kdc_reply(&unknown.encode().unwrap()), Ok(()));
}

#[test]
fn replies_to_password_changes_have_their_length_and_version_in_front() {
    for message in [&[0, 6, 0, 1, 0, 0][..], &[0, 7, 0xff, 0x80, 0, 0, 1]] {
        assert_eq!(password_reply(message), Ok(()));
    }
    for message in [
        &[][..],
        &[0, 7, 0, 1, 0, 0],
        &[0, 6, 0, 2, 0, 0],
        &[0x6b, 0x02, 0x30, 0x00],
    ] {
        assert_eq!(
            password_reply(message),
            Err(AttemptOutcome::Malformed),
            "{message:02x?}"
        );
    }
    assert_eq!(
        password_reply(&unavailable()),
        Err(AttemptOutcome::Unavailable)
    );
}

#[test]
fn outlines() {
    assert_eq!(kdc_reply(&[0x6b, 0x02, 0x30, 0x00]), Ok(()));
    let long = [&[0x6d, 0x81, 0x80, 0x30, 0x7e], &[0; 0x7e][..]].concat();
    assert_eq!(kdc_reply(&long), Ok(()));
}

#[test]
fn no_outlines() {
    for message in [
        &[][..],
        &[0x6b],
        &[0x6b, 0x02, 0x30],
        &[0x6b, 0x02, 0x30, 0x00, 0x00],
        &[0x6b, 0x80, 0x00, 0x00],
        &[0x6d, 0x81, 0x02, 0x30, 0x00],
        &[0x7e, 0x82, 0x00, 0x02, 0x30, 0x00],
        &[0x6b, 0x85, 0, 0, 0, 0, 0],
        &[0x6b, 0x82, 0x00],
        &[0x6e, 0x02, 0x30, 0x00],
        b"HTTP/1.0 400 Bad Request\r\n\r\n",
    ] {
        assert_eq!(
            kdc_reply(message),
            Err(AttemptOutcome::Malformed),
            "{message:02x?}"
        );
    }
}
