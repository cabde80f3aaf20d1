//! RC4 where it is allowed, with the hints of its time; and each way in that a KDC, or an attacker in its place, may
//! offer where it is not.

use orthros_asn1::{
    Checksum, CksumType, EncryptionKey, EncryptionType, EtypeInfo, EtypeInfo2Entry, EtypeInfoEntry,
    Message as _, PaDataType, PaForUser, PaS4uX509User, Raw, S4uUserOptions, SecretOctets,
};
use orthros_crypto::{Enctype, Key, KeyUsage, md4};
use orthros_krb5::{
    AsRequestOptions, ExchangeError, FastArmor, FastUse, InitialTicket, KdcRefusalError,
    ReplyError, TgsExchange, TgsRequestOptions,
};

use orthros_types::{Credential, Duration, Principal};

use crate::support::*;

const RC4: Enctype = Enctype::ARCFOUR_HMAC;
const SWITCH: &str = ": it needs allow_rc4 = true in [libdefaults]";

fn entry(enctype: Enctype) -> EtypeInfoEntry {
    EtypeInfoEntry {
        etype: EncryptionType(enctype.number()),
        salt: Some(b"any salt".as_slice().into()),
    }
}

/// A KDC of before RFC 4120, which says how keys are made in ETYPE-INFO alone.
fn old_kdc(entries: EtypeInfo) -> Kdc {
    let mut kdc = Kdc::with_enctype(RC4);
    kdc.gives_etype_info = false;
    let info = entries.encode().unwrap();
    kdc.more_method_data = vec![padata(PaDataType::ETYPE_INFO, &info)];
    kdc
}

fn allowing_rc4() -> AsRequestOptions {
    let mut options = options();
    options.enctypes.push(RC4);
    options
}

fn log_in(kdc: &mut Kdc, options: AsRequestOptions) -> Result<InitialTicket, ExchangeError> {
    acquire(options, password(PASSWORD), |request| {
        kdc.answer(&request.message)
    })
}

#[test]
fn the_old_hint_is_read_where_there_is_no_newer_one() {
    let mut kdc = old_kdc(vec![entry(RC4)]);
    log_in(&mut kdc, allowing_rc4()).unwrap();
    // The newer one counts where both are there.
    let mut kdc = Kdc::new();
    let info = vec![entry(RC4)].encode().unwrap();
    kdc.more_method_data = vec![padata(PaDataType::ETYPE_INFO, &info)];
    log_in(&mut kdc, allowing_rc4()).unwrap();
}

#[test]
fn aes_is_taken_of_an_old_hint_that_has_both() {
    let mut kdc = old_kdc(vec![entry(RC4), entry(AES256)]);
    let salt = b"any salt";
    kdc.client_key = AES256
        .string_to_key(PASSWORD.as_bytes(), salt, None)
        .unwrap();
    log_in(&mut kdc, allowing_rc4()).unwrap();
}

#[test]
fn a_hint_that_has_rc4_alone_is_refused_where_it_is_not_allowed() {
    let mut newer = Kdc::with_enctype(RC4);
    newer.etype_info = vec![EtypeInfo2Entry {
        etype: EncryptionType(23),
        salt: None,
        s2kparams: None,
    }];
    for mut kdc in [newer, old_kdc(vec![entry(RC4)])] {
        let refused = refusal(log_in(&mut kdc, options()));
        assert!(matches!(
            refused,
            KdcRefusalError::EnctypeNotSupported { error: None, .. }
        ));
        let text = refused.to_string();
        assert!(
            text.contains("arcfour-hmac is asked for only with allow_rc4 = true in [libdefaults]"),
            "{text}"
        );
    }
}

#[test]
fn string_to_key_parameters_for_rc4_are_refused() {
    let mut kdc = Kdc::with_enctype(RC4);
    kdc.etype_info[0].s2kparams = Some([0, 0, 16, 0].as_slice().into());
    let defect = defect(log_in(&mut kdc, allowing_rc4()));
    assert!(matches!(defect, ReplyError::KeyParameters(_)), "{defect:?}");
}

