//! Reads exported contexts.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use orthros_crypto::{Enctype, Key};

use super::{HEAD_LEN, MAGIC, VERSION};
use crate::MalformedTokenError;
use crate::ap::ticket_authorization::{PacProof, TicketAuthorization};
use crate::ap::{ContextFlags, ContextInfo, EstablishedContext, Mechanism};
use crate::message::{MessageProtection, Role};
use crate::sequence::SequenceWindow;
use orthros_types::TicketTimes;
use orthros_types::Timestamp;
use orthros_types::bytes::{ByteReader, crc32};
use orthros_types::{AdType, AuthorizationDataEntry, NameType, Principal, TicketFlags};

impl EstablishedContext {
    /// Goes on with a context that was [exported](Self::export).
    ///
    /// Take only bytes that came from a trusted process, on a way that no other process can write to: what they say is
    /// believed, of the peer's name too.
    ///
    /// # Errors
    ///
    /// [`MalformedTokenError`] for bytes that are no exported context, are damaged, or say what can't be.
    pub fn import(token: &[u8]) -> Result<Self, MalformedTokenError> {
        let reader = &mut Reader(checked(token)?);
        let role = reader.one_of("role", &[Role::Initiator, Role::Acceptor])?;
        let mechanism = reader.one_of("mechanism", &Mechanism::ALL)?;
        let acceptor_subkey = reader.flag("acceptor subkey")?;
        let info = read_info(reader, role, mechanism)?;
        let key = reader.key("key of the context")?;
        if !acceptor_subkey && key != info.initiator_key {
            return Err(reader.impossible("key of the context"));
        }
        let initiator = reader.principal("initiator")?;
        let acceptor = reader.principal("acceptor")?;
        let sequence_number = reader.0.u64("sequence number")?;
        let window = reader.window(info.flags)?;
        let authorization = reader.authorization(info.times.authtime)?;
        let info = ContextInfo {
            authorization: authorization.map(Arc::new),
            ..info
        };
        if reader.0.remaining() > 0 {
            return Err(MalformedTokenError::ExportTrailing(reader.0.remaining()));
        }
        let messages = MessageProtection::resume(
            role,
            key,
            acceptor_subkey,
            info.flags,
            info.mechanism,
            sequence_number,
            window,
        );
        Ok(Self {
            initiator,
            acceptor,
            info,
            delegated: Vec::new(),
            delegation_error: None,
            messages,
        })
    }
}

/// A reader behind the head, if the checksum there is right.
fn checked(token: &[u8]) -> Result<ByteReader<'_>, MalformedTokenError> {
    let mut reader = ByteReader::new(token);
    if !token.starts_with(&MAGIC) {
        return Err(MalformedTokenError::NotExported);
    }
    reader.take(MAGIC.len(), "head")?;
    match reader.u8("version")? {
        VERSION => {}
        other => {
            return Err(MalformedTokenError::ExportVersion {
                found: other,
                supported: VERSION,
            });
        }
    }
    let checksum = reader.u32("checksum")?;
    if checksum != crc32(token.get(HEAD_LEN..).unwrap_or_default()) {
        return Err(MalformedTokenError::ExportChecksum);
    }
    Ok(reader)
}

/// All but the data that comes last.
fn read_info(
    reader: &mut Reader<'_>,
    role: Role,
    mechanism: Mechanism,
) -> Result<ContextInfo, MalformedTokenError> {
    Ok(ContextInfo {
        role,
        mechanism,
        flags: ContextFlags::from_bits_retain(reader.0.u32("flags")?),
        ticket_flags: TicketFlags::from_bits_retain(reader.0.u32("ticket flags")?),
        times: TicketTimes {
            authtime: reader.time("authtime")?,
            starttime: reader.optional_time("starttime")?,
            endtime: reader.time("endtime")?,
            renew_till: reader.optional_time("renew-till")?,
        },
        end: reader.exact_time("end of the lifetime")?,
        ticket_session_key: reader.key("session key")?,
        initiator_key: reader.key("key of the initiator")?,
        authorization: None,
    })
}

struct Reader<'a>(ByteReader<'a>);

