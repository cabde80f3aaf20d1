//! No third-party type in a public signature, so that a dependency may move without breaking users.
//!
//! This reads text, not types: it knows what a file imports, and what is written after `pub`. Implementing a third
//! party's trait for a type of ours is allowed, that is what derives do.

use super::Finding;
use super::metadata::{Package, Workspace};
use super::sources::Source;

pub(super) fn check(workspace: &Workspace, sources: &[Source]) -> Vec<Finding> {
    let ours: Vec<String> = workspace
        .members()
        .map(|package| package.name.replace('-', "_"))
        .collect();
    workspace
        .members()
        .filter(|package| package.published)
        .flat_map(|package| check_package(package, &ours, sources))
        .collect()
}

fn check_package(package: &Package, ours: &[String], sources: &[Source]) -> Vec<Finding> {
    let foreign = package.externs.iter().filter(|name| !ours.contains(name));
    let foreign: Vec<&str> = foreign.map(String::as_str).collect();
    sources
        .iter()
        .filter(|source| source.package == package.name && source.is_shipped())
        .flat_map(|source| check_source(source, &foreign))
        .collect()
}

fn check_source(source: &Source, foreign: &[&str]) -> Vec<Finding> {
    let lines: Vec<&str> = source.shipped_lines().collect();
    let names = foreign_names(&lines.join("\n"), foreign);
    let lines = &lines[..];
    (0..lines.len())
        .filter_map(|index| Some((index, public(lines.get(index..)?)?)))
        .filter_map(|(index, text)| Some((index, names.iter().find(|name| has(&text, name))?)))
        .map(|(index, name)| {
            let place = format!("{}:{}", source.path, index + 1);
            Finding::new(place, format!("has {name} in a public signature"))
        })
        .collect()
}

/// How the file can name what is of other crates: by the crates' names, and by what it imports of them.
fn foreign_names(text: &str, foreign: &[&str]) -> Vec<String> {
    let mut names: Vec<String> = foreign.iter().map(|name| (*name).to_owned()).collect();
    let statements = text.split(';').filter_map(|statement| {
        let (_, tree) = statement.rsplit_once("use ")?;
        let (head, tree) = tree.split_once("::")?;
        foreign.contains(&head.trim()).then_some(tree)
    });
    for tree in statements {
        let leaves = tree.split([',', '{', '}']).map(str::trim);
        let imported = leaves.filter_map(|leaf| leaf.rsplit([':', ' ']).next());
        // `as _` names nothing; what has no capital is a module or a function, no type.
        names.extend(
            imported
                .filter(|name| name.starts_with(|first: char| first.is_ascii_uppercase()))
                .map(str::to_owned),
        );
    }
    names
}

/// What the lines begin with, if it is seen from outside: a signature without the body, a field, an implementation's
/// header.
fn public(lines: &[&str]) -> Option<String> {
    let (line, rest) = lines.split_first()?;
    let line = line.trim_start();
    if let Some(header) = line.strip_prefix("impl") {
        return implementation(&until(header, rest, &["{"]));
    }
    let item = line.strip_prefix("pub ")?;
    let ends: &[&str] = match item.split([' ', ':']).next()? {
        "mod" => return None,
        "use" | "type" => &[";"],
        "enum" | "trait" => &["\n}"],
        "struct" if item.contains('(') => &[";"],
        "struct" | "fn" => &["{", ";"],
        "const" | "static" => &["{", " = ", ";"],
        _ => &[",\n"],
    };
    let text = until(item, rest, ends);
    match text.split_once('(') {
        // The private fields of a tuple are not public.
        Some((head, fields)) if item.starts_with("struct") => {
            let public = fields.split(',').filter(|field| field.contains("pub "));
            Some(public.fold(head.to_owned(), |text, field| text + "," + field))
        }
        _ => Some(text),
    }
}

