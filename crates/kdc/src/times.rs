//! How long tickets live, RFC 4120 sections 3.1.3 and 3.3.3.

use orthros_asn1::{KdcOptions, KdcReqBody, KerberosTime};
use orthros_types::{Duration, Timestamp};

use crate::{PrincipalEntry, PrincipalFlags, RealmPolicy, RequestError, wire};

/// When a ticket begins and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) authtime: Timestamp,
    pub(crate) starttime: Timestamp,
    pub(crate) endtime: Timestamp,
    /// `None` for a ticket that can't be renewed.
    pub(crate) renew_till: Option<Timestamp>,
}

/// What limits the times of a ticket.
pub(crate) struct Bounds<'b> {
    pub(crate) policy: &'b RealmPolicy,
    /// The client, where it is this realm's, and the service.
    pub(crate) entries: [Option<&'b PrincipalEntry>; 2],
    /// When the header ticket ends.
    pub(crate) endtime: Option<Timestamp>,
    /// How long it can be renewed; `None` for one that can't.
    pub(crate) renew_till: Option<Timestamp>,
    /// Whether what the client asks for may be renewable.
    pub(crate) renewable: bool,
}

impl Bounds<'_> {
    /// The times of a ticket that starts then.
    pub(crate) fn times(
        &self,
        body: &KdcReqBody,
        authtime: Timestamp,
        starttime: Timestamp,
    ) -> Result<Times, RequestError> {
        let till = match body.till {
            KerberosTime::EPOCH => FOREVER,
            till => wire::timestamp(till),
        };
        let life = self.longest_life();
        let endtime = [Some(starttime.saturating_add(life)), self.endtime]
            .into_iter()
            .flatten()
            .fold(till, Timestamp::min);
        if endtime <= starttime {
            return Err(RequestError::NeverValid);
        }
        Ok(Times {
            authtime,
            starttime,
            endtime,
            renew_till: self.renew_till(body, starttime, endtime, till),
        })
    }

    /// How long any ticket lives at most.
    pub(crate) fn longest_life(&self) -> Duration {
        self.shortest(self.policy.max_life, |entry| entry.max_life)
    }

    /// Until when the ticket can be renewed: as long as was asked for, or with renewable-ok as long as the life
    /// that it could not have.
    fn renew_till(
        &self,
        body: &KdcReqBody,
        starttime: Timestamp,
        endtime: Timestamp,
        till: Timestamp,
    ) -> Option<Timestamp> {
        let forbids =
            |entry: &&PrincipalEntry| entry.flags.contains(PrincipalFlags::DISALLOW_RENEWABLE);
        if !self.renewable || self.entries.iter().flatten().any(forbids) {
            return None;
        }
        let asked = body.kdc_options.contains(KdcOptions::RENEWABLE);
        let wanted = if asked {
            body.rtime
                .filter(|rtime| *rtime != KerberosTime::EPOCH)
                .map_or(FOREVER, wire::timestamp)
        } else if body.kdc_options.contains(KdcOptions::RENEWABLE_OK) && till > endtime {
            till
        } else {
            return None;
        };
        let life = self.shortest(self.policy.max_renewable_life, |e| e.max_renewable_life);
        let renew_till = wanted
            .min(starttime.saturating_add(life))
            .min(self.renew_till.unwrap_or(FOREVER));
        (asked || renew_till > endtime).then_some(renew_till)
    }

    fn shortest(
        &self,
        realm: Duration,
        of: impl Fn(&PrincipalEntry) -> Option<Duration>,
    ) -> Duration {
        let entries = self.entries.iter().flatten();
        entries
            .filter_map(|entry| of(entry))
            .fold(realm, Duration::min)
    }
}

/// When a ticket starts that is asked for now: at once, or if it is to be postdated when the client says (RFC 4120
/// section 3.1.3).
pub(crate) fn starttime(
    body: &KdcReqBody,
    now: Timestamp,
    skew: Duration,
) -> Result<Timestamp, RequestError> {
    let Some(from) = body.from.map(wire::timestamp) else {
        return Ok(now.whole());
    };
    if body.kdc_options.contains(KdcOptions::POSTDATED) {
        return Ok(from.max(now.whole()));
    }
    if from > now.saturating_add(skew) {
        return Err(RequestError::CannotPostdate);
    }
    Ok(now.whole())
}

/// The end of a ticket that is asked for without one.
const FOREVER: Timestamp = Timestamp::from_seconds(KerberosTime::MAX.seconds());
