//! A TGS-REQ of whatever tickets, and its reply.

use orthros_asn1::{
    ApOptions, ApReq, Authenticator, AuthorizationData, Checksum, CksumType, EncTgsRepPart,
    EncTicketPart, EncryptionType, Exactly, KdcOptions, KdcReq, KdcReqBody, KerberosTime,
    Message as _, Microseconds, PaData, PaDataType, PaForUser, PaPacOptions, PacOptions, Raw,
    TgsRep, TgsReq, Ticket, UInt32,
};
use orthros_crypto::{Key, KeyUsage};
use orthros_types::Principal;

use super::world::{ENCTYPE, HERE, Held, World, sealed};

/// What is asked for, with which of the tickets that are held.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) header: usize,
    pub(super) options: KdcOptions,
    pub(super) service: Option<Principal>,
    pub(super) additional: Option<usize>,
    /// For whom a service asks for a ticket to itself.
    pub(super) user: Option<Principal>,
    /// Whether it may go by the delegation sources of its service, too.
    pub(super) resource_based: bool,
    pub(super) data: Option<AuthorizationData>,
}

impl World {
    /// What the KDC grants, and what is in it; nothing where it refuses.
    pub(super) fn answer(&mut self, ask: &Ask) -> Result<Option<(Held, EncTicketPart)>, String> {
        let index = ask.header;
        let header = self.held.get(index).cloned().ok_or("no header ticket")?;
        let additional = ask
            .additional
            .and_then(|index| self.held.get(index))
            .cloned();
        let request = self.request(ask, &header, additional.as_ref())?;
        let answer = self
            .kdc
            .handle(&request, &self.source, self.now, &mut self.random);
        let reply = answer.reply.ok_or("the KDC is silent")?;
        let Ok(TgsRep(reply)) = TgsRep::decode(&reply) else {
            return Ok(None);
        };
        let usage = KeyUsage::TGS_REP_ENC_PART_SESSION_KEY;
        let plaintext = header.key.decrypt(usage, &reply.enc_part.cipher);
        let plaintext = plaintext.map_err(|error| error.to_string())?;
        let EncTgsRepPart(part) =
            EncTgsRepPart::decode(&plaintext).map_err(|error| error.to_string())?;
        let service =
            Principal::from_message(reply.ticket.realm.clone(), reply.ticket.sname.clone());
        let in_session_key = additional
            .filter(|_| ask.options.contains(KdcOptions::ENC_TKT_IN_SKEY))
            .map(|additional| (additional.key, true));
        let (key, known) = in_session_key
            .or_else(|| self.key_of(&service))
            .ok_or("a ticket is for no service")?;
        let contents = open(&reply.ticket, &key)?;
        let key = Key::new(ENCTYPE, part.key.keyvalue.expose());
        let held = Held {
            service,
            client: Principal::from_message(contents.crealm.clone(), contents.cname.clone()),
            ticket: reply.ticket,
            key: key.map_err(|error| error.to_string())?,
            part: known.then(|| contents.clone()),
        };
        Ok(Some((held, contents)))
    }

    fn request(
        &self,
        ask: &Ask,
        header: &Held,
        additional: Option<&Held>,
    ) -> Result<Vec<u8>, String> {
        let data = ask.data.as_ref().map(|data| {
            let usage = KeyUsage::TGS_REQ_AUTHORIZATION_DATA_SESSION_KEY;
            sealed(&header.key, usage, data)
        });
        let body = Raw::new(KdcReqBody {
            kdc_options: ask.options,
            cname: None,
            realm: HERE.into(),
            sname: ask.service.as_ref().map(Principal::to_principal_name),
            from: Some(self.time()),
            till: KerberosTime::EPOCH,
            rtime: None,
            nonce: UInt32(4711),
            etype: vec![EncryptionType(ENCTYPE.number())],
            addresses: None,
            enc_authorization_data: data.transpose()?,
            additional_tickets: additional.map(|held| vec![held.ticket.clone()]),
        });
        let body = body.map_err(|error| error.to_string())?;
        let mut padata = vec![PaData {
            padata_type: PaDataType::TGS_REQ,
            padata_value: self.ap_req(header, body.octets())?.into(),
        }];
        if let Some(user) = &ask.user {
            padata.push(PaData {
                padata_type: PaDataType::FOR_USER,
                padata_value: for_user(header, user)?.into(),
            });
        }
        if ask.resource_based {
            let flags = PacOptions::RESOURCE_BASED_CONSTRAINED_DELEGATION;
            let options = PaPacOptions { flags }.encode();
            padata.push(PaData {
                padata_type: PaDataType::PAC_OPTIONS,
                padata_value: options.map_err(|error| error.to_string())?.into(),
            });
        }
        let request = TgsReq(KdcReq {
            pvno: Exactly,
            msg_type: Exactly,
            padata: Some(padata),
            req_body: body,
        });
        request.encode().map_err(|error| error.to_string())
    }

    fn ap_req(&self, header: &Held, body: &[u8]) -> Result<Vec<u8>, String> {
        let usage = KeyUsage::TGS_REQ_AUTHENTICATOR_CHECKSUM;
        let authenticator = Authenticator {
            authenticator_vno: Exactly,
            crealm: header.client.to_realm(),
            cname: header.client.to_principal_name(),
            cksum: Some(Checksum {
                cksumtype: CksumType(ENCTYPE.checksum_type().number()),
                checksum: header.key.checksum(usage, body).as_ref().into(),
            }),
            cusec: Microseconds::new(0).ok_or("no microseconds")?,
            ctime: self.time(),
            subkey: None,
            seq_number: None,
            authorization_data: None,
        };
        let request = ApReq {
            pvno: Exactly,
            msg_type: Exactly,
            ap_options: ApOptions::empty(),
            ticket: header.ticket.clone(),
            authenticator: sealed(&header.key, KeyUsage::TGS_REQ_AUTHENTICATOR, &authenticator)?,
        };
        request.encode().map_err(|error| error.to_string())
    }

    fn time(&self) -> KerberosTime {
        KerberosTime::from_seconds(self.now.seconds()).unwrap_or(KerberosTime::MAX)
    }
}

fn for_user(header: &Held, user: &Principal) -> Result<Vec<u8>, String> {
    let package = b"Kerberos";
    let mut covered = user.name_type().0.to_le_bytes().to_vec();
    covered.extend(user.components().concat());
    covered.extend(user.realm());
    covered.extend(package);
    let checksum = header
        .key
        .hmac_md5(KeyUsage::PA_FOR_USER_CHECKSUM, &covered);
    let element = PaForUser {
        user_name: user.to_principal_name(),
        user_realm: user.to_realm(),
        cksum: Checksum {
            cksumtype: CksumType::HMAC_MD5,
            checksum: checksum.as_slice().into(),
        },
        auth_package: package.as_slice().into(),
    };
    element.encode().map_err(|error| error.to_string())
}

fn open(ticket: &Ticket, key: &Key) -> Result<EncTicketPart, String> {
    let plaintext = key
        .decrypt(KeyUsage::KDC_REP_TICKET, &ticket.enc_part.cipher)
        .map_err(|error| error.to_string())?;
    EncTicketPart::decode(&plaintext).map_err(|error| error.to_string())
}
