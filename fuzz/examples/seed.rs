//! Writes what the targets begin with, and says how much it is: `seed CORPUS-DIRECTORY TARGET..`.

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

use orthros_fuzz::seeds;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let Some((corpus, targets)) = arguments.split_first() else {
        eprintln!("usage: seed CORPUS-DIRECTORY TARGET..");
        return ExitCode::from(2);
    };
    for target in targets {
        let seeds = seeds::of(target);
        if seeds.is_empty() {
            eprintln!("seed: {target} has no seeds");
            return ExitCode::FAILURE;
        }
        let directory = Path::new(corpus).join(target);
        if let Err(error) = put(&directory, &seeds) {
            eprintln!("seed: {}: {error}", directory.display());
            return ExitCode::FAILURE;
        }
        println!("{target}: {} seeds", seeds.len());
    }
    ExitCode::SUCCESS
}

/// Files are named by their content's hash, as libFuzzer's are: the same seed is one file.
fn put(directory: &Path, seeds: &[Vec<u8>]) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    for seed in seeds {
        let hash = orthros_crypto::md5(&[seed]);
        let name: String = hash.iter().map(|octet| format!("{octet:02x}")).collect();
        fs::write(directory.join(name), seed)?;
    }
    Ok(())
}
