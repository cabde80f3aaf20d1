//! `orthros kdc` with a gibibyte of address space, and the largest message of every kind.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::process::Command;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use orthros_krb5::crypto::{Key, KeyUsage, RandomError, RandomSource};
use orthros_testing::process::{Daemon, run};
use orthros_types::Credential;
use orthros_types::ccache::CacheFile;
use orthros_types::keytab::Keytab;

use crate::der::{
    element, encrypted, field, flags, integer, message, name, octets, sequence, string, time, typed,
};
use crate::world::{SERVICE, success};

const REALM: &str = "OURS.TEST";
/// The longest that a datagram of IPv4 carries, and a little less for what is around the list.
const DATAGRAM: usize = 65_507 - 2500;
/// The longest that the KDC reads from a stream.
const STREAM: usize = 256 * 1024 - 2500;

struct Kdc {
    directory: tempfile::TempDir,
    daemon: Daemon,
    address: SocketAddr,
    password_address: SocketAddr,
}

impl Kdc {
    fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = |file: &str| directory.path().join(file).display().to_string();
        let mut command = Command::new("sh");
        command.args(["-c", "ulimit -v 1048576; exec \"$@\"", "sh"]);
        command.args([env!("CARGO_BIN_EXE_orthros"), "kdc", "-q", "--realm", REALM]);
        command.args(["--listen", "127.0.0.1:0", "--user", "alice=secret"]);
        command.args(["--service", SERVICE, "--keytab-out", &path("keytab")]);
        command.args(["--krb5-conf-out", &path("krb5.conf")]);
        let daemon = Daemon::start(&mut command, "password changes on 127.0.0.1:").unwrap();
        let printed = daemon.printed();
        let addresses = printed
            .split([' ', ',', '\n'])
            .filter_map(|word| word.parse().ok());
        let addresses: Vec<SocketAddr> = addresses.collect();
        assert_eq!(addresses.len(), 2, "{printed}");
        let (address, password_address) = (addresses[0], addresses[1]);
        Self {
            directory,
            daemon,
            address,
            password_address,
        }
    }

    fn path(&self, file: &str) -> String {
        self.directory.path().join(file).display().to_string()
    }

    fn orthros(&self, arguments: &[&str], stdin: &str) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orthros"));
        command
            .args(arguments)
            .env("KRB5_CONFIG", self.path("krb5.conf"))
            .env("KRB5CCNAME", self.path("ccache"))
            .env("KRB5_KTNAME", self.path("keytab"));
        success(run(&mut command, stdin.as_bytes()).unwrap())
    }

    /// What the service gets as a client, with its keytab.
    fn ticket(&self, options: &[&str]) -> Held {
        let options = [&["kinit", "-k"], options, &[SERVICE]].concat();
        self.orthros(&options, "");
        self.held()
    }

    fn held(&self) -> Held {
        let file = fs::read(self.path("ccache")).unwrap();
        let opened = CacheFile::open(&file).unwrap();
        let credentials = opened.credentials().map(Result::unwrap);
        let last = credentials
            .filter(|credential| !credential.is_config())
            .last();
        Held::from(last.unwrap())
    }

    /// Sends it both ways; what comes back does not matter.
    fn send(&self, address: SocketAddr, request: &[u8]) {
        let patience = Some(Duration::from_secs(20));
        if request.len() <= 65_507 {
            let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
            socket.send_to(request, address).unwrap();
        }
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(patience).unwrap();
        let length = u32::try_from(request.len()).unwrap().to_be_bytes();
        stream.write_all(&[&length, request].concat()).unwrap();
        // A reply, or the end where there is none: the request has been taken, and the datagram before it.
        let mut first = [0];
        let taken = stream.read(&mut first);
        assert!(taken.is_ok() || self.is_alive(), "{taken:?}");
    }

    fn is_alive(&self) -> bool {
        fs::read_to_string(format!("/proc/{}/stat", self.daemon.id()))
            .is_ok_and(|stat| !stat.contains(") Z "))
    }

    /// A figure of the KDC's memory, in KiB.
    fn memory(&self, figure: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.daemon.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(figure));
        let words = line.unwrap().split_whitespace();
        words.filter_map(|word| word.parse().ok()).next().unwrap()
    }

    /// Whether it does its work.
    fn serves(&self, what: &str) {
        assert!(self.is_alive(), "{what}: {}", self.daemon.printed());
        self.orthros(&["kinit", "alice"], "secret\n");
    }
}

/// A ticket, and what its holder knows of it.
struct Held {
    ticket: Vec<u8>,
    key: Key,
    client: Vec<Vec<u8>>,
}

