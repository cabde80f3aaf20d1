//! Authentication indicators (RFC 8129): how the client was authenticated, in a CAMMAC of the KDC (RFC 7751).

use alloc::string::String;
use alloc::vec::Vec;

use orthros_asn1::{
    AdAuthenticationIndicator, AdCammac, AdType, AuthorizationDataEntry, Message as _, VerifierMac,
};
use orthros_crypto::{Key, KeyUsage};

/// The indicators in an element of a ticket's authorization data.
///
/// A KDC copies what clients ask it to into tickets, so an element counts only in a container whose MAC is in the key
/// of the service, which the client does not have. Others are ignored, and so are those that can't be read: they grant
/// nothing.
pub(super) fn of_element(element: &AuthorizationDataEntry, service_key: &Key) -> Vec<String> {
    match element.ad_type {
        AdType::CAMMAC => in_container(&element.ad_data, service_key),
        _ => Vec::new(),
    }
}

fn in_container(container: &[u8], service_key: &Key) -> Vec<String> {
    let Ok(container) = AdCammac::decode(container) else {
        return Vec::new();
    };
    let is_signed = container
        .svc_verifier
        .is_some_and(|verifier| is_valid(&verifier, service_key, container.elements.octets()));
    if !is_signed {
        return Vec::new();
    }
    let elements = container.elements.value().iter();
    let indicators = elements.filter(|e| e.ad_type == AdType::AUTHENTICATION_INDICATOR);
    indicators
        .flat_map(|e| AdAuthenticationIndicator::decode(&e.ad_data).unwrap_or_default())
        .collect()
}

fn is_valid(verifier: &VerifierMac, service_key: &Key, elements: &[u8]) -> bool {
    let mac = &verifier.mac;
    mac.cksumtype.0 == service_key.enctype().checksum_type().number()
        && service_key
            .verify_checksum(KeyUsage::CAMMAC, elements, &mac.checksum)
            .is_ok()
}
