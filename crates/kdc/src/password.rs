//! Changing and setting passwords, RFC 3244: the service at port 464.

mod change;
mod message;

use alloc::vec::Vec;

use orthros_asn1::{
    ApRep, ApReq, EncApRepPart, EncKrbPrivPart, Exactly, HostAddress, KrbPriv, Message as _,
    SecretOctets, TicketFlags, UInt32,
};
use orthros_crypto::{Key, KeyUsage, RandomSource};
use orthros_types::AddressType;

use crate::ap_req::{OpenedApReq, VerifiedApReq};
use crate::context::RequestContext;
use crate::error::{PasswordChangeError, RequestPart};
use crate::error_reply::KnownRequest;
use crate::{Answer, ExchangeKind, Outcome, PrincipalFlags, RequestError, RequestRecord, wire};
pub(crate) use message::is_authenticated;
use message::{ChangeRequest, frame};

/// Answers a request of RFC 3244.
pub(crate) fn answer(
    context: &RequestContext<'_>,
    request: &[u8],
    random: &mut dyn RandomSource,
) -> Answer {
    let mut known = KnownRequest::default();
    let (reply, outcome) = match ChangeRequest::decode(request) {
        // Another server's refusal looks like a request without one: two servers that answer each other never end.
        Ok(request) => match ApReq::decode(request.ap_req) {
            Ok(ap_req) => decide(context, &request, &ap_req, &mut known, random),
            Err(error) => return Answer::none(ExchangeKind::PasswordChange, error.into()),
        },
        Err(error @ RequestError::Password(PasswordChangeError::Version { .. })) => {
            (refuse(context, &known, &error), Err(error))
        }
        Err(error) => return Answer::none(ExchangeKind::PasswordChange, error),
    };
    Answer {
        reply,
        record: RequestRecord {
            exchange: ExchangeKind::PasswordChange,
            client: known.client,
            service: known.service,
            outcome: outcome.map_or_else(Outcome::Refused, |()| Outcome::Granted),
        },
    }
}

/// The reply, and what came of the request.
fn decide(
    context: &RequestContext<'_>,
    request: &ChangeRequest<'_>,
    ap_req: &ApReq,
    known: &mut KnownRequest,
    random: &mut dyn RandomSource,
) -> (Option<Vec<u8>>, Result<(), RequestError>) {
    match authenticate(context, request, ap_req, known) {
        Ok(session) => {
            let changed = change::change(context, request, &session);
            (session.reply(&changed, random).ok(), changed)
        }
        Err(error) => (refuse(context, known, &error), Err(error)),
    }
}

/// A client that was authenticated, for the change of a password.
struct Session {
    ap_req: VerifiedApReq,
    /// The contents of the KRB-PRIV: what is asked for.
    part: EncKrbPrivPart,
}

/// Opens the AP-REQ, whose ticket must be for the service that changes passwords, and the KRB-PRIV.
fn authenticate(
    context: &RequestContext<'_>,
    request: &ChangeRequest<'_>,
    ap_req: &ApReq,
    known: &mut KnownRequest,
) -> Result<Session, RequestError> {
    let opened = OpenedApReq::open(context, ap_req, KeyUsage::AP_REQ_AUTHENTICATOR)?;
    known.client = Some(opened.ticket.client());
    let ap_req = opened.verify_principals(context)?;
    let ticket = &ap_req.ticket;
    known.service = Some(ticket.service.clone());
    let changes = PrincipalFlags::PASSWORD_CHANGE_SERVICE;
    if !ticket.entry.flags.contains(changes) {
        return Err(RequestError::NotUs {
            service: ticket.service.clone(),
        });
    }
    ticket.check_valid()?;
    ap_req.check_replay(context)?;
    let encrypted = KrbPriv::decode(request.krb_priv)?;
    let plaintext = ap_req
        .reply_key()
        .decrypt(KeyUsage::KRB_PRIV_ENC_PART, &encrypted.enc_part.cipher)
        .map_err(|_| RequestError::Integrity(RequestPart::Password))?;
    let part = EncKrbPrivPart::decode(&plaintext)?;
    if part.seq_number != ap_req.authenticator.seq_number {
        return Err(RequestError::Password(PasswordChangeError::SequenceNumber));
    }
    Ok(Session { ap_req, part })
}

impl Session {
    fn is_initial(&self) -> bool {
        let flags = self.ap_req.ticket.part.flags;
        flags.contains(TicketFlags::INITIAL)
    }

    /// An AP-REP, and the result in a KRB-PRIV.
    fn reply(
        &self,
        result: &Result<(), RequestError>,
        random: &mut dyn RandomSource,
    ) -> Result<Vec<u8>, RequestError> {
        let mut sequence = [0; 4];
        random.fill(&mut sequence)?;
        let seq_number = UInt32(u32::from_be_bytes(sequence) & SEQUENCE_MASK);
        let authenticator = &self.ap_req.authenticator;
        let ap_rep_part = EncApRepPart {
            ctime: authenticator.ctime,
            cusec: authenticator.cusec,
            subkey: None,
            seq_number: Some(seq_number),
        };
        let session_key = &self.ap_req.ticket.session_key;
        let ap_rep = ApRep {
            pvno: Exactly,
            msg_type: Exactly,
            enc_part: wire::encrypt(
                &ap_rep_part,
                session_key,
                None,
                KeyUsage::AP_REP_ENC_PART,
                random,
            )?,
        };
        let result = message::result(result.as_ref().err());
        let key = self.ap_req.reply_key();
        let krb_priv = encrypt_result(key, result, seq_number, random)?;
        frame(&ap_rep.encode()?, &krb_priv.encode()?)
            .ok_or(RequestError::Password(PasswordChangeError::Framing))
    }
}

fn encrypt_result(
    key: &Key,
    result: Vec<u8>,
    seq_number: UInt32,
    random: &mut dyn RandomSource,
) -> Result<KrbPriv, RequestError> {
    let part = EncKrbPrivPart {
        user_data: SecretOctets::new(result),
        timestamp: None,
        usec: None,
        seq_number: Some(seq_number),
        // The KDC does not know under which address it was asked: the direction will do (RFC 4120 section 7.1).
        s_address: HostAddress {
            addr_type: AddressType::DIRECTIONAL,
            address: 1_u32.to_be_bytes().as_slice().into(),
        },
        r_address: None,
    };
    Ok(KrbPriv {
        pvno: Exactly,
        msg_type: Exactly,
        enc_part: wire::encrypt(&part, key, None, KeyUsage::KRB_PRIV_ENC_PART, random)?,
    })
}

/// The result to a client that was not authenticated: in a KRB-ERROR, which is not authenticated either.
fn refuse(
    context: &RequestContext<'_>,
    known: &KnownRequest,
    error: &RequestError,
) -> Option<Vec<u8>> {
    let mut krb_error = known.krb_error(context, error);
    krb_error.e_data = Some(message::result(Some(error)).into());
    frame(&[], &krb_error.encode().ok()?)
}

/// Sequence numbers begin in the lower half, so that signed ones do not overflow soon; as MIT has it.
const SEQUENCE_MASK: u32 = 0x3FFF_FFFF;