impl From<Credential> for Held {
    fn from(credential: Credential) -> Self {
        Self {
            key: credential.session_key.key().unwrap(),
            client: credential.client.components().to_vec(),
            ticket: credential.ticket,
        }
    }
}

/// Enough to seal what a test has made up.
struct Counted;

impl RandomSource for Counted {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomError> {
        // Two sealings of the same are not one.
        static COUNT: AtomicU8 = AtomicU8::new(0);
        out.fill(COUNT.fetch_add(1, Ordering::Relaxed));
        Ok(())
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

fn seal(key: &Key, kvno: Option<u32>, usage: KeyUsage, plaintext: &[u8]) -> Vec<u8> {
    let cipher = key.encrypt(usage, plaintext, &mut Counted).unwrap();
    encrypted(key.enctype().number().into(), kvno, &cipher)
}

/// The parts of a request in which there are lists.
#[derive(Clone)]
struct Ask {
    options: u32,
    client: Option<Vec<u8>>,
    realm: Vec<u8>,
    service: Vec<u8>,
    etypes: Vec<Vec<u8>>,
    addresses: Vec<Vec<u8>>,
    tickets: Vec<Vec<u8>>,
    authorization_data: Option<Vec<u8>>,
    padata: Vec<Vec<u8>>,
}

impl Ask {
    fn new(service: &str) -> Self {
        let components: Vec<Vec<u8>> = service.split('/').map(Into::into).collect();
        Self {
            options: 0,
            client: None,
            realm: REALM.into(),
            service: name(&components),
            etypes: vec![integer(18), integer(17)],
            addresses: Vec::new(),
            tickets: Vec::new(),
            authorization_data: None,
            padata: Vec::new(),
        }
    }

    fn body(&self) -> Vec<u8> {
        let list = |number: u8, list: &[Vec<u8>]| match list {
            [] => Vec::new(),
            list => field(number, sequence(list)),
        };
        let client = self.client.as_ref();
        let data = self.authorization_data.as_ref();
        sequence(&[
            field(0, flags(self.options)),
            client.map(|name| field(1, name)).unwrap_or_default(),
            field(2, string(&self.realm)),
            field(3, &self.service),
            field(5, time(now() + 3600)),
            field(7, integer(4711)),
            field(8, sequence(&self.etypes)),
            list(9, &self.addresses),
            data.map(|data| field(10, data)).unwrap_or_default(),
            list(11, &self.tickets),
        ])
    }

    fn encode(&self, message_type: u8, padata: &[Vec<u8>]) -> Vec<u8> {
        let padata = [padata, &self.padata].concat();
        let list = match padata.as_slice() {
            [] => Vec::new(),
            list => field(3, sequence(list)),
        };
        let body = field(4, self.body());
        let number = field(2, integer(message_type.into()));
        message(message_type, &[field(1, integer(5)), number, list, body])
    }

    /// An AS-REQ of this client.
    fn as_req(&self, client: &[u8]) -> Vec<u8> {
        let mut ask = self.clone();
        ask.client = Some(client.into());
        ask.encode(10, &[])
    }

