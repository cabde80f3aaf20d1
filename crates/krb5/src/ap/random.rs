//! Random numbers of the AP exchange.

use orthros_crypto::{RandomError, RandomSource};

/// An initial sequence number: 30 bits and not zero, as MIT krb5 makes them.
///
/// Old peers read the number as signed, and take zero for none.
pub(super) fn initial_sequence_number(random: &mut dyn RandomSource) -> Result<u32, RandomError> {
    let mut octets = [0; 4];
    random.fill(&mut octets)?;
    Ok((u32::from_be_bytes(octets) & 0x3fff_ffff).max(1))
}
