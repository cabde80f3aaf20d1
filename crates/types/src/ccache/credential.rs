//! One credential <-> bytes.

use alloc::vec::Vec;

use orthros_asn1::{
    AdType, AddressType, AuthorizationDataEntry, EncryptionType, HostAddress, TicketFlags,
};
use orthros_crypto::SecretVec;

use super::principal::{decode_principal, put_principal, sized, skip_principal};
use super::{CacheFormat, CacheFormatError, EncodeCacheError, optional_time};
use crate::bytes::{ByteReader, ByteWriter, TooLarge};
use crate::{Credential, KeyBlock, Principal, TicketTimes, Timestamp};

/// The credential as it stands in a file of this format, to be written behind what is there.
///
/// # Errors
///
/// If something in it is too large for the format, as an enctype of more than 16 bits.
pub fn encode_credential(
    credential: &Credential,
    format: CacheFormat,
) -> Result<SecretVec, EncodeCacheError> {
    let mut out = ByteWriter::with_capacity(encoded_length(credential), format.byte_order());
    put_principal(&mut out, format, &credential.client)?;
    put_principal(&mut out, format, &credential.server)?;
    put_key(&mut out, format, &credential.session_key)?;
    put_times(&mut out, &credential.times)?;
    out.u8(credential.is_skey.into());
    out.u32(credential.flags.bits(), "flags")?;
    out.u32(credential.addresses.len(), "count of addresses")?;
    for address in &credential.addresses {
        out.u16(address.addr_type.0, "address type")?;
        out.counted32(&address.address, "address")?;
    }
    out.u32(
        credential.authorization_data.len(),
        "count of authorization data",
    )?;
    for element in &credential.authorization_data {
        out.i16(element.ad_type.0, "authorization data type")?;
        out.counted32(&element.ad_data, "authorization data")?;
    }
    out.counted32(&credential.ticket, "ticket")?;
    out.counted32(&credential.second_ticket, "second ticket")?;
    Ok(out.finish())
}

/// Reads a credential, in the reader's byte order.
pub(super) fn decode(
    reader: &mut ByteReader<'_>,
    format: CacheFormat,
) -> Result<Credential, CacheFormatError> {
    Ok(Credential {
        client: decode_principal(reader, format, "client")?,
        server: decode_principal(reader, format, "server")?,
        session_key: decode_key(reader, format)?,
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

/// Passes over a credential. What [`decode`] refuses it refuses too.
pub(super) fn skip(
    reader: &mut ByteReader<'_>,
    format: CacheFormat,
) -> Result<(), CacheFormatError> {
    skip_principal(reader, format, "client")?;
    skip_principal(reader, format, "server")?;
    reader.take(if format.repeats_enctype() { 4 } else { 2 }, "enctype")?;
    sized(reader, "session key")?;
    reader.take(TIMES_TO_FLAGS, "times and flags")?;
    for field in ["addresses", "authorization data"] {
        for _ in 0..reader.u32(field)? {
            reader.take(2, field)?;
            sized(reader, field)?;
        }
    }
    sized(reader, "ticket")?;
    sized(reader, "second ticket")?;
    Ok(())
}

fn put_key(out: &mut ByteWriter, format: CacheFormat, key: &KeyBlock) -> Result<(), TooLarge> {
    out.i16(key.enctype().0, "enctype's number")?;
    if format.repeats_enctype() {
        out.i16(key.enctype().0, "enctype's number")?;
    }
    out.counted32(key.as_bytes(), "session key")
}

fn decode_key(
    reader: &mut ByteReader<'_>,
    format: CacheFormat,
) -> Result<KeyBlock, CacheFormatError> {
    let enctype = reader.i16("enctype")?;
    if format.repeats_enctype() {
        reader.i16("enctype")?;
    }
    Ok(KeyBlock::new(
        EncryptionType(enctype.into()),
        sized(reader, "session key")?.to_vec(),
    ))
}

fn put_times(out: &mut ByteWriter, times: &TicketTimes) -> Result<(), TooLarge> {
    for time in [
        times.authtime,
        times.starttime.unwrap_or(Timestamp::EPOCH),
        times.endtime,
        times.renew_till.unwrap_or(Timestamp::EPOCH),
    ] {
        out.u32(time.to_u32_saturating(), "time")?;
    }
    Ok(())
}

fn decode_list<'a, T>(
    reader: &mut ByteReader<'a>,
    field: &'static str,
    element: impl Fn(&mut ByteReader<'a>) -> Result<T, CacheFormatError>,
) -> Result<Vec<T>, CacheFormatError> {
    let count = reader.u32(field)?;
    // The count sizes nothing: each element takes six bytes of the file or more.
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
        + credential.session_key.as_bytes().len()
        + credential.ticket.len()
        + credential.second_ticket.len()
        + FIXED_LENGTH
}

/// Four times, `is_skey` and the flags.
const TIMES_TO_FLAGS: usize = 16 + 1 + 4;
/// What a credential takes at most without names, lists and counted bytes: key's head, times, `is_skey`, flags, four
/// counts.
const FIXED_LENGTH: usize = 8 + 16 + 1 + 4 + 16;
