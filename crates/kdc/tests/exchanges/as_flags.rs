//! Flags and addresses of initial tickets.

use orthros_asn1::{HostAddress, KdcOptions, TicketFlags};
use orthros_kdc::PrincipalFlags;
use orthros_types::AddressType;

use crate::support::{AsAsk, World, WorldBuilder};

#[test]
fn a_ticket_has_the_flags_that_were_asked_for_and_no_others() {
    for (option, flag) in [
        (KdcOptions::empty(), TicketFlags::empty()),
        (KdcOptions::FORWARDABLE, TicketFlags::FORWARDABLE),
        (KdcOptions::PROXIABLE, TicketFlags::PROXIABLE),
        (KdcOptions::ALLOW_POSTDATE, TicketFlags::MAY_POSTDATE),
        (KdcOptions::RENEWABLE, TicketFlags::RENEWABLE),
    ] {
        let granted = AsAsk::bare("bob").options(option).granted(&World::new());
        assert_eq!(granted.part.flags, flag | TicketFlags::INITIAL);
    }
}

#[test]
fn flags_that_client_or_service_may_not_have_are_left_out() {
    for owner in ["bob", "krbtgt/ORTHROS.TEST"] {
        let forbidden = PrincipalFlags::DISALLOW_FORWARDABLE | PrincipalFlags::DISALLOW_PROXIABLE;
        let world = WorldBuilder::new().flags(owner, forbidden).build();
        let options = KdcOptions::FORWARDABLE | KdcOptions::PROXIABLE;
        let granted = AsAsk::bare("bob").options(options).granted(&world);
        assert_eq!(granted.part.flags, TicketFlags::INITIAL);
    }
}

#[test]
fn options_that_nobody_knows_are_passed_over() {
    let option = KdcOptions::from_bits_retain(0x8000_0000);
    let granted = AsAsk::bare("bob").options(option).granted(&World::new());
    assert_eq!(granted.part.flags, TicketFlags::INITIAL);
}

#[test]
fn the_addresses_of_the_request_are_in_ticket_and_reply() {
    let world = World::new();
    let addresses = vec![HostAddress {
        addr_type: AddressType::IPV4,
        address: [10, 0, 0, 1].as_slice().into(),
    }];
    let mut ask = AsAsk::bare("bob");
    ask.addresses = Some(addresses.clone());
    let granted = ask.granted(&world);
    assert_eq!(granted.part.caddr.as_ref(), Some(&addresses));
    assert_eq!(world.open(&granted.ticket).caddr, Some(addresses));
}

#[test]
fn a_first_ticket_has_transited_no_realm_and_carries_no_authorization_data() {
    let world = World::new();
    let part = world.open(&AsAsk::bare("bob").granted(&world).ticket);
    assert!(part.transited.contents.is_empty());
    assert_eq!(part.authorization_data, None);
}
