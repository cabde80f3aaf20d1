//! Asking for a password: without echo on a terminal, from standard input otherwise.

use std::io::{self, BufRead, IsTerminal as _, Write as _};
use std::os::fd::AsFd;

use nix::sys::termios::{
    LocalFlags, SetArg, SpecialCharacterIndices, Termios, tcgetattr, tcsetattr,
};
use orthros_krb5::crypto::SecretVec;

/// Asks `prompt` on the terminal and reads a line without echo; where standard input is no terminal,
/// reads its first line instead, without a prompt, so that a script can pipe the password in.
///
/// # Errors
///
/// `Interrupted` where the user said so (Ctrl-C), `UnexpectedEof` where standard input ended before a line began,
/// `InvalidData` for a line that is too long; else what reading failed with. The terminal is as before in any case.
pub(crate) fn ask(prompt: &str) -> io::Result<SecretVec> {
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        return read_line(&mut stdin.lock(), &[]);
    }
    let silenced = SilencedTerminal::new(&stdin)?;
    let mut out = io::stderr();
    write!(out, "{prompt}")?;
    out.flush()?;
    let line = read_line(&mut stdin.lock(), &silenced.interrupting);
    // The line feed that ended the input was not echoed either.
    writeln!(out)?;
    line
}

/// A terminal that echoes nothing until this is dropped.
///
/// A signal would end the process before anybody could turn the echo on again. So the characters that usually
/// raise one end the line instead, like a line feed, and the reader of the line sees which it was.
struct SilencedTerminal<Terminal: AsFd> {
    terminal: Terminal,
    before: Termios,
    interrupting: Vec<u8>,
}

impl<Terminal: AsFd> SilencedTerminal<Terminal> {
    fn new(terminal: Terminal) -> io::Result<Self> {
        let before = tcgetattr(&terminal)?;
        let mut silent = before.clone();
        let character =
            |index: SpecialCharacterIndices| before.control_chars.get(index as usize).copied();
        let interrupting: Vec<u8> = [
            character(SpecialCharacterIndices::VINTR),
            character(SpecialCharacterIndices::VQUIT),
        ]
        .into_iter()
        .flatten()
        .filter(|&octet| octet != DISABLED)
        .collect();
        let ends = [
            SpecialCharacterIndices::VEOL,
            SpecialCharacterIndices::VEOL2,
        ];
        for (index, &octet) in ends.into_iter().zip(&interrupting) {
            if let Some(end) = silent.control_chars.get_mut(index as usize) {
                *end = octet;
            }
        }
        silent
            .local_flags
            .remove(LocalFlags::ECHO | LocalFlags::ECHONL | LocalFlags::ISIG);
        silent.local_flags.insert(LocalFlags::ICANON);
        tcsetattr(&terminal, SetArg::TCSANOW, &silent)?;
        Ok(Self {
            terminal,
            before,
            interrupting,
        })
    }
}

impl<Terminal: AsFd> Drop for SilencedTerminal<Terminal> {
    fn drop(&mut self) {
        // There is no place left to say so, and nothing else to try.
        let _ = tcsetattr(&self.terminal, SetArg::TCSANOW, &self.before);
    }
}

/// Reads up to a line feed, which is left out, or the end; an octet of `interrupting` gives the line up.
fn read_line(input: &mut impl BufRead, interrupting: &[u8]) -> io::Result<SecretVec> {
    // Of its full length from the start: growing would leave copies of the password behind.
    let mut line = SecretVec::zeroed(LONGEST);
    let mut length = 0;
    while let Some(&octet) = input.fill_buf()?.first() {
        input.consume(1);
        if interrupting.contains(&octet) {
            return Err(io::Error::new(io::ErrorKind::Interrupted, "interrupted"));
        }
        if octet == b'\n' {
            return Ok(without_carriage_return(
                line.get(..length).unwrap_or_default(),
            ));
        }
        *line.get_mut(length).ok_or_else(too_long)? = octet;
        length += 1;
    }
    if length == 0 {
        return Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "standard input ended before a password was read",
        ));
    }
    Ok(without_carriage_return(
        line.get(..length).unwrap_or_default(),
    ))
}

fn without_carriage_return(line: &[u8]) -> SecretVec {
    SecretVec::from(line.strip_suffix(b"\r").unwrap_or(line))
}

fn too_long() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("the line is longer than {LONGEST} octets"),
    )
}

/// As long as a line of a terminal can be, on Linux.
const LONGEST: usize = 4096;

/// What stands in the place of a special character that there is none of (POSIX `_POSIX_VDISABLE`).
const DISABLED: u8 = 0;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mut input: &[u8]) -> io::Result<Vec<u8>> {
        read_line(&mut input, b"\x03").map(|line| line.to_vec())
    }

    #[test]
    fn a_password_is_the_first_line_whatever_octets_it_has() {
        assert_eq!(read(b"secret\nmore\n").unwrap(), b"secret");
        assert_eq!(read(b"p\xE4ss w\xF6rd\r\n").unwrap(), b"p\xE4ss w\xF6rd");
        assert_eq!(read(b"no line feed").unwrap(), b"no line feed");
        assert_eq!(read(b"\n").unwrap(), b"");
    }

    #[test]
    fn an_interrupting_character_gives_the_line_up() {
        assert_eq!(
            read(b"sec\x03ret\n").unwrap_err().kind(),
            io::ErrorKind::Interrupted
        );
    }

    #[test]
    fn no_input_is_no_empty_password() {
        assert_eq!(read(b"").unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_line_without_end_is_not_read_for_ever() {
        let error = read_line(&mut io::BufReader::new(io::repeat(b'a')), &[]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        let longest = [b'a'; LONGEST];
        assert_eq!(read(&longest).unwrap(), longest);
    }
}
