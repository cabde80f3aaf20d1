//! Encodings as trees, for damage that leaves the lengths right.

use proptest::collection::vec;
use proptest::prelude::{Strategy, any};
use proptest::sample::Index;

/// A value: identifier and contents.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    identifier: u8,
    contents: Contents,
}

#[derive(Clone, Debug)]
enum Contents {
    Octets(Vec<u8>),
    Values(Vec<Node>),
    /// No contents, but what stands in the place of the value, identifier and all.
    Instead(Vec<u8>),
}

/// A change to one value of a tree.
#[derive(Clone, Debug)]
pub(crate) enum Edit {
    /// Other contents, of a primitive value.
    Contents(Vec<u8>),
    /// An octet before the contents of a primitive value.
    Pad(u8),
    /// Another identifier.
    Identifier(u8),
    Remove,
    Repeat,
    SwapWithNext,
    /// A new value behind it.
    Insert(u8, Vec<u8>),
}

/// A change, and which value it is for.
pub(crate) fn edit() -> impl Strategy<Value = (Index, Edit)> {
    let contents = || vec(any::<u8>(), 0..10);
    let edit = proptest::prop_oneof![
        contents().prop_map(Edit::Contents),
        proptest::sample::select(vec![0x00, 0xFF, 0x30]).prop_map(Edit::Pad),
        any::<u8>().prop_map(Edit::Identifier),
        proptest::strategy::Just(Edit::Remove),
        proptest::strategy::Just(Edit::Repeat),
        proptest::strategy::Just(Edit::SwapWithNext),
        (0x80_u8..0xB0, contents())
            .prop_map(|(identifier, contents)| Edit::Insert(identifier & !0x20, contents)),
    ];
    (any::<Index>(), edit)
}

/// The values in `octets`, which are DER.
pub(crate) fn parse(octets: &[u8]) -> Vec<Node> {
    super::values(octets)
        .into_iter()
        .map(|(identifier, contents)| Node {
            identifier,
            contents: match identifier & 0x20 {
                0 => Contents::Octets(contents.to_vec()),
                _ => Contents::Values(parse(contents)),
            },
        })
        .collect()
}

/// The encoding of `nodes`.
pub(crate) fn write(nodes: &[Node]) -> Vec<u8> {
    let mut octets = Vec::new();
    for node in nodes {
        let contents = match &node.contents {
            Contents::Octets(octets) => octets.clone(),
            Contents::Values(nodes) => write(nodes),
            Contents::Instead(encodings) => {
                octets.extend(encodings);
                continue;
            }
        };
        octets.push(node.identifier);
        let length = contents.len();
        match (length, &u32::try_from(length).unwrap().to_be_bytes()) {
            (0..0x80, [.., short]) => octets.push(*short),
            (0x80..0x100, [.., a]) => octets.extend([0x81, *a]),
            (0x100..0x1_0000, [.., a, b]) => octets.extend([0x82, *a, *b]),
            (_, [_, a, b, c]) => octets.extend([0x83, *a, *b, *c]),
        }
        octets.extend(contents);
    }
    octets
}

/// Applies `edit` to one of the values in `nodes`, in whatever depth.
pub(crate) fn apply(nodes: &mut Vec<Node>, target: &Index, edit: &Edit) {
    let count = count(nodes);
    if count > 0 {
        apply_at(nodes, &mut target.index(count), edit);
    }
}

pub(crate) fn count(nodes: &[Node]) -> usize {
    nodes
        .iter()
        .map(|node| match &node.contents {
            Contents::Octets(_) | Contents::Instead(_) => 1,
            Contents::Values(nodes) => 1 + count(nodes),
        })
        .sum()
}

