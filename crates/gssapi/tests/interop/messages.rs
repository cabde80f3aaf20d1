//! Messages both ways between one of our contexts and MIT's.

use crate::cell::{Form, Kind};
use orthros::SecurityContext;
use orthros_testing::mit::GssPeer;

/// Lengths around those of blocks and of what RFC 4121 adds.
const LENGTHS: [usize; 7] = [0, 1, 15, 16, 17, 1000, 70_000];

/// Sends messages in this form and of this kind to MIT and back.
pub(crate) fn exchange(ours: &mut SecurityContext, theirs: &mut GssPeer, form: Form, kind: Kind) {
    for length in LENGTHS {
        let message: Vec<u8> = (0_u8..=255).cycle().take(length).collect();
        match (form, kind) {
            (Form::Whole, Kind::Mic) => mic(ours, theirs, &message),
            (Form::Whole, _) => whole(ours, theirs, kind, &message),
        }
    }
}

fn whole(ours: &mut SecurityContext, theirs: &mut GssPeer, kind: Kind, message: &[u8]) {
    let (protection, sealed) = (kind.protection(), kind == Kind::Sealed);
    let token = ours.wrap(message, protection).unwrap();
    assert_eq!(theirs.unwrap(&token).unwrap(), (message.to_vec(), sealed));
    let token = theirs.wrap(sealed, message).unwrap();
    let unwrapped = ours.unwrap(&token, protection).unwrap();
    assert_eq!(unwrapped.confidential, sealed);
    assert_eq!(unwrapped.in_sequence().unwrap(), message);
}

fn mic(ours: &mut SecurityContext, theirs: &mut GssPeer, message: &[u8]) {
    let token = ours.get_mic(message).unwrap();
    theirs.verify_mic(message, &token).unwrap();
    let token = theirs.get_mic(message).unwrap();
    let verified = ours.verify_mic(message, &token).unwrap();
    verified.in_sequence().unwrap();
}
