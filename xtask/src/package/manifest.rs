//! What the manifest of a published crate must have.

use std::path::Path;

use serde_json::Value;

/// A crate that is published, as `cargo metadata` has it.
#[derive(Debug)]
pub(super) struct Published {
    pub(super) name: String,
    /// But for `default`.
    pub(super) features: Vec<String>,
    pub(super) rust_version: Option<String>,
    value: Value,
    /// Empty where there is none.
    readme: String,
}

/// The fields that a registry shows; it wants the first two itself.
const FIELDS: [&str; 6] = [
    "description",
    "license",
    "repository",
    "readme",
    "rust_version",
    "edition",
];

/// The licences' texts go into each archive.
const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// The most keywords that crates.io takes.
const KEYWORDS: usize = 5;

impl Published {
    pub(super) fn all(metadata: &Value) -> Vec<Self> {
        let packages = metadata["packages"].as_array().into_iter().flatten();
        // An empty list of registries is how `publish = false` is written here.
        packages
            .filter(|package| !package["publish"].as_array().is_some_and(Vec::is_empty))
            .map(|package| Self::new(package, &readme(package)))
            .collect()
    }

    fn new(package: &Value, readme: &str) -> Self {
        let features = package["features"].as_object().into_iter().flatten();
        let text = |key: &str| package[key].as_str().map(str::to_owned);
        Self {
            name: text("name").unwrap_or_default(),
            features: features
                .map(|(name, _)| name.clone())
                .filter(|name| name != "default")
                .collect(),
            rust_version: text("rust_version"),
            value: package.clone(),
            readme: readme.to_owned(),
        }
    }

    /// What is missing or wrong, a line each.
    pub(super) fn defects(&self) -> Vec<String> {
        let value = &self.value;
        let count = |key: &str| value[key].as_array().map_or(0, Vec::len);
        let fields = FIELDS.iter();
        let mut defects: Vec<String> = fields
            .filter(|field| value[**field].as_str().is_none_or(str::is_empty))
            .map(|field| format!("no {field}"))
            .collect();
        if !(1..=KEYWORDS).contains(&count("keywords")) {
            defects.push(format!("{} keywords", count("keywords")));
        }
        if count("categories") == 0 {
            defects.push("no categories".to_owned());
        }
        let undocumented = self.features.iter().filter(|feature| {
            let documented = format!("`{feature}`");
            !self.readme.contains(&documented)
        });
        defects.extend(undocumented.map(|feature| format!("{feature} is not in the readme")));
        let paths = value["dependencies"].as_array().into_iter().flatten();
        let paths = paths.filter(|it| is_of_path_only(it));
        defects.extend(paths.map(|it| format!("{} has no version", it["name"])));
        defects.extend(self.missing_licences());
        let named = |defect| format!("{}: {defect}", self.name);
        defects.into_iter().map(named).collect()
    }

    fn missing_licences(&self) -> impl Iterator<Item = String> {
        let directory = directory(&self.value);
        let missing = LICENCES
            .iter()
            .filter(move |file| !directory.join(file).is_file());
        missing.map(|file| format!("no {file}"))
    }
}

/// For tests such a dependency is left out of the archive, for all else it can't be published.
fn is_of_path_only(dependency: &Value) -> bool {
    dependency["kind"] != "dev" && dependency["req"] == "*"
}

fn directory(package: &Value) -> &Path {
    let manifest = Path::new(package["manifest_path"].as_str().unwrap_or_default());
    manifest.parent().unwrap_or(manifest)
}

fn readme(package: &Value) -> String {
    let name = package["readme"].as_str().unwrap_or_default();
    std::fs::read_to_string(directory(package).join(name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cargo::root;

    fn package() -> Value {
        json!({
            "name": "a", "description": "does", "license": "MIT", "repository": "https://a.test", "readme": "README.md",
            "rust_version": "1.95", "edition": "2024", "keywords": ["kerberos"], "categories": ["authentication"],
            "features": {"default": [], "server": []},
            "dependencies": [{"name": "b", "kind": null, "req": "^1"}, {"name": "testing", "kind": "dev", "req": "*"}],
            "manifest_path": root().join("crates/asn1/Cargo.toml"), "publish": null,
        })
    }

    fn defects(readme: &str, change: impl Fn(&mut Value)) -> Vec<String> {
        let mut package = package();
        change(&mut package);
        Published::new(&package, readme).defects()
    }

    #[test]
    fn what_has_all_has_no_defect() {
        assert!(defects("| `server` |", |_| ()).is_empty());
    }

    #[test]
    fn each_lack_is_named() {
        let none = |package: &mut Value| {
            package["description"] = json!("");
            package["readme"] = Value::Null;
            package["keywords"] = json!([]);
            package["dependencies"][0]["req"] = json!("*");
            package["manifest_path"] = json!("/nowhere/Cargo.toml");
        };
        let expected = [
            "a: no description",
            "a: no readme",
            "a: 0 keywords",
            "a: server is not in the readme",
            "a: \"b\" has no version",
            "a: no LICENSE-APACHE",
            "a: no LICENSE-MIT",
        ];
        assert_eq!(defects("", none), expected);
    }

    #[test]
    fn what_is_not_published_is_none_of_them() {
        let mut unpublished = package();
        unpublished["publish"] = json!([]);
        let metadata = json!({"packages": [package(), unpublished]});
        assert_eq!(Published::all(&metadata).len(), 1);
    }
}
