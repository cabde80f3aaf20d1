//! An LDAP client that can bind and search.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use orthros::{InitContext, Protection, SecurityContext, Step};
use orthros_testing::samba::{CONTROLLER, Domain};

/// What protects messages after a bind by SASL GSSAPI (RFC 4752 section 3.3): its number is the bit in the offer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum SecurityLayer {
    None = 1,
    Integrity = 2,
    Confidentiality = 4,
}

pub(super) struct Client {
    reader: Box<dyn Read>,
    writer: Box<dyn Write>,
    tls: Option<Child>,
    last_id: u8,
    layer: Option<(SecurityContext, Protection)>,
    /// What has come and is not read yet.
    unread: Vec<u8>,
}

impl Drop for Client {
    fn drop(&mut self) {
        if let Some(mut tls) = self.tls.take() {
            tls.kill().unwrap();
            tls.wait().unwrap();
        }
    }
}

impl Client {
    pub(super) fn connect() -> Self {
        let stream = TcpStream::connect((CONTROLLER, 389)).unwrap();
        Self::over(
            Box::new(stream.try_clone().unwrap()),
            Box::new(stream),
            None,
        )
    }

    /// TLS is OpenSSL's.
    pub(super) fn connect_tls(domain: &Domain) -> Self {
        let mut openssl = domain.command("openssl");
        openssl.args([
            "s_client",
            "-quiet",
            "-verify_quiet",
            "-connect",
            "10.53.0.1:636",
        ]);
        openssl
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = openssl.spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self::over(Box::new(stdout), Box::new(stdin), Some(child))
    }

    fn over(reader: Box<dyn Read>, writer: Box<dyn Write>, tls: Option<Child>) -> Self {
        Self {
            reader,
            writer,
            tls,
            last_id: 0,
            layer: None,
            unread: Vec::new(),
        }
    }

    /// Authenticates by SASL GSSAPI, and has messages protected like that.
    pub(super) fn bind_gssapi(&mut self, context: InitContext, layer: SecurityLayer) {
        let (mut context, mut offer) = self.exchange_tokens("GSSAPI", context);
        if offer.is_empty() {
            // The context has taken no last token of ours: the server waits for an empty one.
            offer = self.bind("GSSAPI", &[]).1;
        }
        let offer = context.unwrap(&offer, Protection::INTEGRITY).unwrap();
        let offer = offer.in_sequence().unwrap();
        assert!(offer[0] & layer as u8 != 0, "{offer:?}");
        let choice = match layer {
            SecurityLayer::None => [layer as u8, 0, 0, 0],
            _ => [layer as u8, 0, 0xff, 0xff],
        };
        let choice = context.wrap(&choice, Protection::INTEGRITY).unwrap();
        assert_eq!(self.bind("GSSAPI", &choice).0, SUCCESS);
        self.layer = match layer {
            SecurityLayer::None => None,
            SecurityLayer::Integrity => Some((context, Protection::INTEGRITY)),
            SecurityLayer::Confidentiality => Some((context, Protection::CONFIDENTIALITY)),
        };
    }

    /// Authenticates by SASL GSS-SPNEGO: what protects messages follows from the context's flags.
    pub(super) fn bind_spnego(&mut self, context: InitContext, protection: Protection) {
        let (context, _) = self.exchange_tokens("GSS-SPNEGO", context);
        self.layer = Some((context, protection));
    }

    /// Establishes the context, and returns what the server has said behind its last token.
    fn exchange_tokens(
        &mut self,
        mechanism: &str,
        mut context: InitContext,
    ) -> (SecurityContext, Vec<u8>) {
        let mut answer: Option<Vec<u8>> = None;
        loop {
            let (established, token) = match context.step(answer.as_deref()).unwrap() {
                Step::Continue(token) => (None, Some(token)),
                Step::Done { context, token } => (Some(context), token),
            };
            let next = token.map(|token| self.bind(mechanism, &token));
            if let Some(established) = established {
                return (
                    established,
                    next.map(|(_, token)| token).unwrap_or_default(),
                );
            }
            answer = next.map(|(_, token)| token);
        }
    }

