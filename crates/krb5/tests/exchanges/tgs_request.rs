//! What a TGS-REQ says, and what a ticket must be to make one.

use orthros_asn1::{AddressType, EncryptionType, KdcOptions, KdcReqBody};
use orthros_krb5::{
    ExchangeError, ExchangeMisuseError, KdcRefusalError, TgsExchange, TgsRequestOptions, TgsStep,
    Transport,
};
use orthros_types::{Credential, HostAddress, KeyBlock, MinorStatus, Principal, TicketFlags};

use crate::support::*;

fn body_of(exchange: TgsExchange) -> KdcReqBody {
    let mut body = None;
    let _ = obtain(exchange, |request| {
        body.get_or_insert(tgs_req(&request.message).0.req_body.into_value());
        Vec::new()
    });
    body.unwrap()
}

fn body(tgt: &Credential, options: TgsRequestOptions) -> KdcReqBody {
    body_of(TgsExchange::new(tgt, http(), options).unwrap())
}

#[test]
fn the_service_is_asked_for_as_canonical_names_have_it() {
    let tgt = tgt();
    let body = body(&tgt, TgsRequestOptions::default());
    assert_eq!(body.kdc_options, KdcOptions::CANONICALIZE);
    assert_eq!(body.cname, None);
    assert_eq!(*body.realm, *REALM.as_bytes());
    let sname = body.sname.unwrap();
    assert_eq!(sname.name_type, orthros_asn1::NameType(3));
    assert_eq!(
        sname.name_string,
        name(&["HTTP", "www.example.test"]).name_string
    );
    assert_eq!(body.till, kerberos_time(tgt.times.endtime));
    assert!(body.nonce.0 < 1 << 31);
    let etypes: Vec<i32> = body.etype.iter().map(|etype| etype.0).collect();
    assert_eq!(etypes, [18, 17, 20, 19, 25, 26]);
}

#[test]
fn what_the_shown_ticket_can_pass_on_is_asked_for() {
    let mut tgt = tgt();
    let flags = TicketFlags::FORWARDABLE
        | TicketFlags::PROXIABLE
        | TicketFlags::MAY_POSTDATE
        | TicketFlags::RENEWABLE
        | TicketFlags::INITIAL
        | TicketFlags::PRE_AUTHENT
        | TicketFlags::ENC_PA_REP;
    tgt.flags = flags;
    tgt.addresses = vec![HostAddress {
        addr_type: AddressType(2),
        address: [192, 0, 2, 1].as_slice().into(),
    }];
    let body = body(&tgt, TgsRequestOptions::default());
    let expected = KdcOptions::FORWARDABLE
        | KdcOptions::PROXIABLE
        | KdcOptions::ALLOW_POSTDATE
        | KdcOptions::RENEWABLE
        | KdcOptions::CANONICALIZE;
    assert_eq!(body.kdc_options, expected);
    assert_eq!(body.addresses.unwrap().len(), 1);
}

#[test]
fn the_callers_wishes_are_asked_for() {
    let options = TgsRequestOptions {
        kdc_options: KdcOptions::FORWARDABLE,
        canonicalize: false,
        end_time: Some(later(60)),
        enctypes: vec![AES128],
        ..TgsRequestOptions::default()
    };
    let body = body(&tgt(), options);
    assert_eq!(body.kdc_options, KdcOptions::FORWARDABLE);
    assert_eq!(body.till, kerberos_time(later(60)));
    assert_eq!(body.etype.len(), 1);
}

#[test]
fn the_authenticator_has_a_fresh_subkey_and_the_time() {
    let kdc = Kdc::new();
    let tgt = tgt();
    let mut subkeys = Vec::new();
    for seed in [1, 2] {
        let mut exchange = TgsExchange::new(&tgt, http(), TgsRequestOptions::default()).unwrap();
        let step = exchange
            .step(None, NOW, &mut SeededRandom::new(seed))
            .unwrap();
        let TgsStep::Send(request) = step else {
            panic!()
        };
        assert_eq!(request.realm, REALM.as_bytes());
        assert_eq!(request.transport, Transport::Datagram);
        // The KDC checks ticket, names and the checksum of the body as it was sent.
        let (_, authenticator) = kdc.shown(&tgs_req(&request.message).0);
        assert_eq!(authenticator.ctime, kerberos_time(NOW));
        assert_eq!(authenticator.cusec.value(), NOW.microseconds());
        assert_eq!(authenticator.seq_number, None);
        subkeys.push(authenticator.subkey.unwrap());
    }
    assert_ne!(subkeys[0], subkeys[1]);
}

