//! How long initial tickets live.

use orthros_asn1::{ErrorCode, KdcOptions, KerberosTime, TicketFlags};
use orthros_kdc::PrincipalFlags;
use orthros_types::Duration;

use crate::support::{AsAsk, DAY, HOUR, World, WorldBuilder, after, at};

#[test]
fn a_ticket_starts_now_and_ends_when_it_was_asked_to() {
    let granted = AsAsk::bare("bob").granted(&World::new());
    let part = &granted.part;
    assert_eq!(part.authtime, at(0));
    assert_eq!(part.starttime, Some(at(0)));
    assert_eq!(part.endtime, at(10 * HOUR));
    assert_eq!(part.renew_till, None);
}

#[test]
fn ticket_and_reply_say_the_same_times() {
    let world = World::new();
    let mut ask = AsAsk::bare("bob").options(KdcOptions::RENEWABLE);
    ask.rtime = Some(at(2 * DAY));
    let granted = ask.granted(&world);
    let (part, ticket) = (&granted.part, world.open(&granted.ticket));
    assert_eq!(ticket.authtime, part.authtime);
    assert_eq!(ticket.starttime, part.starttime);
    assert_eq!(ticket.endtime, part.endtime);
    assert_eq!(ticket.renew_till, part.renew_till);
}

#[test]
fn the_epoch_asks_for_the_longest_life() {
    let mut ask = AsAsk::bare("bob");
    ask.till = KerberosTime::EPOCH;
    assert_eq!(ask.granted(&World::new()).part.endtime, at(DAY));
}

#[test]
fn the_shortest_life_of_realm_client_and_service_counts() {
    let hours = |hours| Duration::from_seconds(hours * HOUR);
    for (realm, client, service, expected) in [
        (8, None, None, 8),
        (8, Some(7), None, 7),
        (8, None, Some(6), 6),
        (8, Some(5), Some(6), 5),
        (4, Some(5), Some(6), 4),
    ] {
        let world = WorldBuilder::new()
            .policy(|policy| policy.max_life = hours(realm))
            .with("bob", |bob| bob.max_life = client.map(hours))
            .with("krbtgt/ORTHROS.TEST", |tgs| {
                tgs.max_life = service.map(hours);
            })
            .build();
        let granted = AsAsk::bare("bob").granted(&world);
        assert_eq!(granted.part.endtime, at(expected * HOUR));
    }
}

#[test]
fn a_renewable_ticket_is_renewable_as_long_as_it_was_asked_to() {
    let mut ask = AsAsk::bare("bob").options(KdcOptions::RENEWABLE);
    ask.rtime = Some(at(3 * DAY));
    let granted = ask.granted(&World::new());
    assert!(granted.part.flags.contains(TicketFlags::RENEWABLE));
    assert_eq!(granted.part.renew_till, Some(at(3 * DAY)));
}

#[test]
fn a_renewable_ticket_without_rtime_is_renewable_for_as_long_as_can_be() {
    let ask = AsAsk::bare("bob").options(KdcOptions::RENEWABLE);
    let granted = ask.granted(&World::new());
    assert_eq!(granted.part.renew_till, Some(at(7 * DAY)));
}

#[test]
fn the_shortest_renewable_life_of_realm_client_and_service_counts() {
    let days = |days| Some(Duration::from_seconds(days * DAY));
    let world = WorldBuilder::new()
        .with("bob", |bob| bob.max_renewable_life = days(3))
        .with("krbtgt/ORTHROS.TEST", |tgs| {
            tgs.max_renewable_life = days(2);
        })
        .build();
    let ask = AsAsk::bare("bob").options(KdcOptions::RENEWABLE);
    assert_eq!(ask.granted(&world).part.renew_till, Some(at(2 * DAY)));
}

#[test]
fn renewable_ok_makes_a_ticket_renewable_that_can_not_live_as_long_as_was_asked() {
    let mut ask = AsAsk::bare("bob").options(KdcOptions::RENEWABLE_OK);
    assert_eq!(ask.granted(&World::new()).part.renew_till, None);
    ask.till = at(3 * DAY);
    let granted = ask.granted(&World::new());
    assert_eq!(granted.part.endtime, at(DAY));
    assert_eq!(granted.part.renew_till, Some(at(3 * DAY)));
    assert!(granted.part.flags.contains(TicketFlags::RENEWABLE));
}