    /// One request and response of a bind: the result code and the server's credentials.
    fn bind(&mut self, mechanism: &str, credentials: &[u8]) -> (u8, Vec<u8>) {
        let sasl = [
            element(0x04, mechanism.as_bytes()),
            element(0x04, credentials),
        ];
        let request = [
            element(0x02, &[3]),
            element(0x04, &[]),
            element(0xa3, &sasl.concat()),
        ];
        self.send(&element(0x60, &request.concat()));
        let (tag, response) = self.receive();
        assert_eq!(tag, 0x61);
        let mut fields = elements(&response);
        let (_, code) = fields.next().unwrap();
        let credentials = fields.find(|(tag, _)| *tag == 0x87);
        assert!(
            [SUCCESS, SASL_BIND_IN_PROGRESS].contains(&code[0]),
            "{}",
            String::from_utf8_lossy(&response)
        );
        (
            code[0],
            credentials
                .map(|(_, value)| value.to_vec())
                .unwrap_or_default(),
        )
    }

    /// The values of an attribute of an object.
    pub(super) fn search(&mut self, object: &str, attribute: &str) -> Vec<String> {
        let request = [
            element(0x04, object.as_bytes()),
            element(0x0a, &[0]),
            element(0x0a, &[0]),
            element(0x02, &[0]),
            element(0x02, &[0]),
            element(0x01, &[0]),
            element(0x87, b"objectClass"),
            element(0x30, &element(0x04, attribute.as_bytes())),
        ];
        self.send(&element(0x63, &request.concat()));
        let mut values = Vec::new();
        loop {
            let (tag, response) = self.receive();
            let mut fields = elements(&response);
            if tag == 0x65 {
                assert_eq!(
                    fields.next().unwrap().1,
                    [SUCCESS],
                    "{}",
                    String::from_utf8_lossy(&response)
                );
                return values;
            }
            assert_eq!(tag, 0x64);
            // Of the entry: its name, then its attributes, each with a set of values.
            for (_, attribute) in elements(fields.nth(1).unwrap().1) {
                let (_, set) = elements(attribute).nth(1).unwrap();
                values.extend(
                    elements(set).map(|(_, value)| String::from_utf8_lossy(value).into_owned()),
                );
            }
        }
    }

    fn send(&mut self, operation: &[u8]) {
        self.last_id += 1;
        let message = [&element(0x02, &[self.last_id]), operation].concat();
        let mut message = element(0x30, &message);
        if let Some((context, protection)) = &mut self.layer {
            let token = context.wrap(&message, *protection).unwrap();
            message = [
                u32::try_from(token.len()).unwrap().to_be_bytes().as_slice(),
                &token,
            ]
            .concat();
        }
        self.writer.write_all(&message).unwrap();
        self.writer.flush().unwrap();
    }

    /// The operation of the next message, with its tag.
    fn receive(&mut self) -> (u8, Vec<u8>) {
        let length = loop {
            match element_len(&self.unread) {
                Some(length) if length <= self.unread.len() => break length,
                _ => self.read_more(),
            }
        };
        let message: Vec<u8> = self.unread.drain(..length).collect();
        let (_, message) = elements(&message).next().unwrap();
        let (tag, operation) = elements(message).nth(1).unwrap();
        (tag, operation.to_vec())
    }

    fn read_more(&mut self) {
        let Some((context, protection)) = &mut self.layer else {
            let mut buffer = [0; 4096];
            let length = self.reader.read(&mut buffer).unwrap();
            assert!(length > 0, "the server has closed the connection");
            self.unread.extend_from_slice(&buffer[..length]);
            return;
        };
        let mut length = [0; 4];
        self.reader.read_exact(&mut length).unwrap();
        let mut token = vec![0; u32::from_be_bytes(length) as usize];
        self.reader.read_exact(&mut token).unwrap();
        let message = context.unwrap(&token, *protection).unwrap();
        self.unread.extend(message.in_sequence().unwrap());
    }
}

const SUCCESS: u8 = 0;
const SASL_BIND_IN_PROGRESS: u8 = 14;

/// An element in BER.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&[tag, 0x84], length.as_slice(), content].concat()
}

/// The elements that follow each other.
fn elements(mut bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let whole;
        (whole, bytes) = bytes.split_at_checked(element_len(bytes)?)?;
        let head = whole.len() - content_len(whole)?;
        Some((whole[0], &whole[head..]))
    })
}

/// How long the first element is, with its head, if that is there.
fn element_len(bytes: &[u8]) -> Option<usize> {
    let first = *bytes.get(1)?;
    let head = if first < 0x80 {
        2
    } else {
        2 + usize::from(first & 0x7f)
    };
    Some(head + content_len(bytes)?)
}

fn content_len(bytes: &[u8]) -> Option<usize> {
    let first = usize::from(*bytes.get(1)?);
    if first < 0x80 {
        return Some(first);
    }
    let octets = bytes.get(2..2 + (first & 0x7f))?;
    Some(
        octets
            .iter()
            .fold(0, |length, octet| length << 8 | usize::from(*octet)),
    )
}
