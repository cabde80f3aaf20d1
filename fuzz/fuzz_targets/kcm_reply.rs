//! Replies of KCM daemons, read as the result of each operation: what is read is what was there, and no more.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthros_types::ccache::{CacheFormat, decode_credential, encode_credential, encode_principal};
use orthros_types::kcm::{KcmReply, KcmReplyHead, KcmRequest, LONGEST_REPLY, REPLY_HEAD};

fuzz_target!(|data: &[u8]| {
    if let Some(head) = data.first_chunk::<REPLY_HEAD>()
        && let Ok(head) = KcmReplyHead::decode(*head)
    {
        assert!(head.length <= LONGEST_REPLY as usize);
    }
    let Ok(reply) = KcmReply::decode(data) else {
        assert!(data.len() < 4);
        return;
    };
    let result = &data[4..];
    if let Ok(name) = reply.clone().name() {
        assert_eq!([name, &[0]].concat(), result);
        // A name that came from the daemon can be sent back to it.
        KcmRequest::GetPrincipal { cache: name }.encode().expect("it has no zero octet");
    }
    if let Ok(uuids) = reply.clone().uuids() {
        let octets: Vec<u8> = uuids.iter().flat_map(|uuid| uuid.0).collect();
        assert_eq!(octets, result);
    }
    if let Ok(Some(principal)) = reply.clone().principal() {
        assert_eq!(*encode_principal(&principal).expect("what was read can be written"), *result);
    }
    if let Ok(offset) = reply.clone().kdc_offset() {
        assert_eq!(offset.to_be_bytes(), result);
    }
    if let Ok(credential) = reply.clone().credential() {
        let cache = b"name";
        let credential = &credential;
        KcmRequest::Store { cache, credential }.encode().expect("what was read can be stored");
        KcmRequest::RemoveCred { cache, credential }.encode().expect("and removed");
    }
    if let Ok(credentials) = reply.credentials() {
        let octets: usize = credentials.iter().map(|each| each.ticket.len()).sum();
        assert!(octets <= data.len() && credentials.len() <= data.len());
        for credential in &credentials {
            let written = encode_credential(credential, CacheFormat::Version4);
            let written = written.expect("what was read can be written");
            assert_eq!(decode_credential(&written).as_ref(), Ok(credential));
        }
    }
});
