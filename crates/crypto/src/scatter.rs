//! Walking over a message in several buffers, by whole blocks.

use core::mem;

use crate::IovBuffer;
use crate::block::{BLOCK, Block};
use crate::cbc::{Cbc, Mode};
use crate::mac_observer::{MacObserver, NoMac};

/// A place in a message: byte `offset` of buffer `index`.
#[derive(Clone, Copy)]
pub(crate) struct Position {
    index: usize,
    offset: usize,
    /// How many bytes of data come before.
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

    fn advance(&mut self, bytes: usize) {
        self.offset += bytes;
        self.data += bytes;
    }
}

/// How many bytes are to be encrypted or decrypted.
pub(crate) fn data_len(buffers: &[IovBuffer<'_>]) -> usize {
    let lengths = buffers.iter().map(|buffer| match buffer {
        IovBuffer::Data(bytes) => bytes.len(),
        IovBuffer::AssociatedData(_) => 0,
    });
    lengths.fold(0, usize::saturating_add)
}

/// Runs the cipher with `observer` from the start, as far as blocks don't cross a buffer's end
/// and the message is not at its last two blocks. Gives the place where it stopped; there, cipher and
/// observer have seen the same bytes.
#[inline(always)]
pub(crate) fn run_observed<M: Mode, C: Cbc<M>>(
    cipher: &C,
    chain: &mut Block,
    buffers: &mut [IovBuffer<'_>],
    observer: &mut impl MacObserver,
) -> Position {
    let end = last_blocks(data_len(buffers));
    let mut at = Position::START;
    for buffer in buffers {
        match buffer {
            IovBuffer::AssociatedData(bytes) => observer.associated_data(bytes),
            IovBuffer::Data(bytes) => {
                let length = whole_blocks(bytes.len().min(end - at.data));
                let (run, rest) = bytes.split_at_mut(length);
                if !run.is_empty() {
                    cipher.run(chain, run, observer);
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
    buffers: &mut [IovBuffer<'_>],
    mut at: Position,
) {
    let length = data_len(buffers);
    let end = last_blocks(length);
    while at.data < end {
        let Some(bytes) = data_at(buffers, at) else {
            at.next_piece();
            continue;
        };
        let whole = whole_blocks(bytes.len().min(end - at.data));
        if whole > 0 {
            cipher.run(chain, bytes.split_at_mut(whole).0, &mut NoMac);
            at.advance(whole);
        } else {
            // A block that lies in several buffers.
            let mut block = [0; BLOCK];
            gather(buffers, at, &mut block);
            cipher.run(chain, &mut block, &mut NoMac);
            at = scatter(buffers, at, &block);
        }
    }
    // One block that is the whole message, or the last two, of which the second may be shorter.
    let tail = (length - end).saturating_sub(BLOCK).min(BLOCK);
    if let Some((first, rest)) = data_at(buffers, at).and_then(<[u8]>::split_first_chunk_mut)
        && let Some(tail) = rest.get_mut(..tail)
    {
        return cipher.last(chain, first, tail);
    }
    let mut last = [[0; BLOCK]; 2];
    let count = BLOCK + tail;
    gather(buffers, at, last.as_flattened_mut().split_at_mut(count).0);
    let [first, second] = &mut last;
    cipher.last(chain, first, second.split_at_mut(tail).0);
    scatter(buffers, at, last.as_flattened().split_at(count).0);
}

/// Gives `mac` all that the tag covers from `at` to the end of the message.
pub(crate) fn mac_rest(buffers: &[IovBuffer<'_>], at: Position, mut mac: impl FnMut(&[u8])) {
    let mut offset = at.offset;
    for buffer in buffers.iter().skip(at.index) {
        let bytes = match buffer {
            IovBuffer::Data(bytes) => bytes,
            IovBuffer::AssociatedData(bytes) => *bytes,
        };
        mac(bytes.split_at(offset).1);
        offset = 0;
    }
}

/// Zeroizes what must not be seen.
pub(crate) fn wipe(buffers: &mut [IovBuffer<'_>]) {
    for buffer in buffers {
        if let IovBuffer::Data(bytes) = buffer {
            bytes.fill(0);
        }
    }
}

/// Where the bytes begin that [`Cbc::last`] works on.
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

/// The rest of the data buffer at `at`; none if there is no data here.
fn data_at<'p>(buffers: &'p mut [IovBuffer<'_>], at: Position) -> Option<&'p mut [u8]> {
    match buffers.get_mut(at.index)? {
        IovBuffer::Data(bytes) if at.offset < bytes.len() => Some(bytes.split_at_mut(at.offset).1),
        IovBuffer::Data(_) | IovBuffer::AssociatedData(_) => None,
    }
}

/// Copies data from `at` on into `out`.
fn gather(buffers: &mut [IovBuffer<'_>], at: Position, out: &mut [u8]) {
    let (count, mut out) = (out.len(), out);
    for_each_stretch(buffers, at, count, |stretch| {
        let (here, rest) = mem::take(&mut out).split_at_mut(stretch.len());
        here.copy_from_slice(stretch);
        out = rest;
    });
}

/// Copies `from` to the data from `at` on and gives the place behind it.
fn scatter(buffers: &mut [IovBuffer<'_>], at: Position, mut from: &[u8]) -> Position {
    for_each_stretch(buffers, at, from.len(), |stretch| {
        let (here, rest) = from.split_at(stretch.len());
        stretch.copy_from_slice(here);
        from = rest;
    })
}

/// Visits `count` bytes of data from `at` on, as they lie in the buffers, and gives the place behind them.
fn for_each_stretch(
    buffers: &mut [IovBuffer<'_>],
    mut at: Position,
    mut count: usize,
    mut visit: impl FnMut(&mut [u8]),
) -> Position {
    while count > 0 && at.index < buffers.len() {
        let Some(bytes) = data_at(buffers, at) else {
            at.next_piece();
            continue;
        };
        let here = bytes.len().min(count);
        visit(bytes.split_at_mut(here).0);
        at.advance(here);
        count -= here;
    }
    at
}
