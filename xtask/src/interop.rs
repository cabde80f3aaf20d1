//! `cargo xtask interop`: one suite of cases against KDCs of several makes, one of them in a container.

mod engine;
mod image;
mod scratch;

use std::process::Command;

use orthros_testing::peers::INTEROP;

use crate::cargo::{cargo, succeed};
use crate::peers_table::Rows;
use crate::{Failure, install, test};
use engine::Engine;

/// What the command line asks for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Options {
    install: bool,
    /// As the suite calls them.
    peers: Vec<&'static str>,
}

/// Runs the suite against the peers that are named, or MIT's KDC if none is.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    let Options { install, peers } = Options::parse(arguments).ok_or(Failure::Usage)?;
    if install && peers.iter().any(|peer| ["mit", "heimdal"].contains(peer)) {
        install::peers()?;
    }
    let has_samba = peers.contains(&"samba");
    if has_samba {
        if install {
            install::samba()?;
        }
        // The cases of a domain run the program.
        succeed(&mut cargo(&["build", "--package", "orthros-cli"]))?;
    }
    let mut suite = cargo(&["test", "--package", "orthros-interop", "--test", "suite"]);
    suite.env(INTEROP, peers.join(","));
    if !peers.contains(&"docker") {
        return count(&mut suite, has_samba);
    }
    if install {
        install::docker()?;
    }
    let engine = Engine::find_or_start()?;
    let docker = engine.docker();
    image::build(docker)?;
    docker.set_environment(&mut suite);
    count(&mut suite, has_samba)?;
    scratch::run(docker)
}

/// With Samba's domain, what has been shown in it goes into the table of peers.
fn count(suite: &mut Command, has_samba: bool) -> Result<(), Failure> {
    let run = test::count(suite)?;
    run.conclude()?;
    if has_samba {
        run.settle(Rows::OfSamba)?;
    }
    Ok(())
}

impl Options {
    fn parse(arguments: &[&str]) -> Option<Self> {
        let mut options = Self::default();
        for argument in arguments {
            match *argument {
                "--install" => options.install = true,
                "--mit" => options.peers.push("mit"),
                "--docker" => options.peers.push("docker"),
                "--embedded" => options.peers.push("embedded"),
                "--heimdal" => options.peers.push("heimdal"),
                "--samba" => options.peers.push("samba"),
                _ => return None,
            }
        }
        if options.peers.is_empty() {
            options.peers.push("mit");
        }
        Some(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mits_kdc_is_asked_where_no_peer_is_named() {
        let options = |install, peers: &[&'static str]| {
            let peers = peers.to_vec();
            Some(Options { install, peers })
        };
        assert_eq!(Options::parse(&[]), options(false, &["mit"]));
        assert_eq!(Options::parse(&["--install"]), options(true, &["mit"]));
        let both = Options::parse(&["--docker", "--install", "--heimdal"]);
        assert_eq!(both, options(true, &["docker", "heimdal"]));
        assert_eq!(Options::parse(&["--podman"]), None);
    }
}
