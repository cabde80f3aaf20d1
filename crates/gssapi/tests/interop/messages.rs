//! Messages both ways between one of our contexts and MIT's.

use crate::cell::{Form, Kind};
use orthros::{Iov, IovBuffer, SecurityContext};
use orthros_testing::mit::{Buffer, GssPeer};

/// Lengths around those of blocks and of what RFC 4121 adds.
pub(crate) const LENGTHS: [usize; 7] = [0, 1, 15, 16, 17, 1000, 70_000];

/// Sends messages in this form and of this kind to MIT and back.
pub(crate) fn exchange(ours: &mut SecurityContext, theirs: &mut GssPeer, form: Form, kind: Kind) {
    for length in LENGTHS {
        let message: Vec<u8> = (0_u8..=255).cycle().take(length).collect();
        match (form, kind) {
            (Form::Whole, Kind::Mic) => mic(ours, theirs, &message),
            (Form::Whole, _) => whole(ours, theirs, kind, &message),
            (Form::Iov | Form::Dce, Kind::Mic) => mic_iov(ours, theirs, &message),
            (Form::Iov, _) => {
                stream(ours, theirs, kind, &message);
                aead(ours, theirs, kind, &message);
                for with_trailer in [true, false] {
                    iov(ours, theirs, kind, &message, with_trailer);
                }
            }
            (Form::Dce, _) => {
                whole(ours, theirs, kind, &message);
                for with_trailer in [true, false] {
                    iov(ours, theirs, kind, &message, with_trailer);
                }
                rotated(ours, theirs, kind, &message);
            }
        }
    }
}

pub(crate) fn whole(ours: &mut SecurityContext, theirs: &mut GssPeer, kind: Kind, message: &[u8]) {
    let (protection, sealed) = (kind.protection(), kind == Kind::Sealed);
    let token = ours.wrap(message, protection).unwrap();
    assert_eq!(theirs.unwrap(&token).unwrap(), (message.to_vec(), sealed));
    let token = theirs.wrap(sealed, message).unwrap();
    let unwrapped = ours.unwrap(&token, protection).unwrap();
    assert_eq!(unwrapped.confidential, sealed);
    assert_eq!(unwrapped.in_sequence().unwrap(), message);
}

pub(crate) fn mic(ours: &mut SecurityContext, theirs: &mut GssPeer, message: &[u8]) {
    let token = ours.get_mic(message).unwrap();
    theirs.verify_mic(message, &token).unwrap();
    let token = theirs.get_mic(message).unwrap();
    let verified = ours.verify_mic(message, &token).unwrap();
    verified.in_sequence().unwrap();
}

/// Scattered both ways, with something before the message and within it that is signed only.
pub(crate) fn iov(
    ours: &mut SecurityContext,
    theirs: &mut GssPeer,
    kind: Kind,
    message: &[u8],
    with_trailer: bool,
) {
    let (protection, sealed) = (kind.protection(), kind == Kind::Sealed);
    let lengths = ours
        .sender()
        .iov_lengths(message.len(), protection, with_trailer);
    let (left, right) = message.split_at(message.len() / 3);
    let (mut left, mut right) = (left.to_vec(), right.to_vec());
    let (mut header, mut trailer) = (vec![0; lengths.header], vec![0; lengths.trailer]);
    let wrapped = ours.sender().wrap_iov(
        Iov {
            header: &mut header,
            buffers: &mut pieces(&mut left, &mut right),
            trailer: with_trailer.then_some(&mut trailer),
        },
        protection,
    );
    wrapped.unwrap();
    let buffers = buffers(&header, &left, &right, &trailer);
    let count = if with_trailer { 6 } else { 5 };
    let (confidential, opened) = theirs.unwrap_iov(&buffers[..count]).unwrap();
    assert_eq!(confidential, sealed);
    assert_eq!([&*opened[2].1, &*opened[4].1].concat(), message);

    let (left, right) = message.split_at(message.len() / 3);
    let buffers = self::buffers(b"", left, right, b"");
    let mut sent = theirs.wrap_iov(sealed, &buffers[..count]).unwrap();
    let expected = theirs.wrap_iov_length(sealed, &buffers[..count]).unwrap();
    assert_eq!(sent[0].1.len(), lengths.header);
    assert_eq!(expected[0].1.len(), lengths.header);
    let mut trailer = with_trailer.then(|| sent.remove(5).1);
    let [header, _, left, _, right] = &mut sent[..] else {
        panic!("five buffers")
    };
    let unwrapped = ours.receiver().unwrap_iov(
        Iov {
            header: &mut header.1,
            buffers: &mut pieces(&mut left.1, &mut right.1),
            trailer: trailer.as_deref_mut(),
        },
        protection,
    );
    unwrapped.unwrap().in_sequence().unwrap();
    assert_eq!([&*left.1, &*right.1].concat(), message);
}

const BEFORE: &[u8] = b"what is before";
const BETWEEN: &[u8] = b"what is between";

fn pieces<'p>(left: &'p mut [u8], right: &'p mut [u8]) -> [IovBuffer<'p>; 4] {
    [
        IovBuffer::AssociatedData(BEFORE),
        IovBuffer::Data(left),
        IovBuffer::AssociatedData(BETWEEN),
        IovBuffer::Data(right),
    ]
}