#[test]
fn renewable_ok_is_no_use_where_the_ticket_would_not_live_longer() {
    let world = WorldBuilder::new()
        .policy(|policy| policy.max_renewable_life = Duration::from_seconds(DAY))
        .build();
    let mut ask = AsAsk::bare("bob").options(KdcOptions::RENEWABLE_OK);
    ask.till = at(3 * DAY);
    let granted = ask.granted(&world);
    assert_eq!(granted.part.renew_till, None);
    assert!(!granted.part.flags.contains(TicketFlags::RENEWABLE));
}

#[test]
fn who_may_not_have_renewable_tickets_gets_one_that_is_not() {
    for owner in ["bob", "krbtgt/ORTHROS.TEST"] {
        let world = WorldBuilder::new()
            .flags(owner, PrincipalFlags::DISALLOW_RENEWABLE)
            .build();
        let ask = AsAsk::bare("bob").options(KdcOptions::RENEWABLE);
        let granted = ask.granted(&world);
        assert_eq!(granted.part.renew_till, None);
        assert!(!granted.part.flags.contains(TicketFlags::RENEWABLE));
    }
}

#[test]
fn a_postdated_ticket_starts_later_and_is_invalid_until_then() {
    let mut ask = AsAsk::bare("bob").options(KdcOptions::POSTDATED);
    ask.from = Some(at(2 * HOUR));
    let granted = ask.granted(&World::new());
    assert_eq!(granted.part.starttime, Some(at(2 * HOUR)));
    assert_eq!(granted.part.authtime, at(0));
    let expected = TicketFlags::POSTDATED | TicketFlags::INVALID;
    assert!(granted.part.flags.contains(expected));
}

#[test]
fn the_life_of_a_postdated_ticket_begins_with_it() {
    let mut ask = AsAsk::bare("bob").options(KdcOptions::POSTDATED);
    ask.from = Some(at(2 * DAY));
    ask.till = KerberosTime::EPOCH;
    let granted = ask.granted(&World::new());
    assert_eq!(granted.part.endtime, at(3 * DAY));
}

#[test]
fn a_start_in_the_future_without_the_option_is_refused() {
    let mut ask = AsAsk::bare("bob");
    ask.from = Some(at(301));
    let error = ask.refused(&World::new());
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_CANNOT_POSTDATE);
}

#[test]
fn a_start_within_the_clock_skew_is_now() {
    let mut ask = AsAsk::bare("bob");
    for seconds in [300, 0, -HOUR] {
        ask.from = Some(at(seconds));
        let granted = ask.granted(&World::new());
        assert_eq!(granted.part.starttime, Some(at(0)));
    }
}

#[test]
fn who_may_not_be_postdated_is_refused() {
    for owner in ["bob", "krbtgt/ORTHROS.TEST"] {
        let world = WorldBuilder::new()
            .flags(owner, PrincipalFlags::DISALLOW_POSTDATED)
            .build();
        for option in [KdcOptions::POSTDATED, KdcOptions::ALLOW_POSTDATE] {
            let error = AsAsk::bare("bob").options(option).refused(&world);
            assert_eq!(error.error_code, ErrorCode::KDC_ERR_CANNOT_POSTDATE);
        }
    }
}

#[test]
fn the_reply_says_when_the_key_expires_whichever_of_password_and_client_is_first() {
    for (password, client, expected) in [
        (None, None, None),
        (Some(2), None, Some(2)),
        (None, Some(3), Some(3)),
        (Some(2), Some(3), Some(2)),
        (Some(4), Some(3), Some(3)),
    ] {
        let world = WorldBuilder::new()
            .with("bob", |bob| {
                bob.password_expiry = password.map(|days| after(days * DAY));
                bob.expiry = client.map(|days| after(days * DAY));
            })
            .build();
        let granted = AsAsk::bare("bob").granted(&world);
        assert_eq!(
            granted.part.key_expiration,
            expected.map(|days| at(days * DAY))
        );
    }
}
