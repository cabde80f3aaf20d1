//! POSIX extended regular expressions over bytes (IEEE Std 1003.1, section 9.4), for `auth_to_local`.
//!
//! What administrators wrote for MIT krb5 was written for `regcomp`: of the matches that begin first the longest one
//! counts, where the regular expression crates take the first alternative. So these are our own. The time that a match
//! takes is bounded by the product of the two lengths, whatever the name is that a peer brings.

use alloc::boxed::Box;
use alloc::vec::Vec;

mod parse;

/// A compiled expression.
pub(super) struct Regexp {
    program: Vec<Instruction>,
}

/// Why a text is not an expression here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegexpProblem {
    /// `(` without `)`.
    #[error("a parenthesis is not closed")]
    Parenthesis,
    /// `[` without `]`, a range backwards, or a class that does not exist.
    #[error("a bracket expression is not closed, or holds no such range or class")]
    Bracket,
    /// `*`, `+`, `?` or `{` with nothing before it, or a malformed `{m,n}`.
    #[error("a repetition repeats nothing, or its bounds are malformed")]
    Repetition,
    /// A backslash at the end, or before a letter or digit: POSIX gives that no meaning.
    #[error("a backslash stands before nothing that it could quote")]
    Backslash,
    /// Too large or too deep.
    #[error("the expression is too large")]
    TooLarge,
}

enum Node {
    Set(Box<OctetSet>),
    Start,
    End,
    Sequence(Vec<Node>),
    Alternatives(Vec<Node>),
    Repeat {
        node: Box<Node>,
        least: usize,
        most: Option<usize>,
    },
}

enum Instruction {
    /// Takes one byte of the set.
    Octet(Box<OctetSet>),
    /// Goes on at both.
    Split(usize, usize),
    Jump(usize),
    Start,
    End,
    Match,
}

/// A set of bytes.
#[derive(Clone)]
struct OctetSet([u64; 4]);

impl Regexp {
    pub(super) fn parse(text: &[u8]) -> Result<Self, RegexpProblem> {
        let node = parse::parse(text)?;
        let mut program = Vec::new();
        emit(&node, &mut program)?;
        push(&mut program, Instruction::Match)?;
        Ok(Self { program })
    }

    /// Whether all of `text` matches.
    pub(super) fn matches_whole(&self, text: &[u8]) -> bool {
        // Of all matches the leftmost is found, of those the longest.
        self.find(text) == Some((0, text.len()))
    }

    /// Where the leftmost longest match begins and ends.
    pub(super) fn find(&self, text: &[u8]) -> Option<(usize, usize)> {
        let mut best: Option<(usize, usize)> = None;
        let mut threads = self.no_threads();
        for position in 0..=text.len() {
            let edges = (position == 0, position == text.len());
            if best.is_none() {
                self.follow(&mut threads, 0, position, edges);
            }
            if let Some(start) = threads.last().copied().flatten() {
                best = match best {
                    Some((earlier, _)) if earlier < start => best,
                    _ => Some((start, position)),
                };
            }
            let Some(byte) = text.get(position) else {
                break;
            };
            threads = self.advance(&threads, *byte, position + 1, text.len());
            if best.is_some() && threads.iter().all(Option::is_none) {
                break;
            }
        }
        best
    }

    /// For each instruction, where the match began that has come to it.
    fn no_threads(&self) -> Vec<Option<usize>> {
        let mut threads = Vec::new();
        threads.resize(self.program.len(), None);
        threads
    }

    fn advance(
        &self,
        threads: &[Option<usize>],
        byte: u8,
        position: usize,
        end: usize,
    ) -> Vec<Option<usize>> {
        let mut next = self.no_threads();
        let steps = self.program.iter().zip(threads).enumerate();
        for (at, (instruction, start)) in steps {
            if let (Instruction::Octet(set), Some(start)) = (instruction, start)
                && set.contains(byte)
            {
                self.follow(&mut next, at + 1, *start, (false, position == end));
            }
        }
        next
    }

