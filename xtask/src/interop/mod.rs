//! `cargo xtask interop`: one suite of cases against KDCs of several makes, one of them in a container.

mod engine;
mod image;
mod scratch;

use orthros_testing::peers::INTEROP;

use crate::cargo::cargo;
use crate::{Failure, install, test};
use engine::Engine;

/// What the command line asks for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wishes {
    install: bool,
    /// As the suite calls them.
    peers: Vec<&'static str>,
}

/// Runs the suite against the peers that are named, or MIT's KDC if none is.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    let Wishes { install, peers } = Wishes::parse(arguments).ok_or(Failure::Usage)?;
    if install && peers.iter().any(|peer| ["mit", "heimdal"].contains(peer)) {
        install::peers()?;
    }
    let mut suite = cargo(&["test", "--package", "orthros-interop", "--test", "suite"]);
    suite.env(INTEROP, peers.join(","));
    if !peers.contains(&"docker") {
        return test::count(&mut suite)?.conclude();
    }
    if install {
        install::docker()?;
    }
    let engine = Engine::find_or_start()?;
    let docker = engine.docker();
    image::build(docker)?;
    docker.set_environment(&mut suite);
    test::count(&mut suite)?.conclude()?;
    scratch::run(docker)
}

impl Wishes {
    fn parse(arguments: &[&str]) -> Option<Self> {
        let mut wishes = Self::default();
        for argument in arguments {
            match *argument {
                "--install" => wishes.install = true,
                "--mit" => wishes.peers.push("mit"),
                "--docker" => wishes.peers.push("docker"),
                "--embedded" => wishes.peers.push("embedded"),
                "--heimdal" => wishes.peers.push("heimdal"),
                _ => return None,
            }
        }
        if wishes.peers.is_empty() {
            wishes.peers.push("mit");
        }
        Some(wishes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mits_kdc_is_asked_where_no_peer_is_named() {
        let wishes = |install, peers: &[&'static str]| {
            let peers = peers.to_vec();
            Some(Wishes { install, peers })
        };
        assert_eq!(Wishes::parse(&[]), wishes(false, &["mit"]));
        assert_eq!(Wishes::parse(&["--install"]), wishes(true, &["mit"]));
        let both = Wishes::parse(&["--docker", "--install", "--heimdal"]);
        assert_eq!(both, wishes(true, &["docker", "heimdal"]));
        assert_eq!(Wishes::parse(&["--podman"]), None);
    }
}
