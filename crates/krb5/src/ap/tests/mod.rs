//! Both heads in virtual time, with seeded randomness and a KDC of twenty lines.

mod dce;
mod defects;
mod indicators;
mod keys;
mod pair;
mod tokens;
mod world;
