//! Arbitrary messages of the protocol's extensions.

use super::{
    Alphabet, authorization_data, checksum, encrypted_data, key, method_data, microseconds, octets,
    time,
};
use orthros_asn1::spnego::{
    ContextFlags, NegHints, NegState, NegTokenInit, NegTokenResp, NegotiationToken,
};
use orthros_asn1::{
    AdCammac, ChangePasswdData, EncryptionType, FastArmorType, FastOptions, IakerbFinished,
    IakerbHeader, KdcProxyMessage, KerberosString, KrbFastArmor, KrbFastArmoredRep,
    KrbFastArmoredReq, KrbFastFinished, KrbFastReq, KrbFastResponse, ObjectIdentifier,
    PaAuthenticationSetElem, PaDataType, PaForUser, PaFxFastReply, PaFxFastRequest, PaPacOptions,
    PaS4uX509User, PaSpake, PacOptions, Raw, S4uUserId, S4uUserOptions, SecretOctets,
    SpakeChallenge, SpakeGroup, SpakeResponse, SpakeSecondFactor, SpakeSecondFactorType,
    SpakeSupport, UInt32, Verifier, VerifierMac,
};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::{Strategy, any};

impl Alphabet {
    pub(crate) fn krb_fast_req(self) -> impl Strategy<Value = KrbFastReq> {
        (any::<u32>(), method_data(), self.kdc_req_body()).prop_map(|(options, padata, body)| {
            KrbFastReq {
                fast_options: FastOptions::from_bits_retain(options),
                padata,
                req_body: Raw::new(body).expect("a request can be encoded"),
            }
        })
    }

    pub(crate) fn krb_fast_response(self) -> impl Strategy<Value = KrbFastResponse> {
        let tail = (of(self.krb_fast_finished()), any::<u32>());
        (method_data(), of(key()), tail).prop_map(|(padata, strengthen_key, (finished, nonce))| {
            KrbFastResponse {
                padata,
                strengthen_key,
                finished,
                nonce: UInt32(nonce),
            }
        })
    }

    fn krb_fast_finished(self) -> impl Strategy<Value = KrbFastFinished> {
        (time(), microseconds(), self.name(), checksum()).prop_map(
            |(timestamp, usec, (crealm, cname), ticket_checksum)| KrbFastFinished {
                timestamp,
                usec,
                crealm,
                cname,
                ticket_checksum,
            },
        )
    }

    pub(crate) fn pa_for_user(self) -> impl Strategy<Value = PaForUser> {
        (self.name(), checksum(), self.string()).prop_map(
            |((user_realm, user_name), cksum, auth_package)| PaForUser {
                user_name,
                user_realm,
                cksum,
                auth_package,
            },
        )
    }

    pub(crate) fn pa_s4u_x509_user(self) -> impl Strategy<Value = PaS4uX509User> {
        let name = (of(self.principal()), self.string());
        let tail = (of(octets()), of(any::<u32>()));
        let user_id = (any::<u32>(), name, tail).prop_map(|(nonce, name, tail)| S4uUserId {
            nonce: UInt32(nonce),
            cname: name.0,
            crealm: name.1,
            subject_certificate: tail.0,
            options: tail.1.map(S4uUserOptions::from_bits_retain),
        });
        (user_id, checksum()).prop_map(|(user_id, checksum)| PaS4uX509User {
            user_id: Raw::new(user_id).expect("a user can be encoded"),
            checksum,
        })
    }

    pub(crate) fn ad_cammac(self) -> impl Strategy<Value = AdCammac> {
        let verifiers = (of(self.verifier_mac()), of(self.verifier_mac()));
        let others = of(vec(self.verifier_mac().prop_map(Verifier::Mac), 0..3));
        (authorization_data(), verifiers, others).prop_map(
            |(elements, (kdc_verifier, svc_verifier), other_verifiers)| AdCammac {
                elements: Raw::new(elements).expect("authorization data can be encoded"),
                kdc_verifier,
                svc_verifier,
                other_verifiers,
            },
        )
    }

    pub(crate) fn change_passwd_data(self) -> impl Strategy<Value = ChangePasswdData> {
        let target = (of(self.principal()), of(self.string()));
        (octets(), target).prop_map(|(newpasswd, (targname, targrealm))| ChangePasswdData {
            newpasswd: SecretOctets::new(newpasswd.0),
            targname,
            targrealm,
        })
    }

    pub(crate) fn kdc_proxy_message(self) -> impl Strategy<Value = KdcProxyMessage> {
        let target = (of(self.string()), of(any::<u32>()));
        (octets(), target).prop_map(|(kerb_message, (target_domain, hint))| KdcProxyMessage {
            kerb_message,
            target_domain,
            dclocator_hint: hint.map(UInt32),
        })
    }

    fn verifier_mac(self) -> impl Strategy<Value = VerifierMac> {
        let whose = (of(self.principal()), of(any::<u32>()), of(any::<i32>()));
        (whose, checksum()).prop_map(|((identifier, kvno, enctype), mac)| VerifierMac {
            identifier,
            kvno: kvno.map(UInt32),
            enctype: enctype.map(EncryptionType),
            mac,
        })
    }
}

