//! DCE/RPC over TCP (MS-RPCE section 2.2.2): requests with integrity and with privacy, in a context of DCE style.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use orthros::{ContextFlags, InitContext, Iov, IovBuffer, Oid, Protection, SecurityContext, Step};
use orthros_interop::runner::Case;
use orthros_testing::proof::{Peer, Role};
use orthros_testing::samba::{CONTROLLER, Domain};

use super::world::{AES256, World, shown};
use crate::cases;

pub(crate) fn cases() -> Vec<Case> {
    cases!(
        of_domain,
        "rpc",
        a_request_has_privacy,
        a_request_has_integrity
    )
}

fn a_request_has_privacy(domain: &Domain) {
    an_endpoint_is_told(&World::of(domain, "bob"), Level::Privacy);
    let acceptor = Peer::samba("DCE/RPC server").unwrap();
    shown(
        &acceptor,
        Role::Acceptor,
        "spnego",
        AES256,
        "DCE style: requests with privacy",
    );
}

fn a_request_has_integrity(domain: &Domain) {
    an_endpoint_is_told(&World::of(domain, "bob"), Level::Integrity);
    let acceptor = Peer::samba("DCE/RPC server").unwrap();
    let result = "DCE style: requests with integrity, in a context without confidentiality";
    shown(&acceptor, Role::Acceptor, "spnego", AES256, result);
}

/// `RPC_C_AUTHN_LEVEL`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Integrity = 5,
    Privacy = 6,
}

/// Asks the endpoint mapper for one endpoint (`ept_lookup`).
pub(super) fn an_endpoint_is_told(world: &World<'_>, level: Level) {
    let flags = ContextFlags::MUTUAL
        | ContextFlags::REPLAY
        | ContextFlags::SEQUENCE
        | ContextFlags::DCE_STYLE;
    let builder = world.initiator_builder("host@dc1.samba.test", Oid::SPNEGO);
    let builder = match level {
        // Samba takes a MIC only in a context without confidentiality.
        Level::Integrity => builder.no_ci_flags(true).flags(flags | ContextFlags::INTEG),
        Level::Privacy => builder.flags(flags),
    };
    let mut client = Client::bind(builder.build().unwrap(), level);
    let mut stub = vec![0; 40];
    stub[36] = 1;
    let answer = client.call(EPT_LOOKUP, &stub);
    assert_eq!(answer[20..24], 1u32.to_le_bytes(), "one entry");
    assert_eq!(answer[answer.len() - 4..], [0; 4], "a status of success");
}

const EPT_LOOKUP: u16 = 2;

struct Client {
    stream: TcpStream,
    level: Level,
    context: SecurityContext,
}

impl Client {
    fn bind(mut context: InitContext, level: Level) -> Self {
        let mut stream = TcpStream::connect((CONTROLLER, 135)).unwrap();
        let mut packet_type = BIND;
        let mut answer: Option<Vec<u8>> = None;
        loop {
            let (established, token) = match context.step(answer.as_deref()).unwrap() {
                Step::Continue(token) => (None, Some(token)),
                Step::Done { context, token } => (Some(context), token),
            };
            let Some(token) = token else {
                let context = established.unwrap();
                return Self {
                    stream,
                    level,
                    context,
                };
            };
            let body = [&INTERFACE, trailer(level, 0).as_slice(), &token].concat();
            send(&mut stream, packet_type, &body, token.len());
            let packet = receive(&mut stream);
            assert!(
                [BIND + 1, ALTER_CONTEXT + 1].contains(&packet[2]),
                "{packet:?}"
            );
            let split = packet.len() - usize::from(auth_len(&packet));
            answer = Some(packet[split..].to_vec());
            if let Some(context) = established {
                return Self {
                    stream,
                    level,
                    context,
                };
            }
            packet_type = ALTER_CONTEXT;
        }
    }

    /// Sends a request with its header signed, and returns what the answer to it has.
    fn call(&mut self, operation: u16, stub: &[u8]) -> Vec<u8> {
        let padding = stub.len().next_multiple_of(16) - stub.len();
        let mut data = [stub, &vec![0; padding]].concat();
        let trailer = trailer(self.level, u8::try_from(padding).unwrap());
        let auth_len = match self.level {
            Level::Privacy => {
                let sender = self.context.sender();
                sender
                    .iov_lengths(data.len(), Protection::CONFIDENTIALITY, false)
                    .header
            }
            Level::Integrity => self.context.sender().mic_len(),
        };
        let mut head = header(REQUEST, HEAD + data.len() + TRAILER + auth_len, auth_len);
        head.extend(u32::try_from(stub.len()).unwrap().to_le_bytes());
        head.extend([0, 0]);
        head.extend(operation.to_le_bytes());
        let mut auth = vec![0; auth_len];
        self.protect(&head, &mut data, &trailer, &mut auth);
        let packet = [head, data, trailer.to_vec(), auth].concat();
        self.stream.write_all(&packet).unwrap();
        let packet = receive(&mut self.stream);
        assert_eq!(packet[2], RESPONSE, "{packet:?}");
        self.open(packet)
    }

