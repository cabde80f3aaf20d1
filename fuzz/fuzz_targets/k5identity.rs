//! `.k5identity`: the client that is chosen for a server stands first on a line, and a line without constraints ends
//! the search. The input is realm, service, host and file, separated by zero octets.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthros_fuzz::texts;
use orthros_types::{Principal, choose_identity};

fuzz_target!(|data: &[u8]| {
    let [realm, service, host, file] = texts(data);
    let default = Some(&b"DEFAULT"[..]);
    let server = Principal::host_based(service, host, realm);
    let chosen = choose_identity(file, &server, default);
    let is_white = |octet: &u8| b" \t\r".contains(octet);
    let lines: Vec<Vec<&[u8]>> = file
        .split(|octet| *octet == b'\n')
        .map(|line| {
            line.split(is_white)
                .filter(|word| !word.is_empty())
                .collect()
        })
        .collect();
    let named = |line: &[&[u8]]| Principal::parse(*line.first()?, default).ok();
    if let Some(chosen) = &chosen {
        assert!(
            lines
                .iter()
                .any(|line| named(line).as_ref() == Some(chosen))
        );
    }
    let is_for_all =
        |line: &Vec<&[u8]>| line.len() == 1 && !line[0].starts_with(b"#") && named(line).is_some();
    if let Some(last) = lines.iter().position(is_for_all) {
        let chosen = chosen.expect("there is a line for all servers");
        let mut tried = lines[..=last].iter().filter_map(|line| named(line));
        assert!(tried.any(|principal| principal == chosen));
    }
});
