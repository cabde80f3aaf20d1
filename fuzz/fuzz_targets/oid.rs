//! Object identifiers, as text and as DER.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthros::Oid;

fuzz_target!(|data: &[u8]| {
    let text = str::from_utf8(data).ok();
    if let Some(oid) = text.and_then(|text| text.parse::<Oid>().ok()) {
        assert_eq!(oid.to_string().parse(), Ok(oid));
        assert_eq!(Oid::from_der(&oid.to_der()), Ok(oid));
    }
    if let Ok(oid) = Oid::from_der(data) {
        assert_eq!(oid.to_der(), data);
        assert_eq!(oid.to_string().parse(), Ok(oid));
    }
});
