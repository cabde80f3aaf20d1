//! What the targets begin with: the vectors of `vectors/`, and what our own senders say.

use std::fs;
use std::path::Path;

use orthros::{AcceptContext, Credential, CredentialUsage, Oid, Step};
use orthros_asn1::gss::InitialContextToken;
use orthros_asn1::{KdcProxyMessage, Message as _};
use orthros_crypto::{Enctype, RandomSource};
use orthros_pac::Pac;
use orthros_types::Duration;
use orthros_types::ccache::{CacheFile, CacheFormat, encode_credential};
use orthros_krb5::ap::{Acceptor, AcceptorName, EstablishedContext};
use orthros_testing::vectors::{self, rows, stanzas};
use orthros_testing::random::SeededRandom;

use crate::tickets::{self, Client, Request, RequestChecksum};
use crate::{ENVIRONMENT, Forgetful, exported, messages, realm};

/// The seeds of a target; none where there is no such target.
pub fn of(target: &str) -> Vec<Vec<u8>> {
    match target {
        "auth_to_local" => auth_to_local(),
        "ccache" => files(&["mit-files/ccache.txt", "mit-files/ccache-malformed.txt"]),
        "dns_reply" => dns_replies(),
        "exported_context" => exported_contexts(),
        "exported_credential" => exported_credentials(),
        "exported_name" => exported_names(),
        "gss_token" => captured("gss", &["client", "server"]),
        "k5identity" => owned(K5IDENTITY),
        "k5login" => owned(K5LOGIN),
        "kcm_reply" => kcm_replies(),
        "kdc_request" => [captured("kdc", &["client"]), encodings()].concat(),
        "keyring_payload" => [credentials(), octets(KEY_PAYLOADS)].concat(),
        "keytab" => files(&["mit-files/keytab.txt", "mit-files/keytab-malformed.txt"]),
        "krb5_conf" => configurations(),
        "messages" => numbered_messages(),
        "negoex" => negoex(),
        "negotiation_hints" => hints(),
        "oid" => owned(OIDS),
        "pac" => pacs(),
        "principal" => texts("mit-files/principal.tsv", 1),
        "proxy_reply" => proxy_replies(),
        "spnego" => [captured("gss", &["client", "server"]), negotiations()].concat(),
        target if SCRIPTED.contains(&target) => scripts(),
        _ => Vec::new(),
    }
}

/// Targets whose input says what is to be done to messages that they make themselves. Any octets are such a script.
const SCRIPTED: &[&str] = &[
    "acceptor",
    "acceptor_token",
    "as_client",
    "attacked_client",
    "initiator_reply",
    "iov_token",
    "kdc_work",
    "mic_token",
    "negotiation",
    "password_reply",
    "password_request",
    "replay_file",
    "sealed_kdc_request",
    "spake",
    "tgs_client",
    "wrap_token",
];

/// The credentials of MIT's caches, each alone.
fn credentials() -> Vec<Vec<u8>> {
    let caches = files(&["mit-files/ccache.txt"]);
    let opened = caches.iter().filter_map(|file| CacheFile::open(file).ok());
    let credentials = opened.flat_map(|cache| cache.credentials().filter_map(Result::ok));
    credentials
        .filter_map(|credential| encode_credential(&credential, CacheFormat::Version4).ok())
        .map(|encoded| encoded.to_vec())
        .collect()
}

/// Each kind of result, behind the status of success.
fn kcm_replies() -> Vec<Vec<u8>> {
    let credentials = credentials();
    let counted = |credential: &Vec<u8>| {
        let length = u32::try_from(credential.len()).expect("it is short");
        [&length.to_be_bytes(), credential.as_slice()].concat()
    };
    let list = |some: &[Vec<u8>]| {
        let count = u32::try_from(some.len()).expect("there are few");
        [count.to_be_bytes().to_vec(), some.iter().flat_map(counted).collect()].concat()
    };
    let lists = credentials.chunks(3).map(list).collect();
    let results = [credentials.clone(), lists, octets(KCM_RESULTS)].concat();
    results.iter().map(|result| [&[0; 4], result.as_slice()].concat()).collect()
}

/// A name, two UUIDs, a principal, an offset.
const KCM_RESULTS: &[&[u8]] = &[
    b"0:1\0",
    &[5; 32],
    b"\0\0\0\x01\0\0\0\x01\0\0\0\x01R\0\0\0\x01a",
    b"\xff\xff\xff\xfe",
];

