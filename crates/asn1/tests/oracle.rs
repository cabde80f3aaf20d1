//! `rasn-kerberos`, another reading of the same ASN.1, agrees where it is right.
//!
//! It is not right about names outside of ASCII, 32-bit numbers in their signed form, `KerberosFlags`
//! and strictness; what is generated here avoids the first two, and the others are not asked of it.
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
use orthros_asn1::{
    EncTgsRepPart, EncryptionKey, KerberosString, KerberosTime, Message, PrincipalName, Raw, UInt32,
};
use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};
use proptest::test_runner::TestCaseError;
use rasn_kerberos as theirs;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn both_write_the_same_messages(
        as_req in Alphabet::Ia5.as_req(),
        as_rep in Alphabet::Ia5.as_rep(),
        tgs_req in Alphabet::Ia5.tgs_req(),
        tgs_rep in Alphabet::Ia5.tgs_rep(),
        ap_req in Alphabet::Ia5.ap_req(),
        ap_rep in ap_rep(),
        krb_cred in Alphabet::Ia5.krb_cred(),
        krb_error in Alphabet::Ia5.krb_error(),
        krb_safe in krb_safe(),
        krb_priv in krb_priv(),
    ) {
        they_agree::<theirs::AsReq>(&as_req)?;
        they_agree::<theirs::AsRep>(&as_rep)?;
        they_agree::<theirs::TgsReq>(&tgs_req)?;
        they_agree::<theirs::TgsRep>(&tgs_rep)?;
        they_agree::<theirs::ApReq>(&ap_req)?;
        they_agree::<theirs::ApRep>(&ap_rep)?;
        they_agree::<theirs::KrbCred>(&krb_cred)?;
        they_agree::<theirs::KrbError>(&krb_error)?;
        they_agree::<theirs::KrbSafe>(&krb_safe)?;
        they_agree::<theirs::KrbPriv>(&krb_priv)?;
    }

    #[test]
    fn both_write_the_same_parts(
        enc_kdc_rep_part in Alphabet::Ia5.enc_kdc_rep_part(),
        enc_ap_rep_part in enc_ap_rep_part(),
        enc_krb_cred_part in Alphabet::Ia5.enc_krb_cred_part(),
        enc_krb_priv_part in enc_krb_priv_part(),
        etype_info in etype_info(),
        ad_kdc_issued in Alphabet::Ia5.ad_kdc_issued(),
        ad_and_or in ad_and_or(),
        pa_enc_ts_enc in pa_enc_ts_enc(),
        etype_info2 in Alphabet::Ia5.etype_info2(),
        method_data in method_data(),
        authorization_data in authorization_data(),
        typed_data in typed_data(),
    ) {
        they_agree::<theirs::EncTgsRepPart>(&EncTgsRepPart(enc_kdc_rep_part))?;
        they_agree::<theirs::EncApRepPart>(&enc_ap_rep_part)?;
        they_agree::<theirs::EncKrbCredPart>(&enc_krb_cred_part)?;
        they_agree::<theirs::EncKrbPrivPart>(&enc_krb_priv_part)?;
        they_agree::<theirs::EtypeInfo>(&etype_info)?;
        they_agree::<theirs::AdKdcIssued>(&ad_kdc_issued)?;
        they_agree::<theirs::AdAndOr>(&ad_and_or)?;
        they_agree::<theirs::PaEncTsEnc>(&pa_enc_ts_enc)?;
        they_agree::<theirs::EtypeInfo2>(&etype_info2)?;
        they_agree::<theirs::MethodData>(&method_data)?;
        they_agree::<theirs::AuthorizationData>(&authorization_data)?;
        they_agree::<Vec<theirs::TypedDataItem>>(&typed_data)?;
    }

    #[test]
    fn both_write_the_same_cammac(mut ad_cammac in Alphabet::Ia5.ad_cammac()) {
        // They have no CAMMAC without other verifiers.
        ad_cammac.other_verifiers.get_or_insert_default();
        they_agree::<theirs::AdCammac>(&ad_cammac)?;
    }

    #[test]
    fn both_read_the_same_ticket(ours in Alphabet::Ia5.enc_ticket_part()) {
        let theirs = they_agree::<theirs::EncTicketPart>(&ours)?;
        prop_assert_eq!(ours.flags.bits().to_be_bytes(), theirs.flags.0.as_raw_slice());
        same_key(&ours.key, &theirs.key)?;
        same_name((&ours.crealm, &ours.cname), (&theirs.crealm, &theirs.cname))?;
        prop_assert_eq!(ours.transited.tr_type.0, theirs.transited.r#type);
        prop_assert_eq!(&*ours.transited.contents, &*theirs.transited.contents);
        prop_assert_eq!(ours.authtime.seconds(), theirs.auth_time.0.timestamp());
        prop_assert_eq!(seconds(ours.starttime), their_seconds(theirs.start_time));
        prop_assert_eq!(ours.endtime.seconds(), theirs.end_time.0.timestamp());
        prop_assert_eq!(seconds(ours.renew_till), their_seconds(theirs.renew_till));
        let addresses = ours.caddr.unwrap_or_default();
        let their_addresses = theirs.caddr.unwrap_or_default();
        prop_assert_eq!(addresses.len(), their_addresses.len());
        for (ours, theirs) in addresses.iter().zip(&their_addresses) {
            prop_assert_eq!(ours.addr_type.0, theirs.addr_type);
            prop_assert_eq!(&*ours.address, &*theirs.address);
        }
    }

    #[test]
    fn both_read_the_same_authenticator(ours in Alphabet::Ia5.authenticator()) {
        let theirs = they_agree::<theirs::Authenticator>(&ours)?;
        same_name((&ours.crealm, &ours.cname), (&theirs.crealm, &theirs.cname))?;
        prop_assert_eq!(ours.cksum.is_some(), theirs.cksum.is_some());
        if let (Some(ours), Some(theirs)) = (&ours.cksum, &theirs.cksum) {
            prop_assert_eq!(ours.cksumtype.0, theirs.r#type);
            prop_assert_eq!(&*ours.checksum, &*theirs.checksum);
        }
        prop_assert_eq!(theirs.cusec, ours.cusec.value().into());
        prop_assert_eq!(ours.ctime.seconds(), theirs.ctime.0.timestamp());
        prop_assert_eq!(ours.subkey.is_some(), theirs.subkey.is_some());
        if let (Some(ours), Some(theirs)) = (&ours.subkey, &theirs.subkey) {
            same_key(ours, theirs)?;
        }
        prop_assert_eq!(ours.seq_number.map(|UInt32(number)| number), theirs.seq_number);
    }

    #[test]
    fn both_read_the_same_request(ours in Alphabet::Ia5.kdc_req_body()) {
        let theirs = they_agree::<theirs::KdcReqBody>(&ours)?;
        prop_assert_eq!(ours.kdc_options.bits().to_be_bytes(), theirs.kdc_options.0.as_raw_slice());
        if let (Some(cname), Some(their_cname)) = (&ours.cname, &theirs.cname) {
            same_name((&ours.realm, cname), (&theirs.realm, their_cname))?;
        }
        if let (Some(sname), Some(their_sname)) = (&ours.sname, &theirs.sname) {
            same_name((&ours.realm, sname), (&theirs.realm, their_sname))?;
        }
        prop_assert_eq!(seconds(ours.from), their_seconds(theirs.from));
        prop_assert_eq!(ours.till.seconds(), theirs.till.0.timestamp());
        prop_assert_eq!(seconds(ours.rtime), their_seconds(theirs.rtime));
        prop_assert_eq!(ours.nonce.0, theirs.nonce);
        let etypes: Vec<i32> = ours.etype.iter().map(|etype| etype.0).collect();
        prop_assert_eq!(etypes, theirs.etype);
        let tickets = ours.additional_tickets.unwrap_or_default();
        for (ours, theirs) in tickets.iter().zip(theirs.additional_tickets.iter().flatten()) {
            prop_assert_eq!(ours.octets(), rasn::der::encode(theirs).expect("their ticket"));
            same_ticket(ours, theirs)?;
        }
    }
}

/// They can read what we write, and write the same.
fn they_agree<T: rasn::Decode + rasn::Encode>(ours: &impl Message) -> Result<T, TestCaseError> {
    let octets = ours.encode().expect("every message can be encoded");
    let theirs: T = rasn::der::decode(&octets).map_err(|error| {
        TestCaseError::fail(format!("they refuse what we write: {error}; {octets:02x?}"))
    })?;
    prop_assert_eq!(rasn::der::encode(&theirs).expect("their own"), octets);
    Ok(theirs)
}

fn same_ticket(
    ours: &Raw<orthros_asn1::Ticket>,
    theirs: &theirs::Ticket,
) -> Result<(), TestCaseError> {
    same_name((&ours.realm, &ours.sname), (&theirs.realm, &theirs.sname))?;
    prop_assert_eq!(ours.enc_part.etype.0, theirs.enc_part.etype);
    prop_assert_eq!(
        ours.enc_part.kvno.map(|UInt32(kvno)| kvno),
        theirs.enc_part.kvno
    );
    prop_assert_eq!(&*ours.enc_part.cipher, &*theirs.enc_part.cipher);
    Ok(())
}

fn same_name(
    (realm, name): (&KerberosString, &PrincipalName),
    (their_realm, their_name): (&theirs::Realm, &theirs::PrincipalName),
) -> Result<(), TestCaseError> {
    prop_assert_eq!(&**realm, &**their_realm);
    prop_assert_eq!(name.name_type.0, their_name.r#type);
    let components: Vec<&[u8]> = name
        .name_string
        .iter()
        .map(|component| &**component)
        .collect();
    let their_components: Vec<&[u8]> = their_name
        .string
        .iter()
        .map(|component| component.as_slice())
        .collect();
    prop_assert_eq!(components, their_components);
    Ok(())
}

fn same_key(ours: &EncryptionKey, theirs: &theirs::EncryptionKey) -> Result<(), TestCaseError> {
    prop_assert_eq!(ours.keytype.0, theirs.r#type);
    prop_assert_eq!(ours.keyvalue.expose(), &*theirs.value);
    Ok(())
}

fn seconds(time: Option<KerberosTime>) -> Option<i64> {
    time.map(KerberosTime::seconds)
}

fn their_seconds(time: Option<theirs::KerberosTime>) -> Option<i64> {
    time.map(|time| time.0.timestamp())
}
