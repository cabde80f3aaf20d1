//! What a refusal tells the client.

use alloc::string::String;

use orthros_types::Shown;

use super::{RequestError, ServiceState};
use crate::StoreError;

impl RequestError {
    /// The text that goes to the client: what was wrong with its request. What went wrong within the KDC, where its
    /// files are and what it keeps to itself stands in the log ([`Display`](core::fmt::Display)) and not here.
    #[must_use]
    pub fn client_text(&self) -> String {
        let text = match self {
            Self::Store(StoreError::Changed { .. }) => CHANGED.into(),
            Self::Store(_) | Self::ReplayCache(_) | Self::Random(_) | Self::Unwritable(_) => {
                INTERNAL.into()
            }
            // Its error code says so, too.
            Self::ServiceLocked => alloc::format!("{}", Self::ServiceUnknown),
            // As do theirs.
            Self::TicketService {
                service,
                state: ServiceState::Locked,
            } => alloc::format!(
                "{}",
                Self::TicketService {
                    service: service.clone(),
                    state: ServiceState::Gone
                }
            ),
            Self::Trust {
                service,
                state: ServiceState::Locked,
            } => alloc::format!(
                "{}",
                Self::Trust {
                    service: service.clone(),
                    state: ServiceState::Gone
                }
            ),
            told => alloc::format!("{told}"),
        };
        // It may have names of the request in it, which are as long as its sender likes.
        Shown::new(&text).text()
    }
}

const INTERNAL: &str = "the KDC can't do this at present; its log has the reason";
const CHANGED: &str = "the principal was changed by others at the same time; try again";

#[cfg(test)]
mod tests {
    use alloc::boxed::Box;

    use orthros_types::Principal;

    use super::*;

    #[test]
    fn what_went_wrong_within_the_kdc_is_for_its_log_and_not_for_the_client() {
        let path = "/var/lib/kdc/principals: No space left on device";
        let error = RequestError::Store(StoreError::Unusable(Box::from(path)));
        assert!(alloc::format!("{error}").contains(path));
        assert_eq!(error.client_text(), INTERNAL);
        assert_eq!(
            RequestError::ServiceLocked.client_text(),
            RequestError::ServiceUnknown.client_text()
        );
        let of = |state| {
            let service = Principal::new("R", ["s"]);
            [
                RequestError::TicketService {
                    service: service.clone(),
                    state,
                },
                RequestError::Trust { service, state },
            ]
        };
        let pairs = of(ServiceState::Locked).into_iter();
        for (locked, gone) in pairs.zip(of(ServiceState::Gone)) {
            assert_eq!(locked.error_code(), gone.error_code());
            assert_eq!(locked.client_text(), gone.client_text());
        }
    }
}
