//! Expressions and what they find, as `regcomp` and `regexec` have it.

use alloc::vec;

use super::{Regexp, RegexpProblem};

fn find(expression: &str, text: &str) -> Option<(usize, usize)> {
    Regexp::parse(expression.as_bytes())
        .unwrap()
        .find(text.as_bytes())
}

#[test]
fn the_leftmost_longest_match_is_found() {
    for (expression, text, found) in [
        ("", "abc", Some((0, 0))),
        ("b", "abc", Some((1, 2))),
        ("x*", "abc", Some((0, 0))),
        ("a|ab", "abc", Some((0, 2))),
        ("(a|ab)(c|bcd)", "abcd", Some((0, 4))),
        ("b+|abbb", "abbb", Some((0, 4))),
        ("@.*", "user@R@S", Some((4, 8))),
        ("^b", "ab", None),
        ("b$", "bab", Some((2, 3))),
        ("^$", "", Some((0, 0))),
        ("a{2,3}", "aaaa", Some((0, 3))),
        ("a{2}", "a", None),
        ("(ab){2,}", "xababab", Some((1, 7))),
        ("a{0,1}b", "ab", Some((0, 2))),
        ("[a-c]+", "xxcab", Some((2, 5))),
        ("[^a-c]+", "abxyc", Some((2, 4))),
        ("[]a-]+", "x-]a", Some((1, 4))),
        ("[[:digit:]]+", "ab12", Some((2, 4))),
        ("\\.", "a.b", Some((1, 2))),
        ("a)", "a)", Some((0, 2))),
        ("(a*)*b", "aaab", Some((0, 4))),
        ("()|x", "x", Some((0, 1))),
    ] {
        assert_eq!(find(expression, text), found, "{expression} in {text}");
    }
}

#[test]
fn malformed_expressions_are_refused_by_what_is_wrong() {
    for (expression, problem) in [
        ("(a", RegexpProblem::Parenthesis),
        ("[a", RegexpProblem::Bracket),
        ("[]", RegexpProblem::Bracket),
        ("[z-a]", RegexpProblem::Bracket),
        ("[[:none:]]", RegexpProblem::Bracket),
        ("[[=a=]]", RegexpProblem::Bracket),
        ("*a", RegexpProblem::Repetition),
        ("(+a)", RegexpProblem::Repetition),
        ("a{", RegexpProblem::Repetition),
        ("a{3,2}", RegexpProblem::Repetition),
        ("a{256}", RegexpProblem::Repetition),
        ("a\\", RegexpProblem::Backslash),
        ("\\d", RegexpProblem::Backslash),
        ("((((a{255}){255}){255}){255})", RegexpProblem::TooLarge),
    ] {
        let refused = Regexp::parse(expression.as_bytes()).err();
        assert_eq!(refused, Some(problem), "{expression}");
    }
    let deep = vec![b'('; 100_000];
    assert_eq!(Regexp::parse(&deep).err(), Some(RegexpProblem::TooLarge));
    let repeated = [&b"a"[..], &vec![b'*'; 100_000]].concat();
    assert_eq!(
        Regexp::parse(&repeated).err(),
        Some(RegexpProblem::TooLarge)
    );
}

#[test]
fn an_expression_that_makes_others_backtrack_does_not() {
    let text = vec![b'a'; 20_000];
    let expression = Regexp::parse(b"(a*)*(a|aa)+(a*)*b").unwrap();
    assert_eq!(expression.find(&text), None);
}
