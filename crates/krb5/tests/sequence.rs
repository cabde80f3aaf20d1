//! Sequence windows report what MIT krb5's do.

#![expect(
    clippy::panic,
    reason = "tests: a wrong assumption should stop the test"
)]

use orthros_krb5::{SequenceStatus, SequenceWindow};
use orthros_testing::vectors::rows;

#[test]
fn windows_report_what_mits_do() {
    for row in rows("mit-gssapi/seqstate.tsv") {
        let (replay, sequence) = (!row.text(1).is_empty(), !row.text(2).is_empty());
        let mut window = SequenceWindow::new(row.parse(0), replay, sequence);
        for (index, token) in row.text(3).split(' ').enumerate() {
            let (number, expected) = token.split_once(':').unwrap();
            assert_eq!(
                window.check(number.parse().unwrap()),
                status(expected),
                "{}, token {index}",
                row.place()
            );
        }
    }
}

fn status(name: &str) -> SequenceStatus {
    match name {
        "in-order" => SequenceStatus::InOrder,
        "gap" => SequenceStatus::Gap,
        "unsequenced" => SequenceStatus::Unsequenced,
        "old" => SequenceStatus::Old,
        "duplicate" => SequenceStatus::Duplicate,
        other => panic!("no status {other}"),
    }
}
