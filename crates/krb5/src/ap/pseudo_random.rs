//! `GSS_Pseudo_random()` for Kerberos (RFC 4401, RFC 7802).

use orthros_crypto::{Key, SecretVec};

use super::error::ApMisuseError;

/// Fills `output` with bytes that only a holder of `key` can make of `input`: the keystream of RFC 7802 section 3,
/// the enctype's pseudo-random function over a counter of four bytes, which begins at zero, and the input.
///
/// # Errors
///
/// [`ApMisuseError::PseudoRandomTooLong`] where the counter does not last: there are 2^32 times 16 to 48 bytes.
pub fn pseudo_random(key: &Key, input: &[u8], output: &mut [u8]) -> Result<(), ApMisuseError> {
    let length = output.len();
    let mut counted = SecretVec::zeroed(COUNTER_LEN + input.len());
    if let Some(place) = counted.get_mut(COUNTER_LEN..) {
        place.copy_from_slice(input);
    }
    let (mut counter, mut rest) = (0_u32, output);
    while !rest.is_empty() {
        if let Some(place) = counted.first_chunk_mut() {
            *place = counter.to_be_bytes();
        }
        let block = key.prf(&counted);
        let (here, after) = rest.split_at_mut(rest.len().min(block.len()));
        for (byte, block) in here.iter_mut().zip(block.iter()) {
            *byte = *block;
        }
        rest = after;
        counter = match counter.checked_add(1) {
            Some(next) => next,
            None if rest.is_empty() => break,
            None => return Err(ApMisuseError::PseudoRandomTooLong(length)),
        };
    }
    Ok(())
}

const COUNTER_LEN: usize = 4;
