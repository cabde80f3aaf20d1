//! What must hold in an Active Directory domain, that of Samba's controller: `crates/testing/src/samba/accounts.py`
//! has the accounts. Each case is a process of its own in the domain's network, with a cache of its own.

mod accounts;
mod contexts;
mod impersonation;
mod ldap;
mod pac;
mod rc4;
mod rhel;
mod rpc;
mod smb;
mod tickets;
mod trust;
mod world;

use orthros_interop::runner::Case;

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for module in [
        accounts::cases,
        tickets::cases,
        contexts::cases,
        impersonation::cases,
        ldap::cases,
        smb::cases,
        rpc::cases,
        trust::cases,
        pac::cases,
        rc4::cases,
        rhel::cases,
    ] {
        cases.extend(module());
    }
    cases
}
