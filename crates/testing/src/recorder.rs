//! Records what two programs say to each other: a forwarder on the loopback between them.
//!
//! A client is told the recorder's port in place of its server's. Messages are recorded whole, in the order in which
//! they were passed on. Used to capture what real peers send, as data for tests.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::port::free_port;

/// A message, as it was passed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Whether the client sent it.
    pub from_client: bool,
    /// The message without the framing of TCP.
    pub octets: Vec<u8>,
}

/// How messages are framed on TCP: some octets, then their length in four octets, then they.
#[derive(Debug, Clone, Copy)]
pub enum Framing {
    /// As with a KDC: only the length.
    Kdc,
    /// As with MIT's GSS-API samples: an octet of flags before the length.
    GssSample,
}

/// A forwarder; it ends when this value is dropped.
#[derive(Debug)]
pub struct Recorder {
    port: u16,
    shared: Arc<Shared>,
    listeners: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    server: SocketAddr,
    framing: Framing,
    messages: Mutex<Vec<Recorded>>,
    ended: AtomicBool,
}

impl Recorder {
    /// Forwards to `server`, on UDP and on TCP.
    ///
    /// # Errors
    ///
    /// When there is no port to be had.
    pub fn start(server: SocketAddr, framing: Framing) -> io::Result<Self> {
        let port = free_port()?;
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, port))?;
        udp.set_read_timeout(Some(PATIENCE))?;
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        tcp.set_nonblocking(true)?;
        let shared = Arc::new(Shared {
            server,
            framing,
            messages: Mutex::default(),
            ended: AtomicBool::new(false),
        });
        let (one, other) = (Arc::clone(&shared), Arc::clone(&shared));
        let listeners = vec![
            thread::spawn(move || one.forward_datagrams(&udp)),
            thread::spawn(move || other.accept_connections(&tcp)),
        ];
        Ok(Self {
            port,
            shared,
            listeners,
        })
    }

    /// The port that stands for the server's.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What was recorded since this was last called.
    #[must_use]
    pub fn take(&self) -> Vec<Recorded> {
        std::mem::take(&mut *self.shared.lock())
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Relaxed);
        for listener in self.listeners.drain(..) {
            // A thread that panicked has nothing more to forward.
            let _ = listener.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Recorded>> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn record(&self, from_client: bool, octets: &[u8]) {
        let octets = octets.to_vec();
        self.lock().push(Recorded {
            from_client,
            octets,
        });
    }

    fn goes_on(&self) -> bool {
        !self.ended.load(Ordering::Relaxed)
    }

    /// One request and its reply at a time: this is not measured.
    fn forward_datagrams(&self, clients: &UdpSocket) {
        let mut buffer = vec![0; 65536];
        while self.goes_on() {
            let Ok((length, client)) = clients.recv_from(&mut buffer) else {
                continue;
            };
            let request = buffer.get(..length).unwrap_or_default();
            if let Ok(reply) = self.ask(request) {
                self.record(true, request);
                self.record(false, &reply);
                // A client that is gone does without its reply.
                let _ = clients.send_to(&reply, client);
            }
        }
    }

    fn ask(&self, request: &[u8]) -> io::Result<Vec<u8>> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_read_timeout(Some(LIMIT))?;
        socket.send_to(request, self.server)?;
        let mut reply = vec![0; 65536];
        let length = socket.recv(&mut reply)?;
        reply.truncate(length);
        Ok(reply)
    }

    fn accept_connections(self: &Arc<Self>, clients: &TcpListener) {
        while self.goes_on() {
            match clients.accept() {
                Ok((client, _)) => {
                    // A connection that fails is the client's to complain of.
                    let _ = self.forward_connection(client);
                }
                Err(_) => thread::sleep(PATIENCE),
            }
        }
    }

    fn forward_connection(self: &Arc<Self>, client: TcpStream) -> io::Result<()> {
        client.set_nonblocking(false)?;
        let server = TcpStream::connect(self.server)?;
        for (from, to, from_client) in [
            (client.try_clone()?, server.try_clone()?, true),
            (server, client, false),
        ] {
            let shared = Arc::clone(self);
            thread::spawn(move || shared.forward_stream(from, to, from_client));
        }
        Ok(())
    }

    /// Passes messages on until one side closes.
    fn forward_stream(&self, mut from: TcpStream, mut to: TcpStream, from_client: bool) {
        let _ = from.set_read_timeout(Some(LIMIT));
        while self.pass_on(&mut from, &mut to, from_client).is_ok() {}
        let _ = to.shutdown(std::net::Shutdown::Write);
    }

    /// A message is recorded before it is passed on, or its answer might be recorded first.
    fn pass_on(
        &self,
        from: &mut TcpStream,
        to: &mut TcpStream,
        from_client: bool,
    ) -> io::Result<()> {
        let mut flags = match self.framing {
            Framing::Kdc => vec![],
            Framing::GssSample => vec![0],
        };
        from.read_exact(&mut flags)?;
        let mut length = [0; 4];
        from.read_exact(&mut length)?;
        let mut message = Vec::new();
        from.take(u32::from_be_bytes(length).into())
            .read_to_end(&mut message)?;
        self.record(from_client, &message);
        to.write_all(&[&flags, &length[..], &message].concat())
    }
}

/// How long a thread may take to notice that it should end.
const PATIENCE: Duration = Duration::from_millis(20);
/// How long a server may take to answer.
const LIMIT: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datagrams_and_framed_messages_are_passed_on_and_recorded() {
        let server = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let recorder = Recorder::start(server.local_addr().unwrap(), Framing::Kdc).unwrap();
        let client = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        client
            .send_to(b"request", (Ipv4Addr::LOCALHOST, recorder.port()))
            .unwrap();
        let mut buffer = [0; 16];
        let (length, from) = server.recv_from(&mut buffer).unwrap();
        assert_eq!(&buffer[..length], b"request");
        server.send_to(b"reply", from).unwrap();
        let length = client.recv(&mut buffer).unwrap();
        assert_eq!(&buffer[..length], b"reply");
        let recorded = |from_client, octets: &[u8]| Recorded {
            from_client,
            octets: octets.to_vec(),
        };
        let expected = [recorded(true, b"request"), recorded(false, b"reply")];
        assert_eq!(recorder.take(), expected);
        assert_eq!(recorder.take(), []);
    }

    #[test]
    fn framed_messages_are_recorded_without_their_frames() {
        let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let recorder = Recorder::start(server.local_addr().unwrap(), Framing::GssSample).unwrap();
        let mut client = TcpStream::connect((Ipv4Addr::LOCALHOST, recorder.port())).unwrap();
        client.write_all(b"\x02\0\0\0\x05token").unwrap();
        let (mut accepted, _) = server.accept().unwrap();
        let mut frame = [0; 10];
        accepted.read_exact(&mut frame).unwrap();
        assert_eq!(&frame, b"\x02\0\0\0\x05token");
        accepted.write_all(b"\x02\0\0\0\x02ok").unwrap();
        client.read_exact(&mut frame[..7]).unwrap();
        assert_eq!(&frame[..7], b"\x02\0\0\0\x02ok");
        let recorded = recorder.take();
        assert_eq!(recorded[0].octets, b"token");
        assert_eq!(recorded[1].octets, b"ok");
    }
}
