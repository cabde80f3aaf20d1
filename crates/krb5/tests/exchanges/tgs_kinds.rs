//! Tickets of special kinds: forwarded, proxies, user-to-user, restricted by the client's own authorization data.

use orthros_asn1::{
    AdType, AddressType, AuthorizationData, AuthorizationDataEntry, KdcOptions, KdcReqBody,
    Message as _,
};
use orthros_crypto::KeyUsage;
use orthros_krb5::{
    ExchangeError, ExchangeMisuseError, ReplyError, TgsExchange, TgsRequestOptions,
};
use orthros_types::{Credential, HostAddress, TicketFlags};

use crate::support::*;

fn address(last: u8) -> HostAddress {
    HostAddress {
        addr_type: AddressType(2),
        address: [192, 0, 2, last].as_slice().into(),
    }
}

/// A ticket-granting ticket that is bound to an address and may be turned into others.
fn mobile_tgt() -> Credential {
    let mut tgt = tgt();
    tgt.flags |= TicketFlags::FORWARDABLE | TicketFlags::PROXIABLE;
    tgt.addresses = vec![address(1)];
    tgt
}

/// Runs the exchange with a KDC that grants the flags of these kinds, and gives the ticket with the last request.
fn get(
    exchange: TgsExchange,
    tamper: impl Fn(&mut Draft) + 'static,
) -> (Result<Credential, ExchangeError>, KdcReqBody) {
    let mut kdc = Kdc::spoiling(tamper);
    let mut body = None;
    let ticket = obtain(exchange, |request| {
        body = Some(tgs_req(&request.message).0.req_body.into_value());
        kdc.answer(&request.message)
    });
    (ticket.map(|ticket| ticket.credential), body.unwrap())
}

