//! Arbitrary messages.

pub(crate) mod extensions;
pub(crate) mod preauth;

use orthros_asn1::{
    AdAndOr, AdKdcIssued, AdType, AddressType, ApOptions, ApRep, ApReq, AsRep, AsReq,
    Authenticator, AuthorizationDataEntry, Checksum, CksumType, EncApRepPart, EncKdcRepPart,
    EncKrbCredPart, EncKrbPrivPart, EncTicketPart, EncryptedData, EncryptionKey, EncryptionType,
    ErrorCode, EtypeInfo2Entry, EtypeInfoEntry, Exactly, HostAddress, KdcOptions, KdcRep, KdcReq,
    KdcReqBody, KerberosString, KerberosTime, KrbCred, KrbCredInfo, KrbError, KrbPriv, KrbSafe,
    KrbSafeBody, LastReqEntry, LastReqType, Microseconds, NameType, Octets, PaData, PaDataType,
    PaEncTsEnc, PrincipalName, Raw, Realm, SecretOctets, TdType, TgsRep, TgsReq, Ticket,
    TicketFlags, TransitedEncoding, TransitedType, TypedDataEntry, UInt32,
};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::{Strategy, any};

/// Which octets names and texts have.
#[derive(Clone, Copy)]
pub(crate) enum Alphabet {
    /// Any.
    Octets,
    /// What the RFC allows.
    Ia5,
}

impl Alphabet {
    pub(crate) fn string(self) -> impl Strategy<Value = KerberosString> {
        let mask = match self {
            Self::Octets => 0xFF,
            Self::Ia5 => 0x7F,
        };
        vec(any::<u8>().prop_map(move |octet| octet & mask), 0..12).prop_map(KerberosString)
    }

    pub(crate) fn principal(self) -> impl Strategy<Value = PrincipalName> {
        (any::<i32>(), vec(self.string(), 0..4)).prop_map(|(name_type, name_string)| {
            PrincipalName {
                name_type: NameType(name_type),
                name_string,
            }
        })
    }

    fn name(self) -> impl Strategy<Value = (Realm, PrincipalName)> {
        (self.string(), self.principal())
    }

    pub(crate) fn ticket(self) -> impl Strategy<Value = Ticket> {
        (self.name(), encrypted_data()).prop_map(|((realm, sname), enc_part)| Ticket {
            tkt_vno: Exactly,
            realm,
            sname,
            enc_part,
        })
    }

    fn raw_ticket(self) -> impl Strategy<Value = Raw<Ticket>> {
        self.ticket()
            .prop_map(|ticket| Raw::new(ticket).expect("a ticket can be encoded"))
    }

    pub(crate) fn enc_ticket_part(self) -> impl Strategy<Value = EncTicketPart> {
        let head = (flags(), key(), self.name(), transited());
        let times = (time(), of(time()), time(), of(time()));
        let tail = (of(addresses()), of(authorization_data()));
        (head, times, tail).prop_map(|(head, times, (caddr, authorization_data))| EncTicketPart {
            flags: head.0,
            key: head.1,
            crealm: head.2.0,
            cname: head.2.1,
            transited: head.3,
            authtime: times.0,
            starttime: times.1,
            endtime: times.2,
            renew_till: times.3,
            caddr,
            authorization_data,
        })
    }

    pub(crate) fn kdc_req_body(self) -> impl Strategy<Value = KdcReqBody> {
        let names = (of(self.principal()), self.string(), of(self.principal()));
        let times = (of(time()), time(), of(time()));
        let numbers = (any::<u32>(), any::<u32>(), vec(any::<i32>(), 0..5));
        let tail = (
            of(addresses()),
            of(encrypted_data()),
            of(vec(self.raw_ticket(), 0..3)),
        );
        (names, times, numbers, tail).prop_map(|(names, times, numbers, tail)| KdcReqBody {
            kdc_options: KdcOptions::from_bits_retain(numbers.0),
            cname: names.0,
            realm: names.1,
            sname: names.2,
            from: times.0,
            till: times.1,
            rtime: times.2,
            nonce: UInt32(numbers.1),
            etype: numbers.2.into_iter().map(EncryptionType).collect(),
            addresses: tail.0,
            enc_authorization_data: tail.1,
            additional_tickets: tail.2,
        })
    }