    fn protect(&mut self, head: &[u8], data: &mut [u8], trailer: &[u8], auth: &mut [u8]) {
        if self.level == Level::Integrity {
            let parts = [head, data, trailer];
            self.context.sender().get_mic_iov(&parts, auth).unwrap();
            return;
        }
        let iov = Iov {
            header: auth,
            buffers: &mut [
                IovBuffer::AssociatedData(head),
                IovBuffer::Data(data),
                IovBuffer::AssociatedData(trailer),
            ],
            trailer: None,
        };
        self.context
            .sender()
            .wrap_iov(iov, Protection::CONFIDENTIALITY)
            .unwrap();
    }

    fn open(&mut self, mut packet: Vec<u8>) -> Vec<u8> {
        let auth_start = packet.len() - usize::from(auth_len(&packet));
        let (rest, auth) = packet.split_at_mut(auth_start);
        let (rest, trailer) = rest.split_at_mut(rest.len() - TRAILER);
        let (head, data) = rest.split_at_mut(HEAD);
        let receiver = self.context.receiver();
        if self.level == Level::Integrity {
            receiver
                .verify_mic_iov(&[head, data, trailer], auth)
                .unwrap()
                .in_sequence()
                .unwrap();
        } else {
            let iov = Iov {
                header: auth,
                buffers: &mut [
                    IovBuffer::AssociatedData(head),
                    IovBuffer::Data(data),
                    IovBuffer::AssociatedData(trailer),
                ],
                trailer: None,
            };
            let opened = receiver.unwrap_iov(iov, Protection::CONFIDENTIALITY);
            opened.unwrap().in_sequence().unwrap();
        }
        data[..data.len() - usize::from(trailer[2])].to_vec()
    }
}

const REQUEST: u8 = 0;
const RESPONSE: u8 = 2;
const BIND: u8 = 11;
const ALTER_CONTEXT: u8 = 14;

/// How long the head of a request or response is, and how long a security trailer.
const HEAD: usize = 24;
const TRAILER: usize = 8;

/// A bind's body: sizes, a new association group, and one context, that of the endpoint mapper in NDR.
const INTERFACE: [u8; 56] = [
    0xb8, 0x10, 0xb8, 0x10, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1,
    0, // e1af8308-5d1f-11c9-91a4-08002b14a0fa, 3.0
    0x08, 0x83, 0xaf, 0xe1, 0x1f, 0x5d, 0xc9, 0x11, 0x91, 0xa4, 0x08, 0x00, 0x2b, 0x14, 0xa0, 0xfa,
    3, 0, 0, 0, // 8a885d04-1ceb-11c9-9fe8-08002b104860, 2.0
    0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60,
    2, 0, 0, 0,
];

fn send(stream: &mut TcpStream, packet_type: u8, body: &[u8], auth_len: usize) {
    let header = header(packet_type, 16 + body.len(), auth_len);
    stream
        .write_all(&[header.as_slice(), body].concat())
        .unwrap();
}

/// Version 5.0, the first and last fragment, in little endian. A bind says that headers are signed.
fn header(packet_type: u8, length: usize, auth_len: usize) -> Vec<u8> {
    let flags = if packet_type == REQUEST { 0x03 } else { 0x07 };
    let mut header = vec![5, 0, packet_type, flags, 0x10, 0, 0, 0];
    header.extend(u16::try_from(length).unwrap().to_le_bytes());
    header.extend(u16::try_from(auth_len).unwrap().to_le_bytes());
    header.extend(1u32.to_le_bytes());
    header
}

/// Authenticated by SPNEGO, with so much padding before it.
fn trailer(level: Level, padding: u8) -> [u8; TRAILER] {
    [9, level as u8, padding, 0, 0, 0, 0, 0]
}

fn auth_len(packet: &[u8]) -> u16 {
    u16::from_le_bytes([packet[10], packet[11]])
}

fn receive(stream: &mut TcpStream) -> Vec<u8> {
    let mut packet = vec![0; 16];
    stream.read_exact(&mut packet).unwrap();
    let length = u16::from_le_bytes([packet[8], packet[9]]);
    packet.resize(length.into(), 0);
    stream.read_exact(&mut packet[16..]).unwrap();
    packet
}
