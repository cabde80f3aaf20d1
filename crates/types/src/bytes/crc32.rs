//! CRC-32 as in IEEE 802.3.

/// The CRC-32 of IEEE 802.3, for accidents and not for attacks: any run of up to 32 damaged bits is noticed, and of
/// other damage all but one of 2^32.
#[must_use]
pub fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        let [low, ..] = crc.to_le_bytes();
        let remainder = TABLE.get(usize::from(low ^ byte)).copied();
        (crc >> 8) ^ remainder.unwrap_or_default()
    })
}

/// The remainder of each byte.
static TABLE: [u32; 256] = table();

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler, which would refuse an index out of bounds"
)]
const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let (mut byte, mut remainder) = (0, 0_u32);
    while byte < table.len() {
        let mut crc = remainder;
        let mut bit = 0;
        while bit < 8 {
            crc = (crc >> 1) ^ (POLYNOMIAL * (crc & 1));
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
        remainder += 1;
    }
    table
}

/// Without its highest term, the lowest bit first.
const POLYNOMIAL: u32 = 0xedb8_8320;

#[cfg(test)]
mod tests {
    use super::crc32;

    #[test]
    fn the_check_value_is_that_of_the_catalogues() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b""), 0);
    }
}