/// Of a trait that is implemented, its parameters; a third party's trait may be implemented. Of a type with methods,
/// all.
fn implementation(header: &str) -> Option<String> {
    let Some((implemented, _)) = header.split_once(" for ") else {
        return Some(header.to_owned());
    };
    let (_, parameters) = implemented.rsplit_once(' ')?.1.split_once('<')?;
    Some(parameters.to_owned())
}

/// The text from `first` on, as far as the first of `ends`.
fn until(first: &str, rest: &[&str], ends: &[&str]) -> String {
    let mut text = first.to_owned();
    for line in rest {
        text.push('\n');
        if let Some(end) = ends.iter().filter_map(|end| text.find(end)).min() {
            text.truncate(end);
            return text;
        }
        text.push_str(line);
    }
    text
}

/// Whether `name` stands in `text` as a word; the name of a crate as the head of a path.
fn has(text: &str, name: &str) -> bool {
    let is_word = |other: char| other.is_alphanumeric() || other == '_';
    let is_type = name.starts_with(|first: char| first.is_ascii_uppercase());
    text.match_indices(name).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        !before.ends_with(is_word)
            && !after.starts_with(is_word)
            && (is_type || after.starts_with("::"))
    })
}

#[cfg(test)]
mod tests {
    use super::super::sources::source;
    use super::*;

    fn findings(text: &str) -> Vec<String> {
        let source = source("orthros-krb5", "crates/krb5/src/keytab.rs", text);
        check_source(&source, &["zeroize", "nix", "rasn"])
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    fn is_found(text: &str) {
        assert!(!findings(text).is_empty(), "passed: {text}");
    }

    fn passes(text: &str) {
        assert_eq!(findings(text), [""; 0], "{text}");
    }

    #[test]
    fn a_third_partys_type_that_is_returned_is_found_with_its_line() {
        let text = "use zeroize::Zeroizing;\n\n    pub fn encode(\n        &self,\n    ) -> Zeroizing<Vec<u8>> {\n";
        assert_eq!(
            findings(text),
            ["crates/krb5/src/keytab.rs:3: has Zeroizing in a public signature"]
        );
    }

    #[test]
    fn every_kind_of_public_item_is_looked_at() {
        is_found("pub const fn of(errno: nix::Errno) -> Self {\n");
        is_found("pub struct Open {\n    pub error: nix::Errno,\n}\n");
        is_found("pub struct Open(u8, pub nix::Errno);\n");
        is_found("pub struct Raw<T: rasn::Decode> {\n}\n");
        is_found("pub enum Failure {\n    System(nix::Errno),\n}\n");
        is_found("pub trait Message: rasn::Decode {\n}\n");
        is_found("pub type Secret = zeroize::Zeroizing<Vec<u8>>;\n");
        is_found("pub use rasn::types::{Any, Tag};\n");
        is_found("use nix::errno::{self, Errno};\nimpl From<Errno> for Failure {\n");
        is_found("use rasn::{Decode as Read};\nimpl<T: Read> Raw<T> {\n");
    }

    #[test]
    fn what_nobody_outside_sees_passes() {
        passes(
            "use zeroize::Zeroizing;\npub fn encode(&self) -> SecretVec {\n    Zeroizing::new(vec![])\n}\n",
        );
        passes("pub(crate) fn read(&self) -> zeroize::Zeroizing<Vec<u8>> {\n}\n");
        passes("pub struct Open {\n    error: nix::Errno,\n}\n");
        passes("pub struct Open(pub u8, nix::Errno);\n");
        passes("impl<T: rasn::Decode> rasn::Decode for Raw<T> {\n");
        passes("// pub fn of(errno: nix::Errno) -> Self {\n");
        passes("use rasn::types::Tag;\npub struct Tagged;\npub fn nix(&self) {\n}\n");
        passes("fn f() {}\n#[cfg(test)]\nmod tests {\n    pub fn of(errno: nix::Errno) {}\n}\n");
    }
}
