//! The modules of a crate, and what a path in one of them names.

use std::collections::BTreeMap;

use super::sources::Source;
use super::use_tree::{self, Import};

/// Where a module stands: the names from the crate's root down.
pub(super) type ModulePath = Vec<String>;

/// The modules of one crate.
pub(super) struct Modules<'a>(BTreeMap<ModulePath, Module<'a>>);

/// One module that has a file of its own.
pub(super) struct Module<'a> {
    pub(super) path: &'a str,
    /// Without comments and unit tests.
    pub(super) text: String,
    pub(super) imports: Vec<Import>,
    pub(super) mentions: Vec<Vec<String>>,
}

/// What a path names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Target {
    /// The module, or the one that defines the item.
    pub(super) module: ModulePath,
    /// The item; none for the module itself.
    pub(super) item: Option<String>,
}

/// The crates' own modules, tests left out.
pub(super) fn by_package(sources: &[Source]) -> BTreeMap<&str, Modules<'_>> {
    let mut packages: BTreeMap<&str, Modules<'_>> = BTreeMap::new();
    for source in sources.iter().filter(|source| source.is_shipped()) {
        let modules = packages
            .entry(&source.package)
            .or_insert_with(|| Modules(BTreeMap::new()));
        if let Some(at) = module_path(&source.path) {
            modules.0.insert(at, Module::read(source));
        }
    }
    packages
}

impl<'a> Module<'a> {
    fn read(source: &'a Source) -> Self {
        let lines = source.shipped_lines();
        let text: String = lines.flat_map(|line| [line, "\n"]).collect();
        Self {
            path: &source.path,
            imports: use_tree::imports(&text),
            mentions: use_tree::mentions(&text),
            text,
        }
    }
}

impl<'a> Modules<'a> {
    pub(super) fn iter(&self) -> impl Iterator<Item = (&ModulePath, &Module<'a>)> {
        self.0.iter()
    }

    pub(super) fn get(&self, at: &ModulePath) -> Option<&Module<'a>> {
        self.0.get(at)
    }

    /// What `path` names when it is read in `at`; none where that is in another crate.
    pub(super) fn resolve(&self, at: &ModulePath, path: &[String]) -> Option<Target> {
        self.resolve_within(at, path, MAX_DEPTH)
    }

    fn resolve_within(&self, at: &ModulePath, path: &[String], depth: usize) -> Option<Target> {
        let mut here = at.clone();
        for (index, name) in path.iter().enumerate() {
            match name.as_str() {
                "crate" => here.clear(),
                "self" => {}
                "super" => {
                    here.pop()?;
                }
                name => {
                    let mut child = here.clone();
                    child.push(name.to_owned());
                    if self.0.contains_key(&child) {
                        here = child;
                        continue;
                    }
                    let module = self.0.get(&here)?;
                    let import = module.imports.iter().find(|import| import.name == name);
                    return match import {
                        Some(import) => {
                            let rest = path.get(index + 1..).unwrap_or_default();
                            let whole = [&import.path[..], rest].concat();
                            self.resolve_within(&here, &whole, depth.checked_sub(1)?)
                        }
                        // What is not imported is defined here, unless it is the name of another crate.
                        None if index > 0 => Some(Target {
                            module: here,
                            item: Some(name.to_owned()),
                        }),
                        None => None,
                    };
                }
            }
        }
        Some(Target {
            module: here,
            item: None,
        })
    }
}

/// `pub use` of a `pub use`, and so on.
const MAX_DEPTH: usize = 8;

fn module_path(path: &str) -> Option<ModulePath> {
    let (_, inside) = path.split_once("/src/")?;
    let names = inside.strip_suffix(".rs")?.split('/');
    let mut names: ModulePath = names.map(str::to_owned).collect();
    if matches!(names.last()?.as_str(), "mod" | "lib" | "main") {
        names.pop();
    }
    Some(names)
}
