//! Arbitrary messages of one-time passwords, PKINIT and user-to-user.

use super::extensions::object_identifier;
use super::{Alphabet, checksum, encrypted_data, key, microseconds, octets, time};
use orthros_asn1::{
    AlgorithmIdentifier, AnyValue, AuthPack, BitString, DhRepInfo, Exactly,
    ExternalPrincipalIdentifier, KdcDhKeyInfo, KdfAlgorithmId, KerbTgtReply, KerbTgtRequest,
    KerberosString, Message, OtpFlags, OtpFormat, OtpTokenInfo, PaChecksum2, PaOtpChallenge,
    PaOtpPinChange, PaOtpRequest, PaPkAsRep, PaPkAsReq, PkAuthenticator, Raw, ReplyKeyPack,
    SecretOctets, SecretString, UInt32,
};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::{Strategy, any};

impl Alphabet {
    pub(crate) fn kerb_tgt_request(self) -> impl Strategy<Value = KerbTgtRequest> {
        (of(self.principal()), of(self.string())).prop_map(|(server_name, realm)| KerbTgtRequest {
            pvno: Exactly,
            msg_type: Exactly,
            server_name,
            realm,
        })
    }

    pub(crate) fn kerb_tgt_reply(self) -> impl Strategy<Value = KerbTgtReply> {
        self.ticket().prop_map(|ticket| KerbTgtReply {
            pvno: Exactly,
            msg_type: Exactly,
            ticket: Raw::new(ticket).expect("a ticket can be encoded"),
        })
    }
}

pub(crate) fn pa_otp_challenge() -> impl Strategy<Value = PaOtpChallenge> {
    let tail = (of(octets()), of(octets()));
    (
        octets(),
        of(any::<String>()),
        vec(otp_token_info(), 0..3),
        tail,
    )
        .prop_map(
            |(nonce, otp_service, otp_token_info, (salt, s2kparams))| PaOtpChallenge {
                nonce,
                otp_service,
                otp_token_info,
                salt: salt.map(|salt| KerberosString(salt.0)),
                s2kparams,
            },
        )
}

fn otp_token_info() -> impl Strategy<Value = OtpTokenInfo> {
    let head = (
        any::<u32>(),
        of(any::<String>()),
        of(octets()),
        of(any::<i32>()),
    );
    let middle = (of(any::<i32>()), of(octets()), of(any::<String>()));
    let tail = (of(vec(algorithm(), 0..3)), of(any::<i32>()));
    (head, middle, tail).prop_map(|(head, middle, tail)| OtpTokenInfo {
        flags: OtpFlags::from_bits_retain(head.0),
        otp_vendor: head.1,
        otp_challenge: head.2,
        otp_length: head.3,
        otp_format: middle.0.map(OtpFormat),
        otp_token_id: middle.1,
        otp_alg_id: middle.2,
        supported_hash_alg: tail.0,
        iteration_count: tail.1,
    })
}

pub(crate) fn pa_otp_request() -> impl Strategy<Value = PaOtpRequest> {
    let head = (
        any::<u32>(),
        of(octets()),
        encrypted_data(),
        of(algorithm()),
    );
    let secrets = (of(any::<i32>()), of(octets()), of(any::<String>()));
    let middle = (of(octets()), of(time()), of(octets()), of(any::<i32>()));
    let tail = (of(octets()), of(any::<String>()), of(any::<String>()));
    (head, secrets, middle, tail).prop_map(|(head, secrets, middle, tail)| PaOtpRequest {
        flags: OtpFlags::from_bits_retain(head.0),
        nonce: head.1,
        enc_data: head.2,
        hash_alg: head.3,
        iteration_count: secrets.0,
        otp_value: secrets.1.map(|value| SecretOctets::new(value.0)),
        otp_pin: secrets.2.map(SecretString::new),
        otp_challenge: middle.0,
        otp_time: middle.1,
        otp_counter: middle.2,
        otp_format: middle.3.map(OtpFormat),
        otp_token_id: tail.0,
        otp_alg_id: tail.1,
        otp_vendor: tail.2,
    })
}

