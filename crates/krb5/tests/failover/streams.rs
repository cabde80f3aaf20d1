//! Streams that are established and then break, trickle or say nothing.

use std::time::Duration;

use orthros_krb5::failover::{ConnectionEvent, LARGEST_STREAM_REPLY};
use orthros_testing::virtual_network::{Network, framed, says};

use super::{Preference, REPLY, Tcp, Udp, ask, ask_with, timing};

#[test]
fn an_established_stream_is_given_ten_seconds_before_others_are_asked() {
    let mut network = Network::default().on(1, Tcp, &[(100, ConnectionEvent::Connected)]);
    ask(&mut network, Preference::NoUdp, &["1", "2"]).unwrap_err();
    assert_eq!(network.sent(), ["0 tcp 1", "10.1 tcp 2"]);
}

#[test]
fn a_stream_that_is_not_taken_up_is_given_one_second() {
    let mut network = Network::default().on(
        2,
        Tcp,
        &[(0, ConnectionEvent::Connected), (10, framed(REPLY))],
    );
    let reply = ask(&mut network, Preference::NoUdp, &["1", "2"]);
    assert_eq!(reply, Ok((2, REPLY.to_vec())));
    assert_eq!(network.sent(), ["0 tcp 1", "1 tcp 2"]);
}

#[test]
fn the_time_for_all_of_it_ends_the_patience_with_a_stream() {
    let timing = timing(|timing| timing.total = Some(Duration::from_secs(3)));
    let mut network = Network::default().on(1, Tcp, &[(0, ConnectionEvent::Connected)]);
    ask_with(&mut network, Preference::NoUdp, &["1", "2"], &timing).unwrap_err();
    assert_eq!(network.sent(), ["0 tcp 1"]);
    assert_eq!(network.now(), Duration::from_secs(3));
}

#[test]
fn a_stream_that_ends_within_a_reply_is_left_at_once() {
    let whole = [&4_u32.to_be_bytes(), REPLY].concat();
    for length in 0..whole.len() {
        let mut network = Network::default()
            .on(
                1,
                Tcp,
                &[
                    (0, ConnectionEvent::Connected),
                    (1, says(&whole[..length])),
                    (2, ConnectionEvent::Ended),
                ],
            )
            .on(
                2,
                Tcp,
                &[(0, ConnectionEvent::Connected), (1, framed(REPLY))],
            );
        let reply = ask(&mut network, Preference::NoUdp, &["1", "2"]);
        assert_eq!(reply, Ok((2, REPLY.to_vec())));
        assert_eq!(network.sent(), ["0 tcp 1", "0.002 tcp 2"]);
    }
}

#[test]
fn a_stream_that_trickles_gets_no_second_more_for_it() {
    let announced = says(&1000_u32.to_be_bytes());
    let mut trickle = vec![(0, ConnectionEvent::Connected), (1, announced)];
    trickle.extend((1..60).map(|second| (1000 * second, says(b"\x6b"))));
    let mut network = Network::default().on(1, Tcp, &trickle);
    let lost = ask(&mut network, Preference::NoUdp, &["1", "2"]).unwrap_err();
    assert_eq!(network.sent(), ["0 tcp 1", "10 tcp 2"]);
    // One second for the second stream, then the pauses.
    assert_eq!(network.now(), Duration::from_secs(10 + 1 + 2 + 4 + 8));
    assert_eq!(lost[0], "192.0.2.1:88 (tcp): timed out");
}

#[test]
fn a_stream_that_trickles_may_still_be_the_first_that_is_done() {
    let whole = [&4_u32.to_be_bytes(), REPLY].concat();
    let octets = whole
        .iter()
        .zip(1..)
        .map(|(octet, turn)| (1500 * turn, says(&[*octet])));
    let fate: Vec<_> = [(0, ConnectionEvent::Connected)]
        .into_iter()
        .chain(octets)
        .collect();
    let mut network = Network::default().on(1, Tcp, &fate);
    let reply = ask(&mut network, Preference::NoUdp, &["1", "2", "3"]);
    assert_eq!(reply, Ok((1, REPLY.to_vec())));
    assert_eq!(network.sent(), ["0 tcp 1", "10 tcp 2", "11 tcp 3"]);
    assert_eq!(network.now(), Duration::from_secs(12));
}

#[test]
fn a_reply_in_pieces_is_put_together_and_what_is_behind_it_left() {
    let mut network = Network::default().on(
        1,
        Tcp,
        &[
            (0, ConnectionEvent::Connected),
            (1, says(&[0, 0])),
            (2, says(&[0, 4, 0x6b])),
            (3, says(&[0x02, 0x30, 0x00, 0xff])),
        ],
    );
    let reply = ask(&mut network, Preference::NoUdp, &["1"]);
    assert_eq!(reply, Ok((1, REPLY.to_vec())));
}

#[test]
fn an_announced_reply_above_the_limit_is_left_at_once() {
    let announcing = |length: u32| {
        let fate = [
            (0, ConnectionEvent::Connected),
            (1, says(&length.to_be_bytes())),
        ];
        let mut network = Network::default().on(1, Tcp, &fate);
        let lost = ask(&mut network, Preference::NoUdp, &["1"]).unwrap_err();
        (network.now(), lost[0].clone())
    };
    let (now, line) = announcing(LARGEST_STREAM_REPLY + 1);
    assert_eq!(now, Duration::from_millis(1));
    assert_eq!(
        line,
        "192.0.2.1:88 (tcp): announced a reply of 1048577 octets, above the limit of 1048576"
    );
    let (now, line) = announcing(LARGEST_STREAM_REPLY);
    assert_eq!(now, Duration::from_secs(10 + 2 + 4 + 8));
    assert_eq!(line, "192.0.2.1:88 (tcp): timed out");
}

#[test]
fn a_datagram_may_be_answered_while_a_stream_is_waited_for() {
    let mut network = Network::default().on(1, Udp, &[(5000, says(REPLY))]).on(
        1,
        Tcp,
        &[(0, ConnectionEvent::Connected)],
    );
    let reply = ask(&mut network, Preference::UdpFirst, &["1"]);
    assert_eq!(reply, Ok((1, REPLY.to_vec())));
    assert_eq!(network.now(), Duration::from_secs(5));
}
