//! Exported contexts and credentials as targets take them: without the checksum, which the fuzzer could not guess.

/// An exported context with these contents.
pub fn context(contents: &[u8]) -> Vec<u8> {
    let checksum = crc32(contents).to_be_bytes();
    [CONTEXT, &checksum, contents].concat()
}

/// The contents of an exported context.
pub fn context_contents(token: &[u8]) -> &[u8] {
    &token[CONTEXT.len() + CHECKSUM..]
}

/// An exported credential with these contents.
pub fn credential(contents: &[u8]) -> Vec<u8> {
    let mut token = [CREDENTIAL, contents].concat();
    let checksum = crc32(&token).to_be_bytes();
    token.extend(checksum);
    token
}

/// The contents of an exported credential.
pub fn credential_contents(token: &[u8]) -> &[u8] {
    &token[CREDENTIAL.len()..token.len() - CHECKSUM]
}

/// CRC-32 as in IEEE 802.3.
fn crc32(octets: &[u8]) -> u32 {
    !octets.iter().fold(u32::MAX, |crc, octet| {
        (0..8).fold(crc ^ u32::from(*octet), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 * (crc & 1))
        })
    })
}

/// What an exported context begins with, up to its version.
const CONTEXT: &[u8] = b"ORTH\x03";
/// What an exported credential begins with, up to its version.
const CREDENTIAL: &[u8] = b"OrthrosC\x01";
/// Octets of the checksum.
const CHECKSUM: usize = 4;