/// A principal, the name of a primary cache, offsets.
const KEY_PAYLOADS: &[&[u8]] = &[
    b"\0\0\0\x01\0\0\0\x01\0\0\0\x01R\0\0\0\x01a",
    b"\0\0\0\x01\0\0\0\x03tkt",
    b"\xff\xff\xff\xfe\0\0\0\x03",
];

/// Noise of several lengths, and what does least.
fn scripts() -> Vec<Vec<u8>> {
    let noise = (0..96).map(|seed| {
        let mut script = vec![0; 8 << (seed % 8)];
        let filled = SeededRandom::new(seed).fill(&mut script);
        filled.expect("seeded randomness does not fail");
        script
    });
    let still = [0, 0x01, 0xff].map(|octet| vec![octet; 256]);
    noise.chain(still).collect()
}

fn numbered_messages() -> Vec<Vec<u8>> {
    let all = [encodings(), captured("kdc", &["client", "server"])].concat();
    let numbered = all.iter().flat_map(|octets| {
        let numbers = messages::readable(octets).into_iter();
        numbers.map(|number| [&[number], octets.as_slice()].concat())
    });
    numbered.collect()
}

/// Every field of a vector file that is an encoding.
fn encodings() -> Vec<Vec<u8>> {
    let directories = fs::read_dir(vectors::path("")).expect("the vectors are there");
    let mut files: Vec<_> = directories
        .flatten()
        .filter_map(|directory| fs::read_dir(directory.path()).ok())
        .flatten()
        .flatten()
        .map(|file| file.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "tsv"))
        .collect();
    files.sort();
    files.iter().flat_map(|path| encodings_in(path)).collect()
}

fn encodings_in(path: &Path) -> Vec<Vec<u8>> {
    let text = fs::read_to_string(path).expect("a vector file is text");
    let fields = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(|line| line.split('\t').skip(2));
    fields.filter_map(hex).collect()
}

fn negotiations() -> Vec<Vec<u8>> {
    ["accepted", "reference", "refused"]
        .iter()
        .flat_map(|file| encodings_in(&vectors::path(&format!("rfc4178/{file}.tsv"))))
        .collect()
}

/// The tokens of acceptors that speak first, framed as they are sent: ours, and those of the vectors.
fn hints() -> Vec<Vec<u8>> {
    let acceptor = AcceptContext::builder().environment(&ENVIRONMENT).build();
    let mut acceptor = acceptor.expect("the environment has a key");
    let Ok(Step::Continue(ours)) = acceptor.step(b"") else {
        panic!("an acceptor says what it takes");
    };
    let framed = negotiations().into_iter().map(|inner| {
        let (mechanism, inner) = (Oid::SPNEGO, &inner);
        InitialContextToken {
            mechanism: mechanism.octets(),
            inner,
        }
        .encode()
    });
    std::iter::once(ours).chain(framed).collect()
}

/// What real peers said, by what it was said to and by whom.
fn captured(with: &str, senders: &[&str]) -> Vec<Vec<u8>> {
    ["captures/mit.txt", "captures/heimdal.txt"]
        .iter()
        .flat_map(|file| stanzas(file))
        .filter(|stanza| stanza.optional("with") == Some(with))
        .filter(|stanza| senders.contains(&stanza.text("sender")))
        .map(|stanza| stanza.octets("octets"))
        .collect()
}

fn files(vectors: &[&str]) -> Vec<Vec<u8>> {
    let stanzas = vectors.iter().flat_map(|file| stanzas(file));
    stanzas.map(|stanza| stanza.octets("file")).collect()
}

/// Whole PACs, and single buffers.
fn pacs() -> Vec<Vec<u8>> {
    let whole = [
        "mit-pac/pacs.txt",
        "mit-pac/malformed.txt",
        "samba/pac.txt",
        "samba/recorded.txt",
    ]
    .map(|file| (file, "pac"));
    let single = [
        "mit-pac/delegation_info.txt",
        "mit-pac/malformed_delegation_info.txt",
        "samba/claims.txt",
    ];
    let files = whole.into_iter().chain(single.map(|file| (file, "buffer")));
    let octets = files.flat_map(|(file, field)| {
        let cases = stanzas(file).into_iter();
        cases.map(move |case| case.octets(field))
    });
    let mut seeds: Vec<Vec<u8>> = octets.collect();
    let buffers = seeds.iter().flat_map(|seed| {
        let listed = Pac::parse(seed).ok();
        let buffers = listed.iter().flat_map(|pac| pac.buffers().collect::<Vec<_>>());
        buffers.map(|(_, contents)| contents.to_vec()).collect::<Vec<_>>()
    });
    let buffers: Vec<Vec<u8>> = buffers.collect();
    seeds.extend(buffers);
    seeds
}