#[test]
fn a_reply_encrypted_in_rc4_is_refused_where_it_is_not_allowed() {
    let mut kdc = Kdc::with_enctype(RC4);
    kdc.requires_preauth = false;
    let defect = defect(log_in(&mut kdc, options()));
    assert_eq!(defect, ReplyError::EnctypeNotRequested(EncryptionType(23)));
    assert!(defect.to_string().ends_with(SWITCH), "{defect}");
}

fn rc4_session_key(draft: &mut Draft) {
    draft.part.key.keytype = EncryptionType(23);
    draft.part.key.keyvalue = SecretOctets::new(vec![1; 16]);
}

#[test]
fn a_session_key_of_rc4_is_refused_where_it_is_not_allowed() {
    let of_as = defect(log_in(&mut Kdc::spoiling(rc4_session_key), options()));
    let mut kdc = Kdc::spoiling(rc4_session_key);
    let exchange = TgsExchange::new(&tgt(), http(), TgsRequestOptions::default()).unwrap();
    let of_tgs = defect(obtain(exchange, |request| kdc.answer(&request.message)));
    for defect in [of_as, of_tgs] {
        assert_eq!(
            defect,
            ReplyError::SessionKeyNotRequested(EncryptionType(23))
        );
        assert!(defect.to_string().ends_with(SWITCH), "{defect}");
    }
}

/// Active Directory seals the tickets of a fresh service account so, under a session key of AES: what a ticket is
/// sealed in is between the KDC and the service.
#[test]
fn a_ticket_sealed_in_rc4_is_none_of_the_client_s_business() {
    let mut kdc = Kdc::new();
    kdc.tgs_key = Key::new(RC4, &[7; 16]).unwrap();
    let ticket = log_in(&mut kdc, options()).unwrap();
    let header = ticket.credential.ticket_header().unwrap();
    assert_eq!(header.enctype, EncryptionType(23));
}

/// What comes of a login under armor of AES-128 when the KDC adds a key of this enctype.
fn strengthened(keytype: i32, enctypes: &[Enctype]) -> Result<InitialTicket, ExchangeError> {
    let mut kdc = FastKdc::spoiling(move |response| {
        if response.finished.is_some() {
            response.strengthen_key = Some(EncryptionKey {
                keytype: EncryptionType(keytype),
                keyvalue: SecretOctets::new(vec![1; 16]),
            });
        }
    });
    let mut options = options();
    options.enctypes = enctypes.to_vec();
    options.armor = Some(FastArmor {
        ticket: tgt_in(AES128),
        usage: FastUse::Required,
        kdc_offset: Duration::ZERO,
    });
    acquire(options, password(PASSWORD), |request| {
        kdc.answer(&request.message)
    })
}

#[test]
fn a_strengthen_key_of_rc4_is_refused_where_it_is_not_allowed() {
    let refused = defect(strengthened(23, &[AES256]));
    assert_eq!(
        refused,
        ReplyError::StrengthenKeyNotRequested(EncryptionType(23))
    );
    assert!(refused.to_string().ends_with(SWITCH), "{refused}");
    // Taken, it is not the one that the KDC has encrypted with, so that nothing opens.
    assert!(matches!(
        refusal(strengthened(23, &[AES256, RC4])),
        KdcRefusalError::WrongSecret { .. }
    ));
}

/// As of MIT's KDC, which goes by the key that the client has used.
#[test]
fn a_strengthen_key_of_the_armors_enctype_is_taken_whatever_is_asked_for() {
    let number = AES128.number();
    assert!(matches!(
        refusal(strengthened(number, &[AES256])),
        KdcRefusalError::WrongSecret { .. }
    ));
}

/// What a KDC makes of a user's name under RC4.
struct UserReply {
    /// The user that it repeats.
    named: PaS4uX509User,
    /// What the encrypted part repeats, if anything.
    encrypted: Option<Vec<u8>>,
    subkey: Key,
}

impl UserReply {
    /// The checksum without a key, as Windows has it.
    fn unkeyed(&mut self) {
        let sum = md4(self.named.user_id.octets());
        self.named.checksum = Checksum {
            cksumtype: CksumType::RSA_MD4,
            checksum: sum.as_slice().into(),
        };
    }

    fn keyed(&mut self, usage: KeyUsage) {
        let sum = self.subkey.checksum(usage, self.named.user_id.octets());
        self.named.checksum = Checksum {
            cksumtype: CksumType::HMAC_MD5,
            checksum: sum.as_ref().into(),
        };
    }

