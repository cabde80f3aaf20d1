//! A client that asks for a ticket in its own name or in bob's, and an attacker on the wire who forges errors, takes
//! pre-authentication data out of requests and replies, and renames the client outside of what is sealed: whose name
//! is on a ticket is in it too, and an error without armor steers nothing where the KDC is known to answer under
//! armor.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::{arbitrary::Arbitrary, fuzz_target};
use orthros_asn1::{
    EncTicketPart, Message, NameType, PaData, PrincipalName, TgsRep, TgsReq, Ticket,
};
use orthros_crypto::KeyUsage;
use orthros_fuzz::realm::{self, SOURCE, TGT, client_key};
use orthros_fuzz::tickets::{Client, KVNO, REALM, at, encode, gate, key};
use orthros_kdc::{Kdc, PrincipalEntry, PrincipalKey};
use orthros_krb5::{FastUse, TgsExchange, TgsRequestOptions, TgsStep};
use orthros_types::Principal;
use orthros_testing::random::SeededRandom;

#[derive(Arbitrary, Debug)]
struct Input {
    for_bob: bool,
    /// Whether there is armor, and whether it must be used.
    armored: Option<bool>,
    knows_armor: bool,
    attacks: Vec<Attack>,
}

/// What is done to one exchange of messages.
#[derive(Arbitrary, Debug)]
enum Attack {
    /// The KDC is not asked.
    Error(u8),
    Change {
        /// Types of pre-authentication data that are taken away.
        from_request: Vec<u8>,
        from_reply: Vec<u8>,
        /// Whom the reply is for, on its outside.
        named: Option<bool>,
    },
}

/// The realm's KDC, which knows bob, too.
static KDC: LazyLock<Kdc> = LazyLock::new(|| {
    let kdc = realm::kdc();
    let key = PrincipalKey {
        kvno: KVNO,
        key: key(6),
        salt: None,
        s2kparams: None,
    };
    let entry = PrincipalEntry::new(bob(), vec![key]);
    kdc.store().put(entry).expect("memory takes it");
    kdc
});

fuzz_target!(|input: Input| {
    let random = &mut SeededRandom::new(14);
    let options = TgsRequestOptions {
        fast: input.armored.map(|is_required| match is_required {
            true => FastUse::Required,
            false => FastUse::Preferred,
        }),
        armoring_realms: if input.knows_armor {
            vec![REALM.into()]
        } else {
            Vec::new()
        },
        ..TgsRequestOptions::default()
    };
    let (client, service, service_key) = if input.for_bob {
        (bob(), Client::Alice.principal(), client_key())
    } else {
        (Client::Alice.principal(), gate().principal, gate().key)
    };
    let exchange = if input.for_bob {
        TgsExchange::for_user(&TGT, client.clone(), options)
    } else {
        TgsExchange::new(&TGT, service.clone(), options)
    };
    let mut exchange = exchange.expect("the ticket is good");
    let mut step = exchange.step(None, at(0), random);
    for attack in &input.attacks {
        let Ok(TgsStep::Send(request)) = &step else {
            break;
        };
        let reply = attack.reply(&request.message);
        step = exchange.step(Some(&reply), at(0), random);
        if let Attack::Error(code) = attack
            && input.knows_armor
            && i32::from(*code) != TOO_BIG
        {
            assert!(step.is_err(), "an error without armor steers");
        }
    }
    let Ok(TgsStep::Done(ticket)) = step else {
        return;
    };
    assert_eq!(ticket.credential.client, client);
    let inside = Ticket::decode(&ticket.credential.ticket).expect("it was read before");
    let plaintext = service_key.decrypt(KeyUsage::KDC_REP_TICKET, &inside.enc_part.cipher);
    let plaintext = plaintext.expect("a ticket for another service");
    let part = EncTicketPart::decode(&plaintext).expect("the KDC wrote it");
    let name = client.to_principal_name().name_string;
    assert_eq!(part.cname.name_string, name, "in whose name it is");
});

impl Attack {
    fn reply(&self, request: &[u8]) -> Vec<u8> {
        let (from_request, from_reply, named) = match self {
            Self::Error(code) => return encode(&realm::error(*code, None)),
            Self::Change {
                from_request,
                from_reply,
                named,
            } => (from_request, from_reply, named),
        };
        let TgsReq(mut request) = TgsReq::decode(request).expect("the client wrote it");
        if let Some(padata) = &mut request.padata {
            strip(padata, from_request);
        }
        let random = &mut SeededRandom::new(12);
        let answer = KDC.handle(&encode(&TgsReq(request)), &SOURCE, at(0), random);
        let reply = answer.reply.unwrap_or_default();
        let Ok(TgsRep(mut changed)) = TgsRep::decode(&reply) else {
            return reply;
        };
        if let Some(padata) = &mut changed.padata {
            strip(padata, from_reply);
        }
        if let Some(is_bob) = named {
            changed.cname = PrincipalName {
                name_type: NameType::PRINCIPAL,
                name_string: vec![if *is_bob { "bob" } else { "alice" }.into()],
            };
        }
        encode(&TgsRep(changed))
    }
}

fn strip(padata: &mut Vec<PaData>, types: &[u8]) {
    padata.retain(|element| {
        !types
            .iter()
            .any(|taken| i32::from(*taken) == element.padata_type.0)
    });
}

fn bob() -> Principal {
    Principal::new(REALM, ["bob"])
}

/// KRB_ERR_RESPONSE_TOO_BIG, which leads to a stream and nowhere else.
const TOO_BIG: i32 = 52;
