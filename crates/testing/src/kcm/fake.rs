//! A KCM daemon of our own: what the protocol says, and all that a daemon can do wrong.

use std::collections::HashSet;
use std::io::{self, Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use orthros_types::MinorStatus;
use orthros_types::bytes::{ByteReader, Truncated};
use orthros_types::kcm::KcmOperation;
use tempfile::TempDir;

/// What a daemon does when it is asked for something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Says that it does not have the operation, with this status.
    Unsupported(MinorStatus),
    /// Refuses it from the n-th time on, with this status.
    RefusedFrom(usize, MinorStatus),
    /// Never answers.
    Stalled,
    /// Sends these bytes and closes the connection.
    Garbled(Vec<u8>),
    /// Says that all is well, with this as the result.
    Result(Vec<u8>),
}

/// A daemon on a socket in a directory of its own, until it is dropped.
#[derive(Debug)]
pub struct FakeKcm {
    shared: Arc<Shared>,
    listener: Option<JoinHandle<()>>,
    directory: TempDir,
}

#[derive(Debug, Default)]
struct Shared {
    faults: Vec<(KcmOperation, Fault)>,
    /// How many requests have to be there before the first is answered.
    awaited: AtomicUsize,
    is_over: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    caches: Vec<Cache>,
    default: Option<Vec<u8>>,
    made: u32,
    /// What it has been asked for, in this order.
    asked: Vec<KcmOperation>,
}

#[derive(Debug)]
struct Cache {
    name: Vec<u8>,
    principal: Vec<u8>,
    offset: [u8; 4],
    credentials: Vec<Vec<u8>>,
}

