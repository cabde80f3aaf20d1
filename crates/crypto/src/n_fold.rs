//! n-fold of RFC 3961 section 5.1.

use crate::block::BLOCK;

/// [`n_fold`] of the five bytes of a usage to a block, which every message of an exchange needs twice.
pub(crate) fn fold_usage(constant: [u8; 5]) -> [u8; BLOCK] {
    let [a, b, c, d, e] = constant;
    let bits = u64::from_be_bytes([0, 0, 0, a, b, c, d, e]);
    let mut repeated = [0; 5 * BLOCK];
    for (index, bytes) in repeated.chunks_exact_mut(5).enumerate() {
        let right = 13 * index % 40;
        let [_, _, _, rotated @ ..] = (bits >> right | bits << (40 - right)).to_be_bytes();
        bytes.copy_from_slice(&rotated);
    }
    let (blocks, _) = repeated.as_chunks();
    let sum = blocks.iter().fold(0_u128, |sum, block| {
        let (sum, carry) = sum.overflowing_add(u128::from_be_bytes(*block));
        sum + u128::from(carry)
    });
    sum.to_be_bytes()
}

/// n-fold of RFC 3961 section 5.1, to `N` bytes; zeros of an empty input.
///
/// The input is repeated up to the least common multiple of both lengths, each time rotated right by
/// 13 bits more; the stretches as long as the output are then added in ones' complement.
pub(crate) fn n_fold<const N: usize>(input: &[u8]) -> [u8; N] {
    let copies = N / gcd(input.len(), N).max(1);
    let mut repeated = (0..copies).flat_map(|copy| rotated(input, 13 * copy));
    let mut columns = [0_u32; N];
    for _ in 0..copies * input.len() / N.max(1) {
        // The columns are first in the pair: they end it, and no byte is lost.
        for (column, byte) in columns.iter_mut().zip(&mut repeated) {
            *column += u32::from(byte);
        }
    }
    add_carries(&mut columns);
    columns.map(|column| column.to_be_bytes()[3])
}

/// The input, which is not empty, rotated right by so many bits.
fn rotated(input: &[u8], bits: usize) -> impl Iterator<Item = u8> {
    let length = input.len();
    let (bytes, bits) = (bits / 8 % length, bits % 8);
    let from = |start: usize| input.iter().copied().cycle().skip(start);
    let pairs = from(2 * length - bytes - 1).zip(from(length - bytes));
    pairs.take(length).map(move |(before, byte)| {
        let [_, byte] = (u16::from_be_bytes([before, byte]) >> bits).to_be_bytes();
        byte
    })
}

/// Makes each column a byte; what the most significant carries comes in again at the least.
fn add_carries(columns: &mut [u32]) {
    let mut carry = 0;
    loop {
        for column in columns.iter_mut().rev() {
            carry += *column;
            *column = carry & 0xff;
            carry >>= 8;
        }
        if carry == 0 {
            return;
        }
    }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}
