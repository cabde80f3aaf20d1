//! Whatever a message says, it says after encoding and decoding.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a broken vector or message fails the test that uses it"
)]

mod common;

use common::strategies::{
    Alphabet, ad_and_or, ap_rep, authorization_data, enc_ap_rep_part, enc_krb_priv_part,
    etype_info, krb_priv, krb_safe, method_data, pa_enc_ts_enc, typed_data,
};
use core::fmt::Debug;
use orthros_asn1::{EncAsRepPart, EncTgsRepPart, Message, PaPacRequest};
use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::test_runner::TestCaseError;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn messages_survive_encoding(
        as_req in Alphabet::Octets.as_req(),
        as_rep in Alphabet::Octets.as_rep(),
        tgs_req in Alphabet::Octets.tgs_req(),
        tgs_rep in Alphabet::Octets.tgs_rep(),
        ap_req in Alphabet::Octets.ap_req(),
        ap_rep in ap_rep(),
        krb_cred in Alphabet::Octets.krb_cred(),
        krb_error in Alphabet::Octets.krb_error(),
        krb_safe in krb_safe(),
        krb_priv in krb_priv(),
    ) {
        survives(&as_req)?;
        survives(&as_rep)?;
        survives(&tgs_req)?;
        survives(&tgs_rep)?;
        survives(&ap_req)?;
        survives(&ap_rep)?;
        survives(&krb_cred)?;
        survives(&krb_error)?;
        survives(&krb_safe)?;
        survives(krb_safe.safe_body.value())?;
        survives(&krb_priv)?;
    }

    #[test]
    fn encrypted_parts_survive_encoding(
        enc_ticket_part in Alphabet::Octets.enc_ticket_part(),
        enc_kdc_rep_part in Alphabet::Octets.enc_kdc_rep_part(),
        authenticator in Alphabet::Octets.authenticator(),
        enc_ap_rep_part in enc_ap_rep_part(),
        enc_krb_cred_part in Alphabet::Octets.enc_krb_cred_part(),
        enc_krb_priv_part in enc_krb_priv_part(),
        pa_enc_ts_enc in pa_enc_ts_enc(),
    ) {
        survives(&enc_ticket_part)?;
        survives(&EncAsRepPart(enc_kdc_rep_part.clone()))?;
        survives(&EncTgsRepPart(enc_kdc_rep_part))?;
        survives(&authenticator)?;
        survives(&enc_ap_rep_part)?;
        survives(&enc_krb_cred_part)?;
        survives(&enc_krb_priv_part)?;
        survives(&pa_enc_ts_enc)?;
    }

    #[test]
    fn what_stands_in_typed_holes_survives_encoding(
        ticket in Alphabet::Octets.ticket(),
        principal in Alphabet::Octets.principal(),
        etype_info2 in Alphabet::Octets.etype_info2(),
        method_data in method_data(),
        authorization_data in authorization_data(),
        typed_data in typed_data(),
        etype_info in etype_info(),
        ad_kdc_issued in Alphabet::Octets.ad_kdc_issued(),
        ad_and_or in ad_and_or(),
        include_pac in any::<bool>(),
    ) {
        survives(&ticket)?;
        survives(&principal)?;
        survives(&etype_info2)?;
        survives(&method_data)?;
        survives(&authorization_data)?;
        survives(&typed_data)?;
        survives(&etype_info)?;
        survives(&ad_kdc_issued)?;
        survives(&ad_and_or)?;
        survives(&PaPacRequest { include_pac })?;
    }
}

fn survives<T: Message + PartialEq + Debug>(message: &T) -> Result<(), TestCaseError> {
    let octets = message.encode().expect("every message can be encoded");
    let decoded = T::decode(&octets);
    proptest::prop_assert_eq!(decoded.as_ref(), Ok(message));
    Ok(())
}
