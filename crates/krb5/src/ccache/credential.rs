//! One credential <-> octets.

use alloc::vec::Vec;

use orthros_asn1::{
    AdType, AddressType, AuthorizationDataEntry, EncryptionType, HostAddress, NameType, TicketFlags,
};
use orthros_crypto::SecretVec;
use zeroize::Zeroizing;

use super::{CacheError, EncodeCacheError, optional_time};
use crate::octets::{OctetReader, TooLarge, put, put_counted32};
use crate::{Credential, KeyBlock, Principal, TicketTimes, Timestamp};

/// The credential as it stands in a file, to be written behind what is there.
///
/// # Errors
///
/// If something in it is too large for the format, as an enctype of more than 16 bits.
pub fn encode_credential(credential: &Credential) -> Result<SecretVec, EncodeCacheError> {
    // Allocated once: growing would leave a copy of the key behind.
    let mut octets = Zeroizing::new(Vec::with_capacity(encoded_length(credential)));
    let out = &mut *octets;
    put_principal(out, &credential.client)?;
    put_principal(out, &credential.server)?;
    let key = &credential.session_key;
    put(out, key.enctype().0, i16::to_be_bytes, "enctype's number")?;
    put_counted32(out, key.octets(), "session key")?;
    put_times(out, &credential.times);
    out.push(credential.is_skey.into());
    out.extend(credential.flags.bits().to_be_bytes());
    put(
        out,
        credential.addresses.len(),
        u32::to_be_bytes,
        "count of addresses",
    )?;
    for address in &credential.addresses {
        put(out, address.addr_type.0, u16::to_be_bytes, "address type")?;
        put_counted32(out, &address.address, "address")?;
    }
    put(
        out,
        credential.authorization_data.len(),
        u32::to_be_bytes,
        "count of authorization data",
    )?;
    for element in &credential.authorization_data {
        put(
            out,
            element.ad_type.0,
            i16::to_be_bytes,
            "authorization data type",
        )?;
        put_counted32(out, &element.ad_data, "authorization data")?;
    }
    put_counted32(out, &credential.ticket, "ticket")?;
    put_counted32(out, &credential.second_ticket, "second ticket")?;
    Ok(core::mem::take(out).into())
}

pub(super) fn decode(reader: &mut OctetReader<'_>) -> Result<Credential, CacheError> {
    Ok(Credential {
        client: decode_principal(reader, "client")?,
        server: decode_principal(reader, "server")?,
        session_key: KeyBlock::new(
            EncryptionType(reader.i16("enctype")?.into()),
            sized(reader, "session key")?.to_vec(),
        ),
        times: TicketTimes {
            authtime: Timestamp::from_u32(reader.u32("authtime")?),
            starttime: optional_time(reader.u32("starttime")?),
            endtime: Timestamp::from_u32(reader.u32("endtime")?),
            renew_till: optional_time(reader.u32("renew_till")?),
        },
        // MIT itself writes 8 for a user-to-user ticket.
        is_skey: reader.u8("is_skey")? != 0,
        flags: TicketFlags::from_bits_retain(reader.u32("flags")?),
        addresses: decode_list(reader, "addresses", |reader| {
            Ok(HostAddress {
                addr_type: AddressType(reader.u16("address type")?.into()),
                address: sized(reader, "address")?.into(),
            })
        })?,
        authorization_data: decode_list(reader, "authorization data", |reader| {
            Ok(AuthorizationDataEntry {
                ad_type: AdType(reader.i16("authorization data type")?.into()),
                ad_data: sized(reader, "authorization data")?.into(),
            })
        })?,
        ticket: sized(reader, "ticket")?.to_vec(),
        second_ticket: sized(reader, "second ticket")?.to_vec(),
    })
}

pub(super) fn decode_principal(
    reader: &mut OctetReader<'_>,
    field: &'static str,
) -> Result<Principal, CacheError> {
    let name_type = NameType(reader.i32(field)?);
    let count = reader.u32(field)?;
    let realm = sized(reader, field)?;
    // The count sizes nothing: each component takes four octets of the file or more.
    let mut components = Vec::new();
    for _ in 0..count {
        components.push(sized(reader, field)?);
    }
    Ok(Principal::new(realm, components).with_name_type(name_type))
}

pub(super) fn put_principal(out: &mut Vec<u8>, principal: &Principal) -> Result<(), TooLarge> {
    out.extend(principal.name_type().0.to_be_bytes());
    put(
        out,
        principal.components().len(),
        u32::to_be_bytes,
        "count of components",
    )?;
    put_counted32(out, principal.realm(), "realm")?;
    for component in principal.components() {
        put_counted32(out, component, "principal's component")?;
    }
    Ok(())
}

fn put_times(out: &mut Vec<u8>, times: &TicketTimes) {
    for time in [
        times.authtime,
        times.starttime.unwrap_or(Timestamp::EPOCH),
        times.endtime,
        times.renew_till.unwrap_or(Timestamp::EPOCH),
    ] {
        out.extend(time.to_u32_saturating().to_be_bytes());
    }
}

/// Octets after their length. A length beyond the whole file's is no cut-off file but a broken one.
fn sized<'a>(reader: &mut OctetReader<'a>, field: &'static str) -> Result<&'a [u8], CacheError> {
    let offset = reader.position();
    let mut ahead = reader.clone();
    let length = ahead.u32(field)?;
    if usize::try_from(length).map_or(true, |length| length > reader.file_length()) {
        return Err(CacheError::Length { offset, field });
    }
    Ok(reader.counted32(field)?)
}

fn decode_list<'a, T>(
    reader: &mut OctetReader<'a>,
    field: &'static str,
    element: impl Fn(&mut OctetReader<'a>) -> Result<T, CacheError>,
) -> Result<Vec<T>, CacheError> {
    let count = reader.u32(field)?;
    // The count sizes nothing: each element takes six octets of the file or more.
    let mut list = Vec::new();
    for _ in 0..count {
        list.push(element(reader)?);
    }
    Ok(list)
}

fn encoded_length(credential: &Credential) -> usize {
    let principal = |principal: &Principal| {
        let components = principal.components().iter();
        12 + principal.realm().len() + components.map(|part| part.len() + 4).sum::<usize>()
    };
    let addresses = credential.addresses.iter().map(|each| each.address.len());
    let data = credential
        .authorization_data
        .iter()
        .map(|each| each.ad_data.len());
    principal(&credential.client)
        + principal(&credential.server)
        + addresses
            .chain(data)
            .map(|length| length + 6)
            .sum::<usize>()
        + credential.session_key.octets().len()
        + credential.ticket.len()
        + credential.second_ticket.len()
        + FIXED_LENGTH
}

/// What a credential takes beside names, lists and counted octets: key's head, times, `is_skey`, flags, four counts.
const FIXED_LENGTH: usize = 6 + 16 + 1 + 4 + 16;
