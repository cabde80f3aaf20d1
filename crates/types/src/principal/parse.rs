//! Text -> principal, with MIT's quoting.

use alloc::string::String;
use alloc::vec::Vec;

use orthros_asn1::NameType;

use super::Principal;
use crate::{MinorStatus, Shown};

/// A text that names no principal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("principal \"{}\": {problem} at offset {offset}", Shown::new(.text))]
pub struct ParsePrincipalError {
    /// What was to be read, with what is no UTF-8 replaced, cut to what is [shown](Shown).
    pub text: String,
    /// Where it went wrong, in bytes.
    pub offset: usize,
    /// What was wrong there.
    pub problem: ParsePrincipalProblem,
}

/// What is wrong with a principal's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParsePrincipalProblem {
    /// `a@B/c`
    #[error("a component separator stands in the realm")]
    ComponentInRealm,
    /// `a@B@C`
    #[error("a second realm begins")]
    SecondRealm,
    /// `a\`
    #[error("the quoting backslash quotes nothing")]
    NothingQuoted,
    /// No realm in the text and none given to take instead.
    #[error("a realm is missing, and there is no default realm")]
    MissingRealm,
}

impl ParsePrincipalError {
    /// MIT's number for it.
    #[must_use]
    pub fn minor_status(&self) -> MinorStatus {
        match self.problem {
            ParsePrincipalProblem::MissingRealm => MinorStatus::KRB5_CONFIG_NODEFREALM,
            ParsePrincipalProblem::ComponentInRealm
            | ParsePrincipalProblem::SecondRealm
            | ParsePrincipalProblem::NothingQuoted => MinorStatus::KRB5_PARSE_MALFORMED,
        }
    }
}

impl Principal {
    /// Reads `component/component@REALM`.
    ///
    /// A backslash quotes `/`, `@` and itself; `\n`, `\t`, `\b` and `\0` are line feed, tab, backspace and zero byte.
    /// Where the text has no `@`, the realm is `default_realm`; `Some(b"")` leaves it open. The name type is inferred.
    ///
    /// # Errors
    ///
    /// What [`ParsePrincipalProblem`] lists.
    pub fn parse(
        text: impl AsRef<[u8]>,
        default_realm: Option<&[u8]>,
    ) -> Result<Self, ParsePrincipalError> {
        let parts = Parts::parse(text.as_ref(), false)?;
        let realm = parts.realm_or(default_realm, text.as_ref())?;
        Ok(Self::new(realm, parts.components))
    }

    /// Reads `user@domain[@REALM]`, an enterprise name (RFC 6806 section 5): one component of type NT-ENTERPRISE.
    ///
    /// The first `@` belongs to the name, and so does every `/`.
    ///
    /// # Errors
    ///
    /// What [`ParsePrincipalProblem`] lists.
    pub fn parse_enterprise(
        text: impl AsRef<[u8]>,
        default_realm: Option<&[u8]>,
    ) -> Result<Self, ParsePrincipalError> {
        let parts = Parts::parse(text.as_ref(), true)?;
        let realm = parts.realm_or(default_realm, text.as_ref())?;
        Ok(Self::new(realm, parts.components).with_name_type(NameType::ENTERPRISE))
    }
}

struct Parts {
    components: Vec<Vec<u8>>,
    realm: Option<Vec<u8>>,
}

impl Parts {
    fn parse(text: &[u8], enterprise: bool) -> Result<Self, ParsePrincipalError> {
        let mut components = Vec::new();
        let mut current = Vec::new();
        let mut in_realm = false;
        let mut at_belongs_to_name = enterprise;
        let mut bytes = text.iter().copied().enumerate();
        while let Some((offset, byte)) = bytes.next() {
            match byte {
                b'/' if !enterprise => {
                    if in_realm {
                        return Err(error(text, offset, ParsePrincipalProblem::ComponentInRealm));
                    }
                    components.push(core::mem::take(&mut current));
                }
                b'@' if !at_belongs_to_name => {
                    if in_realm {
                        return Err(error(text, offset, ParsePrincipalProblem::SecondRealm));
                    }
                    in_realm = true;
                    components.push(core::mem::take(&mut current));
                }
                b'@' => {
                    at_belongs_to_name = false;
                    current.push(byte);
                }
                b'\\' => {
                    let (_, quoted) = bytes
                        .next()
                        .ok_or_else(|| error(text, offset, ParsePrincipalProblem::NothingQuoted))?;
                    current.push(unquote(quoted));
                }
                _ => current.push(byte),
            }
        }
        if in_realm {
            Ok(Self {
                components,
                realm: Some(current),
            })
        } else {
            components.push(current);
            Ok(Self {
                components,
                realm: None,
            })
        }
    }

    fn realm_or(
        &self,
        default_realm: Option<&[u8]>,
        text: &[u8],
    ) -> Result<Vec<u8>, ParsePrincipalError> {
        self.realm
            .as_deref()
            .or(default_realm)
            .map(<[u8]>::to_vec)
            .ok_or_else(|| error(text, text.len(), ParsePrincipalProblem::MissingRealm))
    }
}

fn unquote(byte: u8) -> u8 {
    match byte {
        b'n' => b'\n',
        b't' => b'\t',
        b'b' => BACKSPACE,
        b'0' => 0,
        other => other,
    }
}

fn error(text: &[u8], offset: usize, problem: ParsePrincipalProblem) -> ParsePrincipalError {
    ParsePrincipalError {
        text: Shown::new(text).text(),
        offset,
        problem,
    }
}

const BACKSPACE: u8 = 0x08;
