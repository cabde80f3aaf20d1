//! The pseudo-random function of contexts, by MIT krb5's vectors.

use orthros_krb5::ap::pseudo_random;
use orthros_krb5::crypto::{Enctype, Key};
use orthros_testing::vectors::stanzas;

#[test]
fn the_pseudo_random_function_is_mits() {
    for case in stanzas("mit-gssapi/pseudo-random.txt") {
        let enctype = Enctype::from_number(case.parse("enctype")).unwrap();
        let key = Key::new(enctype, &case.octets("key")).unwrap();
        let (input, expected) = (case.octets("input"), case.octets("output"));
        let mut output = vec![0; expected.len()];
        pseudo_random(&key, &input, &mut output).unwrap();
        assert_eq!(output, expected, "{}", case.place());
    }
}

#[test]
fn a_shorter_output_is_the_beginning_of_a_longer_one() {
    let enctype = Enctype::AES256_CTS_HMAC_SHA384_192;
    let key = Key::new(enctype, &[7; 32]).unwrap();
    let mut whole = [0; 200];
    pseudo_random(&key, b"input", &mut whole).unwrap();
    for length in 0..200 {
        let mut output = vec![0; length];
        pseudo_random(&key, b"input", &mut output).unwrap();
        assert_eq!(output, whole[..length]);
    }
}