impl FakeKcm {
    /// Starts a daemon that has every operation but those that go wrong.
    ///
    /// # Errors
    ///
    /// Where there can be no directory, or no socket in it.
    pub fn start(faults: &[(KcmOperation, Fault)]) -> io::Result<Self> {
        let directory = tempfile::tempdir()?;
        let listener = UnixListener::bind(directory.path().join(SOCKET))?;
        let shared = Arc::new(Shared {
            faults: faults.to_vec(),
            awaited: AtomicUsize::new(1),
            ..Shared::default()
        });
        let for_thread = shared.clone();
        let listener = thread::spawn(move || for_thread.listen(&listener));
        Ok(Self {
            shared,
            listener: Some(listener),
            directory,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.directory.path().join(SOCKET)
    }

    /// Has it answer nothing until so many requests are there: a client that waits after each of them gets no answer.
    pub fn wait_for(&self, requests: usize) {
        self.shared.awaited.store(requests, Ordering::SeqCst);
    }

    /// What it was asked for since it was last asked this.
    #[must_use]
    pub fn asked(&self) -> Vec<KcmOperation> {
        std::mem::take(&mut self.shared.state().asked)
    }
}

impl Drop for FakeKcm {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        // One more connection, so that it looks.
        drop(UnixStream::connect(self.socket()));
        if let Some(listener) = self.listener.take() {
            drop(listener.join());
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection ends when its client closes it.
    fn listen(self: &Arc<Self>, listener: &UnixListener) {
        while let Ok((stream, _)) = listener.accept() {
            if self.is_over.load(Ordering::SeqCst) {
                return;
            }
            let shared = self.clone();
            // What a client does wrong ends the connection.
            thread::spawn(move || drop(shared.serve(stream)));
        }
    }

    fn serve(&self, mut stream: UnixStream) -> io::Result<()> {
        let awaited = self.awaited.load(Ordering::SeqCst);
        let mut ahead = Vec::new();
        for _ in 1..awaited {
            ahead.push(read_request(&mut stream)?);
        }
        let mut ahead = ahead.into_iter();
        loop {
            let request = match ahead.next() {
                Some(request) => request,
                None => read_request(&mut stream)?,
            };
            match self.answer(&request) {
                Some(answer) => stream.write_all(&answer)?,
                None => {
                    // Until the client has given up.
                    let mut rest = Vec::new();
                    stream.read_to_end(&mut rest)?;
                    return Ok(());
                }
            }
            let operation = operation(&request);
            if matches!(self.fault(operation), Some(Fault::Garbled(_))) {
                return Ok(());
            }
        }
    }

    fn fault(&self, operation: KcmOperation) -> Option<&Fault> {
        let mut faults = self.faults.iter();
        faults
            .find(|(faulty, _)| *faulty == operation)
            .map(|(_, fault)| fault)
    }

    /// The whole reply; `None` where there shall be none.
    fn answer(&self, request: &[u8]) -> Option<Vec<u8>> {
        let operation = operation(request);
        let mut state = self.state();
        state.asked.push(operation);
        let times = state.asked.iter().filter(|asked| **asked == operation);
        let times = times.count();
        let outcome = match self.fault(operation) {
            Some(Fault::Stalled) => return None,
            Some(Fault::Garbled(bytes)) => return Some(bytes.clone()),
            Some(Fault::Unsupported(status)) => Err(*status),
            Some(Fault::RefusedFrom(nth, status)) if times >= *nth => Err(*status),
            Some(Fault::Result(result)) => Ok(result.clone()),
            _ => state.perform(operation, request.get(4..).unwrap_or_default()),
        };
        let (status, result) = match outcome {
            Ok(result) => (0, result),
            Err(status) => (status.number(), Vec::new()),
        };
        let length = u32::try_from(result.len() + 4).unwrap_or(u32::MAX);
        let head = [length.to_be_bytes(), [0; 4], status.to_be_bytes()].concat();
        Some([head, result].concat())
    }
}

impl State {
    fn perform(
        &mut self,
        operation: KcmOperation,
        arguments: &[u8],
    ) -> Result<Vec<u8>, MinorStatus> {
        let malformed = |_: Truncated| MinorStatus::KRB5_CC_IO;
        let (name, argument) = split_name(arguments);
        let name = name.to_vec();
        match operation {
            KcmOperation::GEN_NEW => {
                self.made += 1;
                Ok(format!("made:{}\0", self.made).into_bytes())
            }
            KcmOperation::GET_DEFAULT_CACHE => {
                let first = self.caches.first().map(|cache| cache.name.clone());
                let name = self.default.clone().or(first);
                Ok([name.unwrap_or_else(|| b"first".to_vec()), vec![0]].concat())
            }
            KcmOperation::SET_DEFAULT_CACHE => {
                self.default = Some(name);
                Ok(Vec::new())
            }
            KcmOperation::GET_CACHE_UUID_LIST => {
                Ok((0..self.caches.len()).flat_map(uuid).collect())
            }
            KcmOperation::GET_CACHE_BY_UUID => {
                let cache = self.caches.get(index(arguments));
                let cache = cache.ok_or(MinorStatus::KRB5_CC_END)?;
                Ok([cache.name.as_slice(), &[0]].concat())
            }
            KcmOperation::INITIALIZE => {
                self.caches.retain(|cache| cache.name != name);
                self.caches.push(Cache {
                    name,
                    principal: argument.to_vec(),
                    offset: [0; 4],
                    credentials: Vec::new(),
                });
                Ok(Vec::new())
            }
            KcmOperation::REPLACE => {
                let cache = replacement(name, argument).map_err(malformed)?;
                self.caches.retain(|other| other.name != cache.name);
                self.caches.push(cache);
                Ok(Vec::new())
            }
            KcmOperation::DESTROY => {
                self.cache(&name)?;
                self.caches.retain(|cache| cache.name != name);
                self.default.take_if(|default| *default == name);
                Ok(Vec::new())
            }
            _ => self.cache(&name)?.perform(operation, argument),
        }
    }

    fn cache(&mut self, name: &[u8]) -> Result<&mut Cache, MinorStatus> {
        let cache = self.caches.iter_mut().find(|cache| cache.name == name);
        cache.ok_or(MinorStatus::KRB5_FCC_NOFILE)
    }
}

impl Cache {
    fn perform(
        &mut self,
        operation: KcmOperation,
        argument: &[u8],
    ) -> Result<Vec<u8>, MinorStatus> {
        match operation {
            KcmOperation::GET_PRINCIPAL => Ok(self.principal.clone()),
            KcmOperation::STORE => {
                self.credentials.push(argument.to_vec());
                Ok(Vec::new())
            }
            KcmOperation::GET_KDC_OFFSET => Ok(self.offset.to_vec()),
            KcmOperation::SET_KDC_OFFSET => {
                self.offset = argument.try_into().map_err(|_| MinorStatus::KRB5_CC_IO)?;
                Ok(Vec::new())
            }
            KcmOperation::GET_CRED_LIST => {
                let count = u32::try_from(self.credentials.len()).unwrap_or(u32::MAX);
                let mut list = count.to_be_bytes().to_vec();
                for credential in &self.credentials {
                    let length = u32::try_from(credential.len()).unwrap_or(u32::MAX);
                    list.extend(length.to_be_bytes());
                    list.extend(credential);
                }
                Ok(list)
            }
            KcmOperation::GET_CRED_UUID_LIST => {
                Ok((0..self.credentials.len()).flat_map(uuid).collect())
            }
            KcmOperation::GET_CRED_BY_UUID => {
                let credential = self.credentials.get(index(argument));
                credential.cloned().ok_or(MinorStatus::KRB5_CC_END)
            }
            KcmOperation::REMOVE_CRED => {
                // Behind flags and fields begin client and server, as they do in a credential; behind them the enctype
                // and, over an empty key, the times.
                let wanted = argument.get(8..).unwrap_or_default();
                let names = names_length(wanted).map_err(|_| MinorStatus::KRB5_CC_IO)?;
                let names = wanted.get(..names).unwrap_or_default();
                let before = self.credentials.len();
                self.credentials.retain(|each| !each.starts_with(names));
                match before == self.credentials.len() {
                    true => Err(MinorStatus::KRB5_CC_NOTFOUND),
                    false => Ok(Vec::new()),
                }
            }
            _ => Err(MinorStatus::KRB5_CC_NOSUPP),
        }
    }
}

fn read_request(stream: &mut UnixStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    let mut request = vec![0; length.min(LONGEST)];
    stream.read_exact(&mut request)?;
    Ok(request)
}

/// Of a request that is of version 2.0; 0 of others.
fn operation(request: &[u8]) -> KcmOperation {
    match request {
        [2, 0, high, low, ..] => KcmOperation(u16::from_be_bytes([*high, *low])),
        _ => KcmOperation(0),
    }
}

fn split_name(arguments: &[u8]) -> (&[u8], &[u8]) {
    let end = arguments.iter().position(|byte| *byte == 0);
    let (name, rest) = arguments.split_at(end.unwrap_or(arguments.len()));
    (name, rest.get(1..).unwrap_or_default())
}

fn replacement(name: Vec<u8>, argument: &[u8]) -> Result<Cache, Truncated> {
    let mut reader = ByteReader::new(argument);
    let offset = reader.u32("offset")?.to_be_bytes();
    let start = reader.position();
    skip_principal(&mut reader)?;
    let principal = argument.get(start..reader.position()).unwrap_or_default();
    let count = reader.u32("count")?;
    let credentials = (0..count).map(|_| reader.counted32("credential").map(<[u8]>::to_vec));
    Ok(Cache {
        name,
        principal: principal.to_vec(),
        offset,
        credentials: credentials.collect::<Result<_, _>>()?,
    })
}

/// How many bytes two principals and an enctype take.
fn names_length(bytes: &[u8]) -> Result<usize, Truncated> {
    let mut reader = ByteReader::new(bytes);
    skip_principal(&mut reader)?;
    skip_principal(&mut reader)?;
    reader.u16("enctype")?;
    Ok(reader.position())
}

fn skip_principal(reader: &mut ByteReader<'_>) -> Result<(), Truncated> {
    reader.u32("name type")?;
    let count = reader.u32("count")?;
    (0..=count).try_for_each(|_| reader.counted32("name").map(drop))
}

fn uuid(index: usize) -> [u8; 16] {
    u128::try_from(index).unwrap_or(u128::MAX).to_be_bytes()
}

fn index(uuid: &[u8]) -> usize {
    let uuid = uuid.try_into().map_or(u128::MAX, u128::from_be_bytes);
    usize::try_from(uuid).unwrap_or(usize::MAX)
}

/// All operations that a client may do without, as those of sssd's daemon.
#[must_use]
pub fn without(operations: &[KcmOperation], status: MinorStatus) -> Vec<(KcmOperation, Fault)> {
    let operations: HashSet<_> = operations.iter().copied().collect();
    let faults = operations.into_iter();
    faults
        .map(|operation| (operation, Fault::Unsupported(status)))
        .collect()
}

/// Connects to a socket as a client would, to see whether anything listens there.
#[must_use]
pub fn is_listening(socket: &Path) -> bool {
    UnixStream::connect(socket).is_ok()
}

const SOCKET: &str = "kcm";
const LONGEST: usize = 16 * 1024 * 1024;
