//! Whatever KDCs do: the race ends in its time, and asks nobody more often than it should.

use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::strategy::Strategy as Generator;

use super::*;

fn happening() -> impl Generator<Value = Happening> {
    prop_oneof![
        3 => Just(Happening::Connected),
        2 => Just(framed(REPLY)),
        1 => Just(says(REPLY)),
        1 => Just(framed(&reply::tests::unavailable())),
        1 => Just(says(&reply::tests::unavailable())),
        // None of these begins a message.
        2 => vec(0..0x40_u8, 0..6).prop_map(Happening::Octets),
        1 => Just(Happening::Ended),
        1 => Just(Happening::Refused),
    ]
}

fn fate() -> impl Generator<Value = Fate> {
    let then = vec((0..45_000_u64, happening()), 0..5).prop_map(|mut happenings| {
        happenings.sort_by_key(|(after, _)| *after);
        Fate::Then(happenings)
    });
    prop_oneof![9 => then, 1 => Just(Fate::Unsendable)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_race_ends_in_mits_time_and_asks_nobody_too_often(
        strategy in prop_oneof![
            Just(Strategy::UdpFirst),
            Just(Strategy::UdpLast),
            Just(Strategy::NoUdp),
            Just(Strategy::OnlyUdp),
        ],
        count in 1..5_usize,
        fates in vec((1..5_u8, prop_oneof![Just(Udp), Just(Tcp)], fate()), 0..20),
    ) {
        let hosts = &["1", "2", "3", "4"][..count];
        let mut network = Network::default();
        for (kdc, protocol, fate) in fates {
            network.add(kdc, protocol, fate);
        }
        let result = race(&mut network, strategy, hosts);
        let sent = network.sent();
        let times = |ending: &str| sent.iter().filter(|line| line.ends_with(ending)).count();
        for host in hosts {
            prop_assert!(times(&format!(" udp {host}")) <= 3, "{sent:?}");
            prop_assert!(times(&format!(" tcp {host}")) <= 1, "{sent:?}");
        }
        let count = u64::try_from(count).unwrap();
        let (datagrams, streams) = match strategy {
            Strategy::UdpFirst | Strategy::UdpLast => (count, count),
            Strategy::NoUdp => (0, count),
            Strategy::OnlyUdp => (count, 0),
        };
        let longest = 3 * datagrams + streams + 14 + 10 * streams;
        prop_assert!(network.now <= Duration::from_secs(longest), "{}", network.seconds());
        match result {
            Ok((server, reply)) => prop_assert!(server < hosts.len() && reply == REPLY),
            Err(lost) => {
                let ways = usize::try_from(datagrams + streams).unwrap();
                prop_assert_eq!(lost.len(), ways, "{:?}", lost);
            }
        }
    }
}