/// Whether the value was found that is `target` values further on.
fn apply_at(nodes: &mut Vec<Node>, target: &mut usize, edit: &Edit) -> bool {
    for at in 0..nodes.len() {
        if *target == 0 {
            apply_here(nodes, at, edit);
            return true;
        }
        *target -= 1;
        if let Contents::Values(nodes) = &mut nodes[at].contents
            && apply_at(nodes, target, edit)
        {
            return true;
        }
    }
    false
}

fn apply_here(nodes: &mut Vec<Node>, at: usize, edit: &Edit) {
    match (edit, &mut nodes[at].contents) {
        (Edit::Contents(new), Contents::Octets(contents)) => contents.clone_from(new),
        (Edit::Pad(octet), Contents::Octets(contents)) => contents.insert(0, *octet),
        (Edit::Contents(_) | Edit::Pad(_), Contents::Values(_) | Contents::Instead(_)) => {}
        (Edit::Identifier(identifier), _) => nodes[at].identifier = *identifier,
        (Edit::Remove, _) => {
            nodes.remove(at);
        }
        (Edit::Repeat, _) => nodes.insert(at, nodes[at].clone()),
        (Edit::SwapWithNext, _) => {
            if at + 1 < nodes.len() {
                nodes.swap(at, at + 1);
            }
        }
        (Edit::Insert(identifier, contents), _) => {
            let node = Node {
                identifier: *identifier,
                contents: Contents::Octets(contents.clone()),
            };
            nodes.insert(at + 1, node);
        }
    }
}

/// The encoding with the elements of one SEQUENCE OF replaced by `count` of `element`. `path` has the
/// identifiers that lead to the list, its own at the end.
pub(crate) fn with_elements(nodes: &[Node], path: &[u8], element: &[u8], count: usize) -> Vec<u8> {
    let mut nodes = nodes.to_vec();
    let mut list = &mut nodes;
    for identifier in path {
        let node = list.iter_mut().find(|node| node.identifier == *identifier);
        let Contents::Values(values) = &mut node.expect("the path leads to a value").contents
        else {
            panic!("{identifier:02x} holds no values");
        };
        list = values;
    }
    *list = parse(&element.repeat(count));
    write(&nodes)
}

/// The encoding with the value that has `at` values before it repeated until there are `length` octets.
pub(crate) fn repeated(nodes: &[Node], at: usize, length: usize) -> Vec<u8> {
    fn repeat(nodes: &mut [Node], at: &mut usize, length: usize) -> bool {
        for index in 0..nodes.len() {
            if *at == 0 {
                let one = write(&nodes[index..=index]);
                let copies = one.repeat(length / one.len());
                nodes[index].contents = Contents::Instead(copies);
                return true;
            }
            *at -= 1;
            if let Contents::Values(values) = &mut nodes[index].contents
                && repeat(values, at, length)
            {
                return true;
            }
        }
        false
    }
    let mut nodes = nodes.to_vec();
    assert!(
        repeat(&mut nodes, &mut { at }, length),
        "there is no value {at}"
    );
    write(&nodes)
}

/// For each value that holds values, the identifiers that lead to it, and the encoding with `behind` at
/// the end of its contents.
pub(crate) fn each_with_a_value_behind(nodes: &[Node], behind: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    fn path_to(nodes: &mut [Node], at: &mut usize, behind: &[u8], path: &mut Vec<u8>) -> bool {
        for node in nodes {
            let Contents::Values(values) = &mut node.contents else {
                continue;
            };
            path.push(node.identifier);
            if *at == 0 {
                values.push(Node {
                    identifier: 0,
                    contents: Contents::Instead(behind.to_vec()),
                });
                return true;
            }
            *at -= 1;
            if path_to(values, at, behind, path) {
                return true;
            }
            path.pop();
        }
        false
    }
    let mut all = Vec::new();
    loop {
        let (mut nodes, mut path) = (nodes.to_vec(), Vec::new());
        if !path_to(&mut nodes, &mut { all.len() }, behind, &mut path) {
            return all;
        }
        all.push((path, write(&nodes)));
    }
}
