//! What a principal may and must do.

use bitflags::bitflags;

bitflags! {
    /// What a principal may and must do. Without any flag it may do what the realm's policy allows.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct PrincipalFlags: u32 {
        /// As a client it must preauthenticate before it gets a ticket; as a service it takes only tickets of
        /// clients that did.
        const REQUIRES_PREAUTH = 1;
        /// Neither gets tickets nor has any issued for it.
        const LOCKED = 1 << 1;
        /// No tickets are issued for it as a service, but for user-to-user.
        const DISALLOW_SERVICE = 1 << 2;
        /// No tickets are issued for it on the strength of a ticket-granting ticket: by the AS exchange only.
        const DISALLOW_TGT_BASED = 1 << 3;
        /// Its tickets, and those for it, are not forwardable.
        const DISALLOW_FORWARDABLE = 1 << 4;
        /// Its tickets, and those for it, are not proxiable.
        const DISALLOW_PROXIABLE = 1 << 5;
        /// Its tickets, and those for it, are not renewable.
        const DISALLOW_RENEWABLE = 1 << 6;
        /// Its tickets, and those for it, can't be postdated.
        const DISALLOW_POSTDATED = 1 << 7;
        /// No user-to-user tickets are issued for it.
        const DISALLOW_USER_TO_USER = 1 << 8;
        /// It must change its password before it gets tickets for anything but that.
        const REQUIRES_PASSWORD_CHANGE = 1 << 9;
        /// It is the service that changes passwords: clients whose password has expired get tickets for it.
        const PASSWORD_CHANGE_SERVICE = 1 << 10;
        /// Tickets for it say that it may be trusted with delegated credentials.
        const OK_AS_DELEGATE = 1 << 11;
        /// A ticket that it gets to itself for a user (S4U2Self) may be forwardable, and so be used for S4U2Proxy.
        const OK_TO_AUTH_AS_DELEGATE = 1 << 12;
        /// Tickets for it carry no authorization data of the KDC's own. So they have no signature of the KDC's, and
        /// can neither be renewed, validated, forwarded or proxied nor be evidence for S4U2Proxy.
        const NO_AUTH_DATA_REQUIRED = 1 << 13;
        /// It may set the passwords of others (RFC 3244).
        const MAY_SET_PASSWORDS = 1 << 14;
    }
}