    fn kdc_req<const MSG: i32>(self) -> impl Strategy<Value = KdcReq<MSG>> {
        (of(method_data()), self.kdc_req_body()).prop_map(|(padata, body)| KdcReq {
            pvno: Exactly,
            msg_type: Exactly,
            padata,
            req_body: Raw::new(body).expect("a request can be encoded"),
        })
    }

    pub(crate) fn as_req(self) -> impl Strategy<Value = AsReq> {
        self.kdc_req().prop_map(AsReq)
    }

    pub(crate) fn tgs_req(self) -> impl Strategy<Value = TgsReq> {
        self.kdc_req().prop_map(TgsReq)
    }

    fn kdc_rep<const MSG: i32>(self) -> impl Strategy<Value = KdcRep<MSG>> {
        let parts = (of(method_data()), self.name(), self.raw_ticket());
        (parts, encrypted_data()).prop_map(|((padata, name, ticket), enc_part)| KdcRep {
            pvno: Exactly,
            msg_type: Exactly,
            padata,
            crealm: name.0,
            cname: name.1,
            ticket,
            enc_part,
        })
    }

    pub(crate) fn as_rep(self) -> impl Strategy<Value = AsRep> {
        self.kdc_rep().prop_map(AsRep)
    }

    pub(crate) fn tgs_rep(self) -> impl Strategy<Value = TgsRep> {
        self.kdc_rep().prop_map(TgsRep)
    }

    pub(crate) fn enc_kdc_rep_part(self) -> impl Strategy<Value = EncKdcRepPart> {
        let last_req = vec((any::<i32>(), time()), 0..3);
        let head = (key(), last_req, any::<u32>(), of(time()), flags());
        let times = (time(), of(time()), time(), of(time()));
        let tail = (self.name(), of(addresses()), of(method_data()));
        (head, times, tail).prop_map(|(head, times, tail)| EncKdcRepPart {
            key: head.0,
            last_req: head
                .1
                .into_iter()
                .map(|(lr_type, lr_value)| LastReqEntry {
                    lr_type: LastReqType(lr_type),
                    lr_value,
                })
                .collect(),
            nonce: UInt32(head.2),
            key_expiration: head.3,
            flags: head.4,
            authtime: times.0,
            starttime: times.1,
            endtime: times.2,
            renew_till: times.3,
            srealm: tail.0.0,
            sname: tail.0.1,
            caddr: tail.1,
            encrypted_pa_data: tail.2,
        })
    }

    pub(crate) fn ap_req(self) -> impl Strategy<Value = ApReq> {
        (any::<u32>(), self.raw_ticket(), encrypted_data()).prop_map(
            |(options, ticket, authenticator)| ApReq {
                pvno: Exactly,
                msg_type: Exactly,
                ap_options: ApOptions::from_bits_retain(options),
                ticket,
                authenticator,
            },
        )
    }

    pub(crate) fn authenticator(self) -> impl Strategy<Value = Authenticator> {
        let head = (self.name(), of(checksum()), microseconds(), time());
        let tail = (of(key()), of(any::<u32>()), of(authorization_data()));
        (head, tail).prop_map(|(head, tail)| Authenticator {
            authenticator_vno: Exactly,
            crealm: head.0.0,
            cname: head.0.1,
            cksum: head.1,
            cusec: head.2,
            ctime: head.3,
            subkey: tail.0,
            seq_number: tail.1.map(UInt32),
            authorization_data: tail.2,
        })
    }

    pub(crate) fn krb_cred(self) -> impl Strategy<Value = KrbCred> {
        (vec(self.raw_ticket(), 0..3), encrypted_data()).prop_map(|(tickets, enc_part)| KrbCred {
            pvno: Exactly,
            msg_type: Exactly,
            tickets,
            enc_part,
        })
    }

    fn krb_cred_info(self) -> impl Strategy<Value = KrbCredInfo> {
        let head = (key(), of(self.string()), of(self.principal()), of(flags()));
        let times = (of(time()), of(time()), of(time()), of(time()));
        let tail = (of(self.string()), of(self.principal()), of(addresses()));
        (head, times, tail).prop_map(|(head, times, tail)| KrbCredInfo {
            key: head.0,
            prealm: head.1,
            pname: head.2,
            flags: head.3,
            authtime: times.0,
            starttime: times.1,
            endtime: times.2,
            renew_till: times.3,
            srealm: tail.0,
            sname: tail.1,
            caddr: tail.2,
        })
    }

