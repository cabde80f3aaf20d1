//! First tickets: by password, by keytab, and not.

use orthros_host::AcquireError;
use orthros_interop::runner::Case;
use orthros_interop::{ENCTYPES, HOME, Realms};
use orthros_krb5::client::ClientError;
use orthros_krb5::{
    ExchangeError, FastUse, InitialTicket, KdcRefusalError, ReplyError, SecretEvidence,
    TgsRequestOptions,
};
use orthros_types::{Duration, MinorStatus, TicketFlags};

use crate::cases;
use crate::party::{ALICE, PASSWORD, Party, assert_status, principal, refusal};

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = cases!(
        "login",
        a_password_gets_a_ticket_with_the_flags_and_times_asked_for,
        without_preauthentication_a_ticket_comes_at_once,
        a_keytab_gets_a_ticket,
        a_wrong_password_is_called_one,
        an_unknown_principal_is_named,
        an_account_that_has_expired_gets_no_ticket,
        an_account_that_is_locked_gets_no_ticket,
        with_no_common_enctype_there_is_no_ticket,
        armor_protects_a_login,
        a_wrong_password_under_armor_is_called_one,
        a_ticket_is_renewed,
        streams_serve_where_datagrams_are_not_wanted,
        a_clock_that_is_wrong_is_set_right_by_the_kdcs,
        a_clock_that_is_wrong_is_named_where_it_may_not_be_set_right,
    );
    cases.extend(ENCTYPES.map(|enctype| {
        let name = format!("login::a_password_gets_a_ticket_with_a_key_of_{enctype}");
        Case::new(name, move |realms| {
            a_password_of_one_enctype(realms, enctype);
        })
    }));
    cases
}

fn assert_granting(ticket: &InitialTicket, user: &str) {
    let credential = &ticket.credential;
    assert_eq!(credential.client, principal(user));
    assert_eq!(credential.server, principal(&format!("krbtgt/{HOME}")));
    assert!(credential.flags.contains(TicketFlags::INITIAL));
}

/// The user has no other key.
fn a_password_of_one_enctype(realms: &Realms, enctype: &str) {
    let user = format!("user-{enctype}");
    let ticket = Party::new(realms).acquire(&user, PASSWORD).unwrap();
    assert_granting(&ticket, &user);
    assert!(ticket.credential.flags.contains(TicketFlags::PRE_AUTHENT));
}

fn a_password_gets_a_ticket_with_the_flags_and_times_asked_for(realms: &Realms) {
    let party = Party::new(realms);
    let mut options = party.options(ALICE);
    options.lifetime = Duration::from_hours(2);
    options.renewable_lifetime = Some(Duration::from_hours(48));
    options.forwardable = true;
    options.proxiable = true;
    let ticket = party.acquire_by(options, PASSWORD).unwrap();
    assert_granting(&ticket, ALICE);
    let flags = ticket.credential.flags;
    let asked = TicketFlags::FORWARDABLE | TicketFlags::PROXIABLE | TicketFlags::RENEWABLE;
    assert!(flags.contains(asked), "{flags:?}");
    let times = ticket.credential.times;
    let start = times.starttime.unwrap_or(times.authtime);
    let hours = |hours| Some(start.saturating_add(Duration::from_hours(hours)));
    assert!(Some(times.endtime) <= hours(2), "{times:?}");
    assert!(Some(times.endtime) > hours(1), "{times:?}");
    assert!(times.renew_till > hours(47), "{times:?}");
}

fn without_preauthentication_a_ticket_comes_at_once(realms: &Realms) {
    let ticket = Party::new(realms)
        .acquire("trusting", "battery-staple")
        .unwrap();
    assert_granting(&ticket, "trusting");
    assert_eq!(ticket.preauth, None);
}

fn a_keytab_gets_a_ticket(realms: &Realms) {
    let Party { environment, .. } = Party::new(realms);
    let options = environment.initial_options(principal("machine")).unwrap();
    let keytab = environment.default_keytab().unwrap();
    let ticket = environment.acquire_with_keytab(options, &keytab).unwrap();
    assert_granting(&ticket, "machine");
}

#[track_caller]
fn assert_wrong_password(outcome: Result<InitialTicket, AcquireError>) {
    let refusal = refusal(outcome);
    assert!(
        matches!(
            &refusal,
            KdcRefusalError::WrongSecret {
                is_password: true,
                evidence: SecretEvidence::PreauthFailed(_),
                ..
            }
        ),
        "{refusal:?}"
    );
}

fn a_wrong_password_is_called_one(realms: &Realms) {
    assert_wrong_password(Party::new(realms).acquire(ALICE, "wrong"));
}

