//! One key of a keytab.

use alloc::vec::Vec;

use orthros_asn1::{EncryptionType, NameType};
use orthros_crypto::SecretVec;
use zeroize::Zeroizing;

use super::{EncodeKeytabError, KeytabError};
use crate::octets::{OctetReader, put, put_counted16};
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
    /// The version is written twice, as MIT has it: its low eight bits for old readers, and all of it.
    ///
    /// # Errors
    ///
    /// If a name or the key is longer than 65535 octets, or there are as many components.
    pub fn encode(&self) -> Result<SecretVec, EncodeKeytabError> {
        let names = self.principal.components().iter().map(Vec::len);
        let length = names.map(|length| length + 2).sum::<usize>()
            + self.principal.realm().len()
            + self.key.octets().len()
            + FIXED_LENGTH;
        // Allocated once: growing would leave a copy of the key behind.
        let mut record = Zeroizing::new(Vec::with_capacity(length));
        let out = &mut *record;
        put(
            out,
            self.principal.components().len(),
            u16::to_be_bytes,
            "count of components",
        )?;
        put_counted16(out, self.principal.realm(), "realm")?;
        for component in self.principal.components() {
            put_counted16(out, component, "principal's component")?;
        }
        out.extend(self.principal.name_type().0.to_be_bytes());
        out.extend(self.timestamp.to_u32_saturating().to_be_bytes());
        let [.., low_octet] = self.kvno.to_be_bytes();
        out.push(low_octet);
        put(
            out,
            self.key.enctype().0,
            i16::to_be_bytes,
            "enctype's number",
        )?;
        put_counted16(out, self.key.octets(), "key")?;
        out.extend(self.kvno.to_be_bytes());
        Ok(core::mem::take(&mut *record).into())
    }

    /// Reads a record, whose end is the reader's end.
    pub(super) fn decode(record: &mut OctetReader<'_>) -> Result<Self, KeytabError> {
        let count = record.u16("count of components")?;
        let realm = record.counted16("realm")?;
        // The count sizes nothing: each component takes two octets of the record or more.
        let mut components = Vec::new();
        for _ in 0..count {
            components.push(record.counted16("principal's component")?);
        }
        let name_type = NameType(record.i32("name type")?);
        let timestamp = Timestamp::from_u32(record.u32("timestamp")?);
        let short_kvno = record.u8("kvno")?;
        let enctype = record.i16("enctype")?;
        let key = record.counted16("key")?;
        // Anything less than four octets is room left over, and so are zero octets.
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

/// What an entry takes beside the octets of its names and its key.
const FIXED_LENGTH: usize = 2 + 2 + 4 + 4 + 1 + 2 + 2 + 4;
