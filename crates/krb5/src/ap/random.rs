//! Random bytes of the AP exchange.

use orthros_crypto::{RandomError, RandomSource};
use zeroize::Zeroize;

/// What one side of one exchange draws, fetched from the source in one go.
///
/// An exchange needs a subkey, a sequence number and a confounder or two, and asking the operating system three times
/// costs more than all that is done with the answers. It asks when the first byte is needed, and again where more are
/// than it holds; what was handed out is erased.
pub(super) struct Draws<'r> {
    source: &'r mut dyn RandomSource,
    bytes: [u8; LEN],
    /// How many bytes, from the start, were handed out.
    drawn: usize,
}

impl<'r> Draws<'r> {
    pub(super) fn new(source: &'r mut dyn RandomSource) -> Self {
        Self {
            source,
            bytes: [0; LEN],
            drawn: LEN,
        }
    }
}

impl RandomSource for Draws<'_> {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomError> {
        if out.len() > LEN {
            return self.source.fill(out);
        }
        if out.len() > LEN - self.drawn {
            self.drawn = LEN;
            self.source.fill(&mut self.bytes)?;
            self.drawn = 0;
        }
        let end = self.drawn + out.len();
        let fresh = self.bytes.get_mut(self.drawn..end).ok_or(RandomError)?;
        out.copy_from_slice(fresh);
        fresh.zeroize();
        self.drawn = end;
        Ok(())
    }
}

impl Drop for Draws<'_> {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

/// An initial sequence number: 30 bits and not zero, as MIT krb5 makes them.
///
/// Old peers read the number as signed, and take zero for none.
pub(super) fn initial_sequence_number(random: &mut dyn RandomSource) -> Result<u32, RandomError> {
    let mut bytes = [0; 4];
    random.fill(&mut bytes)?;
    Ok((u32::from_be_bytes(bytes) & 0x3fff_ffff).max(1))
}

/// The longest subkey, a sequence number, and the confounder of one message.
const LEN: usize = 32 + 4 + 16;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use orthros_testing::random::NoRandom;

    /// Gives 1, 2, 3 and so on, and counts the calls.
    #[derive(Default)]
    struct Counter {
        next: u8,
        calls: usize,
    }

    impl RandomSource for Counter {
        fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomError> {
            self.calls += 1;
            for byte in out {
                self.next = self.next.wrapping_add(1);
                *byte = self.next;
            }
            Ok(())
        }
    }

    #[test]
    fn a_whole_exchange_asks_the_source_once() {
        let mut source = Counter::default();
        let mut draws = Draws::new(&mut source);
        for length in [32, 4, 16] {
            draws.fill(&mut [0; 32][..length]).unwrap();
        }
        drop(draws);
        assert_eq!(source.calls, 1);
    }

    #[test]
    fn nothing_is_drawn_before_it_is_needed() {
        let mut source = Counter::default();
        drop(Draws::new(&mut source));
        assert_eq!(source.calls, 0);
    }

    #[test]
    fn no_octet_is_handed_out_twice() {
        let mut source = Counter::default();
        let mut draws = Draws::new(&mut source);
        let mut seen = Vec::new();
        for length in [32, 16, 16, 60, 1, 3] {
            let mut out = [0; 60];
            draws.fill(&mut out[..length]).unwrap();
            seen.extend_from_slice(&out[..length]);
        }
        let mut different = seen.clone();
        different.sort_unstable();
        different.dedup();
        assert_eq!(different.len(), seen.len());
        assert!(!seen.contains(&0));
    }

    #[test]
    fn what_was_handed_out_is_erased() {
        let mut source = Counter::default();
        let mut draws = Draws::new(&mut source);
        draws.fill(&mut [0; 32]).unwrap();
        assert_eq!(draws.bytes[..32], [0; 32]);
        assert_ne!(draws.bytes[32], 0);
    }

    #[test]
    fn a_dry_source_is_an_error_each_time() {
        let mut source = NoRandom;
        let mut draws = Draws::new(&mut source);
        for length in [16, 16, 60] {
            assert_eq!(draws.fill(&mut [0; 60][..length]), Err(RandomError));
        }
    }
}
