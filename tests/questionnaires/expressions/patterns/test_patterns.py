"""Java's regular expressions, matched whole and in linear time."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from surveyapp.questionnaires.expressions.patterns import PatternError, compile_pattern
from surveyapp.questionnaires.expressions.patterns.characters import CharacterSet
from tests.oracle import Oracle, golden, require_java

#: pattern, texts that match, texts that do not
CASES: list[tuple[str, list[str], list[str]]] = [
    ("abc", ["abc"], ["", "ab", "abcd", "xabc"]),
    ("^[0-9]{12}$", ["940512300123"], ["94051230012", "9405123001234", ""]),
    ("a|b|", ["a", "b", ""], ["ab"]),
    ("^a$|^b$", ["a", "b"], ["ab", "^a$"]),
    ("(ab)*", ["", "ab", "abab"], ["aba"]),
    ("(?:a|b){2,3}", ["ab", "bba"], ["a", "aaaa"]),
    ("a{2,}", ["aa", "aaaa"], ["a"]),
    ("a{0}", [""], ["a"]),
    ("(a{0}){9999}", [""], ["a"]),
    ("a+?b*?c??", ["a", "aabbc"], ["c"]),
    (".", ["a", "😀", "\t"], ["", "\n", "\r", "\u2028", "ab"]),
    ("(?s).", ["\n", "a"], [""]),
    ("[a-c-e]", ["b", "-", "e"], ["d"]),
    ("[]a]", ["]", "a"], ["b"]),
    ("[^]a]", ["b"], ["]", "a"]),
    ("[a^]", ["a", "^"], ["b"]),
    (r"[\s-x]", [" ", "-", "x"], ["a"]),
    ("[a[b-d]]", ["a", "c"], ["e", "["]),
    ("[a-z&&[^b]]", ["a", "c"], ["b", "A"]),
    ("[^a&&b]", ["a", "b", "c"], []),
    (r"\d\w\s", ["1_ "], ["٣_ ", "1ә ", "1_\xa0"]),
    (r"\D\W\S", ["aә-"], ["1a "]),
    (r"a\hb\v", ["a\xa0b\x0b"], ["a\nb\n"]),
    (r"\R", ["\n", "\r\n", "\u2028"], ["\n\n"]),
    (r"\p{L}+", ["Қазақстан", "abc"], ["1", ""]),
    (r"\pL\PL", ["a1"], ["aa"]),
    (r"\p{Lu}\p{Ll}", ["Ән"], ["әН"]),
    (r"\p{IsCyrillic}+", ["Құдық"], ["Kudyk"]),
    (r"\p{InCyrillic}", ["қ"], ["q"]),
    (r"\p{script=Latin}\p{gc=Nd}", ["ə٣"], ["ә٣"]),
    (r"\p{IsAlphabetic}\p{IsDigit}", ["ә1"], ["1ә"]),
    (r"\p{Alpha}\p{Punct}\P{Digit}", ["a!x"], ["ә!x", "a!1"]),
    (r"\x61\u0062\x{63}\0144\cA\t", ["abcd\x01\t"], ["abcd"]),
    (r"\.\+\\\_\#", [".+\\_#"], ["xx\\_#"]),
    (r"\Qa.b\E+", ["a.b", "a.bb"], ["axb"]),
    (r"\Q(", ["("], [""]),
    ("(?i)aB", ["ab", "AB"], ["a"]),
    ("(?i)ә", ["ә"], ["Ә"]),
    ("(?i)[^a]", ["b"], ["a", "A"]),
    ("a(?i:b)c", ["abc", "aBc"], ["abC"]),
    ("(a(?i)b)c", ["aBc"], ["aBC"]),
    ("(?i)a(?-i)b", ["Ab"], ["AB"]),
    ("(?<name>a)b", ["ab"], ["a"]),
    (r"(?=.*\d)[a-z0-9]+", ["abc1"], ["abc"]),
    ("^(?!.*b).*$", ["acd", ""], ["abc"]),
    ("(a(?=b)b)*", ["abab", ""], ["aba"]),
    ("(?:(?!ab).)*", ["ba", "b"], ["bab"]),
    ("(?:(?=.*b(?!c))[abc])*", ["acb", ""], ["acbc", "ba"]),
    (r"\bab\b \Bc", [], ["ab c"]),
    (r"a\b \bb", ["a b"], ["ab"]),
    (r"a\Bb", ["ab"], []),
    ("a$\n", ["a\n"], ["a"]),
    ("a$", ["a"], ["a\n"]),
    (r"\Aa\Z\n\z", ["a\n"], ["a"]),
    ("^*a", ["a"], [""]),
]  # fmt: skip

REFUSED = {
    "(": "unclosed",
    "[": "unclosed",
    "[a": "unclosed",
    "(?:a": "unclosed",
    "a{2": "unclosed",
    "\\": "unclosed",
    r"\p{L": "unclosed",
    "*a": "dangling",
    "{": "dangling",
    "a**": "dangling",
    "a{2}{3}": "dangling",
    "a)": "closing",
    "a{,3}": "quantifier",
    "a{3,2}": "quantifier",
    "a{x}": "quantifier",
    "a{99999}": "quantifier",
    "[z-a]": "range",
    r"[a-\d]": "range",
    r"\y": "escape",
    r"\x6": "unclosed",
    r"\xzz": "escape",
    r"\x{110000}": "escape",
    r"\0": "escape",
    r"\p{Foo}": "property",
    r"\p{IsFoo}": "property",
    r"\p{foo=L}": "property",
    "(?x)a": "flag",
    r"(a)\1": "backreference",
    r"(?<a>b)\k<a>": "backreference",
    "(?<=a)b": "lookbehind",
    "(?<!a)b": "lookbehind",
    "a++": "possessive",
    "(?>a)": "atomic",
    "(a{1000}){1000}": "large",
    "(" * 1000: "large",
    "[" * 1000: "large",
}
#: Patterns on which a backtracking engine would not end.
CATASTROPHES = (
    r"^([A-Za-z]+\s?)+$",
    "(a+)+",
    "(a|a)*",
    "(a|aa)+",
    "(a*)*b",
    "(.*a){20}",
    r"(\w+\s*)*:",
    "(?=(a+)+$)b",
)
#: Patterns that look ahead to the end from every place; the phone takes the square of the length for them.
LOOKING_AHEAD = ("(?:(?!.*b).)*b", ".*(?=.*b)b")


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    require_java()
    with Oracle() as running:
        running.load(golden.FORMS / "basics.md")
        yield running


@pytest.mark.parametrize(("pattern", "fitting", "others"), CASES)
def test_a_pattern_matches_these_texts_and_not_those(
    pattern: str, fitting: list[str], others: list[str]
) -> None:
    matcher = compile_pattern(pattern)
    assert [text for text in fitting if not matcher.matches(text)] == []
    assert [text for text in others if matcher.matches(text)] == []


@pytest.mark.java
@pytest.mark.parametrize(("pattern", "fitting", "others"), CASES)
def test_java_agrees(oracle: Oracle, pattern: str, fitting: list[str], others: list[str]) -> None:
    for text in (*fitting, *others):
        reply = oracle.eval(f"regex('{text}', '{pattern}')")
        assert reply["boolean"] is (text in fitting), text


@pytest.mark.parametrize("pattern", REFUSED)
def test_a_pattern_that_cannot_be_used_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError) as raised:
        compile_pattern(pattern)
    assert raised.value.reason == REFUSED[pattern]


@pytest.mark.parametrize("pattern", CATASTROPHES + LOOKING_AHEAD)
def test_no_pattern_takes_more_steps_than_states_times_characters(pattern: str) -> None:
    assert not compile_pattern(pattern).matches("a" * 3000 + "!")


def test_a_pattern_forgets_what_it_remembered_before_it_fills_the_memory() -> None:
    matcher = compile_pattern("(.{0,40}x)*")
    texts = ["".join("xy"[number >> bit & 1] for bit in range(12)) for number in range(4096)]
    assert all(matcher.matches(text) == text.endswith("x") for text in texts)


def patterns() -> SearchStrategy[str]:
    """Patterns that mean the same to Python's `re`."""
    atoms = st.sampled_from(("a", "b", "c", "[ab]", "[^a]", "(?:)", r"\d", "^", "$", r"\b"))
    return st.recursive(
        atoms,
        lambda inner: st.one_of(
            st.lists(inner, min_size=2, max_size=4).map("".join),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})"),
            st.tuples(inner, st.sampled_from(("*", "+", "?", "{2}", "{1,2}", "{2,}", "*?"))).map(
                lambda both: f"(?:{both[0]}){both[1]}"
            ),
            inner.map(lambda part: f"(?={part})"),
            inner.map(lambda part: f"(?!{part})"),
        ),
        max_leaves=8,
    )


@settings(max_examples=300)
@given(patterns(), st.text("abc1", max_size=6))
def test_a_backtracking_engine_agrees_where_it_ends(pattern: str, text: str) -> None:
    assert compile_pattern(pattern).matches(text) is bool(re.fullmatch(pattern, text, re.ASCII))


@given(st.text())
def test_any_text_is_a_pattern_or_refused(source: str) -> None:
    try:
        matcher = compile_pattern(source)
    except PatternError as error:
        assert error.reason
    else:
        assert matcher.matches("x") in {True, False}


@given(st.text("abcXYZ09-", max_size=9), st.text("abcXYZ09-", max_size=9), st.characters())
def test_sets_of_characters_combine_as_sets(left: str, right: str, character: str) -> None:
    first, second = CharacterSet.of(left), CharacterSet.of(right)
    assert (character in first) is (character in left)
    assert (character in first | second) is (character in left + right)
    assert (character in first & second) is (character in left and character in right)
    assert (character in ~first) is (character not in left)
