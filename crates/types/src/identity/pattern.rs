//! A shell's patterns, as `fnmatch` has them without flags.

/// Whether the whole text matches. Takes no longer than the product of the lengths.
pub(super) fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut pattern, mut text) = (pattern, text);
    // Behind the last `*`: what is to match, and from where on in the text it was not tried yet.
    let mut retry: Option<(&[u8], &[u8])> = None;
    loop {
        let went_on = match (pattern.split_first(), text.split_first()) {
            (None, None) => return true,
            (Some((b'*', behind)), _) => {
                retry = Some((behind, text));
                pattern = behind;
                continue;
            }
            (Some(_), Some((byte, rest))) => one(pattern, *byte).map(|behind| (behind, rest)),
            _ => None,
        };
        (pattern, text) = match (went_on, &mut retry) {
            (Some(next), _) => next,
            (None, Some((behind, from))) => {
                let Some((_, rest)) = from.split_first() else {
                    return false;
                };
                *from = rest;
                (*behind, rest)
            }
            (None, None) => return false,
        };
    }
}

/// What follows the first element of the pattern, if that matches the byte.
fn one(pattern: &[u8], byte: u8) -> Option<&[u8]> {
    match pattern {
        [b'?', behind @ ..] => Some(behind),
        [b'[', set @ ..] => match bracket(set, byte) {
            Some((is_in, behind)) => is_in.then_some(behind),
            // Without an end it is a character like others.
            None => (byte == b'[').then_some(set),
        },
        [b'\\', literal, behind @ ..] => (*literal == byte).then_some(behind),
        [literal, behind @ ..] => (*literal == byte).then_some(behind),
        [] => None,
    }
}

/// Whether the byte is in the set, and what follows the set's end; `None` where it has none.
fn bracket(set: &[u8], byte: u8) -> Option<(bool, &[u8])> {
    let (negated, mut rest) = match set {
        [b'!' | b'^', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let mut found = false;
    let mut is_first = true;
    loop {
        rest = match rest {
            [b']', behind @ ..] if !is_first => return Some((found != negated, behind)),
            [from, b'-', to, behind @ ..] if *to != b']' => {
                found |= (*from..=*to).contains(&byte);
                behind
            }
            [b'\\', one, behind @ ..] | [one, behind @ ..] => {
                found |= *one == byte;
                behind
            }
            [] => return None,
        };
        is_first = false;
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn texts_that_match() {
        for (pattern, text) in [
            ("", ""),
            ("*", ""),
            ("**", "ab"),
            ("a*b*c", "axxbyyc"),
            ("a*bc", "abbbc"),
            ("?*.org", "a.org"),
            ("[a-c]x", "bx"),
            ("[!a-c]x", "dx"),
            ("[^a]", "b"),
            ("[]a]", "]"),
            ("[a-]", "-"),
            (r"\*", "*"),
            (r"[\]]", "]"),
            ("[ab", "[ab"),
            ("*/b", "a/b"),
        ] {
            assert!(
                matches(pattern.as_bytes(), text.as_bytes()),
                "{pattern} {text}"
            );
        }
    }

    #[test]
    fn texts_that_do_not() {
        for (pattern, text) in [
            ("", "a"),
            ("a", ""),
            ("?", ""),
            ("a*b", "acbc"),
            ("[a-c]x", "dx"),
            ("[!a-c]x", "ax"),
            ("A", "a"),
            (r"\*", "a"),
            ("a*b*c", "acb"),
        ] {
            assert!(
                !matches(pattern.as_bytes(), text.as_bytes()),
                "{pattern} {text}"
            );
        }
    }

    #[test]
    fn many_stars_take_no_time() {
        let pattern = b"*a".repeat(200);
        let text = b"a".repeat(2000);
        assert!(matches(&pattern, &text));
        assert!(!matches(&[&pattern[..], b"b"].concat(), &text));
    }
}
