//! One key of a keytab.

use alloc::vec::Vec;

use orthros_asn1::{EncryptionType, NameType};
use orthros_crypto::SecretVec;

use super::{EncodeKeytabError, KeytabFormat, KeytabFormatError};
use crate::bytes::{ByteReader, ByteWriter};
use crate::{KeyBlock, Principal, Timestamp};

/// One long-term key: whose it is, which version, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeytabEntry {
    /// Whose key it is.
    pub principal: Principal,
    /// When it was put into the keytab.
    pub timestamp: Timestamp,
    /// The key version number. 0 stands for any.
    pub kvno: u32,
    /// The key itself, of an enctype known here or not.
    pub key: KeyBlock,
}

impl KeytabEntry {
    /// The entry as it stands in a record, without the record's length.
    ///
    /// Its version is written twice, as MIT has it: its low eight bits for old readers, and all of it.
    ///
    /// # Errors
    ///
    /// If a name or the key is longer than 65535 bytes, or there are as many components.
    pub fn encode(&self, format: KeytabFormat) -> Result<SecretVec, EncodeKeytabError> {
        let names = self.principal.components().iter().map(Vec::len);
        let length = names.map(|length| length + 2).sum::<usize>()
            + self.principal.realm().len()
            + self.key.as_bytes().len()
            + FIXED_LENGTH;
        let mut out = ByteWriter::with_capacity(length, format.byte_order());
        let realm = usize::from(format.counts_realm());
        let count = self.principal.components().len() + realm;
        out.u16(count, "count of components")?;
        out.counted16(self.principal.realm(), "realm")?;
        for component in self.principal.components() {
            out.counted16(component, "principal's component")?;
        }
        if !format.counts_realm() {
            out.i32(self.principal.name_type().0, "name type")?;
        }
        out.u32(self.timestamp.to_u32_saturating(), "timestamp")?;
        let [.., low_octet] = self.kvno.to_be_bytes();
        out.u8(low_octet);
        out.i16(self.key.enctype().0, "enctype's number")?;
        out.counted16(self.key.as_bytes(), "key")?;
        out.u32(self.kvno, "kvno")?;
        Ok(out.finish())
    }

    /// Reads a record, whose end is the reader's end, in the reader's byte order.
    pub(super) fn decode(
        record: &mut ByteReader<'_>,
        format: KeytabFormat,
    ) -> Result<Self, KeytabFormatError> {
        let offset = record.position();
        let realms = u16::from(format.counts_realm());
        let count = record.u16("count of components")?.checked_sub(realms);
        let count = count.ok_or(KeytabFormatError::NoRealm { offset })?;
        let realm = record.counted16("realm")?;
        // The count sizes nothing: each component takes two bytes of the record or more.
        let mut components = Vec::new();
        for _ in 0..count {
            components.push(record.counted16("principal's component")?);
        }
        let name_type = if format.counts_realm() {
            NameType::UNKNOWN
        } else {
            NameType(record.i32("name type")?)
        };
        let timestamp = Timestamp::from_u32(record.u32("timestamp")?);
        let short_kvno = record.u8("kvno")?;
        let enctype = record.i16("enctype")?;
        let key = record.counted16("key")?;
        // Anything less than four bytes is room left over, and so are zero bytes.
        let long_kvno = if record.remaining() >= 4 {
            record.u32("long kvno")?
        } else {
            0
        };
        Ok(Self {
            principal: Principal::new(realm, components).with_name_type(name_type),
            timestamp,
            kvno: if long_kvno == 0 {
                short_kvno.into()
            } else {
                long_kvno
            },
            key: KeyBlock::new(EncryptionType(enctype.into()), key.to_vec()),
        })
    }
}

/// What an entry takes without the bytes of its names and its key.
const FIXED_LENGTH: usize = 2 + 2 + 4 + 4 + 1 + 2 + 2 + 4;
