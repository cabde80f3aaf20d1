//! Writes the seed corpora, out of `vectors/` and what the targets' own senders say: `seed CORPUS-DIRECTORY`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

use orthros_fuzz::{REALM, messages};
use orthros_testing::vectors::stanzas;
use orthros_testing::virtual_realm::SeededRandom;

fn main() -> ExitCode {
    let Some(corpus) = env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: seed CORPUS-DIRECTORY");
        return ExitCode::from(2);
    };
    match seed(&corpus) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("seed: {}: {error}", corpus.display());
            ExitCode::FAILURE
        }
    }
}

fn seed(corpus: &Path) -> io::Result<()> {
    for octets in encodings()? {
        for number in messages::readable(&octets) {
            put(corpus, "messages", &[&[number], octets.as_slice()].concat())?;
        }
        for target in ["spnego", "kdc_request", "exported_name"] {
            put(corpus, target, &octets)?;
        }
    }
    for (file, target) in [
        ("mit-files/keytab.txt", "keytab"),
        ("mit-files/keytab-malformed.txt", "keytab"),
        ("mit-files/ccache.txt", "ccache"),
        ("mit-files/ccache-malformed.txt", "ccache"),
    ] {
        for stanza in stanzas(file) {
            put(corpus, target, &stanza.octets("file"))?;
        }
    }
    put(corpus, "krb5_conf", CONFIG)?;
    for text in ["alice/admin@EXAMPLE.ORG", r"a\/b\@c@R", "@R", ""] {
        put(corpus, "principal", text.as_bytes())?;
    }
    for text in ["1.2.840.113554.1.2.2", "{1 3 6 1 5 5 2}", "2.999"] {
        put(corpus, "oid", text.as_bytes())?;
    }
    let (token, _) = REALM.request(&mut SeededRandom::new(1));
    put(corpus, "gss_token", &token)
}

/// Every encoding of the vector files that has one in its last column.
fn encodings() -> io::Result<Vec<Vec<u8>>> {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors");
    let mut encodings = Vec::new();
    for directory in fs::read_dir(vectors)? {
        let path = directory?.path();
        let files = if path.is_dir() {
            fs::read_dir(path)?.collect()
        } else {
            Vec::new()
        };
        for file in files {
            let path = file?.path();
            if path.extension().is_some_and(|extension| extension == "tsv") {
                let text = fs::read_to_string(path)?;
                encodings.extend(
                    text.lines()
                        .filter_map(|line| hex(line.rsplit('\t').next()?)),
                );
            }
        }
    }
    Ok(encodings)
}

fn hex(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// Files are named by their content's hash, as libFuzzer's are: the same seed is one file.
fn put(corpus: &Path, target: &str, octets: &[u8]) -> io::Result<()> {
    let directory = corpus.join(target);
    fs::create_dir_all(&directory)?;
    let name: String = orthros_crypto::md5(&[octets])
        .iter()
        .map(|octet| format!("{octet:02x}"))
        .collect();
    fs::write(directory.join(name), octets)
}

const CONFIG: &[u8] = b"[libdefaults]\n default_realm = R\n permitted_enctypes = aes -aes128\n[realms]\n R = {\n  kdc = 127.0.0.1:88\n }\n[domain_realm]\n .example.org = R\n";