/// A field of each row, in which line feeds and tabs are visible.
fn texts(vectors: &str, field: usize) -> Vec<Vec<u8>> {
    let texts = rows(vectors).into_iter().map(|row| {
        let text = row.text(field).replace('␤', "\n").replace('␉', "\t");
        text.replace('␍', "\r").replace('␋', "\u{b}").into_bytes()
    });
    texts.collect()
}

/// A byte for the type of the records that were asked for, and a reply.
fn dns_replies() -> Vec<Vec<u8>> {
    let cases = ["dns/replies.txt", "dns/dnsmasq.txt"].map(stanzas).concat();
    let replies = cases.iter().flat_map(|case| {
        [0, 1, 2].map(|kind| [&[kind], &case.octets("reply")[..]].concat())
    });
    replies.collect()
}

/// The outlines of replies, by proxies that say the realm and others.
fn proxy_replies() -> Vec<Vec<u8>> {
    let replies = [None, Some("R"), Some("r"), Some("OTHER")].map(|realm| {
        let message = KdcProxyMessage {
            kerb_message: b"\0\0\0\x04\x6b\x02\x30\0".to_vec().into(),
            target_domain: realm.map(Into::into),
            dclocator_hint: None,
        };
        message.encode().expect("it has an encoding")
    });
    replies.to_vec()
}

fn configurations() -> Vec<Vec<u8>> {
    let mut texts = [
        texts("mit-files/profile.tsv", 1),
        texts("mit-files/profile-malformed.tsv", 1),
    ]
    .concat();
    texts.push(CONFIG.to_vec());
    texts
}

fn auth_to_local() -> Vec<Vec<u8>> {
    let rules = RULES.iter().flat_map(|rules| {
        PRINCIPALS.map(|principal| [principal, "\0", rules].concat().into_bytes())
    });
    rules.collect()
}

/// Of every enctype, both ends, in the middle of a stream; and one with data of all kinds.
fn exported_contexts() -> Vec<Vec<u8>> {
    let mut contexts = vec![with_data()];
    for number in (0..).take(Enctype::ALL.len()) {
        let mut pair = realm(number).establish();
        for octet in 0..number {
            let mic = pair.initiator.messages.sender().get_mic_vec(&[octet]);
            let mic = mic.expect("every message can be signed");
            let receiver = pair.acceptor.messages.receiver();
            receiver.verify_mic(&[octet], &mic).expect("it is genuine");
        }
        contexts.extend([pair.initiator, pair.acceptor]);
    }
    let exported = contexts.into_iter().map(|context| {
        let token = context.export().expect("it is small");
        exported::context_contents(&token).to_vec()
    });
    exported.collect()
}

fn with_data() -> EstablishedContext {
    let request = Request {
        ap_options: 0,
        flags: 0,
        ticket_client: Client::Alice,
        authenticator_client: None,
        auth_time: 0,
        start_time: Some(0),
        end_time: 1000,
        renew_till: Some(2000),
        client_time: 0,
        microseconds: 0,
        transited: Vec::new(),
        ticket_data: vec![(128, b"data".to_vec()), (97, b"\x30\x00".to_vec())],
        authenticator_data: vec![(1, b"\x30\x00".to_vec())],
        subkey: Some([7; 32]),
        sequence_number: Some(1),
        checksum: RequestChecksum::Gss {
            flags: 0x3e,
            more: Vec::new(),
        },
    };
    let acceptor = Acceptor {
        keys: &tickets::keytab(),
        name: &AcceptorName::Any,
        replay_cache: &Forgetful,
        clock_skew: Duration::from_seconds(300),
        channel_bindings: None,
        require_channel_bindings: false,
        without_gss_checksum: false,
        permitted_enctypes: Enctype::ALL,
        realm_paths: None,
    };
    let random = &mut SeededRandom::new(16);
    let accepted = acceptor.accept(&request.token(), tickets::at(0), random);
    accepted.expect("the request is good").context
}

fn exported_credentials() -> Vec<Vec<u8>> {
    let usages = [
        CredentialUsage::Initiate,
        CredentialUsage::Accept,
        CredentialUsage::Both,
    ];
    let exported = usages.map(|usage| {
        let builder = Credential::acquire().usage(usage).environment(&ENVIRONMENT);
        let credential = builder.build().expect("there are cache and keytab");
        let token = credential.export().expect("memory can be read");
        exported::credential_contents(&token).to_vec()
    });
    // Caches and keytabs by name.
    let named = [
        b"\x01\x01\x01\0\0\0\x08FILE:/no\0\0\0\0\0\0\0".as_slice(),
        b"\x01\x01\0\x01\0\0\0\x01\0\0\0\x03a@R\x02\0\0\0\x07\0",
        b"\x02\0\x01\0\0\0\x0bMEMORY:gate\0\x01\0\0\0\x05none:",
    ];
    let named = named.map(<[u8]>::to_vec);
    exported.into_iter().chain(named).collect()
}

