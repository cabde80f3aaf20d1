//! Writes exported contexts.

use orthros_crypto::{Key, SecretVec};

use super::{HEAD_LEN, MAGIC, VERSION};
use crate::ap::{ApMisuseError, ContextInfo, EstablishedContext, Mechanism};
use crate::message::{Receiver, Role, Sender};
use orthros_types::Timestamp;
use orthros_types::bytes::{ByteOrder, ByteWriter, TooLarge, crc32};
use orthros_types::{AuthorizationDataEntry, Principal};

impl EstablishedContext {
    /// The context as bytes, for [`import`](Self::import) in another process. It is used up: if both sides of it went
    /// on, sequence numbers would come twice. Delegated credentials are not in it. The key that the ticket is sealed
    /// in is not, either, and with it what verifies the ticket's PAC: see [`ContextInfo::export`].
    ///
    /// The bytes contain keys: with them the context's messages can be read and written.
    ///
    /// # Errors
    ///
    /// [`ApMisuseError::ExportTooLong`] for names or data of four gigabytes.
    pub fn export(self) -> Result<SecretVec, ApMisuseError> {
        let Self {
            initiator,
            acceptor,
            info,
            messages,
            ..
        } = self;
        let (sender, receiver) = messages.split();
        info.export(&initiator, &acceptor, &sender, &receiver, false)
    }
}

impl ContextInfo {
    /// As [`EstablishedContext::export`], of a context that was taken apart. All parts must be of one context.
    /// `pac_is_verified` says that the ticket's PAC was: nothing behind the import could find that out.
    ///
    /// # Errors
    ///
    /// [`ApMisuseError::ExportTooLong`] for names or data of four gigabytes.
    pub fn export(
        &self,
        initiator: &Principal,
        acceptor: &Principal,
        sender: &Sender,
        receiver: &Receiver,
        pac_is_verified: bool,
    ) -> Result<SecretVec, ApMisuseError> {
        let capacity = FIXED + name_len(initiator) + name_len(acceptor) + self.data_len();
        let mut out = ByteWriter::with_capacity(capacity, ByteOrder::BigEndian);
        out.bytes(&MAGIC);
        out.u8(VERSION);
        out.bytes(&[0; HEAD_LEN - MAGIC.len() - 1]);
        self.write(&mut out, sender)?;
        write_principal(&mut out, initiator)?;
        write_principal(&mut out, acceptor)?;
        write_sequence(&mut out, sender, receiver);
        write_data(&mut out, self.authorization_data_entries())?;
        write_texts(&mut out, self.authentication_indicators())?;
        out.u8(pac_is_verified.into());
        let mut token = out.finish();
        if let Some((head, covered)) = token.split_first_chunk_mut::<HEAD_LEN>() {
            let checksum = crc32(covered).to_be_bytes();
            if let Some(place) = head.last_chunk_mut() {
                *place = checksum;
            }
        }
        Ok(token)
    }

    fn write(&self, out: &mut ByteWriter, sender: &Sender) -> Result<(), TooLarge> {
        out.u8(match self.role {
            Role::Initiator => 0,
            Role::Acceptor => 1,
        });
        // The place in `Mechanism::ALL`.
        out.u8(match self.mechanism {
            Mechanism::Krb5 => 0,
            Mechanism::Microsoft => 1,
            Mechanism::BeforeRfc1964 => 2,
            Mechanism::UserToUser => 3,
        });
        out.u8(sender.has_acceptor_subkey().into());
        out.u32(self.flags.bits(), "flags")?;
        out.u32(self.ticket_flags.bits(), "ticket flags")?;
        write_time(out, self.times.authtime);
        write_optional_time(out, self.times.starttime);
        write_time(out, self.times.endtime);
        write_optional_time(out, self.times.renew_till);
        write_time(out, self.end);
        out.u32(self.end.microseconds(), "microseconds")?;
        write_key(out, &self.ticket_session_key)?;
        write_key(out, &self.initiator_key)?;
        write_key(out, sender.key())
    }

    fn authorization_data_entries(&self) -> &[AuthorizationDataEntry] {
        let authorization = self.authorization.as_ref();
        authorization.map_or(&[], |authorization| &authorization.data)
    }

    /// At least as many bytes as authorization data and indicators take.
    fn data_len(&self) -> usize {
        let data = self.authorization_data_entries().iter();
        let indicators = self.authentication_indicators().iter();
        data.map(|element| element.ad_data.len() + 8).sum::<usize>()
            + indicators.map(|text| text.len() + 4).sum::<usize>()
    }
}

fn write_time(out: &mut ByteWriter, time: Timestamp) {
    out.bytes(&time.seconds().to_be_bytes());
}

fn write_optional_time(out: &mut ByteWriter, time: Option<Timestamp>) {
    out.u8(time.is_some().into());
    write_time(out, time.unwrap_or(Timestamp::EPOCH));
}

fn write_key(out: &mut ByteWriter, key: &Key) -> Result<(), TooLarge> {
    out.i32(key.enctype().number(), "enctype")?;
    out.counted16(key.as_bytes(), "key")
}

fn write_principal(out: &mut ByteWriter, principal: &Principal) -> Result<(), TooLarge> {
    out.i32(principal.name_type().0, "name type")?;
    out.counted32(principal.realm(), "realm")?;
    out.u32(principal.components().len(), "name")?;
    for component in principal.components() {
        out.counted32(component, "name")?;
    }
    Ok(())
}

fn write_sequence(out: &mut ByteWriter, sender: &Sender, receiver: &Receiver) {
    let (initial, highest, seen) = receiver.window().state();
    out.u64(sender.sequence_number());
    out.u64(initial);
    out.u8(highest.is_some().into());
    out.u64(highest.unwrap_or_default());
    out.u64(seen);
}

fn write_data(out: &mut ByteWriter, data: &[AuthorizationDataEntry]) -> Result<(), TooLarge> {
    out.u32(data.len(), "authorization data")?;
    for element in data {
        out.i32(element.ad_type.0, "authorization data")?;
        out.counted32(&element.ad_data, "authorization data")?;
    }
    Ok(())
}

fn write_texts(out: &mut ByteWriter, texts: &[alloc::string::String]) -> Result<(), TooLarge> {
    out.u32(texts.len(), "authentication indicators")?;
    for text in texts {
        out.counted32(text.as_bytes(), "authentication indicators")?;
    }
    Ok(())
}

fn name_len(principal: &Principal) -> usize {
    let components = principal.components().iter();
    principal.realm().len()
        + components
            .map(|component| component.len() + 4)
            .sum::<usize>()
}

/// At least as many bytes as all that has always the same length, with three of the longest keys.
const FIXED: usize = 320;