impl Reader<'_> {
    fn impossible(&self, field: &'static str) -> MalformedTokenError {
        let offset = self.0.position();
        MalformedTokenError::ExportField { field, offset }
    }

    fn one_of<T: Clone>(
        &mut self,
        field: &'static str,
        all: &[T],
    ) -> Result<T, MalformedTokenError> {
        let position = usize::from(self.0.u8(field)?);
        all.get(position)
            .cloned()
            .ok_or_else(|| self.impossible(field))
    }

    fn flag(&mut self, field: &'static str) -> Result<bool, MalformedTokenError> {
        self.one_of(field, &[false, true])
    }

    fn time(&mut self, field: &'static str) -> Result<Timestamp, MalformedTokenError> {
        let seconds = self.0.u64(field)?.cast_signed();
        Ok(Timestamp::from_seconds(seconds))
    }

    fn optional_time(
        &mut self,
        field: &'static str,
    ) -> Result<Option<Timestamp>, MalformedTokenError> {
        let is_there = self.flag(field)?;
        let time = self.time(field)?;
        if is_there {
            Ok(Some(time))
        } else if time == Timestamp::EPOCH {
            Ok(None)
        } else {
            Err(self.impossible(field))
        }
    }

    fn exact_time(&mut self, field: &'static str) -> Result<Timestamp, MalformedTokenError> {
        let seconds = self.time(field)?.seconds();
        let microseconds = self.0.u32(field)?;
        Timestamp::new(seconds, microseconds).ok_or_else(|| self.impossible(field))
    }

    fn key(&mut self, field: &'static str) -> Result<Key, MalformedTokenError> {
        let enctype = Enctype::from_number(self.0.i32(field)?);
        let bytes = self.0.counted16(field)?;
        enctype
            .and_then(|enctype| Key::new(enctype, bytes).ok())
            .ok_or_else(|| self.impossible(field))
    }

    fn principal(&mut self, field: &'static str) -> Result<Principal, MalformedTokenError> {
        let name_type = NameType(self.0.i32(field)?);
        let realm = self.0.counted32(field)?;
        let components = self.list(field, |reader| Ok(reader.counted32(field)?.to_vec()))?;
        Ok(Principal::new(realm, components).with_name_type(name_type))
    }

    fn window(&mut self, flags: ContextFlags) -> Result<SequenceWindow, MalformedTokenError> {
        let field = "sequence window";
        let initial = self.0.u64(field)?;
        let is_any = self.flag(field)?;
        let highest = self.0.u64(field)?;
        let seen = self.0.u64(field)?;
        if !is_any && highest != 0 {
            return Err(self.impossible(field));
        }
        let replay = flags.contains(ContextFlags::REPLAY);
        let sequence = flags.contains(ContextFlags::SEQUENCE);
        SequenceWindow::new(initial, replay, sequence)
            .with_state((initial, is_any.then_some(highest), seen))
            .ok_or_else(|| self.impossible(field))
    }

    fn authorization(
        &mut self,
        authtime: Timestamp,
    ) -> Result<Option<TicketAuthorization>, MalformedTokenError> {
        const PAC: &str = "verification of the PAC";
        let data = self.data("authorization data of the ticket")?;
        let indicators = self.texts("authentication indicators")?;
        let proof = self.one_of(PAC, &[PacProof::None, PacProof::Verified])?;
        let is_verified = proof == PacProof::Verified;
        let authorization = TicketAuthorization::of_export(data, indicators, authtime, proof);
        let authorization = authorization.map_err(|_| self.impossible(PAC))?;
        let has_pac = authorization
            .as_ref()
            .is_some_and(|data| data.pac.is_some());
        if is_verified && !has_pac {
            return Err(self.impossible(PAC));
        }
        Ok(authorization)
    }

    fn data(
        &mut self,
        field: &'static str,
    ) -> Result<Box<[AuthorizationDataEntry]>, MalformedTokenError> {
        self.list(field, |reader| {
            Ok(AuthorizationDataEntry {
                ad_type: AdType(reader.i32(field)?),
                ad_data: reader.counted32(field)?.into(),
            })
        })
    }

    fn texts(&mut self, field: &'static str) -> Result<Box<[String]>, MalformedTokenError> {
        self.list(field, |reader| {
            let bytes = reader.counted32(field)?;
            let offset = reader.position();
            let text = core::str::from_utf8(bytes).map(ToOwned::to_owned);
            text.map_err(|_| MalformedTokenError::ExportField { field, offset })
        })
    }

    /// A list: the number of its elements, and these. Each takes bytes of the token, so the loop ends where the token
    /// does.
    fn list<T>(
        &mut self,
        field: &'static str,
        read: impl Fn(&mut ByteReader<'_>) -> Result<T, MalformedTokenError>,
    ) -> Result<Box<[T]>, MalformedTokenError> {
        let count = self.0.u32(field)?;
        let mut list = Vec::new();
        for _ in 0..count {
            list.push(read(&mut self.0)?);
        }
        Ok(list.into())
    }
}