fn buffers<'b>(
    header: &'b [u8],
    left: &'b [u8],
    right: &'b [u8],
    trailer: &'b [u8],
) -> [(&'static str, &'b [u8]); 6] {
    [
        ("header", header),
        ("sign-only", BEFORE),
        ("data", left),
        ("sign-only", BETWEEN),
        ("data", right),
        ("trailer", trailer),
    ]
}

/// As [`iov`], with the padding that tokens of RFC 1964 need: a buffer of its own at MIT's end, and the trailer at
/// ours.
pub(crate) fn iov_padded(
    ours: &mut SecurityContext,
    theirs: &mut GssPeer,
    kind: Kind,
    message: &[u8],
) {
    let (protection, sealed) = (kind.protection(), kind == Kind::Sealed);
    let lengths = ours.sender().iov_lengths(message.len(), protection, true);
    let (left, right) = message.split_at(message.len() / 3);
    let (mut left, mut right) = (left.to_vec(), right.to_vec());
    let (mut header, mut padding) = (vec![0; lengths.header], vec![0; lengths.trailer]);
    let wrapped = ours.sender().wrap_iov(
        Iov {
            header: &mut header,
            buffers: &mut pieces(&mut left, &mut right),
            trailer: Some(&mut padding),
        },
        protection,
    );
    wrapped.unwrap();
    let mut buffers = buffers(&header, &left, &right, &padding);
    buffers[5].0 = "padding";
    let (confidential, opened) = theirs.unwrap_iov(&buffers).unwrap();
    assert_eq!(confidential, sealed);
    assert_eq!([&*opened[2].1, &*opened[4].1].concat(), message);

    let (left, right) = message.split_at(message.len() / 3);
    let mut buffers = self::buffers(b"", left, right, b"");
    buffers[5].0 = "padding";
    let mut sent = theirs.wrap_iov(sealed, &buffers).unwrap();
    assert_eq!((sent[0].1.len(), sent[5].1.len()), (lengths.header, 1));
    let [header, _, left, _, right, padding] = &mut sent[..] else {
        panic!("six buffers")
    };
    let unwrapped = ours.receiver().unwrap_iov(
        Iov {
            header: &mut header.1,
            buffers: &mut pieces(&mut left.1, &mut right.1),
            trailer: Some(&mut padding.1),
        },
        protection,
    );
    unwrapped.unwrap().in_sequence().unwrap();
    assert_eq!([&*left.1, &*right.1].concat(), message);
}

/// Whole tokens, taken as streams.
fn stream(ours: &mut SecurityContext, theirs: &mut GssPeer, kind: Kind, message: &[u8]) {
    let (protection, sealed) = (kind.protection(), kind == Kind::Sealed);
    let token = ours.wrap(message, protection).unwrap();
    let stream = [("stream", &*token), ("data", b"")];
    let (confidential, opened) = theirs.unwrap_iov(&stream).unwrap();
    assert_eq!((confidential, &*opened[1].1), (sealed, message));
    // Without a trailer, it is a rotated token.
    let sent = theirs.wrap_iov(sealed, &[("header", b""), ("data", message)]);
    let mut token = concatenated(&sent.unwrap());
    let receiver = ours.receiver();
    let unwrapped = receiver.unwrap_stream(&mut token, &[], &[], protection);
    assert_eq!(unwrapped.unwrap().in_sequence().unwrap(), message);
}

/// Without a trailer, and then sent in one piece. Only we take that in DCE style.
fn rotated(ours: &mut SecurityContext, theirs: &mut GssPeer, kind: Kind, message: &[u8]) {
    let sent = theirs.wrap_iov(kind == Kind::Sealed, &[("header", b""), ("data", message)]);
    let token = concatenated(&sent.unwrap());
    let unwrapped = ours.unwrap(&token, kind.protection()).unwrap();
    assert_eq!(unwrapped.in_sequence().unwrap(), message);
}

fn concatenated(buffers: &[Buffer]) -> Vec<u8> {
    buffers.iter().flat_map(|buffer| buffer.1.clone()).collect()
}

pub(crate) fn aead(ours: &mut SecurityContext, theirs: &mut GssPeer, kind: Kind, message: &[u8]) {
    let (protection, sealed) = (kind.protection(), kind == Kind::Sealed);
    let token = ours
        .sender()
        .wrap_aead(message, BEFORE, protection)
        .unwrap();
    let opened = theirs.unwrap_aead(&token, BEFORE).unwrap();
    assert_eq!(opened, (message.to_vec(), sealed));
    let token = theirs.wrap_aead(sealed, message, BEFORE).unwrap();
    let unwrapped = ours.receiver().unwrap_aead(&token, BEFORE, protection);
    assert_eq!(unwrapped.unwrap().in_sequence().unwrap(), message);
}

pub(crate) fn mic_iov(ours: &mut SecurityContext, theirs: &mut GssPeer, message: &[u8]) {
    let (left, right) = message.split_at(message.len() / 3);
    let mut mic = vec![0; ours.sender().mic_len()];
    let parts = [BEFORE, left, BETWEEN, right];
    ours.sender().get_mic_iov(&parts, &mut mic).unwrap();
    let mut buffers = buffers(&mic, left, right, b"");
    buffers[0].0 = "mic";
    theirs.verify_mic_iov(&buffers[..5]).unwrap();
    let mut buffers = self::buffers(b"", left, right, b"");
    buffers[0].0 = "mic";
    let made = theirs.get_mic_iov(&buffers[..5]).unwrap();
    let verified = ours.receiver().verify_mic_iov(&parts, &made[0].1);
    verified.unwrap().in_sequence().unwrap();
}
