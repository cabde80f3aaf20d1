use super::*;
use alloc::string::ToString as _;
use alloc::vec;

fn parse(text: &str) -> ResolverConfig {
    ResolverConfig::parse(text, |name| (name == "eth0").then_some(7))
}

fn servers(text: &str) -> Vec<String> {
    let servers = parse(text).name_servers;
    servers.iter().map(SocketAddr::to_string).collect()
}

#[test]
fn three_name_servers_count_and_a_host_without_any_asks_itself() {
    let text = "nameserver 192.0.2.1\nnameserver\t2001:db8::1 # comment\nnameserver no.address\n\
                nameserver fe80::1%eth0\nnameserver 192.0.2.4\n";
    assert_eq!(
        servers(text),
        ["192.0.2.1:53", "[2001:db8::1]:53", "[fe80::1%7]:53"]
    );
    assert_eq!(servers("nameserver fe80::1%3\n"), ["[fe80::1%3]:53"]);
    assert_eq!(servers("nameserver fe80::1%wlan0\n"), ["127.0.0.1:53"]);
    assert_eq!(
        servers("# nameserver 192.0.2.1\n;nameserver 192.0.2.1\n"),
        ["127.0.0.1:53"]
    );
    assert_eq!(parse(""), ResolverConfig::default());
}

#[test]
fn the_last_search_line_counts_with_all_its_domains() {
    let search = |text| parse(text).search;
    assert_eq!(
        search("search a.example b.example\ndomain last.example.\n"),
        ["last.example"]
    );
    assert_eq!(
        search("domain a\nsearch b.example c.example. .\n"),
        ["b.example", "c.example"]
    );
    assert_eq!(
        search(&("search".to_string() + &" a.example".repeat(1000))).len(),
        6
    );
}

#[test]
fn options_count_within_their_bounds() {
    let config = parse("options timeout:2 attempts:3 rotate use-vc ndots:4 edns0 inet6\n");
    let expected = ResolverConfig {
        ndots: 4,
        timeout: Duration::from_secs(2),
        attempts: 3,
        rotate: true,
        use_vc: true,
        ..ResolverConfig::default()
    };
    assert_eq!(config, expected);
    let config =
        parse("options timeout:4000000000 attempts:99 ndots:99\noptions timeout:x ndots:-1\n");
    assert_eq!(
        (config.timeout.as_secs(), config.attempts, config.ndots),
        (30, 5, 15)
    );
    let config = parse("options timeout:0 attempts:0 ndots:0\n");
    assert_eq!(
        (config.timeout.as_secs(), config.attempts, config.ndots),
        (1, 1, 0)
    );
}

#[test]
fn the_variables_stand_above_the_file() {
    let mut config = parse("search a.example\noptions timeout:2 ndots:3\n");
    config.set_local_domain("x.example\ty.example");
    config.set_res_options("timeout:1 rotate");
    assert_eq!(config.search, ["x.example", "y.example"]);
    assert_eq!(
        (config.timeout.as_secs(), config.ndots, config.rotate),
        (1, 3, true)
    );
}

#[test]
fn dots_decide_whether_a_name_is_looked_for_as_it_is_first() {
    let config = |ndots| ResolverConfig {
        search: vec!["a.example".into(), "b.example".into()],
        ndots,
        ..ResolverConfig::default()
    };
    let domains_first = ["_kerberos.a.example", "_kerberos.b.example", "_kerberos"];
    assert_eq!(config(1).candidates("_kerberos"), domains_first);
    let as_it_is_first = ["_kerberos", "_kerberos.a.example", "_kerberos.b.example"];
    assert_eq!(config(0).candidates("_kerberos"), as_it_is_first);
}
