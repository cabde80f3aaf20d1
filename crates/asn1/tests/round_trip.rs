//! Whatever a message says, it says after encoding and decoding.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a broken vector or message fails the test that uses it"
)]

mod common;

use common::strategies::extensions::{
    iakerb_finished, iakerb_header, negotiation_token, pa_authentication_set, pa_fx_fast_reply,
    pa_fx_fast_request, pa_pac_options, pa_spake, spake_second_factor,
};
use common::strategies::preauth::{
    auth_pack, kdc_dh_key_info, pa_otp_challenge, pa_otp_pin_change, pa_otp_request, pa_pk_as_rep,
    pa_pk_as_req, reply_key_pack,
};
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

    #[test]
    fn messages_of_extensions_survive_encoding(
        pa_fx_fast_request in pa_fx_fast_request(),
        pa_fx_fast_reply in pa_fx_fast_reply(),
        krb_fast_req in Alphabet::Octets.krb_fast_req(),
        krb_fast_response in Alphabet::Octets.krb_fast_response(),
        pa_authentication_set in pa_authentication_set(),
        pa_for_user in Alphabet::Octets.pa_for_user(),
        pa_s4u_x509_user in Alphabet::Octets.pa_s4u_x509_user(),
        pa_pac_options in pa_pac_options(),
        ad_cammac in Alphabet::Octets.ad_cammac(),
        pa_spake in pa_spake(),
        spake_second_factor in spake_second_factor(),
    ) {
        survives(&pa_fx_fast_request)?;
        survives(&pa_fx_fast_reply)?;
        survives(&krb_fast_req)?;
        survives(&krb_fast_response)?;
        survives(&pa_authentication_set)?;
        survives(&pa_for_user)?;
        survives(&pa_s4u_x509_user)?;
        survives(pa_s4u_x509_user.user_id.value())?;
        survives(&pa_pac_options)?;
        survives(&ad_cammac)?;
        survives(&pa_spake)?;
        survives(&spake_second_factor)?;
    }

    #[test]
    fn one_time_passwords_and_public_keys_survive_encoding(
        pa_otp_challenge in pa_otp_challenge(),
        pa_otp_request in pa_otp_request(),
        pa_otp_pin_change in pa_otp_pin_change(),
        pa_pk_as_req in pa_pk_as_req(),
        auth_pack in auth_pack(),
        pa_pk_as_rep in pa_pk_as_rep(),
        kdc_dh_key_info in kdc_dh_key_info(),
        reply_key_pack in reply_key_pack(),
    ) {
        survives(&pa_otp_challenge)?;
        survives(&pa_otp_request)?;
        survives(&pa_otp_pin_change)?;
        survives(&pa_pk_as_req)?;
        survives(&auth_pack)?;
        survives(&pa_pk_as_rep)?;
        survives(&kdc_dh_key_info)?;
        survives(&reply_key_pack)?;
    }

    #[test]
    fn what_carries_messages_passwords_and_tokens_survives_encoding(
        change_passwd_data in Alphabet::Octets.change_passwd_data(),
        kdc_proxy_message in Alphabet::Octets.kdc_proxy_message(),
        iakerb_header in iakerb_header(),
        kerb_tgt_request in Alphabet::Octets.kerb_tgt_request(),
        kerb_tgt_reply in Alphabet::Octets.kerb_tgt_reply(),
        iakerb_finished in iakerb_finished(),
        negotiation_token in negotiation_token(),
    ) {
        survives(&change_passwd_data)?;
        survives(&kdc_proxy_message)?;
        survives(&iakerb_header)?;
        survives(&kerb_tgt_request)?;
        survives(&kerb_tgt_reply)?;
        survives(&iakerb_finished)?;
        survives(&negotiation_token)?;
    }
}

fn survives<T: Message + PartialEq + Debug>(message: &T) -> Result<(), TestCaseError> {
    let octets = message.encode().expect("every message can be encoded");
    let decoded = T::decode(&octets);
    proptest::prop_assert_eq!(decoded.as_ref(), Ok(message));
    Ok(())
}
