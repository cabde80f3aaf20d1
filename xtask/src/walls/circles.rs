//! Files of a crate that import each other in a circle.
//!
//! A circle can't be read from the ground up. A module may use what its parent defines, and the parent names its
//! children: that is no circle here.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;
use super::modules::{ModulePath, Modules, by_package};
use super::sources::Source;

/// New circles of files in the crates' own sources, and known ones that are open by now.
pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    check_but(sources, KNOWN)
}

fn check_but(sources: &[Source], known: &[&str]) -> Vec<Finding> {
    let found: Vec<Vec<String>> = by_package(sources).values().flat_map(circles).collect();
    let is_known = |path: &String| known.contains(&path.as_str());
    let new = found.iter().filter(|paths| !paths.iter().all(is_known));
    let new = new.filter_map(|paths| {
        let (first, others) = paths.split_first()?;
        let what = format!("in a circle with {}", others.join(", "));
        Some(Finding::new(first, what))
    });
    let is_open = |path: &&&str| !found.iter().flatten().any(|other| other == **path);
    let open = known.iter().filter(is_open);
    let open =
        open.map(|path| Finding::new(*path, "is in no circle any more, and still in the list"));
    new.chain(open).collect()
}

/// The files of the circles that are there. They are to be opened, and nothing may be added.
const KNOWN: &[&str] = &[];

/// The modules that `at` takes names from, but for those it stands in.
fn uses(modules: &Modules<'_>, at: &ModulePath) -> BTreeSet<ModulePath> {
    let Some(module) = modules.get(at) else {
        return BTreeSet::new();
    };
    let imported = module.imports.iter().map(|import| &import.path);
    imported
        .chain(&module.mentions)
        .filter_map(|path| modules.resolve(at, path))
        .map(|target| target.module)
        .filter(|used| !at.starts_with(used))
        .collect()
}

/// The sets of more than one file in which each is used by each other, however indirectly.
fn circles(modules: &Modules<'_>) -> Vec<Vec<String>> {
    let edges: BTreeMap<&ModulePath, BTreeSet<ModulePath>> = modules
        .iter()
        .map(|(at, _)| (at, uses(modules, at)))
        .collect();
    let reachable = |from: &ModulePath| {
        let mut seen = BTreeSet::new();
        let mut open = vec![from.clone()];
        while let Some(next) = open.pop() {
            for used in edges.get(&next).into_iter().flatten() {
                if seen.insert(used.clone()) {
                    open.push(used.clone());
                }
            }
        }
        seen
    };
    let reach: BTreeMap<&ModulePath, BTreeSet<ModulePath>> =
        edges.keys().map(|at| (*at, reachable(at))).collect();
    let mut found: BTreeSet<Vec<String>> = BTreeSet::new();
    for (at, from_here) in &reach {
        let circle = from_here
            .iter()
            .filter(|other| reach.get(other).is_some_and(|back| back.contains(*at)))
            .filter_map(|other| modules.get(other))
            .map(|module| module.path.to_owned());
        let mut circle: Vec<String> = circle.collect();
        circle.sort();
        if circle.len() > 1 {
            found.insert(circle);
        }
    }
    found.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::super::sources::source;
    use super::*;

    fn texts(files: &[(&str, &str)]) -> Vec<String> {
        let sources: Vec<Source> = files
            .iter()
            .map(|(path, text)| source("orthros-krb5", path, text))
            .collect();
        let found = check_but(&sources, &[]);
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn two_files_that_import_each_other_are_found_also_through_a_name_that_is_handed_on() {
        let found = texts(&[
            (
                "crates/a/src/lib.rs",
                "mod x;\nmod y;\npub use x::{X, Z};\n",
            ),
            ("crates/a/src/x.rs", "use crate::y::Y;\n"),
            ("crates/a/src/y.rs", "fn f() -> crate::X { todo() }\n"),
        ]);
        assert_eq!(
            found,
            ["crates/a/src/x.rs: in a circle with crates/a/src/y.rs"]
        );
    }

    #[test]
    fn a_longer_circle_is_found_once() {
        let found = texts(&[
            ("crates/a/src/lib.rs", "mod x;\nmod y;\nmod z;\n"),
            ("crates/a/src/x/mod.rs", "mod inner;\nuse inner::I;\n"),
            ("crates/a/src/x/inner.rs", "use crate::y::{self, Y};\n"),
            ("crates/a/src/y.rs", "use super::z::Z;\n"),
            ("crates/a/src/z.rs", "use crate::x::X;\n"),
        ]);
        let [circle] = &found[..] else {
            panic!("{found:?}");
        };
        assert!(circle.starts_with("crates/a/src/x/inner.rs: in a circle with"));
    }

    #[test]
    fn a_parent_and_its_children_are_no_circle() {
        let found = texts(&[
            ("crates/a/src/lib.rs", "mod x;\npub use x::X;\n"),
            (
                "crates/a/src/x.rs",
                "mod one;\nmod two;\nuse one::One;\nuse two::Two;\n",
            ),
            ("crates/a/src/x/one.rs", "use super::X;\n"),
            (
                "crates/a/src/x/two.rs",
                "use super::one::One;\nuse crate::X;\n",
            ),
        ]);
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn a_known_circle_is_let_pass_until_it_is_open() {
        let lib = ("crates/a/src/lib.rs", "mod x;\nmod y;\n");
        let closed = [
            lib,
            ("crates/a/src/x.rs", "use crate::y::Y;\n"),
            ("crates/a/src/y.rs", "use crate::x::X;\n"),
        ];
        let known = ["crates/a/src/x.rs", "crates/a/src/y.rs"];
        let read = |files: &[(&str, &str)]| -> Vec<Source> {
            let files = files.iter();
            files.map(|(path, text)| source("a", path, text)).collect()
        };
        assert!(check_but(&read(&closed), &known).is_empty());
        assert_eq!(check_but(&read(&closed), &known[..1]).len(), 1);
        assert_eq!(check_but(&read(&closed[..2]), &known).len(), 2);
    }

    #[test]
    fn comments_tests_and_other_crates_make_no_circle() {
        let found = texts(&[
            ("crates/a/src/lib.rs", "mod x;\nmod y;\n"),
            ("crates/a/src/x.rs", "use crate::y::Y;\nuse y::Z;\n"),
            (
                "crates/a/src/y.rs",
                "// use crate::x::X;\n#[cfg(test)]\nmod tests {\n    use crate::x::X;\n}\n",
            ),
        ]);
        assert!(found.is_empty(), "{found:?}");
    }
}
