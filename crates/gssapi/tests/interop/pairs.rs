//! Every pair of values of all that can vary, with MIT's library at the other end: thousands of combinations would
//! take too long, and two things that don't go together are found by some context that has both. It prints its table:
//! `cargo test -p orthros --test interop -- --nocapture pairs`.

use std::collections::{BTreeSet, HashMap};

use crate::cell::{Form, Kind, Role};
use crate::contexts::{Bindings, Cell};
use crate::heads::{Mechanism, World};
use orthros_testing::mit::DEFAULT_ENCTYPES;
use orthros_testing::require_python_gssapi;

/// One combination: the place of its value on each axis.
type Choice = [usize; AXES];

/// Two axes, and the place of the value on each.
type Pair = [(usize, usize); 2];

const AXES: usize = 8;
const ENCTYPE: usize = 0;
const ROLE: usize = 1;
const MECHANISM: usize = 2;
const MUTUAL: usize = 3;
const DELEGATION: usize = 4;
const BINDINGS: usize = 5;
const FORM: usize = 6;
const KIND: usize = 7;

/// The values of an axis, by name.
fn values(axis: usize) -> Vec<String> {
    let named = |values: &[&str]| values.iter().map(ToString::to_string).collect();
    match axis {
        ENCTYPE => named(&DEFAULT_ENCTYPES),
        ROLE => Role::ALL.map(|role| format!("{role:?}")).into(),
        MECHANISM => named(&Mechanism::ALL.map(Mechanism::name)),
        MUTUAL => named(&["one-way", "mutual"]),
        DELEGATION => named(&["nothing delegated", "delegated"]),
        BINDINGS => Bindings::ALL.map(|bindings| format!("{bindings:?}")).into(),
        FORM => Form::ALL.map(|form| format!("{form:?}")).into(),
        KIND => Kind::ALL.map(|kind| format!("{kind:?}")).into(),
        _ => unreachable!("there are {AXES} axes"),
    }
}

/// Why there is no such context or message.
const MEANINGLESS: [([&str; 2], &str); 4] = [
    (["one-way", "Dce"], "in DCE style both authenticate"),
    (["Differing", "Sealed"], "there is no context for messages"),
    (
        ["Differing", "Unsealed"],
        "there is no context for messages",
    ),
    (["Differing", "Mic"], "there is no context for messages"),
];

fn all_choices() -> Vec<Choice> {
    let mut choices = vec![[0; AXES]];
    for axis in 0..AXES {
        let longer = choices.iter().flat_map(|choice| {
            (0..values(axis).len()).map(move |value| {
                let mut choice = *choice;
                choice[axis] = value;
                choice
            })
        });
        choices = longer.collect();
    }
    choices.retain(|choice| Form::ALL[choice[FORM]] != Form::Dce || choice[MUTUAL] == 1);
    choices
}

fn all_pairs() -> BTreeSet<Pair> {
    let axes = (0..AXES).flat_map(|left| (left + 1..AXES).map(move |right| (left, right)));
    axes.flat_map(|(left, right)| {
        let values = |axis| 0..values(axis).len();
        values(left).flat_map(move |a| values(right).map(move |b| [(left, a), (right, b)]))
    })
    .collect()
}

/// What a context of this choice shows. One that is refused shows that alone.
fn shown(choice: &Choice) -> Vec<Pair> {
    let is_refused = Bindings::ALL[choice[BINDINGS]] == Bindings::Differing;
    let axes = (0..AXES).flat_map(|left| (left + 1..AXES).map(move |right| (left, right)));
    axes.filter(|(left, right)| {
        !is_refused || ((*left == BINDINGS || *right == BINDINGS) && *right != KIND)
    })
    .map(|(left, right)| [(left, choice[left]), (right, choice[right])])
    .collect()
}

/// Few choices that show everything which any shows.
fn few() -> Vec<Choice> {
    let choices = all_choices();
    let mut open: BTreeSet<Pair> = choices.iter().flat_map(shown).collect();
    let mut taken = Vec::new();
    while !open.is_empty() {
        let news = |choice: &&Choice| shown(choice).iter().filter(|p| open.contains(*p)).count();
        let best = *choices.iter().max_by_key(news).unwrap();
        for pair in shown(&best) {
            open.remove(&pair);
        }
        taken.push(best);
    }
    taken
}

#[test]
fn what_the_pairs_leave_out_has_no_meaning() {
    let mut left_out = all_pairs();
    for pair in few().iter().flat_map(shown) {
        left_out.remove(&pair);
    }
    let names = left_out
        .iter()
        .map(|pair| pair.map(|(axis, value)| values(axis).remove(value)));
    let names: BTreeSet<_> = names.collect();
    for (pair, why) in MEANINGLESS {
        println!("{} and {}: {why}", pair[0], pair[1]);
    }
    let meaningless = MEANINGLESS.map(|(pair, _)| pair.map(str::to_owned));
    assert_eq!(names, BTreeSet::from(meaningless));
}

#[test]
fn every_pair_of_values_passes_with_mit() {
    require_python_gssapi!();
    let world = World::start();
    let mut heads = HashMap::new();
    let choices = few();
    for choice in &choices {
        let enctype = DEFAULT_ENCTYPES[choice[ENCTYPE]];
        let heads = heads.entry(enctype).or_insert_with(|| world.heads(enctype));
        let (form, kind) = (Form::ALL[choice[FORM]], Kind::ALL[choice[KIND]]);
        let cell = Cell {
            role: Role::ALL[choice[ROLE]],
            mechanism: Mechanism::ALL[choice[MECHANISM]],
            mutual: choice[MUTUAL] == 1,
            delegation: choice[DELEGATION] == 1,
            bindings: Bindings::ALL[choice[BINDINGS]],
        };
        print!(
            "{enctype:<28} {cell} {:<6} {:<9}",
            format!("{form:?}"),
            format!("{kind:?}")
        );
        let mut request = cell.request();
        request.flags |= form.flags();
        let outcome = heads.try_establish(cell.role, request);
        println!("{}", cell.check(heads, outcome, form, kind));
    }
    println!("{} contexts for {} pairs", choices.len(), all_pairs().len());
}
