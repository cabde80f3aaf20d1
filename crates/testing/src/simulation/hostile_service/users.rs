//! Users who come to the hostile service.

use orthros_asn1::KdcOptions;
use orthros_types::{Principal, TicketFlags};

use super::super::chance::Chance;
use super::request::Ask;
use super::world::{LENT, World, front};

impl World {
    /// Each user shows the front end a ticket.
    pub(super) fn visits(&mut self, chance: &mut Chance) -> Result<(), String> {
        for user in self.users.clone() {
            self.visit(&user, chance)?;
        }
        Ok(())
    }

    /// A user shows the front end a ticket, which in some worlds is forwardable.
    fn visit(&mut self, user: &Principal, chance: &mut Chance) -> Result<(), String> {
        let shows = chance.happens(400);
        let tgt = self.first_ticket(user, LENT)?;
        self.held.push(tgt);
        let header = self.held.len().saturating_sub(1);
        let ask = Ask {
            header,
            options: if shows {
                KdcOptions::FORWARDABLE | KdcOptions::RENEWABLE
            } else {
                KdcOptions::RENEWABLE
            },
            service: Some(front()),
            additional: None,
            user: None,
            resource_based: false,
            data: None,
        };
        let granted = self.answer(&ask)?;
        self.held.truncate(header);
        let (held, part) = granted.ok_or("an honest user is refused")?;
        if part.flags.contains(TicketFlags::FORWARDABLE) {
            self.proved.push(user.clone());
        }
        self.held.push(held);
        Ok(())
    }
}
