//! `benches/RESULTS.md`: all figures that mean something to who chooses a library, as one page of tables.

use std::fmt::Write as _;

use orthros_testing::mit::DEFAULT_ENCTYPES;

use super::figures::{Figures, speed};

/// The page. `theirs` are MIT's figures.
pub(super) fn page(ours: &Figures, theirs: Option<&Figures>, machine: &str) -> String {
    let mut page = String::from("# Results\n\n");
    let _ = writeln!(
        page,
        "Written by `cargo xtask bench`, on {machine}.\n\n\
         CPU time of one thread, medians of several windows of one run; compare figures of one run only. MIT is the krb5 library \
         of the machine's Debian, in one process with both heads ([heads.c](mit/heads.c)), tickets in a MEMORY cache and no \
         replay cache. The floor is a whole RFC 4121 token in hand-interleaved instructions, by a program that is not part of \
         this repository; for aes128-cts-hmac-sha256-128 and aes256-cts-hmac-sha384-192 it is cipher and hash of as many octets \
         alone, and for Camellia there is none. Ratios are how many times as fast ours is.\n"
    );
    if theirs.is_none() {
        page.push_str(
            "MIT's library was not measured: it, or libkrb5-dev, was missing on the machine.\n\n",
        );
    }
    page.push_str("![message protection beside MIT and the floor](results.svg)\n\n");
    messages(&mut page, ours, theirs);
    contexts(&mut page, ours, theirs);
    codecs(&mut page, ours);
    kdc(&mut page, ours);
    page
}

fn messages(page: &mut String, ours: &Figures, theirs: Option<&Figures>) {
    page.push_str(
        "## Messages\n\nInto the caller's buffer (wrap) or in place (unwrap), without allocating; MIT's calls allocate what they return.\n\n\
         | call | enctype | octets | us | MB/s | MIT MB/s | ours : MIT | floor MB/s | ours : floor |\n\
         |---|---|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for (what, ours_name) in MESSAGE_CALLS {
        for enctype in ENCTYPES {
            for octets in SIZES {
                let Some(figure) = ours.get(ours_name, enctype, octets) else {
                    continue;
                };
                let fast = speed(octets, figure.nanoseconds);
                let mit = theirs.and_then(|theirs| theirs.time(what, enctype, octets));
                let mit = mit.map(|nanoseconds| speed(octets, nanoseconds));
                let _ = writeln!(
                    page,
                    "| {what} | {enctype} | {octets} | {:.3} | {fast:.0} | {} | {} | {} | {} |",
                    figure.nanoseconds / 1e3,
                    cell(mit, 0),
                    cell(mit.map(|mit| fast / mit), 1),
                    cell(figure.floor, 0),
                    cell(figure.floor.map(|floor| fast / floor), 2),
                );
            }
        }
    }
    page.push('\n');
}

fn contexts(page: &mut String, ours: &Figures, theirs: Option<&Figures>) {
    page.push_str(
        "## Contexts and keys\n\nMutual contexts with both subkeys, replay cache in memory. The protocol crate has ticket and keys at hand; the facade looks up \
         time, ticket and key for each context anew, as MIT's calls do. `pbkdf2` is the crate of that name with the parameters of \
         string-to-key, which has a PBKDF2 of its own: two output blocks side by side.\n\n\
         | step | enctype | protocol us | facade us | facade : protocol | facade allocations | MIT us | facade : MIT |\n\
         |---|---|--:|--:|--:|--:|--:|--:|\n",
    );
    for what in CONTEXT_STEPS {
        for enctype in ENCTYPES {
            let protocol = ours.time(what, enctype, 0);
            // A key is derived in no facade.
            let facade = ours.get(&format!("gss {what}"), enctype, 0);
            let mit = theirs.and_then(|theirs| theirs.time(what, enctype, 0));
            let compared = facade.map(|facade| facade.nanoseconds).or(protocol);
            if compared.is_none() {
                continue;
            }
            let _ = writeln!(
                page,
                "| {what} | {enctype} | {} | {} | {} | {} | {} | {} |",
                cell(protocol.map(|time| time / 1e3), 2),
                cell(facade.map(|facade| facade.nanoseconds / 1e3), 2),
                cell(
                    facade
                        .zip(protocol)
                        .map(|(facade, protocol)| facade.nanoseconds / protocol),
                    2,
                ),
                facade
                    .and_then(|facade| facade.allocations)
                    .map_or_else(none, |count| count.to_string()),
                cell(mit.map(|time| time / 1e3), 1),
                cell(mit.zip(compared).map(|(mit, ours)| mit / ours), 1),
            );
        }
    }
    page.push('\n');
}

