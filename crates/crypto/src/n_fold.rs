//! n-fold of RFC 3961 section 5.1.

use crate::block::BLOCK;

/// [`n_fold`] of the five octets of a usage to a block, which every message of an exchange needs twice.
pub(crate) fn fold_usage(constant: [u8; 5]) -> [u8; BLOCK] {
    let [a, b, c, d, e] = constant;
    let bits = u64::from_be_bytes([0, 0, 0, a, b, c, d, e]);
    let mut repeated = [0; 5 * BLOCK];
    for (index, octets) in repeated.chunks_exact_mut(5).enumerate() {
        let right = 13 * index % 40;
        let [_, _, _, rotated @ ..] = (bits >> right | bits << (40 - right)).to_be_bytes();
        octets.copy_from_slice(&rotated);
    }
    let (blocks, _) = repeated.as_chunks();
    let sum = blocks.iter().fold(0_u128, |sum, block| {
        let (sum, carry) = sum.overflowing_add(u128::from_be_bytes(*block));
        sum + u128::from(carry)
    });
    sum.to_be_bytes()
}

/// n-fold of RFC 3961 section 5.1, to `N` octets.
///
/// The input is repeated up to the least common multiple of both lengths, each time rotated right by
/// 13 bits more; the stretches as long as the output are then added in ones' complement.
pub(crate) fn n_fold<const N: usize>(input: &[u8]) -> [u8; N] {
    let bits = input.len() * 8;
    if bits == 0 || N == 0 {
        return [0; N];
    }
    let mut columns = [0_u32; N];
    let (mut start, mut place) = (0, 0);
    for _ in 0..N / gcd(input.len(), N) {
        let (mut index, shift) = (start / 8, start % 8);
        for _ in 0..input.len() {
            let next = after(index, input.len());
            let octets = [index, next].map(|at| input.get(at).copied().unwrap_or_default());
            let [octet, _] = (u16::from_be_bytes(octets) << shift).to_be_bytes();
            if let Some(column) = columns.get_mut(place) {
                *column += u32::from(octet);
            }
            (index, place) = (next, after(place, N));
        }
        start = if start < 13 % bits {
            start + bits
        } else {
            start
        } - 13 % bits;
    }
    add_carries(&mut columns);
    columns.map(|column| column.to_be_bytes()[3])
}

/// Makes each column an octet; what the most significant carries comes in again at the least.
fn add_carries(columns: &mut [u32]) {
    while columns.iter().any(|column| *column > 0xff) {
        let mut carry = 0;
        for column in columns.iter_mut().rev() {
            carry += *column;
            *column = carry & 0xff;
            carry >>= 8;
        }
        if let Some(least) = columns.last_mut() {
            *least += carry;
        }
    }
}

/// The index after `index`, around the end.
fn after(index: usize, length: usize) -> usize {
    if index + 1 == length { 0 } else { index + 1 }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}
