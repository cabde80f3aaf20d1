//! Changes of passwords (RFC 3244).

use orthros_interop::Realms;
use orthros_interop::runner::Case;
use orthros_krb5::PasswordResult;
use orthros_krb5::crypto::SecretVec;
use orthros_types::MinorStatus;

use crate::cases;
use crate::party::{Party, assert_status, principal};

pub(crate) fn cases() -> Vec<Case> {
    cases!(
        "passwords",
        a_password_is_changed_and_the_old_one_is_none_any_more,
        a_password_that_must_be_changed_gets_no_ticket_until_it_is,
        with_a_wrong_password_none_is_changed,
    )
}

/// With a ticket for that, as `kpasswd` does.
fn change(party: &Party, user: &str, old: &str, new: &str) -> PasswordResult {
    let environment = &party.environment;
    let options = environment
        .password_ticket_options(principal(user))
        .unwrap();
    let ticket = party.acquire_by(options, old).unwrap();
    let new = SecretVec::from(new.as_bytes());
    let outcome = environment.change_password(&ticket, new, None).unwrap();
    outcome.result
}

fn a_password_is_changed_and_the_old_one_is_none_any_more(realms: &Realms) {
    let party = Party::new(realms);
    assert_eq!(
        change(&party, "changer", "before", "afterwards"),
        PasswordResult::Success
    );
    party.acquire("changer", "afterwards").unwrap();
    assert_status(
        party.acquire("changer", "before"),
        MinorStatus::KRB5KDC_ERR_PREAUTH_FAILED,
    );
}

fn a_password_that_must_be_changed_gets_no_ticket_until_it_is(realms: &Realms) {
    let party = Party::new(realms);
    assert_status(
        party.acquire("newcomer", "first-one"),
        MinorStatus::KRB5KDC_ERR_KEY_EXP,
    );
    assert_eq!(
        change(&party, "newcomer", "first-one", "second-one"),
        PasswordResult::Success
    );
    party.acquire("newcomer", "second-one").unwrap();
}

fn with_a_wrong_password_none_is_changed(realms: &Realms) {
    let party = Party::new(realms);
    let options = party
        .environment
        .password_ticket_options(principal("alice"))
        .unwrap();
    assert_status(
        party.acquire_by(options, "wrong"),
        MinorStatus::KRB5KDC_ERR_PREAUTH_FAILED,
    );
}
