//! The kernels of RFC 4121 tokens, for each enctype: seal, open and sign in place, keys prepared.
//!
//! Sealing is confounder | message | copy of the header, in place, and the tag behind it; so this is
//! a whole token but for its first 16 octets.

use std::hint::black_box;

use orthros_benches::{
    Floor, Row, is_asked_for, is_wanted, measure, measure_batches, print, print_head,
};
use orthros_crypto::{Enctype, Key, KeyUsage};

fn main() {
    let floor = if is_asked_for() {
        Floor::run()
    } else {
        Floor::default()
    };
    let sizes = if is_asked_for() {
        &SIZES[..]
    } else {
        &SIZES[..1]
    };
    print_head();
    for enctype in Enctype::ALL {
        let octets = vec![7; enctype.key_len()];
        let Ok(key) = Key::new(*enctype, &octets) else {
            continue;
        };
        let is_wanted =
            |what, octets: usize| is_wanted(&[what, enctype.name(), &octets.to_string()]);
        for octets in sizes.iter().copied() {
            if is_wanted("seal", octets) {
                seal(&key, octets, &floor);
            }
            if is_wanted("open", octets) {
                open(&key, octets, &floor);
            }
            if is_wanted("sign", octets) {
                sign(&key, octets, &floor);
            }
        }
        if is_wanted("derive", 0) {
            derive(&key);
        }
        if is_wanted("string-to-key", 0) && is_asked_for() {
            string_to_key(*enctype);
        }
        if is_wanted("string-to-key (pbkdf2)", 0) && is_asked_for() {
            pbkdf2_crate(*enctype);
        }
    }
}

fn seal(key: &Key, octets: usize, floor: &Floor) {
    let encryptor = key.encryptor(KeyUsage::INITIATOR_SEAL);
    let mut buffer = vec![0x41; token_len(key, octets)];
    let time = measure(|| {
        let sealed = encryptor.encrypt_in_place(black_box(&mut buffer));
        assert!(sealed.is_ok());
    });
    let name = format!("wrapfloor_conf_et{}", key.enctype().number());
    let floor = floor.figure(&name, octets);
    print(&Row {
        what: "seal",
        with: key.enctype().name(),
        octets,
        time,
        floor,
    });
}

fn open(key: &Key, octets: usize, floor: &Floor) {
    let encryptor = key.encryptor(KeyUsage::INITIATOR_SEAL);
    let decryptor = key.decryptor(KeyUsage::INITIATOR_SEAL);
    let mut token = vec![0x41; token_len(key, octets)];
    assert!(encryptor.encrypt_in_place(&mut token).is_ok());
    let batch = (1 << 18) / token.len() + 1;
    let time = measure_batches(
        batch,
        |count| vec![token.clone(); count],
        |token| {
            let opened = decryptor.decrypt_in_place(black_box(token));
            assert!(opened.is_ok());
        },
    );
    let name = format!("unwrapfloor_conf_et{}", key.enctype().number());
    let floor = floor.figure(&name, octets);
    print(&Row {
        what: "open",
        with: key.enctype().name(),
        octets,
        time,
        floor,
    });
}

fn sign(key: &Key, octets: usize, floor: &Floor) {
    let mac = key.mac(KeyUsage::INITIATOR_SIGN);
    let (message, header) = (vec![0x41; octets], [4; HEADER_LEN]);
    let time = measure(|| {
        black_box(mac.sign(black_box(&[&message, &header])));
    });
    let is_sha1 = matches!(key.enctype().number(), 17 | 18);
    let floor = floor.figure("micfloor_sha1", octets).filter(|_| is_sha1);
    print(&Row {
        what: "sign",
        with: key.enctype().name(),
        octets,
        time,
        floor,
    });
}

fn derive(key: &Key) {
    let time = measure(|| {
        black_box(key.encryptor(black_box(KeyUsage::INITIATOR_SEAL)));
    });
    print(&Row {
        what: "derive",
        with: key.enctype().name(),
        octets: 0,
        time,
        floor: None,
    });
}

fn string_to_key(enctype: Enctype) {
    let time = measure(|| {
        let key = enctype.string_to_key(black_box(b"password"), b"EXAMPLE.COMuser", None);
        assert!(key.is_ok());
    });
    print(&Row {
        what: "string-to-key",
        with: enctype.name(),
        octets: 0,
        time,
        floor: None,
    });
}

/// The `pbkdf2` crate with the hash, the iterations and the length of this enctype: the most of what string-to-key
/// does.
fn pbkdf2_crate(enctype: Enctype) {
    let mut key = vec![0; enctype.key_len()];
    let (password, salt) = (b"password", b"EXAMPLE.COMuser");
    let time = measure(|| match enctype.number() {
        17 | 18 => pbkdf2::pbkdf2_hmac::<sha1::Sha1>(black_box(password), salt, 4096, &mut key),
        19 => pbkdf2::pbkdf2_hmac::<sha2::Sha256>(black_box(password), salt, 32768, &mut key),
        20 => pbkdf2::pbkdf2_hmac::<sha2::Sha384>(black_box(password), salt, 32768, &mut key),
        _ => pbkdf2::pbkdf2_hmac::<sha1::Sha1>(black_box(password), salt, 32768, &mut key),
    });
    print(&Row {
        what: "string-to-key (pbkdf2)",
        with: enctype.name(),
        octets: 0,
        time,
        floor: None,
    });
}

fn token_len(key: &Key, octets: usize) -> usize {
    key.enctype().ciphertext_len(octets + HEADER_LEN)
}

/// Octets of the header of an RFC 4121 token.
const HEADER_LEN: usize = 16;

const SIZES: [usize; 4] = [64, 1024, 16384, 1 << 20];
