//! Keys of passwords.

use crate::{Enctype, Key, StringToKeyError};

impl Enctype {
    /// Makes a password a key (RFC 3962 section 4, RFC 4757 section 2, RFC 6803 section 4, RFC 8009 section 4).
    ///
    /// `params` are the string-to-key parameters of ETYPE-INFO2: the PBKDF2 iteration count as four bytes,
    /// most significant first; `None` means the enctype's default (4096 for RFC 3962, else 32768).
    ///
    /// The count comes from a KDC that has not proved itself yet, so it is bounded both ways, as in MIT:
    /// not less than the default, or an attacker that answers in the KDC's place could have the client encrypt
    /// under a key that is cheap to guess from; and less than 2^24, or it could keep the client busy
    /// for hours (zero stands for 2^32). The greatest count takes seconds.
    ///
    /// RFC 4757 has neither salt nor parameters: the salt has no effect, parameters are refused. Its passwords are
    /// UTF-8, those of the others any bytes.
    ///
    /// # Errors
    ///
    /// [`StringToKeyError`] when the parameters are not what the enctype takes or the count is out of bounds, or a
    /// password is not UTF-8 that must be.
    pub fn string_to_key(
        self,
        password: &[u8],
        salt: &[u8],
        params: Option<&[u8]>,
    ) -> Result<Key, StringToKeyError> {
        let iterations = self.iteration_count(params)?;
        let bytes = self.row().string_to_key(password, salt, iterations);
        let bytes = bytes.map_err(|error| StringToKeyError::NotUtf8 {
            enctype: self,
            valid_up_to: error.valid_up_to(),
        })?;
        Ok(Key::from_derived(self, bytes.as_ref()))
    }

    /// The iteration count that `params` ask for, if it is acceptable; 0 of an enctype that has none.
    fn iteration_count(self, params: Option<&[u8]>) -> Result<u32, StringToKeyError> {
        let (least, params) = match (self.columns().default_iterations, params) {
            (Some(least), Some(params)) => (least, params),
            (Some(default), None) => return Ok(default),
            // Empty ones say nothing.
            (None, None | Some([])) => return Ok(0),
            (None, Some(params)) => {
                return Err(StringToKeyError::UnexpectedParameters {
                    enctype: self,
                    actual: params.len(),
                });
            }
        };
        let Ok(bytes) = <[u8; 4]>::try_from(params) else {
            return Err(StringToKeyError::ParameterLength {
                actual: params.len(),
            });
        };
        match u32::from_be_bytes(bytes) {
            count if (least..=MOST_ITERATIONS).contains(&count) => Ok(count),
            count => Err(StringToKeyError::IterationCount {
                enctype: self,
                count: if count == 0 {
                    1 << 32
                } else {
                    u64::from(count)
                },
                least,
                most: MOST_ITERATIONS,
            }),
        }
    }
}

/// MIT refuses 2^24 iterations and more.
const MOST_ITERATIONS: u32 = 0x00ff_ffff;
