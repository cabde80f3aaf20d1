//! The protocol's frames: one octet of flags, four octets of length (big-endian), the token.
//!
//! Version 1 of the protocol had no flags; its frames start with the high octet of the length, which is
//! zero for any sane token. So a first octet of zero is the start of a bare length.

use std::io::{self, Read, Write};

/// Nothing inside: opens the conversation, closes it, or stands for "received".
pub(crate) const NOOP: u8 = 1;
/// A context establishment token.
pub(crate) const CONTEXT: u8 = 1 << 1;
/// A message.
pub(crate) const DATA: u8 = 1 << 2;
/// The MIC of the message before.
pub(crate) const MIC: u8 = 1 << 3;
/// With [`NOOP`] at the start: context tokens follow.
pub(crate) const CONTEXT_NEXT: u8 = 1 << 4;
/// With [`DATA`]: the message is wrapped.
pub(crate) const WRAPPED: u8 = 1 << 5;
/// With [`DATA`]: the wrapped message is sealed.
pub(crate) const ENCRYPTED: u8 = 1 << 6;
/// With [`DATA`]: the sender wants a MIC back.
pub(crate) const SEND_MIC: u8 = 1 << 7;

/// The longest token read from a peer: more than any sample needs, and no way to make us allocate 4 GiB.
const LONGEST: usize = 64 * 1024 * 1024;

/// A frame as received.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// The flags above; zero from a version 1 peer.
    pub(crate) flags: u8,
    /// What was framed.
    pub(crate) token: Vec<u8>,
}

/// Writes one frame. Flags of zero make a version 1 frame.
///
/// # Errors
///
/// What the stream reports, and `InvalidInput` for a token of 4 GiB or more.
pub(crate) fn send(stream: &mut impl Write, flags: u8, token: &[u8]) -> io::Result<()> {
    let length = u32::try_from(token.len())
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "token of 4 GiB or more"))?;
    let mut frame = Vec::with_capacity(token.len().saturating_add(5));
    if flags != 0 {
        frame.push(flags);
    }
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(token);
    stream.write_all(&frame)?;
    stream.flush()
}

/// Reads one frame.
///
/// # Errors
///
/// What the stream reports, `UnexpectedEof` for a frame that stops short, and `InvalidData` for one that
/// announces more than 64 MiB.
pub(crate) fn receive(stream: &mut impl Read) -> io::Result<Frame> {
    let mut flags = [0_u8];
    read_exact(stream, &mut flags, "the peer closed the connection")?;
    let [flags] = flags;
    let mut length = [0_u8; 4];
    let rest = if flags == 0 {
        length.get_mut(1..)
    } else {
        Some(&mut length[..])
    };
    read_exact(
        stream,
        rest.unwrap_or_default(),
        "the peer closed the connection within a frame",
    )?;
    let announced = u32::from_be_bytes(length);
    let wanted = usize::try_from(announced)
        .ok()
        .filter(|&length| length <= LONGEST)
        .ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!("peer announces a token of {announced} octets"),
            )
        })?;
    // The buffer grows with what arrives, not with what was announced.
    let mut token = Vec::new();
    let limit = u64::from(announced);
    let read = stream.take(limit).read_to_end(&mut token);
    if read.map_err(explained)? != wanted {
        return Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            format!("token of {wanted} octets stops after {}", token.len()),
        ));
    }
    Ok(Frame { flags, token })
}

/// Fills `octets`, or says what it means that there are no more.
fn read_exact(stream: &mut impl Read, octets: &mut [u8], if_ended: &str) -> io::Result<()> {
    let read = stream.read_exact(octets);
    read.map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => io::Error::new(error.kind(), if_ended),
        _ => explained(error),
    })
}

/// An elapsed limit is called that: the system calls it a resource that is temporarily unavailable.
fn explained(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
            io::Error::new(io::ErrorKind::TimedOut, "the peer is silent")
        }
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_flags_length_and_token() {
        let mut wire = Vec::new();
        send(&mut wire, DATA | WRAPPED, b"abc").unwrap();
        assert_eq!(wire, b"\x24\x00\x00\x00\x03abc");
        let frame = receive(&mut wire.as_slice()).unwrap();
        assert_eq!(
            frame,
            Frame {
                flags: DATA | WRAPPED,
                token: b"abc".to_vec()
            }
        );
    }

    #[test]
    fn a_version_1_frame_has_no_flags() {
        let mut wire = Vec::new();
        send(&mut wire, 0, b"abc").unwrap();
        assert_eq!(wire, b"\x00\x00\x00\x03abc");
        assert_eq!(
            receive(&mut wire.as_slice()).unwrap(),
            Frame {
                flags: 0,
                token: b"abc".to_vec()
            }
        );
    }

    #[test]
    fn a_frame_that_stops_short_is_an_error_that_says_where() {
        let error = receive(&mut &b"\x04\x00\x00\x00\x05abc"[..]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(error.to_string(), "token of 5 octets stops after 3");
    }

    #[test]
    fn a_closed_connection_is_told_from_one_that_breaks_off() {
        let closed = receive(&mut &b""[..]).unwrap_err();
        assert_eq!(closed.to_string(), "the peer closed the connection");
        let broken_off = receive(&mut &b"\x04\x00"[..]).unwrap_err();
        assert_eq!(
            broken_off.to_string(),
            "the peer closed the connection within a frame"
        );
    }

    #[test]
    fn a_length_of_4_gib_allocates_nothing() {
        let error = receive(&mut &b"\x04\xFF\xFF\xFF\xFF"[..]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}
