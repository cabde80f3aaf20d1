//! No C: nothing that the published crates compile links a library or builds foreign code.

use super::Finding;
use super::metadata::{Package, Workspace};

/// Build dependencies that exist to compile, or to find, foreign code.
const FOREIGN_BUILDERS: [&str; 8] = [
    "autotools",
    "bindgen",
    "cc",
    "cmake",
    "meson",
    "pkg-config",
    "system-deps",
    "vcpkg",
];

/// Packages with a `links` key that link nothing foreign, each with the reason. None is needed so far.
const LINKS_NOTHING: &[(&str, &str)] = &[];

pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    let shipped = workspace.shipped();
    shipped
        .into_iter()
        .filter_map(|p| check_package(p, LINKS_NOTHING))
        .collect()
}

fn check_package(package: &Package, allowed: &[(&str, &str)]) -> Option<Finding> {
    let name = package.name.as_str();
    if FOREIGN_BUILDERS.contains(&name) {
        return Some(Finding::new(name, "builds or finds foreign code"));
    }
    let links = package.links.as_deref()?;
    let is_allowed = allowed.iter().any(|(known, _reason)| *known == name);
    (!is_allowed).then(|| Finding::new(name, format!("links {links}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::metadata::{Kind, fixture};
    use super::*;

    fn house(kind: Kind) -> Workspace {
        let others = [
            json!({"id": "sys", "name": "sys", "links": "krb5", "uses": ["cc"]}),
            json!({"id": "cc", "name": "cc", "uses": []}),
        ];
        fixture(&[("orthros-host", true, &[("sys", kind)])], &others)
    }

    #[test]
    fn a_linked_library_and_its_compiler_are_found() {
        let mut found: Vec<String> = check(&house(Kind::Normal))
            .iter()
            .map(ToString::to_string)
            .collect();
        found.sort_unstable();
        assert_eq!(
            found,
            ["cc: builds or finds foreign code", "sys: links krb5"]
        );
    }

    #[test]
    fn a_build_script_that_compiles_is_found() {
        assert_eq!(check(&house(Kind::Build)).len(), 2);
    }

    #[test]
    fn tests_may_compile_what_they_like() {
        assert!(check(&house(Kind::Dev)).is_empty());
    }

    #[test]
    fn an_allowed_key_is_no_finding() {
        let house = house(Kind::Normal);
        let shipped = house.shipped();
        let sys = shipped
            .iter()
            .find(|package| package.name == "sys")
            .unwrap();
        assert!(check_package(sys, &[("sys", "marks one copy")]).is_none());
    }
}
