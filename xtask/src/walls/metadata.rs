//! What the checks need of `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Every package of the lock file, and who uses whom.
#[derive(Debug)]
pub(super) struct Workspace {
    packages: BTreeMap<String, Package>,
}

/// One package, ours or another's.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) member: bool,
    pub(super) published: bool,
    pub(super) links: Option<String>,
    pub(super) directory: String,
    /// Root files of its library and programs.
    pub(super) roots: Vec<String>,
    /// What its manifest names.
    pub(super) dependencies: Vec<Dependency>,
    /// The crates in use as its code names them, without those of tests only.
    pub(super) externs: Vec<String>,
    /// Packages in use, by id, without those of tests only.
    uses: Vec<String>,
}

/// A dependency as declared.
#[derive(Debug)]
pub(super) struct Dependency {
    pub(super) name: String,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Normal,
    Build,
    Dev,
}

impl Workspace {
    pub(super) fn parse(text: &str) -> Result<Self, serde_json::Error> {
        Ok(Self::from_value(&serde_json::from_str(text)?))
    }

    pub(super) fn from_value(value: &Value) -> Self {
        let members: BTreeSet<&str> = texts(&value["workspace_members"]).collect();
        let nodes = value.pointer("/resolve/nodes").map_or(&[][..], array);
        let nodes: BTreeMap<&str, &Value> =
            nodes.iter().map(|node| (text(&node["id"]), node)).collect();
        let packages = array(&value["packages"])
            .iter()
            .map(|package| {
                let id = text(&package["id"]);
                let node = nodes.get(id).copied().unwrap_or(&Value::Null);
                let package = Package::from_value(package, members.contains(id), node);
                (id.to_owned(), package)
            })
            .collect();
        Self { packages }
    }

    /// The packages of this repository.
    pub(super) fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages.values().filter(|package| package.member)
    }

    /// What users of the published crates compile: those crates and all that they use, tests aside.
    pub(super) fn shipped(&self) -> Vec<&Package> {
        let published = |package: &&Package| package.member && package.published;
        let mut open: Vec<&Package> = self.packages.values().filter(published).collect();
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut shipped = Vec::new();
        while let Some(package) = open.pop() {
            shipped.push(package);
            for id in &package.uses {
                if seen.insert(id) {
                    open.extend(self.packages.get(id).filter(|used| !published(used)));
                }
            }
        }
        shipped
    }
}

impl Package {
    fn from_value(value: &Value, member: bool, node: &Value) -> Self {
        let owned = |key: &str| value[key].as_str().map(str::to_owned);
        let manifest = text(&value["manifest_path"]);
        Self {
            name: text(&value["name"]).to_owned(),
            member,
            // An empty list of registries is how `publish = false` is written here.
            published: !value["publish"].as_array().is_some_and(Vec::is_empty),
            links: owned("links"),
            directory: manifest.trim_end_matches("/Cargo.toml").to_owned(),
            roots: array(&value["targets"])
                .iter()
                .filter(|target| texts(&target["kind"]).any(|kind| kind == "lib" || kind == "bin"))
                .map(|target| text(&target["src_path"]).to_owned())
                .collect(),
            dependencies: array(&value["dependencies"])
                .iter()
                .map(|dependency| Dependency {
                    name: text(&dependency["name"]).to_owned(),
                    kind: kind(&dependency["kind"]),
                })
                .collect(),
            externs: uses(node, "name"),
            uses: uses(node, "pkg"),
        }
    }
}

/// The ids (`pkg`) or names (`name`) that a node of the resolved graph uses for more than its tests.
fn uses(node: &Value, key: &str) -> Vec<String> {
    array(&node["deps"])
        .iter()
        .filter(|dependency| {
            array(&dependency["dep_kinds"])
                .iter()
                .any(|entry| kind(&entry["kind"]) != Kind::Dev)
        })
        .map(|dependency| text(&dependency[key]).to_owned())
        .collect()
}

fn kind(value: &Value) -> Kind {
    match value.as_str() {
        Some("dev") => Kind::Dev,
        Some("build") => Kind::Build,
        _ => Kind::Normal,
    }
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    array(value).iter().filter_map(Value::as_str)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A member of a fixture: its name, whether it is published, and what it uses for what.
#[cfg(test)]
pub(super) type Member<'a> = (&'a str, bool, &'a [(&'a str, Kind)]);

/// A small house for the checks' tests; packages from elsewhere are given whole.
#[cfg(test)]
pub(super) fn fixture(members: &[Member<'_>], others: &[Value]) -> Workspace {
    use serde_json::json;

    let kind_value = |kind: Kind| match kind {
        Kind::Normal => Value::Null,
        Kind::Build => json!("build"),
        Kind::Dev => json!("dev"),
    };
    let mut packages = others.to_vec();
    let mut nodes: Vec<Value> = others
        .iter()
        .map(|other| {
            let deps = texts(&other["uses"])
                .map(|used| json!({"pkg": used, "dep_kinds": [{"kind": null}]}))
                .collect::<Vec<_>>();
            json!({"id": other["id"], "deps": deps})
        })
        .collect();
    for (name, published, dependencies) in members {
        let declared: Vec<Value> = dependencies
            .iter()
            .map(|(name, kind)| json!({"name": name, "kind": kind_value(*kind)}))
            .collect();
        let deps: Vec<Value> = dependencies
            .iter()
            .map(|(name, kind)| json!({"pkg": name, "dep_kinds": [{"kind": kind_value(*kind)}]}))
            .collect();
        let publish = if *published { Value::Null } else { json!([]) };
        packages.push(json!({
            "id": name, "name": name, "publish": publish, "license": "MIT OR Apache-2.0",
            "dependencies": declared, "manifest_path": format!("/{name}/Cargo.toml"),
        }));
        nodes.push(json!({"id": name, "deps": deps}));
    }
    let ids: Vec<&str> = members.iter().map(|(name, ..)| *name).collect();
    Workspace::from_value(&json!({
        "packages": packages, "workspace_members": ids, "resolve": {"nodes": nodes},
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_tests_use_is_not_shipped_and_what_a_dependency_uses_is() {
        let other = |id: &str, uses: &[&str]| json!({"id": id, "name": id, "uses": uses});
        let house = fixture(
            &[
                ("orthros", true, &[("a", Kind::Normal), ("t", Kind::Dev)]),
                ("xtask", false, &[("x", Kind::Normal)]),
            ],
            &[
                other("a", &["b"]),
                other("b", &["a"]),
                other("t", &[]),
                other("x", &[]),
            ],
        );
        let mut shipped: Vec<&str> = house.shipped().iter().map(|p| p.name.as_str()).collect();
        shipped.sort_unstable();
        assert_eq!(shipped, ["a", "b", "orthros"]);
    }
}
