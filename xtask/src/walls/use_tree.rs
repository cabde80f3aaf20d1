//! What a file imports, read from its text.

/// A name that a `use` brings into a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Import {
    /// As it is called in the module; `*` for all of a module's.
    pub(super) name: String,
    /// Where it comes from.
    pub(super) path: Vec<String>,
    /// Is it handed on, as `pub use`?
    pub(super) is_public: bool,
}

/// Every name of every `use` in `text`, which has no comments.
pub(super) fn imports(text: &str) -> Vec<Import> {
    let mut imports = Vec::new();
    for (start, _) in text.match_indices("use ") {
        let before = text[..start].rsplit('\n').next().unwrap_or_default().trim();
        if !before.is_empty() && !before.starts_with("pub") {
            continue;
        }
        let Some((tree, _)) = text[start + 4..].split_once(';') else {
            continue;
        };
        let tree: String = tree.split_whitespace().collect::<Vec<_>>().join(" ");
        read_tree(&tree, &[], before == "pub", &mut imports);
    }
    imports
}

/// Reads one tree below `prefix`.
fn read_tree(tree: &str, prefix: &[String], is_public: bool, imports: &mut Vec<Import>) {
    let tree = tree.trim();
    if let Some((head, group)) = tree.split_once('{') {
        let mut prefix = prefix.to_vec();
        prefix.extend(names(head));
        let group = group.strip_suffix('}').unwrap_or(group);
        for branch in branches(group) {
            read_tree(branch, &prefix, is_public, imports);
        }
        return;
    }
    let (path, alias) = match tree.split_once(" as ") {
        Some((path, alias)) => (path, Some(alias.trim())),
        None => (tree, None),
    };
    let mut path = [prefix, &names(path).collect::<Vec<_>>()[..]].concat();
    if path.last().is_some_and(|name| name == "self") && path.len() > 1 {
        path.pop();
    }
    let Some(last) = path.last().cloned() else {
        return;
    };
    if last == "*" {
        path.pop();
    }
    imports.push(Import {
        name: alias.unwrap_or(&last).to_owned(),
        path,
        is_public,
    });
}

/// The branches of a group, at its own depth.
fn branches(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (index, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                found.push(&group[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    found.push(&group[start..]);
    found.retain(|branch| !branch.trim().is_empty());
    found
}

fn names(path: &str) -> impl Iterator<Item = String> {
    path.split("::")
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
}

/// Paths that begin with `crate` or `super`, whole ones: what stands before a group or a glob is a `use`, which
/// [`imports`] reads.
pub(super) fn mentions(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for root in ["crate::", "super::"] {
        for (start, _) in text.match_indices(root) {
            let before = text[..start].chars().next_back();
            if before.is_some_and(|letter| letter.is_alphanumeric() || "_:$".contains(letter)) {
                continue;
            }
            let path: String = text[start..]
                .chars()
                .take_while(|letter| letter.is_alphanumeric() || "_:".contains(*letter))
                .collect();
            if !path.ends_with("::") {
                found.push(names(&path).collect());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let imports = imports(text);
        let show = |import: &Import| format!("{}={}", import.name, import.path.join("::"));
        imports.iter().map(show).collect()
    }

    #[test]
    fn groups_aliases_and_globs_are_read() {
        assert_eq!(
            read("use a::{self, b::{C, D as E}, f::*};\npub(crate) use g;\n"),
            ["a=a", "C=a::b::C", "E=a::b::D", "*=a::f", "g=g"]
        );
    }

    #[test]
    fn paths_in_the_code_are_read_up_to_their_end() {
        let found = mentions("fn f(x: crate::a::B<super::C>) -> $crate::D {}");
        let found: Vec<String> = found.iter().map(|path| path.join("::")).collect();
        assert_eq!(found, ["crate::a::B", "super::C"]);
        assert!(mentions("use crate::a::{b, C};\nuse super::d::*;\n").is_empty());
    }
}