fn an_unknown_principal_is_named(realms: &Realms) {
    let refusal = refusal(Party::new(realms).acquire("nobody", PASSWORD));
    let KdcRefusalError::ClientUnknown { client, .. } = &refusal else {
        panic!("{refusal:?}");
    };
    assert_eq!(*client, principal("nobody"));
}

fn an_account_that_has_expired_gets_no_ticket(realms: &Realms) {
    let outcome = Party::new(realms).acquire("expired", "long-ago");
    assert_status(outcome, MinorStatus::KRB5KDC_ERR_NAME_EXP);
}

fn an_account_that_is_locked_gets_no_ticket(realms: &Realms) {
    let outcome = Party::new(realms).acquire("locked", "shut-out");
    assert_status(outcome, MinorStatus::KRB5KDC_ERR_CLIENT_REVOKED);
}

/// Some KDCs say so, others offer no way to prove a password.
fn with_no_common_enctype_there_is_no_ticket(realms: &Realms) {
    let only = "    default_tkt_enctypes = aes128-cts-hmac-sha1-96\n";
    let party = Party::with(realms, only);
    let refusal = refusal(party.acquire("user-aes256-cts-hmac-sha1-96", PASSWORD));
    assert!(
        matches!(
            &refusal,
            KdcRefusalError::EnctypeNotSupported { .. }
                | KdcRefusalError::PreauthNotPossible { .. }
        ),
        "{refusal:?}"
    );
}

/// A party that asks for a ticket of alice's under the armor of somebody else's.
fn armored(realms: &Realms) -> (Party, orthros_krb5::AsRequestOptions) {
    let party = Party::new(realms);
    party.log_in("trusting", "battery-staple");
    let environment = &party.environment;
    let mut armor = environment
        .fast_armor(&party.cache, HOME.as_bytes())
        .unwrap();
    armor.usage = FastUse::Required;
    let mut options = party.options(ALICE);
    options.armor = Some(armor);
    (party, options)
}

fn armor_protects_a_login(realms: &Realms) {
    let (party, options) = armored(realms);
    let ticket = party.acquire_by(options, PASSWORD).unwrap();
    assert_granting(&ticket, ALICE);
    assert!(ticket.fast_available);
}

fn a_wrong_password_under_armor_is_called_one(realms: &Realms) {
    let (party, options) = armored(realms);
    assert_wrong_password(party.acquire_by(options, "wrong"));
}

fn a_ticket_is_renewed(realms: &Realms) {
    let party = Party::new(realms);
    let mut options = party.options(ALICE);
    options.lifetime = Duration::from_hours(1);
    options.renewable_lifetime = Some(Duration::from_hours(48));
    let first = party.acquire_by(options, PASSWORD).unwrap();
    let environment = &party.environment;
    environment.store_initial(&party.cache, &first).unwrap();
    let renewed = environment
        .renew(&party.cache, None, &TgsRequestOptions::default())
        .unwrap();
    assert!(renewed.flags.contains(TicketFlags::RENEWABLE));
    assert_ne!(renewed.ticket, first.credential.ticket);
    let renew_till = |times: orthros_types::TicketTimes| times.renew_till;
    assert_eq!(
        renew_till(renewed.times),
        renew_till(first.credential.times)
    );
    party.ticket(crate::party::SERVICE).unwrap();
}

fn streams_serve_where_datagrams_are_not_wanted(realms: &Realms) {
    let party = Party::with(realms, "    udp_preference_limit = 0\n");
    party.log_in(ALICE, PASSWORD);
    party.ticket(crate::party::SERVICE).unwrap();
}

const WRONG: Duration = Duration::from_hours(3);

fn a_clock_that_is_wrong_is_set_right_by_the_kdcs(realms: &Realms) {
    let party = Party::in_time(realms, "", WRONG);
    let ticket = party.log_in(ALICE, PASSWORD);
    let offset = -ticket.kdc_offset.seconds();
    assert!((offset - WRONG.seconds()).abs() < 300, "{offset}");
    party.ticket(crate::party::SERVICE).unwrap();
}

fn a_clock_that_is_wrong_is_named_where_it_may_not_be_set_right(realms: &Realms) {
    let party = Party::in_time(realms, "    kdc_timesync = 0\n", WRONG);
    // A KDC refuses an old timestamp; a login by SPAKE has none, and its reply is refused.
    let offset = match party.acquire(ALICE, PASSWORD) {
        Err(AcquireError::Client(ClientError::Exchange(ExchangeError::Misbehaved(error)))) => {
            match *error {
                ReplyError::Skew { offset, .. } => offset,
                error => panic!("{error:?}"),
            }
        }
        outcome => match refusal(outcome) {
            KdcRefusalError::Skew { offset, .. } => offset,
            refusal => panic!("{refusal:?}"),
        },
    };
    let offset = -offset.seconds();
    assert!((offset - WRONG.seconds()).abs() < 300, "{offset}");
}
