//! What answers the requests of all sockets.

use core::fmt;
use core::net::{IpAddr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::prelude::rust_2024::*;
use std::sync::Arc;

use orthros_asn1::{ErrorCode, Exactly, KerberosTime, KrbError, Message as _, Microseconds};
use orthros_host::Environment;
use orthros_types::Principal;

use super::limits::Limits;
use super::request::{Peer, ServedRequest};
use crate::{Kdc, Source, Transport};

/// Called for each request.
pub(super) type Observer = dyn Fn(&ServedRequest<'_>) + Send + Sync;

/// The KDC with its clock and randomness, and what a server may spend on a peer.
pub(super) struct Responder {
    pub(super) kdc: Arc<Kdc>,
    pub(super) environment: Environment,
    pub(super) limits: Limits,
    pub(super) observer: Option<Box<Observer>>,
}

/// What an endpoint is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    /// AS and TGS exchanges.
    Kdc,
    /// Changes of passwords.
    Password,
}

impl Responder {
    /// The reply, if the request is worth one.
    pub(super) fn respond(
        &self,
        service: Service,
        request: &[u8],
        peer: &Peer,
        transport: Transport,
    ) -> Option<Vec<u8>> {
        let canonical = canonical(peer);
        let peer = canonical.as_ref().unwrap_or(peer);
        let source = Source {
            address: peer.address(),
            transport,
        };
        // A request that runs into a fault of ours gets no reply, and the thread serves the others. What a panic
        // leaves behind is of use: a store changes a principal in one step, and locks are taken again after a panic.
        let answered = AssertUnwindSafe(|| self.answer(service, request, peer, source));
        catch_unwind(answered).unwrap_or(None)
    }

    fn answer(
        &self,
        service: Service,
        request: &[u8],
        peer: &Peer,
        source: Source,
    ) -> Option<Vec<u8>> {
        let transport = source.transport;
        let at = self.environment.now();
        let mut random = self.environment.random();
        let answer = match service {
            Service::Kdc => self.kdc.handle(request, &source, at, &mut random),
            Service::Password => self.kdc.change_password(request, &source, at, &mut random),
        };
        if let Some(observer) = &self.observer {
            observer(&ServedRequest {
                peer,
                transport,
                at,
                record: &answer.record,
            });
        }
        answer.reply
    }

    /// What a request gets that is too long to be read, RFC 4120 section 7.2.2.
    pub(super) fn too_long(&self, service: Service) -> Option<Vec<u8>> {
        if service == Service::Password {
            // RFC 3244 has no such reply.
            return None;
        }
        let now = self.environment.now();
        let realm = Principal::local_ticket_granting(self.kdc.policy().realm.as_slice());
        let error = KrbError {
            pvno: Exactly,
            msg_type: Exactly,
            ctime: None,
            cusec: None,
            stime: KerberosTime::from_seconds(now.seconds()).unwrap_or(KerberosTime::EPOCH),
            susec: Microseconds::default(),
            error_code: ErrorCode::KRB_ERR_FIELD_TOOLONG,
            crealm: None,
            cname: None,
            realm: realm.to_realm(),
            sname: realm.to_principal_name(),
            e_text: None,
            e_data: None,
        };
        error.encode().ok()
    }
}

/// What comes by IPv4 to a socket of IPv6 has its address in the form `::ffff:192.0.2.1`: that of IPv4, then.
fn canonical(peer: &Peer) -> Option<Peer> {
    let Peer::Ip(SocketAddr::V6(v6)) = peer else {
        return None;
    };
    match IpAddr::from(*v6.ip()).to_canonical() {
        IpAddr::V4(v4) => Some(Peer::Ip((v4, v6.port()).into())),
        IpAddr::V6(_) => None,
    }
}

impl fmt::Debug for Responder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Responder")
            .field("kdc", &self.kdc)
            .finish_non_exhaustive()
    }
}
