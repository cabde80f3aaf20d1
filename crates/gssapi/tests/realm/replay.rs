//! What one acceptor of a host has taken, no other takes: MIT's and ours remember in one file.

use std::fs;
use std::os::unix::fs::MetadataExt;

use orthros::{ContextFlags, Environment, MajorStatus, MinorStatus, RoutineError};
use orthros_testing::mit::{GssPeer, GssPeerError};
use orthros_testing::require_python_gssapi;

use crate::world::{World, first_token};

/// An environment whose replay cache is MIT's default file of this user, where the realm's programs have it.
fn sharing(world: &World) -> Environment {
    let directory = world.realm.directory();
    let user = fs::metadata(directory).unwrap().uid();
    let name = format!("file2:{}/krb5_{user}.rcache2", directory.display());
    let conf = world
        .realm
        .variant_conf("sharing.conf", &[("default_rcache_name", &name)])
        .unwrap();
    world.environment_with(&fs::read_to_string(conf).unwrap())
}

fn mits(world: &World) -> GssPeer {
    world.realm.gss_peer(|_| ()).unwrap()
}

/// The only token of a context without mutual authentication: nothing else stands between a replay and its use.
fn token(world: &World, environment: &Environment) -> Vec<u8> {
    let flags = ContextFlags::REPLAY | ContextFlags::SEQUENCE;
    let initiator = world.initiator(environment).flags(flags);
    first_token(&mut initiator.build().unwrap())
}

fn ours(world: &World, environment: &Environment, token: &[u8]) -> Result<(), MajorStatus> {
    let mut acceptor = world.acceptor(environment).build().unwrap();
    acceptor
        .step(token)
        .map(drop)
        .map_err(|error| error.major())
}

#[test]
fn what_mit_has_accepted_we_refuse_as_a_replay() {
    require_python_gssapi!();
    let world = World::start();
    let environment = sharing(&world);
    let token = token(&world, &environment);
    let mut peer = mits(&world);
    peer.accept(b"").unwrap();
    assert_eq!(peer.step(&token).unwrap(), (false, None));
    let refused = ours(&world, &environment, &token).unwrap_err();
    // The status that MIT has for it, which is an error to callers in C.
    assert_eq!(refused, MajorStatus::FAILURE);
}

#[test]
fn what_we_have_accepted_mit_refuses_as_a_replay() {
    require_python_gssapi!();
    let world = World::start();
    let environment = sharing(&world);
    let token = token(&world, &environment);
    ours(&world, &environment, &token).unwrap();
    let mut peer = mits(&world);
    peer.accept(b"").unwrap();
    let refused = peer.step(&token).unwrap_err();
    let GssPeerError::Refused { minor, .. } = refused else {
        panic!("{refused}");
    };
    assert_eq!(
        MinorStatus::from_gss(minor),
        MinorStatus::KRB5KRB_AP_ERR_REPEAT
    );
}

#[test]
fn with_a_store_of_our_own_it_would_have_been_taken() {
    require_python_gssapi!();
    let world = World::start();
    let token = token(&world, &sharing(&world));
    let mut peer = mits(&world);
    peer.accept(b"").unwrap();
    peer.step(&token).unwrap();
    ours(&world, &world.environment(), &token).unwrap();
}

#[test]
fn without_the_file_no_client_is_accepted() {
    require_python_gssapi!();
    let world = World::start();
    let environment = sharing(&world);
    let token = token(&world, &environment);
    // A directory in its place can't be read or written.
    let user = fs::metadata(world.realm.directory()).unwrap().uid();
    fs::create_dir(world.realm.path(&format!("krb5_{user}.rcache2"))).unwrap();
    let refused = ours(&world, &environment, &token).unwrap_err();
    assert_eq!(refused.routine_error(), Some(RoutineError::Failure));
}
