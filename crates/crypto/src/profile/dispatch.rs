//! From the row of an enctype to what it does.

/// Makes of the list of rows the enums that hold a value of any of them, and the only matches over these.
macro_rules! enctypes {
    ($($row:ident => $profile:ty,)*) => {
        /// Which row of the table: a byte, as every key and every state has one.
        #[derive(Clone, Copy)]
        pub(crate) enum Row {
            $($row,)*
        }

        impl Row {
            pub(crate) const fn columns(self) -> &'static Columns {
                match self {
                    $(Self::$row => &<$profile as EncryptionProfile>::COLUMNS,)*
                }
            }

            /// Ke and Ki for `usage`, derived and prepared.
            pub(crate) fn keys<M: Mode>(self, key: &[u8], usage: KeyUsage) -> Keys<M> {
                match self {
                    $(Self::$row => Keys::$row(<$profile>::keys::<M>(key, usage)),)*
                }
            }

            /// Kc for `usage`, derived and prepared.
            pub(crate) fn checksum(self, key: &[u8], usage: KeyUsage) -> ChecksumKey {
                match self {
                    $(Self::$row => ChecksumKey::$row(<$profile>::checksum(key, usage)),)*
                }
            }

            /// The key of this length that `key` gives for `constant`.
            #[cfg(test)]
            pub(crate) fn derive(self, key: &[u8], constant: &[u8], length: usize) -> Derived {
                match self {
                    $(Self::$row => <$profile>::derive(key, constant, length),)*
                }
            }

            /// string-to-key, with any iteration count.
            pub(crate) fn string_to_key(
                self,
                password: &[u8],
                salt: &[u8],
                iterations: u32,
            ) -> Result<Derived, Utf8Error> {
                match self {
                    $(Self::$row => <$profile>::string_to_key(password, salt, iterations),)*
                }
            }

            /// The pseudo-random function.
            pub(crate) fn prf(self, key: &[u8], input: &[u8]) -> SecretVec {
                match self {
                    $(Self::$row => <$profile>::prf(key, input),)*
                }
            }
        }

        /// The keys of one enctype and usage, ready for messages in one direction.
        pub(crate) enum Keys<M: Mode> {
            $($row(<$profile as EncryptionProfile>::Keys<M>),)*
        }

        impl<M: Mode> Keys<M> {
            pub(crate) const fn row(&self) -> Row {
                match self {
                    $(Self::$row(_) => Row::$row,)*
                }
            }
        }

        impl EncryptionKeys for Keys<Encrypting> {
            fn encrypt(&self, buffers: &mut [IovBuffer<'_>], tag: &mut [u8]) {
                match self {
                    $(Self::$row(keys) => keys.encrypt(buffers, tag),)*
                }
            }
        }

        impl DecryptionKeys for Keys<Decrypting> {
            fn decrypt(&self, buffers: &mut [IovBuffer<'_>], tag: &[u8]) -> Result<(), IntegrityError> {
                match self {
                    $(Self::$row(keys) => keys.decrypt(buffers, tag),)*
                }
            }
        }

        /// The checksum key of one enctype and usage.
        pub(crate) enum ChecksumKey {
            $($row(<$profile as EncryptionProfile>::Checksum),)*
        }

        impl ChecksumKey {
            pub(crate) const fn row(&self) -> Row {
                match self {
                    $(Self::$row(_) => Row::$row,)*
                }
            }

            /// The MAC of the concatenation of `parts`; bytes after its length are zero.
            pub(crate) fn sign(&self, parts: &[&[u8]]) -> Digest {
                match self {
                    $(Self::$row(key) => key.checksum(parts),)*
                }
            }
        }
    };
}
pub(super) use enctypes;
