//! What must hold with every KDC. `cargo xtask interop` runs it; so does `cargo test`, with MIT's KDC and ours.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a case fails by panicking"
)]

mod contexts;
mod faults;
mod login;
mod party;
mod passwords;
mod samba;
mod tickets;

use std::process::ExitCode;

use orthros_interop::runner::{self, Case};

fn main() -> ExitCode {
    let mut cases: Vec<Case> = Vec::new();
    for module in [
        login::cases,
        tickets::cases,
        passwords::cases,
        contexts::cases,
        faults::cases,
        samba::cases,
    ] {
        cases.extend(module());
    }
    runner::main(&cases)
}

/// Cases of one module, named after their functions, and made by that function of [`Case`], or [`Case::new`].
macro_rules! cases {
    ($module:literal, $($function:ident),* $(,)?) => {
        $crate::cases!(new, $module, $($function),*)
    };
    ($make:ident, $module:literal, $($function:ident),* $(,)?) => {
        vec![$(::orthros_interop::runner::Case::$make(
            concat!($module, "::", stringify!($function)),
            $function,
        )),*]
    };
}
pub(crate) use cases;