    fn name(&mut self, user: &str) {
        let mut user_id = self.named.user_id.value().clone();
        user_id.cname = Some(name(&[user]));
        self.named.user_id = Raw::new(user_id).unwrap();
    }
}

/// A ticket to alice in bob's name. The KDC answers as Windows' does but for `change`.
fn in_bobs_name(change: impl Fn(&mut UserReply)) -> Result<Credential, ExchangeError> {
    let (bob, tgt) = (Principal::new(REALM, ["bob"]), tgt_in(RC4));
    let options = TgsRequestOptions {
        fast: None,
        ..TgsRequestOptions::default()
    };
    let exchange = TgsExchange::for_user(&tgt, bob, options).unwrap();
    let mut kdc = Kdc::new();
    let ticket = obtain(exchange, |request| {
        let sent = tgs_req(&request.message).0;
        let (_, authenticator) = kdc.shown(&sent);
        let data = sent.padata.unwrap();
        let value = |wanted| {
            let found = data.iter().find(|data| data.padata_type == wanted);
            &found.unwrap().padata_value
        };
        let keyed = PaForUser::decode(value(PaDataType::FOR_USER)).unwrap();
        assert_eq!(keyed.cksum.cksumtype, CksumType::HMAC_MD5);
        let named = PaS4uX509User::decode(value(PaDataType::FOR_X509_USER)).unwrap();
        assert_eq!(named.checksum.cksumtype, CksumType::RSA_MD4);
        assert_eq!(*named.checksum.checksum, md4(named.user_id.octets()));
        let options = Some(S4uUserOptions::USE_REPLY_KEY_USAGE);
        assert_eq!(named.user_id.options, options);
        let sum = named.checksum.checksum.to_vec();
        let mut reply = UserReply {
            named,
            encrypted: Some([&sum[..], &sum].concat()),
            subkey: to_key(&authenticator.subkey.unwrap()),
        };
        change(&mut reply);
        let outside = padata(PaDataType::FOR_X509_USER, &reply.named.encode().unwrap());
        let inside = reply.encrypted.take();
        let inside = inside.map(|both| vec![padata(PaDataType::FOR_X509_USER, &both)]);
        kdc.tamper = Box::new(move |draft| {
            draft.cname = name(&["bob"]);
            draft.padata.push(outside.clone());
            draft.part.encrypted_pa_data.clone_from(&inside);
        });
        kdc.answer(&request.message)
    });
    ticket.map(|ticket| ticket.credential)
}

#[test]
fn a_users_name_under_md4_is_taken_where_the_encrypted_part_repeats_both_checksums() {
    let windows = in_bobs_name(|_| {}).unwrap();
    assert_eq!(windows.client, Principal::new(REALM, ["bob"]));
    // A checksum with a key says as much as under other enctypes.
    in_bobs_name(|reply| {
        reply.keyed(KeyUsage::S4U_X509_USER_REPLY);
        reply.encrypted = None;
    })
    .unwrap();
}

#[test]
fn a_users_name_under_md4_that_the_encrypted_part_does_not_repeat_is_refused() {
    let refused = |change: fn(&mut UserReply)| {
        assert_eq!(defect(in_bobs_name(change)), ReplyError::UserChecksum);
    };
    refused(|reply| reply.encrypted = None);
    refused(|reply| reply.encrypted = Some(Vec::new()));
    refused(|reply| reply.encrypted.as_mut().unwrap().truncate(16));
    // The user was changed in the request: the KDC has seen another checksum.
    refused(|reply| reply.encrypted.as_mut().unwrap()[0] ^= 1);
    // The user is changed in the reply.
    refused(|reply| {
        reply.name("mallory");
        reply.unkeyed();
    });
    refused(|reply| reply.name("mallory"));
    refused(|reply| {
        reply.keyed(KeyUsage::S4U_X509_USER_REQUEST);
        reply.encrypted = None;
    });
    refused(|reply| reply.named.checksum.cksumtype = CksumType::RSA_MD5);
    refused(|reply| reply.named.checksum.cksumtype = CksumType::HMAC_MD5);
}
