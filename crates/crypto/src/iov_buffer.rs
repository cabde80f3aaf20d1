//! The buffers of a message that lies in several.

/// One buffer of a message that lies in several (an IOV buffer): data, or associated data (AAD).
///
/// The [`Data`](Self::Data) buffers together, in order, are confounder | plaintext before encrypting and
/// the ciphertext without its tag afterwards; boundaries may fall anywhere. All buffers together, in
/// order, are what the tag covers: an [`AssociatedData`](Self::AssociatedData) buffer is covered where it stands but
/// is not encrypted, and is not part of the ciphertext (`GSS_IOV_BUFFER_TYPE_SIGN_ONLY` of other implementations).
#[derive(Debug)]
pub enum IovBuffer<'a> {
    /// Encrypted or decrypted in place, and covered by the tag.
    Data(&'a mut [u8]),
    /// Covered by the tag only.
    AssociatedData(&'a [u8]),
}
