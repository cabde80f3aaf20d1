//! The messages that every connection costs, read and written; `rasn-kerberos` beside.

use std::hint::black_box;

use orthros_asn1::{
    ApRep, ApReq, Authenticator, EncApRepPart, EncTicketPart, Message, Raw, Ticket,
};
use orthros_benches::{Row, is_wanted, measure, print, print_head};
use rasn_kerberos as theirs;

fn main() {
    print_head();
    for line in REFERENCE.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, "all fields", encoding] = fields[..] else {
            continue;
        };
        let octets = hex(encoding);
        match name {
            "AP-REQ" => compare::<ApReq, theirs::ApReq>(name, &octets),
            "AP-REP" => compare::<ApRep, theirs::ApRep>(name, &octets),
            "Authenticator" => compare::<Authenticator, theirs::Authenticator>(name, &octets),
            "EncAPRepPart" => compare::<EncApRepPart, theirs::EncApRepPart>(name, &octets),
            "EncTicketPart" => compare::<EncTicketPart, theirs::EncTicketPart>(name, &octets),
            "Ticket" => {
                compare::<Ticket, theirs::Ticket>(name, &octets);
                row("decode, keep", name, &octets, || {
                    assert!(Raw::<Ticket>::decode(black_box(&octets)).is_ok());
                });
            }
            _ => {}
        }
    }
}

fn compare<T: Message, U: rasn::Decode + rasn::Encode>(name: &str, octets: &[u8]) {
    let (Ok(ours), Ok(theirs)) = (T::decode(octets), rasn::der::decode::<U>(octets)) else {
        return println!("{name}: can't be read");
    };
    row("decode", name, octets, || {
        assert!(T::decode(black_box(octets)).is_ok());
    });
    row("encode", name, octets, || {
        assert!(black_box(&ours).encode().is_ok());
    });
    row("decode (rasn)", name, octets, || {
        assert!(rasn::der::decode::<U>(black_box(octets)).is_ok());
    });
    row("encode (rasn)", name, octets, || {
        assert!(rasn::der::encode(black_box(&theirs)).is_ok());
    });
}

fn row(what: &str, with: &str, octets: &[u8], operation: impl FnMut()) {
    if is_wanted(&[what, with]) {
        print(&Row {
            what,
            with,
            octets: octets.len(),
            time: measure(operation),
            floor: None,
        });
    }
}

fn hex(digits: &str) -> Vec<u8> {
    digits
        .as_bytes()
        .chunks_exact(2)
        .filter_map(|pair| str::from_utf8(pair).ok())
        .filter_map(|pair| u8::from_str_radix(pair, 16).ok())
        .collect()
}

const REFERENCE: &str = include_str!("../../vectors/mit-asn1/reference.tsv");