fn misuse(result: Result<TgsExchange, ExchangeError>) -> ExchangeMisuseError {
    match result {
        Err(ExchangeError::Misused(misuse)) => misuse,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_forwarded_ticket_is_for_the_addresses_asked_for() {
    for addresses in [vec![], vec![address(7)]] {
        let options = TgsRequestOptions::default();
        let exchange = TgsExchange::forward(&mobile_tgt(), &addresses, options).unwrap();
        let (ticket, body) = get(exchange, |draft| draft.part.flags |= TicketFlags::FORWARDED);
        let ticket = ticket.unwrap();
        assert!(ticket.flags.contains(TicketFlags::FORWARDED));
        assert_eq!(ticket.addresses, addresses);
        assert_eq!(ticket.server, tgt().server);
        let expected = KdcOptions::FORWARDED | KdcOptions::FORWARDABLE | KdcOptions::PROXIABLE;
        assert_eq!(body.kdc_options, expected);
        assert_eq!(body.addresses.unwrap_or_default(), addresses);
    }
}

#[test]
fn a_forwarded_ticket_that_is_bound_to_another_address_is_refused() {
    let options = TgsRequestOptions::default();
    let exchange = TgsExchange::forward(&mobile_tgt(), &[address(7)], options).unwrap();
    let (ticket, _) = get(exchange, |draft| draft.part.caddr = Some(vec![address(1)]));
    assert_eq!(defect(ticket), ReplyError::Address);
}

#[test]
fn a_proxy_is_for_a_service_at_the_addresses_asked_for() {
    let options = TgsRequestOptions::default();
    let exchange = TgsExchange::proxy(&mobile_tgt(), http(), &[address(7)], options).unwrap();
    let (ticket, body) = get(exchange, |draft| draft.part.flags |= TicketFlags::PROXY);
    let ticket = ticket.unwrap();
    assert!(ticket.flags.contains(TicketFlags::PROXY));
    assert_eq!(
        (ticket.server, ticket.addresses),
        (http(), vec![address(7)])
    );
    assert!(body.kdc_options.contains(KdcOptions::PROXY));
}

#[test]
fn a_proxy_that_was_not_asked_for_is_refused() {
    let exchange = TgsExchange::new(&tgt(), http(), TgsRequestOptions::default()).unwrap();
    let (ticket, _) = get(exchange, |draft| draft.part.flags |= TicketFlags::PROXY);
    assert_eq!(defect(ticket), ReplyError::FlagNotRequested("a proxy"));
}

#[test]
fn only_a_forwardable_ticket_is_forwarded_and_only_a_proxiable_one_made_a_proxy() {
    let options = TgsRequestOptions::default;
    let forwarding = TgsExchange::forward(&tgt(), &[], options());
    assert_eq!(
        misuse(forwarding),
        ExchangeMisuseError::FlagMissing("forwarded")
    );
    let proxy = TgsExchange::proxy(&tgt(), http(), &[], options());
    let flag = ExchangeMisuseError::FlagMissing("turned into a proxy");
    assert_eq!(misuse(proxy), flag);
}

#[test]
fn a_user_to_user_ticket_is_asked_for_with_the_services_own_ticket() {
    let second = tgt_in(AES128).ticket;
    let options = TgsRequestOptions::default();
    let exchange = TgsExchange::user_to_user(&tgt(), http(), &second, options).unwrap();
    let (ticket, body) = get(exchange, |_| {});
    let ticket = ticket.unwrap();
    assert!(ticket.is_skey);
    assert_eq!(ticket.second_ticket, second);
    assert!(body.kdc_options.contains(KdcOptions::ENC_TKT_IN_SKEY));
    let [sent] = body.additional_tickets.unwrap().try_into().unwrap();
    assert_eq!(sent.octets(), second);
}

#[test]
fn a_ticket_on_the_way_is_asked_for_without_the_services_own_ticket() {
    let second = tgt_in(AES128).ticket;
    let service = http().with_realm("OTHER.TEST");
    let options = TgsRequestOptions {
        authorization_data: restriction(),
        ..TgsRequestOptions::default()
    };
    let exchange = TgsExchange::user_to_user(&tgt(), service, &second, options).unwrap();
    let (_, body) = get(exchange, |draft| draft.part.nonce.0 ^= 1);
    assert!(!body.kdc_options.contains(KdcOptions::ENC_TKT_IN_SKEY));
    assert_eq!(body.additional_tickets, None);
    assert_eq!(body.enc_authorization_data, None);
}

#[test]
fn what_is_no_ticket_is_no_second_ticket() {
    let result = TgsExchange::user_to_user(&tgt(), http(), b"0", TgsRequestOptions::default());
    assert!(matches!(
        misuse(result),
        ExchangeMisuseError::StoredTicket(_)
    ));
}

fn restriction() -> AuthorizationData {
    vec![AuthorizationDataEntry {
        ad_type: AdType(-99),
        ad_data: b"only on Sundays".as_slice().into(),
    }]
}

#[test]
fn authorization_data_go_to_the_kdc_encrypted_in_the_subkey_and_are_noted_with_the_ticket() {
    let options = TgsRequestOptions {
        authorization_data: restriction(),
        ..TgsRequestOptions::default()
    };
    let exchange = TgsExchange::new(&tgt(), http(), options).unwrap();
    let mut kdc = Kdc::new();
    let ticket = obtain(exchange, |request| {
        let request_body = tgs_req(&request.message).0;
        let (_, authenticator) = kdc.shown(&request_body);
        let subkey = to_key(&authenticator.subkey.unwrap());
        let sealed = request_body.req_body.into_value().enc_authorization_data;
        let usage = KeyUsage::TGS_REQ_AUTHORIZATION_DATA_SUBKEY;
        let opened = subkey.decrypt(usage, &sealed.unwrap().cipher).unwrap();
        assert_eq!(AuthorizationData::decode(&opened).unwrap(), restriction());
        kdc.answer(&request.message)
    });
    let ticket = ticket.unwrap().credential;
    assert_eq!(ticket.authorization_data, restriction());
}
