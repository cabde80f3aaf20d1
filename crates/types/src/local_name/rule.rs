//! `RULE:[n:string](regexp)s/regexp/text/g`, as MIT's `localauth_rule.c` reads it.

use alloc::vec::Vec;

use super::regexp::{Regexp, RegexpProblem};
use crate::Principal;

/// What is wrong with a value of `auth_to_local`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuleProblem {
    /// Neither `RULE:..` nor `DEFAULT`.
    #[error("it is neither RULE: nor DEFAULT")]
    Type,
    /// The part in brackets is not `[number:text]`, or its text refers to a component that is not there.
    #[error("its selection is not [number of components:text]")]
    Selection,
    /// `(` without `)`.
    #[error("its regular expression has no end")]
    Match,
    /// What follows is not a row of `s/regexp/text/` or `s/regexp/text/g`.
    #[error("what follows the selection is not s/regular expression/text/")]
    Substitution,
    /// A regular expression is malformed. MIT passes over such a rule; a later one may be more generous.
    #[error(transparent)]
    Regexp(#[from] RegexpProblem),
}

/// The local name that a rule gives the principal; `None` if the rule does not apply.
pub(super) fn apply(rule: &[u8], principal: &Principal) -> Result<Option<Vec<u8>>, RuleProblem> {
    let Some((selection, rest)) = select(rule, principal)? else {
        return Ok(None);
    };
    let rest = match rest.strip_prefix(b"(") {
        None => rest,
        Some(rest) => {
            let (expression, rest) = split_at(rest, b')').ok_or(RuleProblem::Match)?;
            if !Regexp::parse(expression)?.matches_whole(&selection) {
                return Ok(None);
            }
            rest
        }
    };
    substitute(rest, selection).map(Some)
}

/// The text that a rule looks at, and what follows in the rule.
type Selected<'r> = (Vec<u8>, &'r [u8]);

/// `None` if the rule is for other numbers of components.
fn select<'r>(rule: &'r [u8], principal: &Principal) -> Result<Option<Selected<'r>>, RuleProblem> {
    let Some(selection) = rule.strip_prefix(b"[") else {
        return Ok(Some((principal.unparse_without_realm(), rule)));
    };
    let (number, mut rest) = split_at(selection, b':').ok_or(RuleProblem::Selection)?;
    let wanted = number_of(number).ok_or(RuleProblem::Selection)?;
    let components = principal.components();
    if wanted != components.len() {
        return Ok(None);
    }
    let mut text = Vec::new();
    loop {
        let (first, after) = rest.split_first().ok_or(RuleProblem::Selection)?;
        rest = after;
        match first {
            b']' => return Ok(Some((text, rest))),
            b'$' => {
                let digits = rest.iter().take_while(|o| o.is_ascii_digit()).count();
                let (number, after) = rest.split_at_checked(digits).unwrap_or_default();
                rest = after;
                let part = match number_of(number).ok_or(RuleProblem::Selection)? {
                    0 => principal.realm(),
                    number => components.get(number - 1).ok_or(RuleProblem::Selection)?,
                };
                text.extend_from_slice(part);
            }
            other => text.push(*other),
        }
    }
}

fn substitute(mut rules: &[u8], mut text: Vec<u8>) -> Result<Vec<u8>, RuleProblem> {
    while !rules.is_empty() {
        let rule = rules.trim_ascii_start().strip_prefix(b"s/");
        let rule = rule.and_then(|rule| {
            let (expression, rest) = split_at(rule, b'/')?;
            let (replacement, rest) = split_at(rest, b'/')?;
            Some((expression, replacement, rest))
        });
        let (expression, replacement, rest) = rule.ok_or(RuleProblem::Substitution)?;
        let everywhere = rest.strip_prefix(b"g");
        rules = everywhere.unwrap_or(rest);
        let expression = Regexp::parse(expression)?;
        text = replace(&expression, replacement, everywhere.is_some(), &text);
    }
    Ok(text)
}

/// Each next match is looked for in what is left, whose beginning `^` means then, as in MIT. After an empty match one
/// byte is passed over; MIT would never end.
fn replace(expression: &Regexp, replacement: &[u8], everywhere: bool, text: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::new();
    let mut rest = text;
    while let Some((start, end)) = expression.find(rest) {
        let (before, after) = rest.split_at_checked(start).unwrap_or_default();
        replaced.extend_from_slice(before);
        replaced.extend_from_slice(replacement);
        let matched = end - start;
        rest = after.get(matched..).unwrap_or_default();
        if !everywhere {
            break;
        }
        if matched == 0 {
            let Some((passed, after)) = rest.split_first() else {
                break;
            };
            replaced.push(*passed);
            rest = after;
        } else if rest.is_empty() {
            break;
        }
    }
    replaced.extend_from_slice(rest);
    replaced
}

fn split_at(text: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|other| *other == byte)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

fn number_of(digits: &[u8]) -> Option<usize> {
    core::str::from_utf8(digits).ok()?.parse().ok()
}
