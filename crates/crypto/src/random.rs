//! Randomness, as an argument.

use thiserror::Error;

/// Where keys, confounders and nonces come from.
///
/// The crates without I/O take it as `&mut dyn RandomSource`; the host implements it over the operating
/// system's generator. An implementation must be safe across `fork` and must never repeat itself.
pub trait RandomSource {
    /// Fills `out` with unpredictable bytes.
    ///
    /// # Errors
    ///
    /// [`RandomError`] when the source has none to give; `out` must not be used then.
    fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomError>;
}

/// The source of randomness failed. There is nothing to fall back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the source of randomness failed")]
pub struct RandomError;
