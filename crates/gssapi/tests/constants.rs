//! Every constant of the documented surface, with the number or identifier that RFC 2744 or its registry gives it.
#![allow(
    clippy::unwrap_used,
    reason = "a test program, whose failures are panics"
)]

use orthros::{AddressFamily, ContextFlags, CredentialUsage, Lifetime, MajorStatus, NameType, Oid};

#[test]
fn flags_have_the_numbers_of_rfc_2744_section_5_19() {
    for (flag, number) in [
        (ContextFlags::DELEG, 1),
        (ContextFlags::MUTUAL, 2),
        (ContextFlags::REPLAY, 4),
        (ContextFlags::SEQUENCE, 8),
        (ContextFlags::CONF, 16),
        (ContextFlags::INTEG, 32),
        (ContextFlags::ANON, 64),
        (ContextFlags::PROT_READY, 128),
        (ContextFlags::TRANS, 256),
        (ContextFlags::DELEG_POLICY, 32768),
    ] {
        assert_eq!(flag.bits(), number, "{flag:?}");
    }
}

#[test]
fn usages_and_the_indefinite_lifetime_have_the_numbers_of_rfc_2744() {
    assert_eq!(CredentialUsage::Both.number(), 0);
    assert_eq!(CredentialUsage::Initiate.number(), 1);
    assert_eq!(CredentialUsage::Accept.number(), 2);
    assert_eq!(Lifetime::Indefinite.number(), 0xFFFF_FFFF);
    assert_eq!(Lifetime::Seconds(300).number(), 300);
}

#[test]
fn name_types_and_mechanisms_have_their_registered_identifiers() {
    for (name_type, identifier) in [
        (NameType::USER_NAME, "1.2.840.113554.1.2.1.1"),
        (NameType::MACHINE_UID_NAME, "1.2.840.113554.1.2.1.2"),
        (NameType::STRING_UID_NAME, "1.2.840.113554.1.2.1.3"),
        (NameType::HOSTBASED_SERVICE, "1.2.840.113554.1.2.1.4"),
        (NameType::HOSTBASED_SERVICE_X, "1.3.6.1.5.6.2"),
        (NameType::ANONYMOUS, "1.3.6.1.5.6.3"),
        (NameType::EXPORT_NAME, "1.3.6.1.5.6.4"),
        (NameType::COMPOSITE_EXPORT, "1.3.6.1.5.6.6"),
        (NameType::KRB5_PRINCIPAL_NAME, "1.2.840.113554.1.2.2.1"),
        (NameType::KRB5_ENTERPRISE_NAME, "1.2.840.113554.1.2.2.6"),
    ] {
        assert_eq!(name_type.oid().to_string(), identifier);
        assert_eq!(
            NameType::from(identifier.parse::<Oid>().unwrap()),
            name_type
        );
    }
    assert_eq!(Oid::KRB5.to_string(), "1.2.840.113554.1.2.2");
}

#[test]
fn address_families_have_the_numbers_of_rfc_2744_section_3_11_and_inet6_has_heimdals() {
    let families = [
        AddressFamily::UNSPEC,
        AddressFamily::LOCAL,
        AddressFamily::INET,
        AddressFamily::IMPLINK,
        AddressFamily::PUP,
        AddressFamily::CHAOS,
        AddressFamily::NS,
        AddressFamily::NBS,
        AddressFamily::ECMA,
        AddressFamily::DATAKIT,
        AddressFamily::CCITT,
        AddressFamily::SNA,
        AddressFamily::DECNET,
        AddressFamily::DLI,
        AddressFamily::LAT,
        AddressFamily::HYLINK,
        AddressFamily::APPLETALK,
        AddressFamily::BSC,
        AddressFamily::DSS,
        AddressFamily::OSI,
        AddressFamily::NETBIOS,
        AddressFamily::X25,
    ];
    for (family, number) in families.into_iter().zip(0..) {
        assert_eq!(family, AddressFamily(number));
    }
    assert_eq!(AddressFamily::INET6, AddressFamily(24));
    assert_eq!(AddressFamily::NULLADDR, AddressFamily(255));
    assert_eq!(AddressFamily::default(), AddressFamily::NULLADDR);
}

#[test]
fn statuses_have_the_numbers_of_rfc_2744_section_3_9_1_and_come_apart() {
    assert_eq!(MajorStatus::COMPLETE.raw(), 0);
    for (calling_error, number) in [
        (MajorStatus::CALL_INACCESSIBLE_READ, 1),
        (MajorStatus::CALL_INACCESSIBLE_WRITE, 2),
        (MajorStatus::CALL_BAD_STRUCTURE, 3),
    ] {
        assert_eq!(calling_error.raw(), number << 24, "{calling_error}");
        let part = calling_error.calling_error().map(MajorStatus::from);
        assert_eq!(part, Some(calling_error), "{calling_error}");
    }
    for (routine_error, number) in [
        (MajorStatus::BAD_MECH, 1),
        (MajorStatus::BAD_NAME, 2),
        (MajorStatus::BAD_NAMETYPE, 3),
        (MajorStatus::BAD_BINDINGS, 4),
        (MajorStatus::BAD_STATUS, 5),
        (MajorStatus::BAD_SIG, 6),
        (MajorStatus::BAD_MIC, 6),
        (MajorStatus::NO_CRED, 7),
        (MajorStatus::NO_CONTEXT, 8),
        (MajorStatus::DEFECTIVE_TOKEN, 9),
        (MajorStatus::DEFECTIVE_CREDENTIAL, 10),
        (MajorStatus::CREDENTIALS_EXPIRED, 11),
        (MajorStatus::CONTEXT_EXPIRED, 12),
        (MajorStatus::FAILURE, 13),
        (MajorStatus::CRED_UNAVAIL, 13),
        (MajorStatus::BAD_QOP, 14),
        (MajorStatus::UNAUTHORIZED, 15),
        (MajorStatus::UNAVAILABLE, 16),
        (MajorStatus::DUPLICATE_ELEMENT, 17),
        (MajorStatus::NAME_NOT_MN, 18),
    ] {
        assert_eq!(routine_error.raw(), number << 16, "{routine_error}");
        let part = routine_error.routine_error().map(MajorStatus::from);
        assert_eq!(part, Some(routine_error), "{routine_error}");
    }
    for (supplementary, number) in [
        (MajorStatus::CONTINUE_NEEDED, 1),
        (MajorStatus::DUPLICATE_TOKEN, 2),
        (MajorStatus::OLD_TOKEN, 4),
        (MajorStatus::UNSEQ_TOKEN, 8),
        (MajorStatus::GAP_TOKEN, 16),
    ] {
        assert_eq!(supplementary.raw(), number, "{supplementary}");
        let part = MajorStatus::from(supplementary.supplementary());
        assert_eq!(part, supplementary, "{supplementary}");
    }
}
