//! A connection to a KCM daemon.

use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsRawFd as _;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, SockFlag, SockType, UnixAddr, connect, setsockopt, socket, sockopt,
};
use nix::sys::time::TimeVal;
use orthros_krb5::crypto::SecretVec;
use orthros_types::MinorStatus;
use orthros_types::kcm::{KcmOperation, KcmReply, KcmReplyHead, KcmRequest, REPLY_HEAD};

use super::KcmError;

/// A connection for one call of a cache. All of its requests have until the same moment.
#[derive(Debug)]
pub(super) struct Connection {
    stream: UnixStream,
    deadline: Instant,
    patience: Duration,
    /// Bytes of the answers so far.
    received: usize,
}

/// What the daemon has answered to one request.
pub(super) struct Answer {
    operation: KcmOperation,
    status: MinorStatus,
    body: SecretVec,
}

impl Connection {
    /// Connects to the daemon that listens at this path.
    pub(super) fn open(path: &Path, patience: Duration) -> Result<Self, KcmError> {
        let deadline = Instant::now() + patience;
        let connected = connect_within(path, patience);
        let stream = connected.map_err(|error| match error.kind() {
            // One that has crashed leaves its socket behind.
            ErrorKind::NotFound | ErrorKind::ConnectionRefused => KcmError::NoDaemon,
            // So the kernel says that others wait to be let in, too.
            ErrorKind::WouldBlock => KcmError::TimedOut { patience },
            _ => KcmError::Io(error),
        })?;
        Ok(Self {
            stream,
            deadline,
            patience,
            received: 0,
        })
    }

    /// Asks for these and waits for all answers: one round trip for as many as the sockets hold, which
    /// [`BATCH`] stays below.
    pub(super) fn call_all(
        &mut self,
        requests: &[KcmRequest<'_>],
    ) -> Result<Vec<Answer>, KcmError> {
        let mut answers = Vec::with_capacity(requests.len());
        for batch in requests.chunks(BATCH) {
            let encoded = batch.iter().map(KcmRequest::encode);
            let encoded = encoded
                .collect::<Result<Vec<_>, _>>()
                .map_err(KcmError::Request)?;
            let length = encoded.iter().map(|request| request.len()).sum();
            let mut all = SecretVec::zeroed(length);
            let mut rest = &mut *all;
            for request in &encoded {
                let Some((place, behind)) = rest.split_at_mut_checked(request.len()) else {
                    break;
                };
                place.copy_from_slice(request);
                rest = behind;
            }
            self.write(&all)?;
            for request in batch {
                answers.push(self.answer(request.operation())?);
            }
        }
        Ok(answers)
    }

    /// Asks for one thing.
    pub(super) fn call(&mut self, request: KcmRequest<'_>) -> Result<Answer, KcmError> {
        let operation = request.operation();
        let request = request.encode().map_err(KcmError::Request)?;
        self.write(&request)?;
        self.answer(operation)
    }

    fn answer(&mut self, operation: KcmOperation) -> Result<Answer, KcmError> {
        let mut head = [0; REPLY_HEAD];
        self.read(&mut head)?;
        let of_reply = |error| KcmError::Reply { operation, error };
        let head = KcmReplyHead::decode(head).map_err(of_reply)?;
        // Each length is limited by LONGEST_REPLY; of a list that is got one by one all answers are held at once.
        self.received = self.received.saturating_add(head.length);
        if self.received > MOST_RECEIVED {
            return Err(KcmError::TooLong {
                most: MOST_RECEIVED,
            });
        }
        let mut body = SecretVec::zeroed(head.length);
        self.read(&mut body)?;
        let status = match head.status {
            KcmReply::SUCCESS => KcmReply::decode(&body).map_err(of_reply)?.status(),
            status => status,
        };
        Ok(Answer {
            operation,
            status,
            body,
        })
    }

    fn read(&mut self, mut place: &mut [u8]) -> Result<(), KcmError> {
        while !place.is_empty() {
            let left = self.time_left()?;
            self.stream
                .set_read_timeout(Some(left))
                .map_err(KcmError::Io)?;
            match self.stream.read(place) {
                Ok(0) => return Err(KcmError::Closed),
                Ok(count) => place = place.get_mut(count..).unwrap_or_default(),
                Err(error) => retriable(error)?,
            }
        }
        Ok(())
    }

    fn write(&mut self, mut bytes: &[u8]) -> Result<(), KcmError> {
        while !bytes.is_empty() {
            let left = self.time_left()?;
            self.stream
                .set_write_timeout(Some(left))
                .map_err(KcmError::Io)?;
            match self.stream.write(bytes) {
                Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
                Err(error) => retriable(error)?,
            }
        }
        Ok(())
    }

    /// More than nothing, which a socket would take for ever.
    fn time_left(&self) -> Result<Duration, KcmError> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            let patience = self.patience;
            return Err(KcmError::TimedOut { patience });
        }
        Ok(left)
    }
}

