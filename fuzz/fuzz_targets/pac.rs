//! PACs: no buffer of theirs panics or is read as more than there is; logon info is written so that it reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthros_crypto::{Enctype, Key};
use orthros_pac::{Claims, DelegationInfo, DeviceInfo, LogonInfo, Pac, UpnDnsInfo};
use orthros_types::{Principal, Timestamp};

fuzz_target!(|data: &[u8]| {
    // Each buffer alone, which is how most of the input is read at all.
    let info = allocation_counter::measure(|| {
        let _ = (UpnDnsInfo::decode(data), DelegationInfo::decode(data));
        let _ = (DeviceInfo::decode(data), Claims::decode(data));
        read_logon_info(data);
    });
    // The largest thing for its bytes is a SID: 12 bytes there, 72 here; a vector of them grows once.
    let room = data.len() as u64 * 64 + 65_536;
    assert!(
        info.bytes_total <= room,
        "{} bytes of {}",
        info.bytes_total,
        data.len()
    );

    let Ok(pac) = Pac::parse(data) else {
        return;
    };
    let sizes: usize = pac.buffers().map(|(_, contents)| contents.len()).sum();
    assert!(sizes < data.len(), "no two buffers share a byte");
    let _ = (pac.client_info(), pac.attributes_info(), pac.requestor());
    let _ = (pac.client_claims(), pac.device_claims(), pac.device_info());
    let _ = (pac.logon_info(), pac.upn_dns_info(), pac.delegation_info());
    let enctype = Enctype::AES256_CTS_HMAC_SHA1_96;
    let key = Key::new(enctype, &[7; 32]).expect("as many as it takes");
    let _ = (
        pac.verify_kdc_signature(&key),
        pac.verify_full_signature(&key),
    );
    let client = Principal::new("R", ["alice"]);
    assert!(
        pac.verify(&key, &client, Timestamp::EPOCH).is_err(),
        "its key is not known"
    );
});

fn read_logon_info(data: &[u8]) {
    if let Ok(info) = LogonInfo::decode(data) {
        let sids = info.group_sids().count() + usize::from(info.user_sid().is_some());
        assert!(sids <= data.len() / 8);
        let written = info.encode().expect("what was read can be written");
        assert_eq!(LogonInfo::decode(&written).expect("and read"), info);
    }
}