    pub(crate) fn enc_krb_cred_part(self) -> impl Strategy<Value = EncKrbCredPart> {
        let head = (vec(self.krb_cred_info(), 0..3), of(any::<u32>()));
        let tail = (of(time()), of(microseconds()), of(address()), of(address()));
        (head, tail).prop_map(|(head, tail)| EncKrbCredPart {
            ticket_info: head.0,
            nonce: head.1.map(UInt32),
            timestamp: tail.0,
            usec: tail.1,
            s_address: tail.2,
            r_address: tail.3,
        })
    }

    pub(crate) fn krb_error(self) -> impl Strategy<Value = KrbError> {
        let times = (of(time()), of(microseconds()), time(), microseconds());
        let client = (of(self.string()), of(self.principal()));
        let tail = (any::<i32>(), of(self.string()), of(octets()));
        (times, client, self.name(), tail).prop_map(|(times, client, server, tail)| KrbError {
            pvno: Exactly,
            msg_type: Exactly,
            ctime: times.0,
            cusec: times.1,
            stime: times.2,
            susec: times.3,
            error_code: ErrorCode(tail.0),
            crealm: client.0,
            cname: client.1,
            realm: server.0,
            sname: server.1,
            e_text: tail.1,
            e_data: tail.2,
        })
    }

    pub(crate) fn ad_kdc_issued(self) -> impl Strategy<Value = AdKdcIssued> {
        let issuer = (of(self.string()), of(self.principal()));
        (checksum(), issuer, authorization_data()).prop_map(
            |(ad_checksum, (i_realm, i_sname), elements)| AdKdcIssued {
                ad_checksum,
                i_realm,
                i_sname,
                elements: Raw::new(elements).expect("authorization data can be encoded"),
            },
        )
    }

    pub(crate) fn etype_info2(self) -> impl Strategy<Value = Vec<EtypeInfo2Entry>> {
        let entry = (any::<i32>(), of(self.string()), of(octets()));
        vec(
            entry.prop_map(|(etype, salt, s2kparams)| EtypeInfo2Entry {
                etype: EncryptionType(etype),
                salt,
                s2kparams,
            }),
            0..4,
        )
    }
}

pub(crate) fn ap_rep() -> impl Strategy<Value = ApRep> {
    encrypted_data().prop_map(|enc_part| ApRep {
        pvno: Exactly,
        msg_type: Exactly,
        enc_part,
    })
}

pub(crate) fn enc_ap_rep_part() -> impl Strategy<Value = EncApRepPart> {
    (time(), microseconds(), of(key()), of(any::<u32>())).prop_map(
        |(ctime, cusec, subkey, seq_number)| EncApRepPart {
            ctime,
            cusec,
            subkey,
            seq_number: seq_number.map(UInt32),
        },
    )
}

pub(crate) fn krb_safe() -> impl Strategy<Value = KrbSafe> {
    let times = (of(time()), of(microseconds()), of(any::<u32>()));
    let body = (octets(), times, address(), of(address())).prop_map(
        |(user_data, times, s_address, r_address)| KrbSafeBody {
            user_data,
            timestamp: times.0,
            usec: times.1,
            seq_number: times.2.map(UInt32),
            s_address,
            r_address,
        },
    );
    (body, checksum()).prop_map(|(body, cksum)| KrbSafe {
        pvno: Exactly,
        msg_type: Exactly,
        safe_body: Raw::new(body).expect("a body can be encoded"),
        cksum,
    })
}

pub(crate) fn krb_priv() -> impl Strategy<Value = KrbPriv> {
    encrypted_data().prop_map(|enc_part| KrbPriv {
        pvno: Exactly,
        msg_type: Exactly,
        enc_part,
    })
}

pub(crate) fn enc_krb_priv_part() -> impl Strategy<Value = EncKrbPrivPart> {
    let times = (of(time()), of(microseconds()), of(any::<u32>()));
    (octets(), times, address(), of(address())).prop_map(
        |(user_data, times, s_address, r_address)| EncKrbPrivPart {
            user_data: SecretOctets::new(user_data.0),
            timestamp: times.0,
            usec: times.1,
            seq_number: times.2.map(UInt32),
            s_address,
            r_address,
        },
    )
}