    /// Notes a match that began at `start` where it has come to, without taking an byte. What began earlier comes
    /// first.
    fn follow(
        &self,
        threads: &mut [Option<usize>],
        at: usize,
        start: usize,
        (is_start, is_end): (bool, bool),
    ) {
        let mut open = Vec::from([at]);
        while let Some(at) = open.pop() {
            let Some(thread) = threads.get_mut(at) else {
                continue;
            };
            if thread.is_some_and(|earlier| earlier <= start) {
                continue;
            }
            *thread = Some(start);
            match self.program.get(at) {
                Some(Instruction::Split(left, right)) => open.extend([*left, *right]),
                Some(Instruction::Jump(target)) => open.push(*target),
                Some(Instruction::Start) if is_start => open.push(at + 1),
                Some(Instruction::End) if is_end => open.push(at + 1),
                _ => {}
            }
        }
    }
}

fn push(program: &mut Vec<Instruction>, instruction: Instruction) -> Result<(), RegexpProblem> {
    if program.len() >= LARGEST {
        return Err(RegexpProblem::TooLarge);
    }
    program.push(instruction);
    Ok(())
}

fn emit(node: &Node, program: &mut Vec<Instruction>) -> Result<(), RegexpProblem> {
    match node {
        Node::Set(set) => push(program, Instruction::Octet(set.clone())),
        Node::Start => push(program, Instruction::Start),
        Node::End => push(program, Instruction::End),
        Node::Sequence(nodes) => nodes.iter().try_for_each(|node| emit(node, program)),
        Node::Alternatives(nodes) => emit_alternatives(nodes, program),
        Node::Repeat { node, least, most } => emit_repetition(node, *least, *most, program),
    }
}

fn emit_alternatives(nodes: &[Node], program: &mut Vec<Instruction>) -> Result<(), RegexpProblem> {
    let Some((first, rest)) = nodes.split_first() else {
        return Ok(());
    };
    if rest.is_empty() {
        return emit(first, program);
    }
    let split = program.len();
    push(program, Instruction::Split(split + 1, 0))?;
    emit(first, program)?;
    let jump = program.len();
    push(program, Instruction::Jump(0))?;
    set(program, split, Instruction::Split(split + 1, jump + 1));
    emit_alternatives(rest, program)?;
    let end = program.len();
    set(program, jump, Instruction::Jump(end));
    Ok(())
}

fn emit_repetition(
    node: &Node,
    least: usize,
    most: Option<usize>,
    program: &mut Vec<Instruction>,
) -> Result<(), RegexpProblem> {
    for _ in 0..least {
        emit(node, program)?;
    }
    let Some(most) = most else {
        let split = program.len();
        push(program, Instruction::Split(split + 1, 0))?;
        emit(node, program)?;
        push(program, Instruction::Jump(split))?;
        let end = program.len();
        set(program, split, Instruction::Split(split + 1, end));
        return Ok(());
    };
    for _ in least..most {
        let split = program.len();
        push(program, Instruction::Split(split + 1, 0))?;
        emit(node, program)?;
        let end = program.len();
        // Each optional repetition may be the last; where one ends, the next can end too.
        set(program, split, Instruction::Split(split + 1, end));
    }
    Ok(())
}

fn set(program: &mut [Instruction], at: usize, instruction: Instruction) {
    if let Some(slot) = program.get_mut(at) {
        *slot = instruction;
    }
}

impl OctetSet {
    const EMPTY: Self = Self([0; 4]);
    const ALL: Self = Self([u64::MAX; 4]);

    fn contains(&self, byte: u8) -> bool {
        let word = self.0.get(usize::from(byte >> 6));
        word.is_some_and(|word| word & (1 << (byte & 63)) != 0)
    }

    fn insert(&mut self, byte: u8) {
        if let Some(word) = self.0.get_mut(usize::from(byte >> 6)) {
            *word |= 1 << (byte & 63);
        }
    }

    fn complement(self) -> Self {
        Self(self.0.map(|word| !word))
    }
}

/// More instructions than any rule needs, and few enough to run over a long name.
const LARGEST: usize = 10_000;

#[cfg(test)]
mod tests;
