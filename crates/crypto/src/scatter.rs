//! Walking over a message in pieces, by whole blocks.

use crate::cbc::{BLOCK, Block, Cbc, Mode};
use crate::watch::{Unwatched, Watch};
use crate::{Enctype, Piece};

/// A place in a message: octet `offset` of piece `index`.
#[derive(Clone, Copy)]
pub(crate) struct Position {
    index: usize,
    offset: usize,
    /// How many octets of data come before.
    data: usize,
}

impl Position {
    pub(crate) const START: Self = Self {
        index: 0,
        offset: 0,
        data: 0,
    };

    fn next_piece(&mut self) {
        self.index += 1;
        self.offset = 0;
    }

    fn advance(&mut self, octets: usize) {
        self.offset += octets;
        self.data += octets;
    }
}

/// How many octets are to be encrypted or decrypted.
pub(crate) fn data_len(pieces: &[Piece<'_>]) -> usize {
    let lengths = pieces.iter().map(|piece| match piece {
        Piece::Data(octets) => octets.len(),
        Piece::SignOnly(_) => 0,
    });
    lengths.fold(0, usize::saturating_add)
}

/// What is encrypted, and the tag behind it; none if it can't be a ciphertext.
pub(crate) fn split_tag(buffer: &mut [u8], enctype: Enctype) -> Option<(&mut [u8], &mut [u8])> {
    if buffer.len() < enctype.ciphertext_len(0) {
        return None;
    }
    buffer.split_at_mut_checked(buffer.len() - enctype.tag_len())
}

/// Runs the cipher with `watch` beside it from the start, as far as blocks don't cross a piece's end
/// and the message is not at its last two blocks. Gives the place where it stopped; there, cipher and
/// watch have seen the same octets.
#[inline(always)]
pub(crate) fn run_watched<M: Mode, C: Cbc<M>>(
    cipher: &C,
    chain: &mut Block,
    pieces: &mut [Piece<'_>],
    watch: &mut impl Watch,
) -> Position {
    let end = last_blocks(data_len(pieces));
    let mut at = Position::START;
    for piece in pieces {
        match piece {
            Piece::SignOnly(octets) => watch.sign_only(octets),
            Piece::Data(octets) => {
                let length = whole_blocks(octets.len().min(end - at.data));
                let (run, rest) = octets.split_at_mut(length);
                if !run.is_empty() {
                    cipher.run(chain, run, watch);
                }
                at.advance(length);
                if !rest.is_empty() {
                    return at;
                }
            }
        }
        at.next_piece();
    }
    at
}

/// Runs the cipher from `at` to the end of the message.
pub(crate) fn run_rest<M: Mode, C: Cbc<M>>(
    cipher: &C,
    chain: &mut Block,
    pieces: &mut [Piece<'_>],
    mut at: Position,
) {
    let length = data_len(pieces);
    let end = last_blocks(length);
    while at.data < end {
        let Some(octets) = data_at(pieces, at) else {
            at.next_piece();
            continue;
        };
        let whole = whole_blocks(octets.len().min(end - at.data));
        if let Some(run @ [_, ..]) = octets.get_mut(..whole) {
            cipher.run(chain, run, &mut Unwatched);
            at.advance(whole);
        } else {
            let mut block = [0; BLOCK];
            gather(pieces, at, &mut block);
            cipher.run(chain, &mut block, &mut Unwatched);
            at = scatter(pieces, at, &block);
        }
    }
    let length = length - end;
    if let Some(last) = data_at(pieces, at).and_then(|octets| octets.get_mut(..length)) {
        return cipher.last(chain, last);
    }
    let mut last = [0; 2 * BLOCK];
    if let Some(last) = last.get_mut(..length) {
        gather(pieces, at, last);
        cipher.last(chain, last);
        scatter(pieces, at, last);
    }
}

/// Gives `mac` all that the tag covers from `at` to the end of the message.
pub(crate) fn mac_rest(pieces: &[Piece<'_>], at: Position, mut mac: impl FnMut(&[u8])) {
    let mut offset = at.offset;
    for piece in pieces.iter().skip(at.index) {
        let octets = match piece {
            Piece::Data(octets) => octets,
            Piece::SignOnly(octets) => *octets,
        };
        mac(octets.get(offset..).unwrap_or_default());
        offset = 0;
    }
}

/// Zeroizes what must not be seen.
pub(crate) fn wipe(pieces: &mut [Piece<'_>]) {
    for piece in pieces {
        if let Piece::Data(octets) = piece {
            octets.fill(0);
        }
    }
}

/// Where the octets begin that [`Mode::last`] works on.
fn last_blocks(length: usize) -> usize {
    if length <= BLOCK {
        0
    } else {
        whole_blocks(length - 1) - BLOCK
    }
}

fn whole_blocks(length: usize) -> usize {
    length - length % BLOCK
}

/// The rest of the data piece at `at`; none if there is no data here.
fn data_at<'p>(pieces: &'p mut [Piece<'_>], at: Position) -> Option<&'p mut [u8]> {
    match pieces.get_mut(at.index)? {
        Piece::Data(octets) => octets.get_mut(at.offset..).filter(|rest| !rest.is_empty()),
        Piece::SignOnly(_) => None,
    }
}

/// Copies data from `at` on into `out`.
fn gather(pieces: &mut [Piece<'_>], at: Position, out: &mut [u8]) {
    let mut out = out.iter_mut();
    let count = out.len();
    for_each_octet(pieces, at, count, |octet| {
        if let Some(out) = out.next() {
            *out = *octet;
        }
    });
}

/// Copies `from` to the data from `at` on and gives the place behind it.
fn scatter(pieces: &mut [Piece<'_>], at: Position, from: &[u8]) -> Position {
    let mut octets = from.iter();
    for_each_octet(pieces, at, from.len(), |octet| {
        if let Some(from) = octets.next() {
            *octet = *from;
        }
    })
}

fn for_each_octet(
    pieces: &mut [Piece<'_>],
    mut at: Position,
    mut count: usize,
    mut visit: impl FnMut(&mut u8),
) -> Position {
    while count > 0 && at.index < pieces.len() {
        let Some(octets) = data_at(pieces, at) else {
            at.next_piece();
            continue;
        };
        let here = octets.len().min(count);
        octets.iter_mut().take(here).for_each(&mut visit);
        at.advance(here);
        count -= here;
    }
    at
}