    /// A TGS-REQ that shows this.
    fn tgs_req(&self, held: &Held) -> Vec<u8> {
        let usage = KeyUsage::TGS_REQ_AUTHENTICATOR_CHECKSUM;
        let tag = held.key.checksum(usage, &self.body());
        let number = held.key.enctype().checksum_type().number();
        let checksum = typed(0, number.into(), tag.as_ref());
        let ap_req = ap_req(held, Some(checksum), KeyUsage::TGS_REQ_AUTHENTICATOR);
        self.encode(12, &[typed(1, 1, &ap_req)])
    }
}

fn ap_req(held: &Held, checksum: Option<Vec<u8>>, usage: KeyUsage) -> Vec<u8> {
    let checksum = checksum.map(|checksum| field(3, checksum));
    let authenticator = message(
        2,
        &[
            field(0, integer(5)),
            field(1, string(REALM)),
            field(2, name(&held.client)),
            checksum.unwrap_or_default(),
            field(4, integer(1)),
            field(5, time(now())),
        ],
    );
    let sealed = seal(&held.key, None, usage, &authenticator);
    message(
        14,
        &[
            field(0, integer(5)),
            field(1, integer(14)),
            field(2, flags(0)),
            field(3, &held.ticket),
            field(4, sealed),
        ],
    )
}

/// As many of these as fit.
fn filled(octets: usize, with: &[u8]) -> Vec<Vec<u8>> {
    vec![with.to_vec(); octets / with.len()]
}

fn components(octets: usize) -> Vec<u8> {
    name(&vec![Vec::new(); octets / 2])
}

/// Sequences within sequences.
fn nested(octets: usize) -> Vec<u8> {
    let mut nested = Vec::with_capacity(octets);
    while nested.len() + 4 < octets {
        nested.extend([0x30, 0x80]);
    }
    nested
}

/// The lists that a request can have, by the name of each.
fn lists(octets: usize) -> Vec<(&'static str, Ask)> {
    let ask = || Ask::new("krbtgt/OURS.TEST");
    let etypes = (0..octets / 4).map(|number| integer(1000 + i64::try_from(number).unwrap()));
    let with = |change: &dyn Fn(&mut Ask)| {
        let mut ask = ask();
        change(&mut ask);
        ask
    };
    let etypes: Vec<Vec<u8>> = etypes.collect();
    vec![
        (
            "enctypes",
            with(&|ask| ask.etypes = [&etypes[..octets / 5], &ask.etypes].concat()),
        ),
        (
            "one enctype",
            with(&|ask| ask.etypes = filled(octets, &integer(18))),
        ),
        (
            "addresses",
            with(&|ask| ask.addresses = filled(octets, &typed(0, 2, b""))),
        ),
        (
            "padata",
            with(&|ask| ask.padata = filled(octets, &typed(1, 99, b""))),
        ),
        (
            "long padata",
            with(&|ask| ask.padata = vec![typed(1, 2, &vec![7; octets])]),
        ),
        (
            "nested FAST",
            with(&|ask| ask.padata = vec![typed(1, 136, &nested(octets))]),
        ),
        ("components", with(&|ask| ask.service = components(octets))),
        (
            "escapes",
            with(&|ask| ask.service = name(&[vec![0x1B; octets]])),
        ),
        ("realm", with(&|ask| ask.realm = ".".repeat(octets).into())),
        (
            "deep realm",
            with(&|ask| {
                let deep = ["a.".repeat(octets / 2).into_bytes(), REALM.into()].concat();
                ask.service = name(&[b"krbtgt".to_vec(), deep]);
            }),
        ),
    ]
}

#[test]
fn the_kdc_survives_the_longest_list_of_each_request_without_a_ticket() {
    let kdc = Kdc::start();
    let client = name(&[b"krbtgt".to_vec(), REALM.into()]);
    for size in [DATAGRAM, STREAM] {
        for (what, ask) in lists(size) {
            kdc.send(kdc.address, &ask.as_req(&client));
            kdc.serves(what);
        }
        let ask = Ask::new("krbtgt/OURS.TEST");
        kdc.send(kdc.address, &ask.as_req(&components(size)));
        for tag in [0x6A, 0x6C, 0x7E, 0x30] {
            kdc.send(kdc.address, &element(tag, &nested(size)));
            kdc.send(kdc.address, &vec![tag; size]);
        }
        kdc.serves("garbage");
    }
    kdc.send(kdc.password_address, &vec![0xFF; 65_507]);
    kdc.send(kdc.password_address, &vec![0xFF; STREAM]);
    kdc.serves("garbage instead of a password");
    check_memory(&kdc);
}

#[test]
fn the_kdc_survives_the_longest_list_of_each_request_with_a_ticket() {
    let kdc = Kdc::start();
    let tgt = kdc.ticket(&["-f", "-r", "1d"]);
    for size in [DATAGRAM, STREAM] {
        for (what, ask) in lists(size) {
            kdc.send(kdc.address, &ask.tgs_req(&tgt));
            kdc.serves(what);
        }
        let mut ask = Ask::new(SERVICE);
        ask.options = ENC_TKT_IN_SKEY;
        ask.tickets = filled(size, &tgt.ticket);
        kdc.send(kdc.address, &ask.tgs_req(&tgt));
        for (ad_type, inner) in [(1, b"\x30\0".as_slice()), (96, b""), (-1, b"")] {
            let data = sequence(&filled(size, &typed(0, ad_type, inner)));
            let usage = KeyUsage::TGS_REQ_AUTHORIZATION_DATA_SESSION_KEY;
            let mut ask = Ask::new(SERVICE);
            ask.authorization_data = Some(seal(&tgt.key, None, usage, &data));
            kdc.send(kdc.address, &ask.tgs_req(&tgt));
        }
        kdc.serves("tickets and authorization data");
    }
    check_memory(&kdc);
}

#[test]
fn the_kdc_survives_the_longest_list_of_a_ticket_made_up_by_its_service() {
    let kdc = Kdc::start();
    let genuine = kdc.ticket(&["-S", SERVICE]);
    let keytab = Keytab::decode(&fs::read(kdc.path("keytab")).unwrap()).unwrap();
    let entry = &keytab.entries()[0];
    let service_key = entry.key.key().unwrap();
    for size in [DATAGRAM - 2000, STREAM - 2000] {
        for pattern in [
            ".,",
            ",",
            "a.,",
            "/a,",
            "OURS.TEST,",
            "OURS.TEST,,",
            "a.OURS.TEST,,",
        ] {
            let transited = pattern.repeat(size / pattern.len());
            let part = ticket_part(&genuine, transited.as_bytes(), b"OURS.TEST", &[]);
            kdc.send(
                kdc.address,
                &shown(&genuine, &service_key, entry.kvno, &part),
            );
            kdc.serves(pattern);
        }
        let deep = ["a.".repeat(size / 2).into_bytes(), REALM.into()].concat();
        let addresses = field(9, sequence(&filled(size, &typed(0, 2, b""))));
        let data = field(10, sequence(&filled(size, &typed(0, 1, b"\x30\0"))));
        for part in [
            ticket_part(&genuine, b",OURS.TEST", &deep, &[]),
            ticket_part(&genuine, b"", b"OURS.TEST", &addresses),
            ticket_part(&genuine, b"", b"OURS.TEST", &data),
        ] {
            kdc.send(
                kdc.address,
                &shown(&genuine, &service_key, entry.kvno, &part),
            );
        }
        kdc.serves("lists in a ticket");
    }
    check_memory(&kdc);
}

#[test]
fn the_kdc_survives_the_longest_change_of_a_password() {
    let kdc = Kdc::start();
    let held = kdc.ticket(&["-S", "kadmin/changepw"]);
    for (version, user_data) in [
        (1_u16, vec![b'x'; 60_000]),
        (
            0xFF80,
            sequence(&[
                field(0, octets(b"secret")),
                field(1, components(50_000)),
                field(2, string(REALM)),
            ]),
        ),
        (0xFF80, nested(60_000)),
    ] {
        let ap_req = ap_req(&held, None, KeyUsage::AP_REQ_AUTHENTICATOR);
        let address = typed(0, 2, &[127, 0, 0, 1]);
        let part = message(28, &[field(0, octets(&user_data)), field(4, address)]);
        let sealed = seal(&held.key, None, KeyUsage::KRB_PRIV_ENC_PART, &part);
        let krb_priv = message(
            21,
            &[
                field(0, integer(5)),
                field(1, integer(21)),
                field(3, sealed),
            ],
        );
        let number = |number: usize| u16::try_from(number).unwrap().to_be_bytes();
        let length = number(6 + ap_req.len() + krb_priv.len());
        let header = [length, version.to_be_bytes(), number(ap_req.len())].concat();
        kdc.send(kdc.password_address, &[header, ap_req, krb_priv].concat());
        kdc.serves("password");
    }
    check_memory(&kdc);
}

/// A ticket's contents as its service makes them up.
fn ticket_part(held: &Held, transited: &[u8], realm: &[u8], more: &[u8]) -> Vec<u8> {
    let fields = [
        field(0, flags(RENEWABLE | FORWARDABLE)),
        field(
            1,
            typed(0, held.key.enctype().number().into(), held.key.as_bytes()),
        ),
        field(2, string(realm)),
        field(3, name(&held.client)),
        field(4, typed(0, 1, transited)),
        field(5, time(now())),
        field(7, time(now() + 3600)),
        field(8, time(now() + 3600)),
        more.to_vec(),
    ];
    message(3, &fields)
}

/// A request to renew a ticket of these contents.
fn shown(genuine: &Held, service_key: &Key, kvno: u32, part: &[u8]) -> Vec<u8> {
    let components: Vec<Vec<u8>> = SERVICE.split('/').map(Into::into).collect();
    let sealed = seal(service_key, Some(kvno), KeyUsage::KDC_REP_TICKET, part);
    let ticket = message(
        1,
        &[
            field(0, integer(5)),
            field(1, string(REALM)),
            field(2, name(&components)),
            field(3, sealed),
        ],
    );
    let held = Held {
        ticket,
        key: genuine.key.clone(),
        client: genuine.client.clone(),
    };
    let mut ask = Ask::new(SERVICE);
    ask.options = RENEW;
    ask.tgs_req(&held)
}

/// What it took at the most, and what it has kept.
fn check_memory(kdc: &Kdc) {
    let (peak, kept) = (kdc.memory("VmHWM:"), kdc.memory("VmRSS:"));
    assert!(peak < 100 * 1024, "{peak} KiB at the most");
    assert!(kept < 60 * 1024, "{kept} KiB kept");
}

const FORWARDABLE: u32 = 1 << 30;
const RENEWABLE: u32 = 1 << 23;
const RENEW: u32 = 1 << 1;
const ENC_TKT_IN_SKEY: u32 = 1 << 3;
