//! A realm to ask, and a client that asks it as a test wants.

mod armor;
mod as_ask;
mod tgs_ask;
mod words;
mod world;

pub(crate) use armor::Armor;
pub(crate) use as_ask::{AsAsk, timestamp};
pub(crate) use tgs_ask::{Held, TgsAsk};
pub(crate) use words::*;
pub(crate) use world::{Granted, World, WorldBuilder, open_ticket};