fn exported_names() -> Vec<Vec<u8>> {
    let mut names: Vec<Vec<u8>> = texts("mit-files/principal.tsv", 5)
        .iter()
        .map(|text| exported_name(text))
        .collect();
    names.push(exported_name(b"no name@@"));
    names
}

/// RFC 2743 section 3.2.
fn exported_name(name: &[u8]) -> Vec<u8> {
    let length = u32::try_from(name.len()).unwrap_or(u32::MAX).to_be_bytes();
    let head = b"\x04\x01\x00\x0b\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02";
    [head, &length[..], name].concat()
}

/// Two messages, and what is left of them where the end is missing.
fn negoex() -> Vec<Vec<u8>> {
    let message = orthros_asn1::negoex::NegoexMessage {
        message_type: 0,
        sequence_number: 0,
        conversation_id: [7; 16],
        fields: &[1; 56],
        payload: &[2; 32],
    };
    let mut token = Vec::new();
    for message_type in [0, 2] {
        let message = orthros_asn1::negoex::NegoexMessage {
            message_type,
            ..message
        };
        message.encode_into(&mut token).expect("it is small");
    }
    let lengths = [128, 256, 200, 40, 39];
    lengths.map(|length| token[..length].to_vec()).to_vec()
}

fn octets(inputs: &[&[u8]]) -> Vec<Vec<u8>> {
    inputs.iter().map(|input| input.to_vec()).collect()
}

fn owned(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

fn hex(digits: &str) -> Option<Vec<u8>> {
    if digits.len() < 4 {
        return None;
    }
    let pairs = digits.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

const OIDS: &[&str] = &[
    "1.2.840.113554.1.2.2",
    "{1 3 6 1 5 5 2}",
    "2.999",
    "0.0",
    "1.39.4294967295",
    "\x2a\u{6}\u{7f}",
    "\u{1}",
];

const PRINCIPALS: [&str; 4] = [
    "alice@R",
    "alice/admin@R",
    "host/www.example.org@S",
    "a/b/c",
];

const RULES: &[&str] = &[
    "",
    " auth_to_local = DEFAULT",
    " auth_to_local = RULE:[2:$1;$2](.*;admin)s/;admin$//\n auth_to_local = DEFAULT",
    " auth_to_local = RULE:[1:$1@$0]([a-c].+@S|(ali|bob)(ce)?@R)s/@.*// s/^x-//\n",
    " auth_to_local = RULE:[2:$1.$2]([^/[:alpha:]]*|\\w{2,3}.*)s/\\./-/g",
    " auth_to_local_names = {\n  alice = root\n  alice/admin = nobody\n }\n",
    " auth_to_local = RULE:[3:$3$2$1",
    " auth_to_local = NONE",
];

const K5IDENTITY: &[&str] = &[
    "OUT\0HTTP\0www.out\0# who\nalice@OUT realm=OUT* service=HTTP\n mail host=*.mail\nbob\n",
    "R\0host\0b1.example\0root/admin service=host host=[a-c]?.example\nbob@HOME realm=HOME\n",
    "R\0host\0A\\]\0a host=[!x\\]-z]\\*\nb realm=\nc color=red\n",
    "\0\0\0a@b@c\n",
];

const K5LOGIN: &[&str] = &[
    "alice@R\0alice@R\nbob@R\n",
    "bob\0alice@R\nbob@R",
    "host/a\\/b@R\0host/a\\/b@R\n",
    "alice\0 alice@R\nalice@R ",
    "alice\0",
];

const CONFIG: &[u8] = b"[libdefaults]\n default_realm = R\n permitted_enctypes = aes -aes128\n clockskew = 5m\n \
    ticket_lifetime = 1d2h\n dns_canonicalize_hostname = fallback\n kdc_timesync = 1\n default_tkt_enctypes = DEFAULT\n\
    [realms]\n R = {\n  kdc = 127.0.0.1:88\n  kdc = [::1]:88\n  kdc = tcp/kdc.example\n  kpasswd_server = k:464\n  \
    admin_server = a\n  auth_to_local = DEFAULT\n }\n[domain_realm]\n .example.org = R\n www.example.org = S\n\
    [capaths]\n R = {\n  S = T\n  S = U\n }\n[appdefaults]\n x = y\n";
