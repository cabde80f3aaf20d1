//! Users and groups of Active Directory.
//!
//! The domain controllers of Active Directory put a privilege attribute certificate (PAC) into each ticket, and those
//! of Samba and IPA do: the user's SID, those of its groups, its names. So a service knows which groups its client is
//! in without a question to LDAP:
//!
//! ```no_run
//! use orthros::SecurityContext;
//! use orthros::pac::Sid;
//!
//! /// Lets in who is in the group, and says who it is.
//! fn operator(context: &SecurityContext, group: Sid) -> Result<Option<String>, orthros::Error> {
//!     let Some(pac) = context.pac()? else {
//!         return Ok(None); // the ticket is not of a domain
//!     };
//!     let user = pac.logon_info().filter(|_| pac.has_sid(&group));
//!     Ok(user.map(|user| user.effective_name.clone()))
//! }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let group: Sid = "S-1-5-21-397955417-626881126-188441444-1107".parse()?;
//! # Ok(())
//! # }
//! ```
//!
//! The SID of a group is in its `objectSid`: `Get-ADGroup operators` says it in Windows, `wbinfo -n operators` with
//! Samba. Compare SIDs and not names: a group can be renamed, and another one can get its name.
//!
//! # What is believed
//!
//! [`SecurityContext::pac`](crate::SecurityContext::pac) verifies the PAC's server signature with the key that opened
//! the ticket, and that the PAC was made for this client and this authentication. It fails where that does not hold,
//! and the context stands: its client is authenticated all the same, as in MIT krb5. Something in the place of a PAC
//! that is none, or a second one, has the context refused when it is accepted.
//!
//! A PAC is looked for in the AD-IF-RELEVANT elements of the ticket, where KDCs put it, and nowhere else: not in the
//! authenticator, which is the client's. A KDC without a filter puts there what a client asks for, too; it has no
//! signature in the service's key, and beside the KDC's own PAC it is a second one.
//!
//! The service's key proves a PAC to the service and to it alone. If the key is known to others, they can make tickets
//! with any client and any groups: keytabs are worth as much as the accounts that the service lets in.
//!
//! # Clients of other realms
//!
//! The PAC of a client of a trusted realm is made by the KDC of that realm. The service's KDC signs it anew: the
//! server signature shows that it has, and not that it looked at what it signed. To take out SIDs that the other realm
//! is not to give (SID filtering, \[MS-PAC\] section 4.1.2.2) is up to the KDC: domain controllers of Windows do it
//! for trusts that are set up so, and others, like MIT krb5's KDC, do not. Without it a hostile trusted realm can put
//! any SID into the PACs of its clients, also those of this domain's administrators. Where a trust is not known to be
//! filtered, let the clients of that realm in by their names, or take of their SIDs only those of their own domain:
//! the realm is behind the last `@` of the [initiator's name](crate::SecurityContext::initiator_name). The client's
//! name in a PAC has no realm, and is compared without.
//!
//! # Which SIDs there are
//!
//! [`VerifiedPac::sids`](crate::pac::VerifiedPac::sids) has the user first, then the groups of the user's domain, the
//! extra SIDs (universal groups of other domains, SID history, `S-1-18-1` where the domain controller checked the
//! password itself), and the domain-local groups of the service's domain. Groups within groups are resolved by the
//! domain controller. A membership that only denies is left out;
//! [`LogonInfo::group_sids`](crate::pac::LogonInfo::group_sids) has it.
//!
//! The PAC was made when the ticket was asked for: a user that leaves a group keeps it until its tickets end.
//!
//! # In another process, and as attributes
//!
//! An [exported](crate::SecurityContext::export) context has its PAC along, and whether it was verified.
//!
//! RFC 6680's calls are [`MechName::attributes`](crate::MechName::attributes) and
//! [`MechName::attribute`](crate::MechName::attribute) on the
//! [initiator's name](crate::SecurityContext::initiator_name), under the names that MIT krb5 has: `urn:mspac:` is the
//! whole PAC, `urn:mspac:logon-info` a buffer of it, `auth-indicators` is how the client was authenticated.
