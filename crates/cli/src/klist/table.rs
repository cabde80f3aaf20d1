//! The tables, to the letter as MIT's klist prints them in the C locale: scripts cut them by column.

use std::fmt::Write as _;

use orthros_types::ccache::CacheContents;
use orthros_types::keytab::KeytabEntry;
use orthros_types::{
    Credential, EncryptionType, EnctypeName, Principal, TicketFlags, TicketHeader,
};

use crate::local_time;

/// Which of the optional columns to show.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Columns {
    /// `-e`: encryption types.
    pub(crate) enctypes: bool,
    /// `-f`: ticket flags.
    pub(crate) flags: bool,
    /// `-t`: when a key was put into the keytab.
    pub(crate) timestamps: bool,
}

/// The head of a cache's table.
pub(super) fn cache_head(name: &str, principal: &Principal) -> String {
    let column = local_time::WIDTH + 2;
    format!(
        "Ticket cache: {name}\nDefault principal: {principal}\n\n{:column$}{:column$}Service principal\n",
        "Valid starting", "Expires"
    )
}

/// The head of a collection's table.
pub(super) fn collection_head() -> String {
    let head = |owner, name| format!("{owner:30} {name}\n");
    head("Principal name", "Cache name") + &head("--------------", "----------")
}

/// One cache of a collection. MIT cuts its owner's name off after 30 octets.
pub(super) fn cache_of_collection(name: &str, contents: &CacheContents, expired: bool) -> String {
    let owner: String = contents.principal.to_string().chars().take(30).collect();
    let expired = if expired { " (Expired)" } else { "" };
    format!("{owner:30} {name}{expired}\n")
}

/// One ticket: a line, and below it whatever else is to be said.
pub(super) fn ticket(credential: &Credential, owner: &Principal, columns: Columns) -> String {
    let times = &credential.times;
    let mut text = format!(
        "{}  {}  {}\n",
        local_time::format(times.start().seconds()),
        local_time::format(times.endtime.seconds()),
        credential.server
    );
    let header = credential.ticket_header().ok();
    for line in details(credential, owner, header.as_ref(), columns) {
        let _ = writeln!(text, "\t{}", line.join(", "));
    }
    if let Some(header) = header.filter(|header| header.server != credential.server) {
        let _ = writeln!(text, "\tTicket server: {}", header.server);
    }
    text
}

/// MIT breaks the line after the flags where both a client or flags and a renewal time were said.
fn details(
    credential: &Credential,
    owner: &Principal,
    header: Option<&TicketHeader>,
    columns: Columns,
) -> Vec<Vec<String>> {
    let mut first = Vec::new();
    if credential.client != *owner {
        first.push(format!("for client {}", credential.client));
    }
    let renewable = credential.times.renew_till;
    if let Some(until) = renewable {
        first.push(format!(
            "renew until {}",
            local_time::format(until.seconds())
        ));
    }
    if columns.flags && !credential.flags.is_empty() {
        first.push(format!("Flags: {}", flag_letters(credential.flags)));
    }
    let mut second = Vec::new();
    if let (true, Some(header)) = (columns.enctypes, header) {
        second.push(format!(
            "Etype (skey, tkt): {}, {} ",
            shown_enctype(credential.session_key.enctype()),
            shown_enctype(header.enctype)
        ));
    }
    if renewable.is_some() && first.len() > 1 {
        vec![first, second]
            .into_iter()
            .filter(|line| !line.is_empty())
            .collect()
    } else {
        first.append(&mut second);
        if first.is_empty() {
            Vec::new()
        } else {
            vec![first]
        }
    }
}

/// The head of a keytab's table.
pub(super) fn keytab_head(name: &str, columns: Columns) -> String {
    if columns.timestamps {
        let column = local_time::WIDTH;
        let rest = "-".repeat(78 - local_time::WIDTH - 5);
        let dashes = "-".repeat(column);
        format!(
            "Keytab name: {name}\nKVNO {:column$} Principal\n---- {dashes} {rest}\n",
            "Timestamp"
        )
    } else {
        format!(
            "Keytab name: {name}\nKVNO Principal\n---- {}\n",
            "-".repeat(74)
        )
    }
}

/// One key of a keytab. The key itself is never printed.
pub(super) fn key(entry: &KeytabEntry, columns: Columns) -> String {
    let mut line = format!("{:4} ", entry.kvno);
    if columns.timestamps {
        let _ = write!(line, "{} ", local_time::format(entry.timestamp.seconds()));
    }
    let _ = write!(line, "{}", entry.principal);
    if columns.enctypes {
        let _ = write!(line, " ({}) ", shown_enctype(entry.key.enctype()));
    }
    line.push('\n');
    line
}

/// MIT's letter for each flag, in MIT's order.
pub(super) fn flag_letters(flags: TicketFlags) -> String {
    FLAGS
        .iter()
        .filter(|(flag, ..)| flags.contains(*flag))
        .map(|(_, letter, _)| letter)
        .collect()
}

/// The RFC's name for each flag.
pub(super) fn flag_names(flags: TicketFlags) -> Vec<&'static str> {
    FLAGS
        .iter()
        .filter(|(flag, ..)| flags.contains(*flag))
        .map(|(.., name)| *name)
        .collect()
}

/// MIT's name of an enctype, `etype N` for one that it does not know either.
pub(crate) fn enctype_name(enctype: EncryptionType) -> String {
    let name = EnctypeName(enctype).name();
    name.map_or_else(|| format!("etype {}", enctype.0), str::to_owned)
}

/// The name with what MIT's klist puts before those that are not to be used any more, and before numbers that it does
/// not know.
fn shown_enctype(enctype: EncryptionType) -> String {
    let name = enctype_name(enctype);
    let known = EnctypeName(enctype);
    if known.is_supported() && !known.is_deprecated() {
        name
    } else {
        format!("DEPRECATED:{name}")
    }
}

const FLAGS: [(TicketFlags, char, &str); 14] = [
    (TicketFlags::FORWARDABLE, 'F', "forwardable"),
    (TicketFlags::FORWARDED, 'f', "forwarded"),
    (TicketFlags::PROXIABLE, 'P', "proxiable"),
    (TicketFlags::PROXY, 'p', "proxy"),
    (TicketFlags::MAY_POSTDATE, 'D', "may-postdate"),
    (TicketFlags::POSTDATED, 'd', "postdated"),
    (TicketFlags::INVALID, 'i', "invalid"),
    (TicketFlags::RENEWABLE, 'R', "renewable"),
    (TicketFlags::INITIAL, 'I', "initial"),
    (TicketFlags::HW_AUTHENT, 'H', "hw-authent"),
    (TicketFlags::PRE_AUTHENT, 'A', "pre-authent"),
    (
        TicketFlags::TRANSITED_POLICY_CHECKED,
        'T',
        "transited-policy-checked",
    ),
    (TicketFlags::OK_AS_DELEGATE, 'O', "ok-as-delegate"),
    (TicketFlags::ANONYMOUS, 'a', "anonymous"),
];
