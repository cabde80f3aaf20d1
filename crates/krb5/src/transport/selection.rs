//! To which servers a request goes.

/// Which servers of a realm a request goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KdcSelection {
    /// Any KDC, in the order of the configuration.
    Any,
    /// A primary KDC (`primary_kdc`, or `master_kdc` of old): one whose database is never behind.
    Primary,
    /// No KDC, but a server that changes passwords (`kpasswd_server`, or the hosts of `admin_server`; RFC 3244).
    Password,
}
