//! The groups for SPAKE preauthentication (RFC 9588), as the command line says them.

use orthros_kdc::RealmPolicy;
use orthros_krb5::crypto::spake::Group;

use crate::failure::Failure;
use crate::names;

/// The groups of `--spake-preauth-groups`.
#[derive(Clone, Debug)]
pub(super) struct Groups(Vec<Group>);

/// Reads a list with commas in between, or `none`.
pub(super) fn groups(text: &str) -> Result<Groups, String> {
    if text == "none" {
        return Ok(Groups(Vec::new()));
    }
    let groups = text.split(',').map(names::spake_group);
    groups.collect::<Result<_, _>>().map(Groups)
}

/// Puts what was said into the policy. A challenge in a group that is not offered would be passed over, and is
/// refused.
pub(super) fn apply(
    policy: &mut RealmPolicy,
    groups: Option<&Groups>,
    challenge: Option<Group>,
) -> Result<(), Failure> {
    if let Some(Groups(groups)) = groups {
        policy.spake_groups.clone_from(groups);
    }
    if let Some(group) = challenge.filter(|group| !policy.spake_groups.contains(group)) {
        let what = format!("--spake-preauth-groups does not have {}", group.name());
        return Err(Failure::new(
            what,
            "choosing the group of SPAKE's challenge",
        ));
    }
    policy.spake_challenge = challenge;
    Ok(())
}