pub(crate) fn etype_info() -> impl Strategy<Value = Vec<EtypeInfoEntry>> {
    let entry = (any::<i32>(), of(octets())).prop_map(|(etype, salt)| EtypeInfoEntry {
        etype: EncryptionType(etype),
        salt,
    });
    vec(entry, 0..4)
}

pub(crate) fn ad_and_or() -> impl Strategy<Value = AdAndOr> {
    (any::<i32>(), authorization_data()).prop_map(|(condition_count, elements)| AdAndOr {
        condition_count,
        elements,
    })
}

pub(crate) fn pa_enc_ts_enc() -> impl Strategy<Value = PaEncTsEnc> {
    (time(), of(microseconds())).prop_map(|(patimestamp, pausec)| PaEncTsEnc {
        patimestamp,
        pausec,
    })
}

pub(crate) fn method_data() -> impl Strategy<Value = Vec<PaData>> {
    let entry = (any::<i32>(), octets()).prop_map(|(padata_type, padata_value)| PaData {
        padata_type: PaDataType(padata_type),
        padata_value,
    });
    vec(entry, 0..4)
}

pub(crate) fn authorization_data() -> impl Strategy<Value = Vec<AuthorizationDataEntry>> {
    let entry = (any::<i32>(), octets()).prop_map(|(ad_type, ad_data)| AuthorizationDataEntry {
        ad_type: AdType(ad_type),
        ad_data,
    });
    vec(entry, 0..4)
}

pub(crate) fn typed_data() -> impl Strategy<Value = Vec<TypedDataEntry>> {
    let entry = (any::<i32>(), of(octets())).prop_map(|(data_type, data_value)| TypedDataEntry {
        data_type: TdType(data_type),
        data_value,
    });
    vec(entry, 0..4)
}

fn octets() -> impl Strategy<Value = Octets> {
    // Long enough for each form of length octets that messages have.
    let length = proptest::prop_oneof![0_usize..20, 120_usize..140, 250_usize..260];
    length
        .prop_flat_map(|length| vec(any::<u8>(), length))
        .prop_map(Octets)
}

fn time() -> impl Strategy<Value = KerberosTime> {
    (KerberosTime::EPOCH.seconds()..=KerberosTime::MAX.seconds())
        .prop_map(|seconds| KerberosTime::from_seconds(seconds).expect("in range"))
}

fn microseconds() -> impl Strategy<Value = Microseconds> {
    (0..=Microseconds::MAX.value()).prop_map(|value| Microseconds::new(value).expect("in range"))
}

fn flags() -> impl Strategy<Value = TicketFlags> {
    any::<u32>().prop_map(TicketFlags::from_bits_retain)
}

fn key() -> impl Strategy<Value = EncryptionKey> {
    (any::<i32>(), octets()).prop_map(|(keytype, octets)| EncryptionKey {
        keytype: EncryptionType(keytype),
        keyvalue: SecretOctets::new(octets.0),
    })
}

fn checksum() -> impl Strategy<Value = Checksum> {
    (any::<i32>(), octets()).prop_map(|(cksumtype, checksum)| Checksum {
        cksumtype: CksumType(cksumtype),
        checksum,
    })
}

fn encrypted_data() -> impl Strategy<Value = EncryptedData> {
    (any::<i32>(), of(any::<u32>()), octets()).prop_map(|(etype, kvno, cipher)| EncryptedData {
        etype: EncryptionType(etype),
        kvno: kvno.map(UInt32),
        cipher,
    })
}

fn transited() -> impl Strategy<Value = TransitedEncoding> {
    (any::<i32>(), octets()).prop_map(|(tr_type, contents)| TransitedEncoding {
        tr_type: TransitedType(tr_type),
        contents,
    })
}

fn address() -> impl Strategy<Value = HostAddress> {
    (any::<i32>(), octets()).prop_map(|(addr_type, address)| HostAddress {
        addr_type: AddressType(addr_type),
        address,
    })
}

fn addresses() -> impl Strategy<Value = Vec<HostAddress>> {
    vec(address(), 0..3)
}
