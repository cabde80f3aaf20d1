//! One path to each public item, and one place for each name of an error.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;
use super::modules::{ModulePath, Modules, Target, by_package};
use super::sources::Source;

/// Items of the published crates that two paths lead to: readers would not know whether these are the same.
pub(super) fn check_items(sources: &[Source], published: &[&str]) -> Vec<Finding> {
    let packages = by_package(sources);
    let packages = packages
        .iter()
        .filter(|(package, _)| published.contains(package));
    packages
        .flat_map(|(package, modules)| {
            let mut paths = BTreeMap::new();
            walk(
                modules,
                &Vec::new(),
                package,
                &mut BTreeSet::new(),
                &mut paths,
            );
            paths.into_values().filter(|paths| paths.len() > 1)
        })
        .filter_map(|paths| {
            let mut paths = paths.into_iter();
            let first = paths.next()?;
            let others: Vec<String> = paths.collect();
            Some(Finding::new(
                first,
                format!("is also {}", others.join(", ")),
            ))
        })
        .collect()
}

/// Adds the paths of all that can be reached in `at`, which is called `shown`.
fn walk(
    modules: &Modules<'_>,
    at: &ModulePath,
    shown: &str,
    open: &mut BTreeSet<ModulePath>,
    paths: &mut BTreeMap<Target, BTreeSet<String>>,
) {
    let Some(module) = modules.get(at) else {
        return;
    };
    if !open.insert(at.clone()) {
        return;
    }
    for line in module.text.lines() {
        let Some((keyword, name)) = public_item(line) else {
            continue;
        };
        let shown = format!("{shown}::{name}");
        if keyword == "mod" {
            let child = [&at[..], &[name.to_owned()]].concat();
            walk(modules, &child, &shown, open, paths);
        } else {
            let target = Target {
                module: at.clone(),
                item: Some(name.to_owned()),
            };
            paths.entry(target).or_default().insert(shown);
        }
    }
    for import in module.imports.iter().filter(|import| import.is_public) {
        let shown = format!("{shown}::{}", import.name);
        match modules.resolve(at, &import.path) {
            Some(target) if target.item.is_some() => {
                paths.entry(target).or_default().insert(shown);
            }
            Some(target) => walk(modules, &target.module, &shown, open, paths),
            None => {}
        }
    }
    open.remove(at);
}

/// Keyword and name of a public item that begins in this line, at the module's own depth.
fn public_item(line: &str) -> Option<(&str, &str)> {
    let mut words = line.strip_prefix("pub ")?.split_whitespace();
    let mut keyword = words.next()?;
    let mut name = words.next()?;
    while matches!(keyword, "const" | "async" | "unsafe")
        && matches!(name, "fn" | "async" | "unsafe")
    {
        keyword = name;
        name = words.next()?;
    }
    let is_item = matches!(
        keyword,
        "struct" | "enum" | "fn" | "trait" | "type" | "const" | "static" | "union" | "mod"
    );
    let end = name.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
    is_item.then_some((keyword, &name[..end.unwrap_or(name.len())]))
}

/// Errors of the published crates that have one name.
pub(super) fn check_errors(sources: &[Source], published: &[&str]) -> Vec<Finding> {
    let mut places: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let packages = by_package(sources);
    let packages = packages
        .iter()
        .filter(|(package, _)| published.contains(package));
    for (_, modules) in packages {
        for (_, module) in modules.iter() {
            let items = module.text.lines().filter_map(public_item);
            for (_, name) in items.filter(|(_, name)| name.ends_with("Error")) {
                let path = module.path.to_owned();
                places.entry(name.to_owned()).or_default().insert(path);
            }
        }
    }
    places
        .into_iter()
        .filter(|(_, places)| places.len() > 1)
        .map(|(name, places)| {
            let places: Vec<String> = places.into_iter().collect();
            Finding::new(name, format!("is defined in {}", places.join(" and ")))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::sources::source;
    use super::*;

    fn items(files: &[(&str, &str)]) -> Vec<String> {
        let sources: Vec<Source> = files
            .iter()
            .map(|(path, text)| source("a", path, text))
            .collect();
        let found = check_items(&sources, &["a"]);
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_item_of_a_public_module_that_is_handed_on_too_is_found() {
        let found = items(&[
            (
                "crates/a/src/lib.rs",
                "pub mod x;\nmod y;\npub use x::X;\npub use y::Y;\n",
            ),
            ("crates/a/src/x.rs", "pub struct X<T>(T);\npub struct Z;\n"),
            ("crates/a/src/y.rs", "pub const fn f() {}\npub struct Y;\n"),
        ]);
        assert_eq!(found, ["a::X: is also a::x::X"]);
    }

    #[test]
    fn a_module_under_two_names_is_found() {
        let found = items(&[
            ("crates/a/src/lib.rs", "pub mod x;\npub use x as other;\n"),
            ("crates/a/src/x.rs", "pub enum X {}\n"),
        ]);
        assert_eq!(found, ["a::other::X: is also a::x::X"]);
    }

    #[test]
    fn an_error_with_the_name_of_another_is_found() {
        let sources = [
            source("a", "crates/a/src/lib.rs", "pub enum CacheError {}\n"),
            source("b", "crates/b/src/lib.rs", "pub struct CacheError;\n"),
        ];
        let found = check_errors(&sources, &["a", "b"]);
        assert_eq!(
            found.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["CacheError: is defined in crates/a/src/lib.rs and crates/b/src/lib.rs"]
        );
        assert!(check_errors(&sources, &["a"]).is_empty());
    }
}
