//! Messages of an established context: what comes out of the network against what must come out.

use std::collections::BTreeSet;

use orthros::{ContextFlags, Protection, SecurityContext, Supplementary};

use super::chance::Chance;
use super::weather::Weather;

/// Sends a few messages one way, and looks at what arrives in the order in which it does.
pub(super) fn exchange(
    sender: &mut SecurityContext,
    receiver: &mut SecurityContext,
    weather: &Weather,
    chance: &mut Chance,
) -> Result<(), String> {
    let mut arrivals = Vec::new();
    for number in 0..MESSAGES {
        let sent = Sent::draw(sender, number, chance)?;
        for copy in weather.carry(&sent.token, chance) {
            arrivals.push((copy.delay, copy.octets, copy.genuine, sent.clone()));
        }
    }
    arrivals.sort_by_key(|(delay, ..)| *delay);
    let mut window = Expected::new(receiver.flags());
    for (_, octets, genuine, sent) in arrivals {
        match sent.receive(receiver, &octets) {
            Ok(supplementary) => window.check(sent.number, supplementary)?,
            Err(error) if genuine => {
                return Err(format!("message {} was refused: {error}", sent.number));
            }
            Err(_) => {}
        }
    }
    Ok(())
}

/// A message on its way.
#[derive(Clone)]
struct Sent {
    number: usize,
    message: Vec<u8>,
    token: Vec<u8>,
    form: Form,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Sealed,
    Signed,
    Mic,
}

impl Sent {
    fn draw(
        sender: &mut SecurityContext,
        number: usize,
        chance: &mut Chance,
    ) -> Result<Self, String> {
        let length = chance.index(LONGEST_MESSAGE);
        let message = chance.octets(length);
        let form = chance.one_of(&[Form::Sealed, Form::Signed, Form::Mic], Form::Sealed);
        let token = match form {
            Form::Sealed => sender.wrap(&message, Protection::CONFIDENTIALITY),
            Form::Signed => sender.wrap(&message, Protection::INTEGRITY),
            Form::Mic => sender.get_mic(&message),
        };
        Ok(Self {
            number,
            message,
            token: token.map_err(|error| format!("a message can't be sent: {error}"))?,
            form,
        })
    }

    /// What the receiver says of the order, if it takes the message; it must be the one that was sent.
    fn receive(
        &self,
        receiver: &mut SecurityContext,
        octets: &[u8],
    ) -> Result<Supplementary, String> {
        if self.form == Form::Mic {
            let verified = receiver.verify_mic(&self.message, octets);
            return Ok(verified.map_err(|error| error.to_string())?.supplementary);
        }
        let least = match self.form {
            Form::Sealed => Protection::CONFIDENTIALITY,
            _ => Protection::INTEGRITY,
        };
        let unwrapped = receiver.unwrap(octets, least);
        let unwrapped = unwrapped.map_err(|error| error.to_string())?;
        assert!(
            unwrapped.message == self.message,
            "message {} came out of its token changed",
            self.number
        );
        Ok(unwrapped.supplementary)
    }
}

/// The window of RFC 2743 section 1.2.3, as a set.
struct Expected {
    taken: BTreeSet<usize>,
    next: usize,
    replay: bool,
    sequence: bool,
}

impl Expected {
    fn new(flags: ContextFlags) -> Self {
        Self {
            taken: BTreeSet::new(),
            next: 0,
            replay: flags.contains(ContextFlags::REPLAY),
            sequence: flags.contains(ContextFlags::SEQUENCE),
        }
    }

    fn check(&mut self, number: usize, said: Supplementary) -> Result<(), String> {
        let is_new = self.taken.insert(number);
        let expected = match number.checked_sub(self.next) {
            Some(0) => Supplementary::empty(),
            Some(_) if self.sequence => Supplementary::GAP_TOKEN,
            None if self.replay && !is_new => Supplementary::DUPLICATE_TOKEN,
            None if self.sequence => Supplementary::UNSEQ_TOKEN,
            _ => Supplementary::empty(),
        };
        self.next = self.next.max(number + 1);
        if said == expected {
            Ok(())
        } else {
            Err(format!(
                "message {number} was called {said:?} and is {expected:?}"
            ))
        }
    }
}

const MESSAGES: usize = 6;
const LONGEST_MESSAGE: usize = 3000;
