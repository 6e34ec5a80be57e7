"""The words of a script put together, without what means nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_WORDLIKE = re.compile(r"[\w$]")
_CLOSING = frozenset({"}", ")", "]"})


def compact(words: Iterable[str]) -> str:
    """The text of a script from its words, in one line."""
    return "".join(_spaced(_needed(_merged(words))))


def _merged(words: Iterable[str]) -> list[str]:
    """The words, with `const a = 1; const b = 2` as `const a = 1, b = 2`."""
    found: list[str] = []
    #: in each bracket that is open, the first word of the last statement, and whether that has ended
    statements = [("", True)]
    for word in words:
        if word == "const" and found[-1:] == [";"] and statements[-1] == ("const", True):
            found[-1], statements[-1] = ",", ("const", False)
            continue
        found.append(word)
        _follow(statements, word)
    return found


def _follow(statements: list[tuple[str, bool]], word: str) -> None:
    if word[:1] in _CLOSING:  # of a template also `} and ${`
        statements.pop()
        if word == "}" and statements[-1][0] != "const":
            statements[-1] = ("", True)
    elif word == ";":
        statements[-1] = (statements[-1][0], True)
    elif statements[-1][1]:
        statements[-1] = (word, False)
    if word[-1:] in {"{", "(", "["}:
        statements.append(("", True))


def _needed(words: list[str]) -> Iterator[str]:
    """The words without those that mean nothing: `a,)`, `a;}`, the brackets of `(a)=>`."""
    for index, word in enumerate(words):
        before, after = words[max(0, index - 2) : index], words[index + 1 : index + 4]
        if word == "," and after[:1] and after[0] in _CLOSING:
            continue
        if word == ";" and after[:1] == ["}"]:
            continue
        if word == "(" and after[1:] == [")", "=>"] and after[0].isidentifier():
            continue
        if word == ")" and after[:1] == ["=>"] and before[:1] == ["("] and before[1].isidentifier():
            continue
        yield word


def _spaced(words: Iterable[str]) -> Iterator[str]:
    """The words, with a blank only where two would become one."""
    before = ""
    for word in words:
        both_wordlike = _WORDLIKE.match(before[-1:]) and _WORDLIKE.match(word)
        if both_wordlike or (before[-1:] == word[:1] and word[:1] in {"+", "-"}):
            yield " "
        yield word
        before = word
