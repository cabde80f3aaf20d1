//! Which KDC a request goes to, when, and which may still reply.

use std::time::Duration;

use orthros_krb5::failover::{ConnectionEvent, KdcFailover, Timing};
use orthros_krb5::locate::{KdcLocator, LocateStep};
use orthros_krb5::{KdcSelection, Transport};
use orthros_testing::virtual_network::{Network, framed, refused, says};

use super::{Preference, REPLY, Tcp, Udp, ask, ask_with, config, request, timing, unavailable};

#[test]
fn silent_kdcs_are_asked_in_mits_order_with_mits_patience() {
    let mut network = Network::default();
    let lost = ask(&mut network, Preference::UdpFirst, &["1", "2"]).unwrap_err();
    assert_eq!(
        network.sent(),
        [
            "0 udp 1", "1 udp 2", "2 tcp 1", "3 tcp 2", // and two seconds more
            "6 udp 1", "7 udp 2", // and four
            "12 udp 1", "13 udp 2", // and eight
        ]
    );
    assert_eq!(network.now(), Duration::from_secs(22));
    assert_eq!(
        lost,
        [
            "192.0.2.1:88 (udp): timed out",
            "192.0.2.1:88 (tcp): timed out",
            "192.0.2.2:88 (udp): timed out",
            "192.0.2.2:88 (tcp): timed out",
        ]
    );
}

#[test]
fn silence_lasts_as_long_as_mits_formula_says() {
    for count in 1..=6_u64 {
        let hosts = ["1", "2", "3", "4", "5", "6"];
        let hosts = &hosts[..usize::try_from(count).unwrap()];
        for (preference, datagrams, streams) in [
            (Preference::UdpFirst, count, count),
            (Preference::UdpLast, count, count),
            (Preference::NoUdp, 0, count),
            (Preference::OnlyUdp, count, 0),
        ] {
            let mut network = Network::default();
            ask(&mut network, preference, hosts).unwrap_err();
            let seconds = 3 * datagrams + streams + 14;
            assert_eq!(
                network.now(),
                Duration::from_secs(seconds),
                "{preference:?}"
            );
        }
    }
}

#[test]
fn a_long_message_goes_by_stream_to_all_before_it_goes_by_datagram() {
    let mut network = Network::default();
    ask(&mut network, Preference::UdpLast, &["1", "2"]).unwrap_err();
    assert_eq!(
        network.sent()[..4],
        ["0 tcp 1", "1 tcp 2", "2 udp 1", "3 udp 2"]
    );
}

#[test]
fn what_does_not_fit_in_a_datagram_goes_in_none() {
    let mut network = Network::default();
    ask(&mut network, Preference::NoUdp, &["1", "2"]).unwrap_err();
    assert_eq!(network.sent(), ["0 tcp 1", "1 tcp 2"]);
}

#[test]
fn all_addresses_of_a_name_come_before_the_next_name_and_each_once() {
    let mut network = Network::default();
    ask(&mut network, Preference::UdpFirst, &["121", "3"]).unwrap_err();
    assert_eq!(
        network.sent()[..6],
        [
            "0 udp 1", "1 udp 2", "2 udp 3", "3 tcp 1", "4 tcp 2", "5 tcp 3"
        ]
    );
}

#[test]
fn a_first_kdc_that_is_silent_costs_one_second() {
    let mut network = Network::default().on(2, Udp, &[(20, says(REPLY))]);
    let reply = ask(&mut network, Preference::UdpFirst, &["1", "2", "3"]);
    assert_eq!(reply, Ok((2, REPLY.to_vec())));
    assert_eq!(network.sent(), ["0 udp 1", "1 udp 2"]);
    assert_eq!(network.now(), Duration::from_millis(1020));
}

#[test]
fn a_first_kdc_that_refuses_costs_no_second() {
    let mut network =
        Network::default()
            .on(1, Udp, &[(5, refused())])
            .on(2, Udp, &[(20, says(REPLY))]);
    let reply = ask(&mut network, Preference::UdpFirst, &["1", "2"]);
    assert_eq!(reply, Ok((2, REPLY.to_vec())));
    assert_eq!(network.sent(), ["0 udp 1", "0.005 udp 2"]);
}

#[test]
fn a_refusal_does_not_cut_the_time_of_a_kdc_that_has_not_answered() {
    let mut network = Network::default().on(2, Udp, &[(5, refused())]);
    ask(&mut network, Preference::UdpFirst, &["1", "2"]).unwrap_err();
    assert_eq!(network.sent()[..3], ["0 udp 1", "1 udp 2", "2 tcp 1"]);
}

#[test]
fn kdcs_that_all_refuse_end_the_search_at_once() {
    let refused = [(5, refused())];
    let mut network = Network::default()
        .on(1, Udp, &refused)
        .on(1, Tcp, &refused)
        .on(2, Udp, &refused)
        .on(2, Tcp, &refused);
    let lost = ask(&mut network, Preference::UdpFirst, &["1", "2"]).unwrap_err();
    assert_eq!(network.now(), Duration::from_millis(20));
    assert_eq!(lost.len(), 4);
    assert!(lost.iter().all(|line| line.contains("refused")), "{lost:?}");
}

#[test]
fn a_late_answer_of_an_earlier_kdc_is_the_answer() {
    let mut network =
        Network::default()
            .on(1, Udp, &[(2500, says(REPLY))])
            .on(3, Udp, &[(900, says(REPLY))]);
    let reply = ask(&mut network, Preference::UdpFirst, &["1", "2", "3"]);
    assert_eq!(reply, Ok((1, REPLY.to_vec())));
    assert_eq!(network.sent(), ["0 udp 1", "1 udp 2", "2 udp 3"]);
}

