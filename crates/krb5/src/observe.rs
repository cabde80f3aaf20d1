//! What is happening, told to an observer: for an administrator who wants to know why a login takes long or fails.
//!
//! An [`Observer`] goes with the options of an exchange, and is part of an environment in `orthros-host`. At each
//! [`Event`] it is told what happens: which KDC is asked and what came back, by which mechanism the client
//! preauthenticates and why another one was given up, what is looked up in caches and keytabs. Events borrow what
//! they speak of and are told at once, in order, by the thread that does the work.
//!
//! No event has a key, a password or the plaintext of a message. Names, addresses, enctypes and error codes are there.
//!
//! Where there is no observer, an event costs one comparison with `None`, and nothing is computed for it.

mod event;
mod text;

use alloc::sync::Arc;
use core::fmt;

pub use event::{Event, KeytabResult, PadataTypes};

/// What is told of events.
pub trait Observe: Send + Sync {
    /// Takes an event. It is called in the midst of the work, which waits for it.
    fn observe(&self, event: &Event<'_>);
}

impl<F: Fn(&Event<'_>) + Send + Sync> Observe for F {
    fn observe(&self, event: &Event<'_>) {
        self(event);
    }
}

/// What is told of events, if there is such. A clone tells the same one.
#[derive(Clone, Default)]
pub struct Observer(Option<Arc<dyn Observe>>);

impl Observer {
    /// Nothing is told.
    pub const NONE: Self = Self(None);

    /// This one is told.
    #[must_use]
    pub fn new(observe: Arc<dyn Observe>) -> Self {
        Self(Some(observe))
    }

    /// Whether there is one.
    #[must_use]
    pub const fn is_present(&self) -> bool {
        self.0.is_some()
    }

    /// Tells the observer, if there is one, of the event that `event` makes.
    #[inline]
    pub fn tell<'e>(&self, event: impl FnOnce() -> Event<'e>) {
        if let Some(observe) = &self.0 {
            observe.observe(&event());
        }
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Some(_) => "Observer(..)",
            None => "Observer(none)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_observer_no_event_is_made() {
        Observer::NONE.tell(|| panic!("an event was made"));
        Observer::default().tell(|| panic!("an event was made"));
        assert!(!Observer::NONE.is_present());
    }
}
