//! Scattered messages.

/// One stretch of a message that lies in several buffers.
///
/// The [`Data`](Self::Data) pieces together, in order, are confounder | plaintext before encrypting and
/// the ciphertext without its tag afterwards; boundaries may fall anywhere. All pieces together, in
/// order, are what the tag covers: a [`SignOnly`](Self::SignOnly) piece is covered where it stands but
/// is not encrypted, and is not part of the ciphertext (associated data of RFC 4121 peers that use
/// scattered buffers).
#[derive(Debug)]
pub enum Piece<'a> {
    /// Encrypted or decrypted in place, and covered by the tag.
    Data(&'a mut [u8]),
    /// Covered by the tag only.
    SignOnly(&'a [u8]),
}