fn codecs(page: &mut String, ours: &Figures) {
    page.push_str(
        "## Encodings\n\n| message | octets | decode ns | rasn-kerberos ns | encode ns | rasn-kerberos ns |\n|---|--:|--:|--:|--:|--:|\n",
    );
    for message in ENCODINGS {
        let Some((octets, _)) = ours.only("decode", message) else {
            continue;
        };
        let time = |what| cell(ours.time(what, message, octets), 0);
        let _ = writeln!(
            page,
            "| {message} | {octets} | {} | {} | {} | {} |",
            time("decode"),
            time("decode (rasn)"),
            time("encode"),
            time("encode (rasn)"),
        );
    }
}

fn kdc(page: &mut String, ours: &Figures) {
    page.push_str(
        "\n## KDC\n\nIn process, each request another one; over loopback UDP one after the other, with a log and MIT's KDC under the \
         same load: CPU time of the KDC for each request, the best of several rounds.\n\n\
         | exchange | with | us | MIT krb5kdc us | ours : MIT |\n|---|---|--:|--:|--:|\n",
    );
    for what in ["AS exchange", "TGS exchange"] {
        for enctype in ENCTYPES {
            if let Some(time) = ours.time(what, enctype, 0) {
                let us = time / 1e3;
                let _ = writeln!(page, "| {what} | {enctype}, in process | {us:.1} | - | - |");
            }
        }
    }
    let over_udp = |who| ours.time("TGS over UDP", who, 0);
    if let Some(time) = over_udp("Orthros") {
        let mit = over_udp("MIT krb5kdc");
        let _ = writeln!(
            page,
            "| TGS exchange | aes256-cts-hmac-sha1-96, UDP | {:.1} | {} | {} |",
            time / 1e3,
            cell(mit.map(|mit| mit / 1e3), 1),
            cell(mit.map(|mit| mit / time), 1),
        );
    }
}

fn cell(figure: Option<f64>, decimals: usize) -> String {
    figure.map_or_else(none, |figure| format!("{figure:.decimals$}"))
}

fn none() -> String {
    "-".to_owned()
}

const ENCTYPES: [&str; 6] = DEFAULT_ENCTYPES;
const SIZES: [usize; 5] = [64, 1024, 16384, 65536, 1 << 20];
/// MIT's name of a call, and that of our figure.
const MESSAGE_CALLS: [(&str, &str); 4] = [
    ("wrap", "wrap"),
    ("unwrap", "unwrap in place"),
    ("get_mic", "get_mic"),
    ("verify_mic", "verify_mic"),
];
const CONTEXT_STEPS: [&str; 5] = [
    "first token",
    "accept",
    "pair",
    "string-to-key",
    "string-to-key (pbkdf2)",
];
const ENCODINGS: [&str; 6] = [
    "AP-REQ",
    "Ticket",
    "EncTicketPart",
    "Authenticator",
    "AP-REP",
    "EncAPRepPart",
];

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "wrap\taes256-cts-hmac-sha1-96\t64\t320\t400\t\n\
                        accept\taes256-cts-hmac-sha1-96\t0\t5000\t\t45\n\
                        gss accept\taes256-cts-hmac-sha1-96\t0\t7000\t\t55\n\
                        decode\tTicket\t94\t246\t\t\n\
                        TGS over UDP\tOrthros\t0\t24000\t\t\n\
                        TGS over UDP\tMIT krb5kdc\t0\t120000\t\t\n";
    const MIT: &str =
        "wrap\taes256-cts-hmac-sha1-96\t64\t1280\naccept\taes256-cts-hmac-sha1-96\t0\t42000\n";

    #[test]
    fn each_ratio_stands_beside_its_figures() {
        let page = page(
            &Figures::parse(OURS),
            Some(&Figures::parse(MIT)),
            "a machine",
        );
        let wrap = "| wrap | aes256-cts-hmac-sha1-96 | 64 | 0.320 | 200 | 50 | 4.0 | 400 | 0.50 |";
        let accept = "| accept | aes256-cts-hmac-sha1-96 | 5.00 | 7.00 | 1.40 | 55 | 42.0 | 6.0 |";
        let tgs = "| TGS exchange | aes256-cts-hmac-sha1-96, UDP | 24.0 | 120.0 | 5.0 |";
        for line in [wrap, accept, tgs, "| Ticket | 94 | 246 | - | - | - |"] {
            assert!(page.contains(line), "{page}");
        }
        assert!(!page.contains("not measured"));
    }

    #[test]
    fn a_library_that_was_not_measured_is_said_to_be_missing() {
        let page = page(&Figures::parse(OURS), None, "a machine");
        assert!(page.contains("MIT's library was not measured"), "{page}");
        assert!(
            page.contains("| 0.320 | 200 | - | - | 400 | 0.50 |"),
            "{page}"
        );
    }
}