#[test]
fn a_ticket_is_shown_octet_for_octet() {
    let tgt = tgt();
    let mut exchange = TgsExchange::new(&tgt, http(), TgsRequestOptions::default()).unwrap();
    let step = exchange.step(None, NOW, &mut SeededRandom::new(1)).unwrap();
    let TgsStep::Send(request) = step else {
        panic!()
    };
    let found = request
        .message
        .windows(tgt.ticket.len())
        .any(|window| window == tgt.ticket);
    assert!(found);
}

#[test]
fn an_expired_ticket_is_not_even_shown() {
    let mut tgt = tgt();
    tgt.times.endtime = NOW.whole();
    let exchange = TgsExchange::new(&tgt, http(), TgsRequestOptions::default()).unwrap();
    let error = obtain(exchange, |_| unreachable!()).unwrap_err();
    assert_eq!(
        error.minor_status(),
        MinorStatus::KRB5KRB_AP_ERR_TKT_EXPIRED
    );
    let text = "the ticket for krbtgt/EXAMPLE.TEST@EXAMPLE.TEST has expired";
    assert_eq!(error.to_string(), text);
    assert!(matches!(
        refusal::<()>(Err(error)),
        KdcRefusalError::TicketExpired { .. }
    ));
}

#[test]
fn what_can_not_be_shown_is_the_callers_mistake() {
    let options = TgsRequestOptions::default;
    let misuse = |credential: &Credential, options| {
        let result = TgsExchange::new(credential, http(), options);
        let Err(ExchangeError::Misused(misuse)) = result else {
            panic!("{result:?}")
        };
        misuse
    };
    let mut service = tgt();
    service.server = http();
    assert_eq!(
        misuse(&service, options()),
        ExchangeMisuseError::NotTicketGranting
    );
    let mut no_key = tgt();
    no_key.session_key = KeyBlock::new(EncryptionType(16), vec![0; 16]);
    assert_eq!(misuse(&no_key, options()), ExchangeMisuseError::SessionKey);
    let mut no_ticket = tgt();
    no_ticket.ticket.truncate(40);
    let found = misuse(&no_ticket, options());
    assert!(matches!(found, ExchangeMisuseError::StoredTicket(_)));
    let no_enctypes = TgsRequestOptions {
        enctypes: Vec::new(),
        ..options()
    };
    assert_eq!(misuse(&tgt(), no_enctypes), ExchangeMisuseError::NoEnctypes);
}

#[test]
fn only_a_renewable_ticket_is_renewed_and_only_an_invalid_one_validated() {
    let plain = tgt();
    let misuse = |result: Result<TgsExchange, ExchangeError>| match result {
        Err(ExchangeError::Misused(misuse)) => misuse,
        other => panic!("{other:?}"),
    };
    let renewal = TgsExchange::renew(&plain, TgsRequestOptions::default());
    assert_eq!(misuse(renewal), ExchangeMisuseError::FlagMissing("renewed"));
    let validation = TgsExchange::validate(&plain, TgsRequestOptions::default());
    assert_eq!(
        misuse(validation),
        ExchangeMisuseError::FlagMissing("validated")
    );
}

#[test]
fn renewal_asks_for_the_same_service_again() {
    let mut ticket = tgt();
    ticket.flags = TicketFlags::RENEWABLE;
    let body = body_of(TgsExchange::renew(&ticket, TgsRequestOptions::default()).unwrap());
    assert_eq!(body.kdc_options, KdcOptions::RENEW | KdcOptions::RENEWABLE);
    let sname = body.sname.unwrap();
    assert_eq!(sname.name_string, name(&["krbtgt", REALM]).name_string);
}

#[test]
fn a_service_in_another_realm_is_reached_through_its_ticket_granting_service() {
    let service = http().with_realm("OTHER.TEST");
    let exchange = TgsExchange::new(&tgt(), service, TgsRequestOptions::default()).unwrap();
    let body = body_of(exchange);
    assert_eq!(*body.realm, *REALM.as_bytes());
    let sname = body.sname.unwrap();
    assert_eq!(
        sname.name_string,
        name(&["krbtgt", "OTHER.TEST"]).name_string
    );
}

#[test]
fn a_service_without_a_realm_is_asked_for_in_the_tickets() {
    let service: Principal = http().with_realm("");
    let exchange = TgsExchange::new(&tgt(), service, TgsRequestOptions::default()).unwrap();
    assert_eq!(*body_of(exchange).realm, *REALM.as_bytes());
}
