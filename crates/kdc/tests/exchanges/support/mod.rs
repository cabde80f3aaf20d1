//! A realm to ask, and a client that asks it as a test wants.

mod as_ask;
mod words;
mod world;

pub(crate) use as_ask::AsAsk;
pub(crate) use words::*;
pub(crate) use world::{Granted, World, WorldBuilder};
