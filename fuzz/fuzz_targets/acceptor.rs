//! Requests in the right keys, whatever they say: who is accepted is the ticket's client, at a time when the ticket and the
//! authenticator are good, and once.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthros_asn1::TicketFlags;
use orthros_crypto::Enctype;
use orthros_fuzz::tickets::{Request, at, keytab};
use orthros_host::MemoryReplayStore;
use orthros_krb5::Duration;
use orthros_krb5::ap::{Acceptor, AcceptorName};
use orthros_testing::virtual_realm::SeededRandom;

fuzz_target!(|request: Request| {
    let skew = Duration::from_seconds(300);
    let (now, store) = (at(0), MemoryReplayStore::new());
    let acceptor = Acceptor {
        keys: &keytab(),
        name: &AcceptorName::Any,
        replay_store: &store,
        clock_skew: skew,
        channel_bindings: None,
        require_channel_bindings: false,
        permitted_enctypes: Enctype::ALL,
        realm_paths: None,
    };
    let token = request.token();
    let random = &mut SeededRandom::new(7);
    let Ok(accepted) = acceptor.accept(&token, now, random) else {
        return;
    };
    let (start, end, client_time) = request.times();
    assert!(client_time.is_within(skew, now));
    assert!(start <= now.saturating_add(skew) && now <= end.saturating_add(skew));
    assert!(!TicketFlags::from_bits_retain(request.flags).contains(TicketFlags::INVALID));
    assert_eq!(*request.client(), request.ticket_client);
    let initiator = &accepted.context.initiator;
    assert_eq!(initiator.realm(), request.ticket_client.realm);
    assert_eq!(initiator.components(), request.ticket_client.components);
    assert!(
        acceptor.accept(&token, now, random).is_err(),
        "accepted twice"
    );
});
