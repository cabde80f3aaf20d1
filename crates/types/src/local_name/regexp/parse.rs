//! Text -> tree.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::{Node, OctetSet, RegexpProblem};

pub(super) fn parse(text: &[u8]) -> Result<Node, RegexpProblem> {
    Parser {
        rest: text,
        depth: 0,
    }
    .alternatives()
}

struct Parser<'t> {
    rest: &'t [u8],
    /// How many parentheses are open.
    depth: usize,
}

impl Parser<'_> {
    fn alternatives(&mut self) -> Result<Node, RegexpProblem> {
        let mut nodes = Vec::from([self.sequence()?]);
        while self.take(b'|') {
            nodes.push(self.sequence()?);
        }
        Ok(Node::Alternatives(nodes))
    }

    fn sequence(&mut self) -> Result<Node, RegexpProblem> {
        let mut nodes = Vec::new();
        while let Some((&byte, rest)) = self.rest.split_first() {
            // A parenthesis that closes nothing is an ordinary character (as glibc's).
            if byte == b'|' || (byte == b')' && self.depth > 0) {
                break;
            }
            self.rest = rest;
            let atom = self.atom(byte)?;
            nodes.push(self.repeated(atom)?);
        }
        Ok(Node::Sequence(nodes))
    }

    fn atom(&mut self, byte: u8) -> Result<Node, RegexpProblem> {
        Ok(match byte {
            b'(' => return self.group(),
            b'[' => Node::Set(Box::new(self.bracket()?)),
            b'.' => Node::Set(Box::new(OctetSet::ALL)),
            b'^' => Node::Start,
            b'$' => Node::End,
            b'\\' => match self.next() {
                Some(quoted) if !quoted.is_ascii_alphanumeric() => single(quoted),
                _ => return Err(RegexpProblem::Backslash),
            },
            b'*' | b'+' | b'?' | b'{' => return Err(RegexpProblem::Repetition),
            other => single(other),
        })
    }

    fn group(&mut self) -> Result<Node, RegexpProblem> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(RegexpProblem::TooLarge);
        }
        let node = self.alternatives()?;
        self.depth -= 1;
        if self.take(b')') {
            Ok(node)
        } else {
            Err(RegexpProblem::Parenthesis)
        }
    }

    fn repeated(&mut self, mut node: Node) -> Result<Node, RegexpProblem> {
        let mut repetitions = 0;
        while let Some((least, most)) = self.repetition()? {
            repetitions += 1;
            if repetitions > DEEPEST {
                return Err(RegexpProblem::TooLarge);
            }
            // What can be empty may be repeated without an end; nothing is gained by it.
            node = Node::Repeat {
                node: Box::new(node),
                least,
                most,
            };
        }
        Ok(node)
    }

    fn repetition(&mut self) -> Result<Option<(usize, Option<usize>)>, RegexpProblem> {
        Ok(Some(if self.take(b'*') {
            (0, None)
        } else if self.take(b'+') {
            (1, None)
        } else if self.take(b'?') {
            (0, Some(1))
        } else if self.take(b'{') {
            self.bounds()?
        } else {
            return Ok(None);
        }))
    }

    /// `m}`, `m,}` or `m,n}`.
    fn bounds(&mut self) -> Result<(usize, Option<usize>), RegexpProblem> {
        let least = self.number().ok_or(RegexpProblem::Repetition)?;
        let most = if self.take(b',') {
            self.number()
        } else {
            Some(least)
        };
        let is_possible = most.is_none_or(|most| least <= most);
        if self.take(b'}') && is_possible {
            Ok((least, most))
        } else {
            Err(RegexpProblem::Repetition)
        }
    }

    /// Up to 255, which is `RE_DUP_MAX`.
    fn number(&mut self) -> Option<usize> {
        let length = self.rest.iter().take_while(|o| o.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at_checked(length)?;
        let number: u8 = core::str::from_utf8(digits).ok()?.parse().ok()?;
        self.rest = rest;
        Some(number.into())
    }

    /// What follows `[`, up to its `]`.
    fn bracket(&mut self) -> Result<OctetSet, RegexpProblem> {
        let excludes = self.take(b'^');
        let mut set = OctetSet::EMPTY;
        let mut is_first = true;
        loop {
            let byte = self.next().ok_or(RegexpProblem::Bracket)?;
            match (byte, self.rest.first()) {
                (b']', _) if !is_first => break,
                (b'[', Some(b':')) => self.class(&mut set)?,
                (b'[', Some(b'.' | b'=')) => return Err(RegexpProblem::Bracket),
                _ => self.range(byte, &mut set)?,
            }
            is_first = false;
        }
        Ok(if excludes { set.complement() } else { set })
    }

    /// `a`, or `a-z`; a minus before the end is one.
    fn range(&mut self, first: u8, set: &mut OctetSet) -> Result<(), RegexpProblem> {
        let last = match self.rest {
            [b'-', last, rest @ ..] if *last != b']' => {
                self.rest = rest;
                *last
            }
            _ => first,
        };
        if last < first {
            return Err(RegexpProblem::Bracket);
        }
        (first..=last).for_each(|byte| set.insert(byte));
        Ok(())
    }

    /// `:alpha:]` and so on, of ASCII.
    fn class(&mut self, set: &mut OctetSet) -> Result<(), RegexpProblem> {
        let (contains, rest) = CLASSES
            .iter()
            .find_map(|(name, contains)| Some((contains, self.rest.strip_prefix(*name)?)))
            .ok_or(RegexpProblem::Bracket)?;
        self.rest = rest;
        let bytes = (0..=u8::MAX).filter(contains);
        bytes.for_each(|byte| set.insert(byte));
        Ok(())
    }

    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn take(&mut self, byte: u8) -> bool {
        let rest = self.rest.strip_prefix(&[byte]);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}

fn single(byte: u8) -> Node {
    let mut set = OctetSet::EMPTY;
    set.insert(byte);
    Node::Set(Box::new(set))
}

/// The classes of the POSIX locale.
type Class = (&'static [u8], fn(&u8) -> bool);
const CLASSES: [Class; 12] = [
    (b":alnum:]", u8::is_ascii_alphanumeric),
    (b":alpha:]", u8::is_ascii_alphabetic),
    (b":blank:]", |byte| matches!(byte, b' ' | b'\t')),
    (b":cntrl:]", u8::is_ascii_control),
    (b":digit:]", u8::is_ascii_digit),
    (b":graph:]", u8::is_ascii_graphic),
    (b":lower:]", u8::is_ascii_lowercase),
    (b":print:]", |byte| matches!(byte, b' '..=b'~')),
    (b":punct:]", u8::is_ascii_punctuation),
    (b":space:]", |byte| matches!(byte, b'\t'..=b'\r' | b' ')),
    (b":upper:]", u8::is_ascii_uppercase),
    (b":xdigit:]", u8::is_ascii_hexdigit),
];

/// Deeper than any rule, shallow enough for the stack.
const DEEPEST: usize = 64;
