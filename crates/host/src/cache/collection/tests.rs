//! Which caches belong together, and which is for whom.

use std::fs;
use std::path::Path;

use super::*;
use crate::environment::{Environment, EnvironmentBuilder};
use orthros_types::MinorStatus;

fn builder(directory: &Path) -> EnvironmentBuilder {
    Environment::builder()
        .config_text("krb5.conf", "[libdefaults]\n default_realm = HOME\n")
        .unwrap()
        .default_cache(format!("DIR:{}/caches", directory.display()))
}

fn principal(text: &str) -> Principal {
    Principal::parse(text, None).unwrap()
}

/// A cache of each of these, the last one the primary one.
fn fill(environment: &Environment, owners: &[&str]) -> CacheCollection {
    let collection = environment.cache_collection().unwrap();
    for owner in owners {
        let cache = collection.new_cache().unwrap();
        cache.initialize(&principal(owner), None, &[]).unwrap();
        cache.switch_to().unwrap();
    }
    collection
}

fn owners(collection: &CacheCollection) -> Vec<String> {
    let caches = collection.caches().unwrap();
    let owners = caches.iter().filter_map(|cache| cache.principal().ok());
    owners.map(|owner| owner.to_string()).collect()
}

fn selected(collection: &CacheCollection, server: &Principal) -> String {
    match collection.select(server).unwrap() {
        CacheSelection::Cache(found) => found.contents().principal.to_string(),
        CacheSelection::NoCacheOf(principal) => format!("no cache of {principal}"),
        CacheSelection::Undecided => "undecided".to_owned(),
    }
}

#[test]
fn the_primary_cache_comes_first_and_stands_for_the_directory() {
    let dir = tempfile::tempdir().unwrap();
    let environment = builder(dir.path()).build();
    let collection = environment.cache_collection().unwrap();
    assert!(collection.caches().unwrap().is_empty());
    fill(&environment, &["a@R", "b@R"]);
    assert_eq!(owners(&collection), ["b@R", "a@R"]);
    let found = collection.find(&principal("a@R")).unwrap().unwrap();
    found.switch_to().unwrap();
    assert_eq!(owners(&collection), ["a@R", "b@R"]);
    let default = environment.default_cache().unwrap();
    assert_eq!(default.name(), found.name());
    assert!(collection.find(&principal("c@R")).unwrap().is_none());
}

#[test]
fn only_files_that_begin_with_tkt_are_caches() {
    let dir = tempfile::tempdir().unwrap();
    let environment = builder(dir.path()).build();
    let collection = fill(&environment, &["a@R"]);
    fs::write(dir.path().join("caches/notes"), "").unwrap();
    assert_eq!(collection.caches().unwrap().len(), 1);
    fs::write(dir.path().join("caches/tktnotes"), "").unwrap();
    assert_eq!(collection.caches().unwrap().len(), 2);
    assert_eq!(owners(&collection), ["a@R"]);
}

#[test]
fn a_file_stands_alone_and_caches_in_memory_are_everybodys() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("cc");
    let environment = builder(dir.path()).default_cache(&file).build();
    let collection = environment.cache_collection().unwrap();
    assert!(collection.caches().unwrap().is_empty());
    for (name, owner) in [
        (file.to_str().unwrap(), "a@R"),
        ("MEMORY:2", "c@R"),
        ("MEMORY:1", "b@R"),
    ] {
        let cache = environment.cache(name).unwrap();
        cache.initialize(&principal(owner), None, &[]).unwrap();
    }
    assert_eq!(owners(&collection), ["a@R", "b@R", "c@R"]);
    let refused = collection.new_cache().unwrap_err();
    assert_eq!(refused.minor_status(), MinorStatus::KRB5_CC_NOSUPP);

    let in_memory = environment.cache_collection_of("MEMORY:2").unwrap();
    assert_eq!(owners(&in_memory), ["c@R", "b@R"]);
    let new = in_memory.new_cache().unwrap();
    new.initialize(&principal("d@R"), None, &[]).unwrap();
    assert_eq!(owners(&in_memory).len(), 3);
}

#[test]
fn a_server_gets_the_client_of_its_realm_else_of_its_hosts_domain() {
    let dir = tempfile::tempdir().unwrap();
    let environment = builder(dir.path()).build();
    let collection = fill(
        &environment,
        &["a@EXAMPLE", "b@SUB.EXAMPLE", "c@HOME", "d@OTHER"],
    );
    let host = |host, realm| Principal::host_based("HTTP", host, realm);
    for (server, expected) in [
        (host("www.example", "OTHER"), "d@OTHER"),
        (host("www.sub.example", "NOWHERE"), "b@SUB.EXAMPLE"),
        (host("www.sub.example", ""), "b@SUB.EXAMPLE"),
        (host("www.deep.sub.example", ""), "b@SUB.EXAMPLE"),
        (host("example", "NOWHERE"), "a@EXAMPLE"),
        // Without a domain it is taken to be in the default realm.
        (host("www", ""), "c@HOME"),
        (host("www.elsewhere", "NOWHERE"), "undecided"),
        (principal("HTTP/www.example@NOWHERE"), "undecided"),
    ] {
        assert_eq!(selected(&collection, &server), expected, "{server}");
    }
}

#[test]
fn who_the_user_wants_to_be_comes_before_all_else() {
    let dir = tempfile::tempdir().unwrap();
    let identities = dir.path().join(".k5identity");
    let environment = builder(dir.path()).identity_file(&identities).build();
    let collection = fill(&environment, &["a@EXAMPLE", "me@HOME"]);
    let server = Principal::host_based("HTTP", "www.example", "EXAMPLE");
    assert_eq!(selected(&collection, &server), "a@EXAMPLE");
    fs::write(&identities, "me host=*.example\n").unwrap();
    assert_eq!(selected(&collection, &server), "me@HOME");
    fs::write(&identities, "other host=*.example\n").unwrap();
    assert_eq!(selected(&collection, &server), "no cache of other@HOME");
}

#[test]
fn a_directory_that_can_not_be_made_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let environment = builder(&dir.path().join("none")).build();
    let cache = environment.default_cache().unwrap();
    assert!(matches!(cache.contents(), Err(CacheError::Absent { .. })));
    let refused = cache.initialize(&principal("a@R"), None, &[]).unwrap_err();
    assert!(refused.to_string().contains("none/caches"), "{refused}");
    assert_eq!(refused.minor_status(), MinorStatus::KRB5_FCC_NOFILE);
}
