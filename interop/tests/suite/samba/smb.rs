//! SMB 2 (MS-SMB2): a session, and that the key of the context signs in it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use hmac::{Hmac, KeyInit as _, Mac as _};
use orthros::{InitContext, Oid, SecurityContext, Step};
use orthros_interop::runner::Case;
use orthros_testing::proof::{Peer, Role};
use orthros_testing::samba::{CONTROLLER, Domain};
use sha2::Sha256;

use super::world::{AES256, World, shown};
use crate::cases;

pub(crate) fn cases() -> Vec<Case> {
    cases!(
        of_domain,
        "smb",
        a_session_is_set_up_and_its_key_signs,
        mits_client_lists_shares
    )
}

fn a_session_is_set_up_and_its_key_signs(domain: &Domain) {
    a_tree_is_connected(&World::of(domain, "bob"));
    let acceptor = Peer::samba("SMB server").unwrap();
    shown(
        &acceptor,
        Role::Acceptor,
        "spnego",
        AES256,
        "a session that the server's NegTokenInit2 begins, signed with the context's key",
    );
}

/// By requests and answers that are signed with the key of the context.
pub(super) fn a_tree_is_connected(world: &World<'_>) {
    let mut client = Client::negotiate();
    let context = client.set_up_session(world.initiator("cifs@dc1.samba.test", Oid::SPNEGO));
    // Signed by us, or the server would refuse it, and by the server.
    client.connect_tree(r"\\dc1.samba.test\IPC$", &context);
}

fn mits_client_lists_shares(domain: &Domain) {
    let world = World::of(domain, "bob");
    let arguments = [
        "-L",
        "dc1.samba.test",
        "--use-kerberos=required",
        "--use-krb5-ccache",
        &world.cache(),
    ];
    let listed = world.theirs("smbclient", &arguments, &[]);
    assert!(listed.contains("IPC$"), "{listed}");
}

struct Client {
    stream: TcpStream,
    next_id: u64,
    session: u64,
    /// The token with which the server has begun: what its mechanisms are (`NegTokenInit2`).
    hints: Vec<u8>,
}

impl Client {
    /// Says that it speaks SMB 2.1.
    fn negotiate() -> Self {
        let stream = TcpStream::connect((CONTROLLER, 445)).unwrap();
        let mut client = Self {
            stream,
            next_id: 0,
            session: 0,
            hints: Vec::new(),
        };
        let mut body = vec![36, 0, 1, 0, SIGNING_ENABLED, 0, 0, 0];
        body.resize(36, 0);
        body.extend([0x10, 0x02]);
        client.send(NEGOTIATE, &body, None);
        let (status, answer) = client.receive();
        assert_eq!(status, 0);
        client.hints = buffer(&answer, 56).to_vec();
        client
    }

    fn set_up_session(&mut self, mut context: InitContext) -> SecurityContext {
        let mut answer = self.hints.clone();
        loop {
            let token = match context.step(Some(&answer)).unwrap() {
                Step::Continue(token) => token,
                Step::Done { context, .. } => return context,
            };
            let mut body = vec![25, 0, 0, SIGNING_ENABLED, 0, 0, 0, 0, 0, 0, 0, 0, 88, 0];
            body.extend(u16::try_from(token.len()).unwrap().to_le_bytes());
            body.extend([0; 8]);
            body.extend(token);
            self.send(SESSION_SETUP, &body, None);
            let (status, packet) = self.receive();
            assert!(
                [0, MORE_PROCESSING_REQUIRED].contains(&status),
                "{status:#x}"
            );
            self.session = u64::from_le_bytes(packet[40..48].try_into().unwrap());
            answer = buffer(&packet, 4).to_vec();
        }
    }

    fn connect_tree(&mut self, share: &str, context: &SecurityContext) {
        let path: Vec<u8> = share.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut body = vec![9, 0, 0, 0, 72, 0];
        body.extend(u16::try_from(path.len()).unwrap().to_le_bytes());
        body.extend(path);
        let key = context.session_key();
        let key = &key.as_bytes()[..16];
        self.send(TREE_CONNECT, &body, Some(key));
        let (status, mut packet) = self.receive();
        assert_eq!(status, 0, "{status:#x}");
        let signature = packet[SIGNATURE..HEADER].to_vec();
        packet[SIGNATURE..HEADER].fill(0);
        assert_eq!(signature, sign(&packet, key));
    }

    fn send(&mut self, command: u16, body: &[u8], key: Option<&[u8]>) {
        let mut packet = vec![0xfe, b'S', b'M', b'B', 64, 0, 0, 0, 0, 0, 0, 0];
        packet.extend(command.to_le_bytes());
        packet.extend([31, 0]);
        packet.extend([if key.is_some() { SIGNED } else { 0 }, 0, 0, 0, 0, 0, 0, 0]);
        packet.extend(self.next_id.to_le_bytes());
        packet.extend([0; 8]);
        packet.extend(self.session.to_le_bytes());
        packet.extend([0; 16]);
        packet.extend(body);
        if let Some(key) = key {
            let signature = sign(&packet, key);
            packet[SIGNATURE..HEADER].copy_from_slice(&signature);
        }
        self.next_id += 1;
        let length = u32::try_from(packet.len()).unwrap().to_be_bytes();
        self.stream
            .write_all(&[length.as_slice(), &packet].concat())
            .unwrap();
    }

    /// The status and all of the answer.
    fn receive(&mut self) -> (u32, Vec<u8>) {
        let mut length = [0; 4];
        self.stream.read_exact(&mut length).unwrap();
        let mut packet = vec![0; u32::from_be_bytes(length) as usize];
        self.stream.read_exact(&mut packet).unwrap();
        let status = u32::from_le_bytes(packet[8..12].try_into().unwrap());
        (status, packet)
    }
}

/// The buffer whose offset and length stand there in the body.
fn buffer(packet: &[u8], at: usize) -> &[u8] {
    let number = |at: usize| usize::from(u16::from_le_bytes([packet[at], packet[at + 1]]));
    let (offset, length) = (number(HEADER + at), number(HEADER + at + 2));
    &packet[offset..offset + length]
}

/// MS-SMB2 section 3.1.4.1, of the dialects before 3.
fn sign(packet: &[u8], key: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(packet);
    mac.finalize().into_bytes()[..16].to_vec()
}

const HEADER: usize = 64;
const SIGNATURE: usize = 48;
const NEGOTIATE: u16 = 0;
const SESSION_SETUP: u16 = 1;
const TREE_CONNECT: u16 = 3;
const SIGNING_ENABLED: u8 = 1;
const SIGNED: u8 = 8;
const MORE_PROCESSING_REQUIRED: u32 = 0xc000_0016;