pub(crate) fn pa_fx_fast_request() -> impl Strategy<Value = PaFxFastRequest> {
    let armor = (any::<i32>(), octets()).prop_map(|(armor_type, armor_value)| KrbFastArmor {
        armor_type: FastArmorType(armor_type),
        armor_value,
    });
    (of(armor), checksum(), encrypted_data()).prop_map(|(armor, req_checksum, enc_fast_req)| {
        PaFxFastRequest::ArmoredData(KrbFastArmoredReq {
            armor,
            req_checksum,
            enc_fast_req,
        })
    })
}

pub(crate) fn pa_fx_fast_reply() -> impl Strategy<Value = PaFxFastReply> {
    encrypted_data()
        .prop_map(|enc_fast_rep| PaFxFastReply::ArmoredData(KrbFastArmoredRep { enc_fast_rep }))
}

pub(crate) fn pa_authentication_set() -> impl Strategy<Value = Vec<PaAuthenticationSetElem>> {
    let elem = (any::<i32>(), of(octets()), of(octets())).prop_map(|(pa_type, hint, value)| {
        PaAuthenticationSetElem {
            pa_type: PaDataType(pa_type),
            pa_hint: hint,
            pa_value: value,
        }
    });
    vec(elem, 0..4)
}

pub(crate) fn pa_pac_options() -> impl Strategy<Value = PaPacOptions> {
    any::<u32>().prop_map(|options| PaPacOptions {
        flags: PacOptions::from_bits_retain(options),
    })
}

pub(crate) fn iakerb_header() -> impl Strategy<Value = IakerbHeader> {
    (any::<String>(), of(octets())).prop_map(|(target_realm, cookie)| IakerbHeader {
        target_realm,
        cookie,
    })
}

pub(crate) fn iakerb_finished() -> impl Strategy<Value = IakerbFinished> {
    checksum().prop_map(|gss_mic| IakerbFinished { gss_mic })
}

pub(crate) fn pa_spake() -> impl Strategy<Value = PaSpake> {
    let group = || any::<i32>().prop_map(SpakeGroup);
    let challenge = (group(), octets(), vec(spake_second_factor(), 0..3));
    proptest::prop_oneof![
        vec(group(), 0..4).prop_map(|groups| PaSpake::Support(SpakeSupport { groups })),
        challenge.prop_map(|(group, pubkey, factors)| {
            PaSpake::Challenge(SpakeChallenge {
                group,
                pubkey,
                factors,
            })
        }),
        (octets(), encrypted_data())
            .prop_map(|(pubkey, factor)| PaSpake::Response(SpakeResponse { pubkey, factor })),
        encrypted_data().prop_map(PaSpake::Encdata),
    ]
}

pub(crate) fn spake_second_factor() -> impl Strategy<Value = SpakeSecondFactor> {
    (any::<i32>(), of(octets())).prop_map(|(factor_type, data)| SpakeSecondFactor {
        factor_type: SpakeSecondFactorType(factor_type),
        data,
    })
}

pub(crate) fn negotiation_token() -> impl Strategy<Value = NegotiationToken> {
    proptest::prop_oneof![
        neg_token_init().prop_map(NegotiationToken::Init),
        neg_token_resp().prop_map(NegotiationToken::Resp),
    ]
}

fn neg_token_init() -> impl Strategy<Value = NegTokenInit> {
    let hints = (of(octets()), of(octets())).prop_map(|(name, address)| NegHints {
        hint_name: name.map(|name| KerberosString(name.0)),
        hint_address: address,
    });
    let tail = (of(hints), of(octets()));
    (
        vec(object_identifier(), 0..5),
        of(any::<u32>()),
        of(octets()),
        tail,
    )
        .prop_map(
            |(mech_types, flags, mech_token, (neg_hints, mech_list_mic))| NegTokenInit {
                mech_types: Raw::new(mech_types).expect("a list can be encoded"),
                req_flags: flags.map(ContextFlags::from_bits_retain),
                mech_token,
                neg_hints,
                mech_list_mic,
            },
        )
}

fn neg_token_resp() -> impl Strategy<Value = NegTokenResp> {
    let state = proptest::sample::select(vec![
        NegState::AcceptCompleted,
        NegState::AcceptIncomplete,
        NegState::Reject,
        NegState::RequestMic,
    ]);
    (
        of(state),
        of(object_identifier()),
        of(octets()),
        of(octets()),
    )
        .prop_map(
            |(neg_state, supported_mech, response_token, mech_list_mic)| NegTokenResp {
                neg_state,
                supported_mech,
                response_token,
                mech_list_mic,
            },
        )
}

pub(crate) fn object_identifier() -> impl Strategy<Value = ObjectIdentifier> {
    vec(1_u8..0x80, 1..10).prop_map(|arcs| ObjectIdentifier::new(&arcs).expect("small arcs"))
}
