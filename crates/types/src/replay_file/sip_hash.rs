//! SipHash-2-4 (Aumasson and Bernstein, 2012).

/// The hash of `message` under `key`.
pub(super) fn sip_hash_2_4(key: &[u8; 16], message: &[u8]) -> u64 {
    let (low, high) = (word(key), word(key.get(8..).unwrap_or_default()));
    let mut state = State([
        low ^ 0x736f_6d65_7073_6575,
        high ^ 0x646f_7261_6e64_6f6d,
        low ^ 0x6c79_6765_6e65_7261,
        high ^ 0x7465_6462_7974_6573,
    ]);
    let (words, rest) = message.as_chunks::<8>();
    for octets in words {
        state.absorb(u64::from_le_bytes(*octets));
    }
    let [.., length] = message.len().to_be_bytes();
    state.absorb(word(rest) | u64::from(length) << 56);
    state.finish()
}

/// Up to eight octets as a little-endian number.
fn word(octets: &[u8]) -> u64 {
    let octets = octets.iter().take(8).rev();
    octets.fold(0, |number, octet| number << 8 | u64::from(*octet))
}

struct State([u64; 4]);

impl State {
    fn absorb(&mut self, word: u64) {
        let [.., last] = &mut self.0;
        *last ^= word;
        self.rounds(2);
        let [first, ..] = &mut self.0;
        *first ^= word;
    }

    fn finish(mut self) -> u64 {
        let [_, _, third, _] = &mut self.0;
        *third ^= 0xff;
        self.rounds(4);
        self.0.iter().fold(0, |sum, word| sum ^ word)
    }

    fn rounds(&mut self, count: usize) {
        let [a, b, c, d] = &mut self.0;
        for _ in 0..count {
            *a = a.wrapping_add(*b);
            *c = c.wrapping_add(*d);
            *b = b.rotate_left(13) ^ *a;
            *d = d.rotate_left(16) ^ *c;
            *a = a.rotate_left(32);
            *c = c.wrapping_add(*b);
            *a = a.wrapping_add(*d);
            *b = b.rotate_left(17) ^ *c;
            *d = d.rotate_left(21) ^ *a;
            *c = c.rotate_left(32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::sip_hash_2_4;

    #[test]
    fn the_papers_example_hashes_as_it_says() {
        // Appendix A: the key is 00 to 0f, the message 00 to 0e.
        let key: [u8; 16] = core::array::from_fn(|index| u8::try_from(index).unwrap());
        assert_eq!(sip_hash_2_4(&key, &key[..15]), 0xa129_ca61_49be_45e5);
    }
}
