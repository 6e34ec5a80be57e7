"""Texts that match a pattern, drawn at random from the pattern's own parts."""

from __future__ import annotations

from functools import singledispatch
from random import Random

from surveyapp.questionnaires.expressions.patterns.characters import CharacterSet
from surveyapp.questionnaires.expressions.patterns.syntax import (
    Either,
    One,
    Pattern,
    Repeat,
    Sequence,
    parse_pattern,
)

#: how often at most something is repeated beyond what it must
MOST_EXTRA = 8
#: what people type; a pattern's set is cut down to these where it has any of them
_USUAL = CharacterSet.of("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz0123456789-_. ")


def random_match(pattern: str, random: Random) -> str:
    """A text that matches the whole of a Java pattern, unless an anchor or a look forbids it.

    Raises:
        PatternError: the pattern cannot be used.
    """
    return _draw(parse_pattern(pattern), random)


@singledispatch
def _draw(_part: Pattern, _random: Random) -> str:
    """Anchors and looks stand for no character."""
    return ""


@_draw.register
def _one(part: One, random: Random) -> str:
    ranges = (part.members & _USUAL).ranges() or part.members.ranges()
    first, last = random.choice(ranges)
    return chr(random.randint(first, last))


@_draw.register
def _sequence(part: Sequence, random: Random) -> str:
    return "".join(_draw(below, random) for below in part.parts)


@_draw.register
def _either(part: Either, random: Random) -> str:
    return _draw(random.choice(part.branches), random)


@_draw.register
def _repeat(part: Repeat, random: Random) -> str:
    most = part.least + MOST_EXTRA
    times = random.randint(part.least, most if part.most is None else min(part.most, most))
    return "".join(_draw(part.body, random) for _ in range(times))
