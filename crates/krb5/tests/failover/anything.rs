//! Whatever KDCs do: the search ends in its time, and no KDC is asked more often than it should be.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::strategy::Strategy;

use orthros_krb5::failover::ConnectionEvent;
use orthros_testing::virtual_network::{Fate, Network, framed, refused, says};

use super::{Preference, REPLY, Tcp, Udp, ask, unavailable};

fn happening() -> impl Strategy<Value = ConnectionEvent> {
    prop_oneof![
        3 => Just(ConnectionEvent::Connected),
        2 => Just(framed(REPLY)),
        1 => Just(says(REPLY)),
        1 => Just(framed(&unavailable())),
        1 => Just(says(&unavailable())),
        // None of these begins a message.
        2 => vec(0..0x40_u8, 0..6).prop_map(ConnectionEvent::Received),
        1 => Just(ConnectionEvent::Ended),
        1 => Just(refused()),
    ]
}

fn fate() -> impl Strategy<Value = Fate> {
    let then = vec((0..45_000_u64, happening()), 0..5).prop_map(|mut happenings| {
        happenings.sort_by_key(|(after, _)| *after);
        Fate::Then(happenings)
    });
    prop_oneof![9 => then, 1 => Just(Fate::Unsendable)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_search_ends_in_mits_time_and_asks_no_kdc_too_often(
        preference in prop_oneof![
            Just(Preference::UdpFirst),
            Just(Preference::UdpLast),
            Just(Preference::NoUdp),
            Just(Preference::OnlyUdp),
        ],
        count in 1..5_usize,
        fates in vec((1..5_u8, prop_oneof![Just(Udp), Just(Tcp)], fate()), 0..20),
    ) {
        let hosts = &["1", "2", "3", "4"][..count];
        let mut network = Network::default();
        for (kdc, protocol, fate) in fates {
            network.add(kdc, protocol, fate);
        }
        let result = ask(&mut network, preference, hosts);
        let sent = network.sent();
        let times = |ending: &str| sent.iter().filter(|line| line.ends_with(ending)).count();
        for host in hosts {
            prop_assert!(times(&format!(" udp {host}")) <= 3, "{sent:?}");
            prop_assert!(times(&format!(" tcp {host}")) <= 1, "{sent:?}");
        }
        let count = u64::try_from(count).unwrap();
        let (datagrams, streams) = match preference {
            Preference::UdpFirst | Preference::UdpLast => (count, count),
            Preference::NoUdp => (0, count),
            Preference::OnlyUdp => (count, 0),
        };
        let longest = 3 * datagrams + streams + 14 + 10 * streams;
        prop_assert!(network.now() <= Duration::from_secs(longest), "{:?}", network.now());
        match result {
            Ok((kdc, reply)) => prop_assert!((1..=hosts.len()).contains(&kdc.into()) && reply == REPLY),
            Err(lost) => {
                let ways = usize::try_from(datagrams + streams).unwrap();
                prop_assert_eq!(lost.len(), ways, "{:?}", lost);
            }
        }
    }
}