impl Answer {
    pub(super) fn is_success(&self) -> bool {
        self.status == KcmReply::SUCCESS
    }

    /// Whether there is no such cache or credential.
    pub(super) fn is_absent(&self) -> bool {
        matches!(
            self.status,
            MinorStatus::KRB5_FCC_NOFILE | MinorStatus::KRB5_CC_NOTFOUND | MinorStatus::KRB5_CC_END
        )
    }

    /// Whether the daemon does not have the operation.
    pub(super) fn is_unsupported(&self) -> bool {
        says_unsupported(self.status)
    }

    /// The result, where the operation went well.
    pub(super) fn read<'a, T>(
        &'a self,
        read: impl FnOnce(KcmReply<'a>) -> Result<T, orthros_types::kcm::KcmReplyError>,
    ) -> Result<T, KcmError> {
        self.require_success()?;
        let operation = self.operation;
        let reply = KcmReply::decode(&self.body);
        reply
            .and_then(read)
            .map_err(|error| KcmError::Reply { operation, error })
    }

    pub(super) fn require_success(&self) -> Result<(), KcmError> {
        if self.is_success() {
            return Ok(());
        }
        Err(KcmError::Refused {
            operation: self.operation,
            status: self.status,
        })
    }
}

/// Whether a status says that the daemon does not have an operation: Heimdal's says that something internal failed;
/// sssd's that it is not supported, and of an opcode that it does not even know that there was an error of I/O.
pub(super) fn says_unsupported(status: MinorStatus) -> bool {
    matches!(
        status,
        MinorStatus::KRB5_FCC_INTERNAL | MinorStatus::KRB5_CC_IO | MinorStatus::KRB5_CC_NOSUPP
    )
}

/// Connects, but waits no longer than that for a daemon that does not let others in.
fn connect_within(path: &Path, patience: Duration) -> io::Result<UnixStream> {
    let descriptor = socket(
        AddressFamily::Unix,
        SockType::Stream,
        SockFlag::SOCK_CLOEXEC,
        None,
    )?;
    let seconds = i64::try_from(patience.as_secs()).unwrap_or(i64::MAX);
    let timeout = TimeVal::new(seconds, patience.subsec_micros().into());
    setsockopt(&descriptor, sockopt::SendTimeout, &timeout)?;
    match connect(descriptor.as_raw_fd(), &UnixAddr::new(path)?) {
        Ok(()) => Ok(descriptor.into()),
        Err(Errno::EAGAIN) => Err(ErrorKind::WouldBlock.into()),
        Err(errno) => Err(errno.into()),
    }
}

fn retriable(error: io::Error) -> Result<(), KcmError> {
    match error.kind() {
        ErrorKind::Interrupted => Ok(()),
        // The next look at the clock says that it is over.
        ErrorKind::WouldBlock => Ok(()),
        ErrorKind::BrokenPipe | ErrorKind::ConnectionReset => Err(KcmError::Closed),
        _ => Err(KcmError::Io(error)),
    }
}

/// How many requests are written before the first answer is read. Those that get long answers are short.
const BATCH: usize = 32;
/// Bytes of all answers of a call: room for as many tickets as are looked at, of 3 KiB each.
const MOST_RECEIVED: usize = 32 * 1024 * 1024;