pub(crate) fn pa_otp_pin_change() -> impl Strategy<Value = PaOtpPinChange> {
    let limits = (of(any::<i32>()), of(any::<i32>()));
    (any::<u32>(), of(any::<String>()), limits).prop_map(|(flags, pin, limits)| PaOtpPinChange {
        flags: OtpFlags::from_bits_retain(flags),
        pin: pin.map(SecretString::new),
        min_length: limits.0,
        max_length: limits.1,
    })
}

pub(crate) fn pa_pk_as_req() -> impl Strategy<Value = PaPkAsReq> {
    let certifier = (of(octets()), of(octets()), of(octets())).prop_map(|(name, serial, key)| {
        ExternalPrincipalIdentifier {
            subject_name: name,
            issuer_and_serial_number: serial,
            subject_key_identifier: key,
        }
    });
    (octets(), of(vec(certifier, 0..3)), of(octets())).prop_map(
        |(signed_auth_pack, trusted_certifiers, kdc_pk_id)| PaPkAsReq {
            signed_auth_pack,
            trusted_certifiers,
            kdc_pk_id,
        },
    )
}

pub(crate) fn auth_pack() -> impl Strategy<Value = AuthPack> {
    let value = of(algorithm()).prop_map(|algorithm| {
        algorithm.map(|algorithm| {
            let octets = algorithm.encode().expect("an algorithm can be encoded");
            AnyValue::new(&octets).expect("what was encoded is a value")
        })
    });
    let tail = (of(octets()), of(vec(kdf(), 0..3)));
    (pk_authenticator(), value, of(vec(algorithm(), 0..3)), tail).prop_map(
        |(pk_authenticator, client_public_value, supported_cms_types, tail)| AuthPack {
            pk_authenticator,
            client_public_value,
            supported_cms_types,
            client_dh_nonce: tail.0,
            supported_kdfs: tail.1,
        },
    )
}

fn pk_authenticator() -> impl Strategy<Value = PkAuthenticator> {
    let second = (octets(), algorithm()).prop_map(|(checksum, algorithm)| PaChecksum2 {
        checksum,
        algorithm_identifier: algorithm,
    });
    let tail = (of(octets()), of(octets()), of(second));
    (microseconds(), time(), any::<u32>(), tail).prop_map(|(cusec, ctime, nonce, tail)| {
        PkAuthenticator {
            cusec,
            ctime,
            nonce: UInt32(nonce),
            pa_checksum: tail.0,
            freshness_token: tail.1,
            pa_checksum2: tail.2,
        }
    })
}

pub(crate) fn pa_pk_as_rep() -> impl Strategy<Value = PaPkAsRep> {
    let info = (octets(), of(octets()), of(kdf())).prop_map(|(signed, nonce, kdf)| DhRepInfo {
        dh_signed_data: signed,
        server_dh_nonce: nonce,
        kdf,
    });
    proptest::prop_oneof![
        info.prop_map(PaPkAsRep::DhInfo),
        octets().prop_map(PaPkAsRep::EncKeyPack),
    ]
}

pub(crate) fn kdc_dh_key_info() -> impl Strategy<Value = KdcDhKeyInfo> {
    (octets(), any::<u32>(), of(time())).prop_map(|(key, nonce, expiration)| KdcDhKeyInfo {
        subject_public_key: BitString(key.0),
        nonce: UInt32(nonce),
        dh_key_expiration: expiration,
    })
}

pub(crate) fn reply_key_pack() -> impl Strategy<Value = ReplyKeyPack> {
    (key(), checksum()).prop_map(|(reply_key, as_checksum)| ReplyKeyPack {
        reply_key,
        as_checksum,
    })
}

fn kdf() -> impl Strategy<Value = KdfAlgorithmId> {
    object_identifier().prop_map(|kdf_id| KdfAlgorithmId { kdf_id })
}

fn algorithm() -> impl Strategy<Value = AlgorithmIdentifier> {
    let parameters = octets().prop_map(|octets| {
        let value = [
            &[0x04, octets.len().to_le_bytes()[0] & 0x7F][..],
            &octets[..octets.len() & 0x7F],
        ]
        .concat();
        AnyValue::new(&value).expect("a short OCTET STRING")
    });
    (object_identifier(), of(parameters)).prop_map(|(algorithm, parameters)| AlgorithmIdentifier {
        algorithm,
        parameters,
    })
}
