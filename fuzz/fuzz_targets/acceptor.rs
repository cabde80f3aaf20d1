//! Requests in the right keys, whatever they say: who is accepted is the ticket's client, at a time when the ticket
//! and the authenticator are good, and once.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use orthros_asn1::TicketFlags;
use orthros_crypto::Enctype;
use orthros_fuzz::tickets::{Request, at, keytab};
use orthros_host::MemoryReplayCache;
use orthros_types::Duration;
use orthros_krb5::ap::{Acceptor, AcceptorName};
use orthros_types::config::Config;
use orthros_testing::random::SeededRandom;

/// With which all realms of a hierarchy may vouch.
static CONFIG: LazyLock<Config> = LazyLock::new(Config::default);

fuzz_target!(|request: Request| {
    let skew = Duration::from_seconds(300);
    let (now, store) = (at(0), MemoryReplayCache::new());
    let acceptor = Acceptor {
        keys: &keytab(),
        name: &AcceptorName::Any,
        replay_cache: &store,
        clock_skew: skew,
        channel_bindings: None,
        require_channel_bindings: false,
        without_gss_checksum: false,
        permitted_enctypes: Enctype::ALL,
        realm_paths: Some(&CONFIG),
    };
    let token = request.token();
    let random = &mut SeededRandom::new(7);
    let Ok(accepted) = acceptor.accept(&token, now, random) else {
        return;
    };
    let (start, end, client_time) = request.times();
    assert!(client_time.is_within(skew, now));
    assert!(start <= now.saturating_add(skew) && now <= end.saturating_add(skew));
    assert!(!request.ticket_flags().contains(TicketFlags::INVALID));
    let client = request.ticket_client.principal();
    assert_eq!(request.client().principal(), client);
    assert_eq!(accepted.context.initiator, client);
    let delegated = &accepted.context.delegated;
    assert!(delegated.iter().all(|ticket| ticket.client == client));
    assert!(
        acceptor.accept(&token, now, random).is_err(),
        "accepted twice"
    );
});