#[test]
fn a_datagram_that_was_lost_is_sent_again_in_the_next_pass() {
    let mut network = Network::default()
        .on(1, Udp, &[])
        .on(1, Udp, &[(10, says(REPLY))]);
    let reply = ask(&mut network, Preference::UdpFirst, &["1"]);
    assert_eq!(reply, Ok((1, REPLY.to_vec())));
    assert_eq!(network.sent(), ["0 udp 1", "1 tcp 1", "4 udp 1"]);
}

#[test]
fn a_datagram_that_can_not_be_repeated_may_still_be_answered() {
    let mut network = Network::default()
        .on(1, Udp, &[(4500, says(REPLY))])
        .unsendable(1, Udp);
    let reply = ask(&mut network, Preference::UdpFirst, &["1"]);
    assert_eq!(reply, Ok((1, REPLY.to_vec())));
    assert_eq!(network.sent(), ["0 udp 1", "1 tcp 1", "4 udp 1"]);
}

#[test]
fn an_address_out_of_reach_costs_no_second() {
    let mut network = Network::default()
        .unsendable(1, Udp)
        .on(2, Udp, &[(0, says(REPLY))]);
    let reply = ask(&mut network, Preference::UdpFirst, &["1", "2"]);
    assert_eq!(reply, Ok((2, REPLY.to_vec())));
    assert_eq!(network.sent(), ["0 udp 1", "0 udp 2"]);
}

#[test]
fn an_unavailable_kdc_is_left_for_the_next_at_once() {
    let unavailable = unavailable();
    let mut network = Network::default()
        .on(1, Udp, &[(5, says(&unavailable))])
        .on(2, Udp, &[(5, says(REPLY))]);
    let reply = ask(&mut network, Preference::UdpFirst, &["1", "2"]);
    assert_eq!(reply, Ok((2, REPLY.to_vec())));
    assert_eq!(network.sent(), ["0 udp 1", "0.005 udp 2"]);
}

#[test]
fn an_unavailable_kdc_is_asked_once_by_each_protocol() {
    let unavailable = unavailable();
    let mut network = Network::default()
        .on(1, Udp, &[(5, says(&unavailable))])
        .on(
            1,
            Tcp,
            &[(0, ConnectionEvent::Connected), (5, framed(&unavailable))],
        );
    let lost = ask(&mut network, Preference::UdpFirst, &["1"]).unwrap_err();
    assert_eq!(network.sent(), ["0 udp 1", "0.005 tcp 1"]);
    assert_eq!(
        lost,
        [
            "192.0.2.1:88 (udp): said that it is unavailable",
            "192.0.2.1:88 (tcp): said that it is unavailable",
        ]
    );
}

#[test]
fn garbage_closes_its_socket_and_no_other() {
    let mut network = Network::default().on(1, Udp, &[(1500, says(REPLY))]).on(
        2,
        Udp,
        &[(100, says(b"garbage")), (200, says(REPLY))],
    );
    let reply = ask(&mut network, Preference::UdpFirst, &["1", "2"]);
    assert_eq!(reply, Ok((1, REPLY.to_vec())));
    assert_eq!(network.now(), Duration::from_millis(1500));
}

#[test]
fn the_time_for_all_of_it_ends_the_search_wherever_it_is() {
    let timing = timing(|timing| timing.total = Some(Duration::from_millis(2500)));
    let mut network = Network::default().on(1, Udp, &[(2501, says(REPLY))]);
    let hosts = ["1", "2", "3", "4"];
    ask_with(&mut network, Preference::UdpFirst, &hosts, &timing).unwrap_err();
    assert_eq!(network.sent(), ["0 udp 1", "1 udp 2", "2 udp 3"]);
    assert_eq!(network.now(), Duration::from_millis(2500));
}

#[test]
fn as_many_passes_are_made_as_are_wanted_and_the_pause_behind_each_doubles() {
    let timing = timing(|timing| timing.passes = 5);
    let mut network = Network::default();
    ask_with(&mut network, Preference::OnlyUdp, &["1"], &timing).unwrap_err();
    assert_eq!(
        network.sent(),
        ["0 udp 1", "3 udp 1", "8 udp 1", "17 udp 1", "34 udp 1"]
    );
    assert_eq!(network.now(), Duration::from_secs(34 + 1 + 32));
}

/// As with MIT, release 1.23: a path is asked when it is its turn, whatever protocol is preferred, and once.
#[test]
fn a_socket_of_this_host_is_a_stream_among_others() {
    let text = "[realms]\n R = {\n  kdc = 192.0.2.1\n  kdc = /run/kdc2\n }\n";
    for (transport, expected) in [
        (
            Transport::Datagram,
            &["0 udp 1", "1 unix 50", "2 tcp 1", "5 udp 1", "10 udp 1"][..],
        ),
        (Transport::Stream, &["0 tcp 1", "1 unix 50"]),
    ] {
        let mut network = Network::default();
        let (config, request) = (config(text), request(transport));
        let found = KdcLocator::new(b"R", KdcSelection::Any).step(&config);
        let Ok(LocateStep::Found(servers)) = found else {
            panic!("{found:?}");
        };
        let any = KdcSelection::Any;
        let timing = Timing::default();
        let failover = KdcFailover::new(&config, &request, any, &servers, &timing).unwrap();
        let error = network.run(failover).unwrap_err().to_string();
        assert_eq!(network.sent(), expected);
        assert!(error.contains("/run/kdc2 (unix): timed out"), "{error}");
    }
}
