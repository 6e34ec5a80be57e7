"""Java's regular expressions, as far as they can be matched in linear time (java.util.regex.Pattern)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from surveyapp.questionnaires.expressions.patterns.characters import (
    ANY,
    CLASS_ESCAPES,
    NOT_LINE_END,
    CharacterSet,
    named,
)


class PatternError(Exception):
    """A pattern that cannot be used; `reason`, one of `REASONS`, says why."""

    REASONS = frozenset(
        {
            "unclosed",  # a group or class without an end
            "closing",  # a `)` too many
            "dangling",  # a quantifier without anything before it
            "quantifier",  # numbers that make no sense
            "range",  # a range of a class backwards
            "escape",
            "property",  # `\\p{…}` with an unknown name
            "flag",
            "large",  # too many states
            # what is left out on purpose:
            "backreference",
            "lookbehind",
            "possessive",
            "atomic",
        }
    )

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class One:
    """One character out of a set."""

    members: CharacterSet


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other."""

    parts: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Any of the branches."""

    branches: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """From `least` to `most` times; None: any number."""

    body: Pattern
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place: `start`, `end` (also before a last line end), `very end`, `word`, `no word`."""

    place: str


@dataclass(frozen=True, slots=True)
class Look:
    """Ahead of here the body matches, or does not."""

    body: Pattern
    wanted: bool


Pattern: TypeAlias = One | Sequence | Either | Repeat | Anchor | Look

_ANCHORS = {"b": "word", "B": "no word", "A": "start", "Z": "end", "z": "very end"}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "a": "\a", "e": "\x1b"}
_QUANTIFIERS: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
_HEX = frozenset("0123456789abcdefABCDEF")


def parse_pattern(source: str) -> Pattern:
    """The tree of a pattern.

    Raises:
        PatternError: it is not Java's, or needs more than linear time.
    """
    reader = _Reader(source)
    pattern = reader.either()
    if not reader.at_end():
        raise PatternError("closing")
    return pattern


class _Reader:
    """One pass over a pattern; groups recurse."""

    MAX_DEPTH = 60

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._flags: frozenset[str] = frozenset()
        self._depth = 0

    def at_end(self) -> bool:
        return self._at >= len(self._source)

    def _peek(self, length: int = 1) -> str:
        return self._source[self._at : self._at + length]

    def _take(self) -> str:
        if self.at_end():
            raise PatternError("unclosed")
        self._at += 1
        return self._source[self._at - 1]

    def _skip(self, text: str) -> bool:
        found = self._source.startswith(text, self._at)
        self._at += len(text) if found else 0
        return found

    def _until(self, mark: str) -> str:
        end = self._source.find(mark, self._at)
        if end < 0:
            raise PatternError("unclosed")
        text = self._source[self._at : end]
        self._at = end + len(mark)
        return text

    # ---------------------------------------------------------------- structure

    def either(self) -> Pattern:
        flags = self._flags
        self._depth += 1
        if self._depth > self.MAX_DEPTH:
            raise PatternError("large")
        branches = [self._sequence()]
        while self._skip("|"):
            branches.append(self._sequence())
        self._depth -= 1
        self._flags = flags
        return branches[0] if len(branches) == 1 else Either(tuple(branches))

    def _sequence(self) -> Pattern:
        parts: list[Pattern] = []
        while not self.at_end() and self._peek() not in "|)":
            if self._skip("\\Q"):
                parts += map(self._literal, self._quoted())
                if parts:  # a quantifier behind `\\E` is the last character's
                    parts.append(self._quantified(parts.pop()))
            else:
                parts.append(self._quantified(self._atom()))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _quoted(self) -> str:
        if "\\E" in self._source[self._at :]:
            return self._until("\\E")
        text, self._at = self._source[self._at :], len(self._source)
        return text

    def _atom(self) -> Pattern:
        character = self._take()
        if character in "*+?{":
            raise PatternError("dangling")
        if read := _ATOMS.get(character):
            return read(self)
        return self._literal(character)

    def _literal(self, character: str) -> Pattern:
        return self._one(CharacterSet.of(character))

    def _one(self, members: CharacterSet) -> Pattern:
        return One(members.ignoring_case() if "i" in self._flags else members)

    def _any(self) -> Pattern:
        return One(ANY if "s" in self._flags else NOT_LINE_END)

    # ---------------------------------------------------------------- quantifiers

    def _quantified(self, atom: Pattern) -> Pattern:
        bounds = self._quantifier()
        if bounds is None:
            return atom
        if self._skip("+"):
            raise PatternError("possessive")
        self._skip("?")  # reluctant or greedy makes no difference to a whole match
        if self._peek() in {"*", "+", "?", "{"}:
            raise PatternError("dangling")
        return Repeat(atom, *bounds)

    def _quantifier(self) -> tuple[int, int | None] | None:
        if self._skip("{"):
            return self._counts(self._until("}"))
        bounds = _QUANTIFIERS.get(self._peek())
        self._at += 1 if bounds else 0
        return bounds

    @staticmethod
    def _counts(text: str) -> tuple[int, int | None]:
        least, comma, most = text.partition(",")
        numbers = [least, most] if most else [least]
        if not all(number.isascii() and number.isdigit() and len(number) < 5 for number in numbers):
            raise PatternError("quantifier")
        if not comma:
            return int(least), int(least)
        if most and int(most) < int(least):
            raise PatternError("quantifier")
        return int(least), int(most) if most else None

    # ---------------------------------------------------------------- groups

    def _group(self) -> Pattern:
        for opening, read in _GROUPS.items():
            if self._skip(opening):
                return read(self)
        return self._body()

    def _body(self) -> Pattern:
        """What a group holds, and its closing bracket."""
        body = self.either()
        if not self._skip(")"):
            raise PatternError("unclosed")
        return body

    def _named(self) -> Pattern:
        self._until(">")
        return self._body()

    def _flagged(self) -> Pattern:
        """`(?i:…)`, or `(?i)`, which holds for what follows in the group around it."""
        outer = self._flags
        ending = self._read_flags()
        if ending == ")":
            return Sequence(())
        body = self._body()
        self._flags = outer
        return body

    def _read_flags(self) -> str:
        """Set the flags that stand here; the mark behind them."""
        setting = True
        while (character := self._take()) not in ":)":
            if character == "-":
                setting = False
            elif character not in "is":
                raise PatternError("flag")
            elif setting:
                self._flags |= {character}
            else:
                self._flags -= {character}
        return character

    # ---------------------------------------------------------------- escapes

    def _escape(self) -> Pattern:
        letter = self._peek()
        if letter in _ANCHORS:
            self._at += 1
            return Anchor(_ANCHORS[letter])
        if letter == "R":
            self._at += 1
            pair = Sequence((One(CharacterSet.of("\r")), One(CharacterSet.of("\n"))))
            return Either((pair, One(CLASS_ESCAPES["v"])))
        if letter in {"k", *"123456789"}:
            raise PatternError("backreference")
        return self._one(self._escaped())

    def _escaped(self) -> CharacterSet:
        """The set that an escape means, inside a class or outside; the backslash is read already."""
        letter = self._take()
        if letter in CLASS_ESCAPES:
            return CLASS_ESCAPES[letter]
        if letter in "pP":
            return self._property(negated=letter == "P")
        if read := _CODES.get(letter):
            return CharacterSet.of(read(self))
        if letter in _CONTROLS:
            return CharacterSet.of(_CONTROLS[letter])
        if letter.isascii() and letter.isalnum():
            raise PatternError("escape")
        return CharacterSet.of(letter)

    def _property(self, *, negated: bool) -> CharacterSet:
        name = self._until("}") if self._skip("{") else self._take()
        members = named(name)
        if members is None:
            raise PatternError("property")
        return ~members if negated else members

    def _hexadecimal(self) -> str:
        return self._code(self._until("}") if self._skip("{") else self._taken(2), 16)

    def _utf16(self) -> str:
        return self._code(self._taken(4), 16)

    def _octal(self) -> str:
        digits = ""
        while len(digits) < 3 and self._peek() and self._peek() in "01234567":
            digits += self._take()
        return self._code(digits, 8)

    def _control(self) -> str:
        return chr(ord(self._take()) ^ 64)

    def _taken(self, count: int) -> str:
        return "".join(self._take() for _ in range(count))

    @staticmethod
    def _code(digits: str, base: int) -> str:
        if not digits or not _HEX.issuperset(digits) or len(digits) > 6:
            raise PatternError("escape")
        code = int(digits, base)
        if code >= 0x110000:
            raise PatternError("escape")
        return chr(code)

    # ---------------------------------------------------------------- classes

    def _class(self) -> Pattern:
        return One(self._members())

    def _members(self) -> CharacterSet:
        """A class, its opening bracket read already."""
        self._depth += 1
        if self._depth > self.MAX_DEPTH:
            raise PatternError("large")
        negated = self._skip("^")
        members = self._union(first=True)
        while self._skip("&&"):
            members &= self._union(first=False)
        if not self._skip("]"):
            raise PatternError("unclosed")
        self._depth -= 1
        return ~members if negated else members

    def _union(self, *, first: bool) -> CharacterSet:
        members = CharacterSet(())
        while first or self._peek() != "]":
            if self._peek(2) == "&&":
                break
            members |= self._member()
            first = False
        return members.ignoring_case() if "i" in self._flags else members

    def _member(self) -> CharacterSet:
        if self._skip("["):
            return self._members()
        low = self._class_character()
        if low.only is None or self._peek() != "-" or self._peek(2) in {"-]", "-[", "-"}:
            return low
        self._at += 1
        high = self._class_character()
        if high.only is None or high.only < low.only:
            raise PatternError("range")
        return CharacterSet.of_ranges([(low.only, high.only)])

    def _class_character(self) -> CharacterSet:
        character = self._take()
        return self._escaped() if character == "\\" else CharacterSet.of(character)


def _refuse(reason: str) -> Pattern:
    raise PatternError(reason)


#: What a group opens with, behind its bracket; the first that fits counts.
_GROUPS: dict[str, Callable[[_Reader], Pattern]] = {
    "?=": lambda reader: Look(reader._body(), True),
    "?!": lambda reader: Look(reader._body(), False),
    "?<=": lambda reader: _refuse("lookbehind"),
    "?<!": lambda reader: _refuse("lookbehind"),
    "?>": lambda reader: _refuse("atomic"),
    "?<": _Reader._named,
    "?": _Reader._flagged,
}
_ATOMS: dict[str, Callable[[_Reader], Pattern]] = {
    ".": _Reader._any,
    "^": lambda reader: Anchor("start"),
    "$": lambda reader: Anchor("end"),
    "(": _Reader._group,
    "[": _Reader._class,
    "\\": _Reader._escape,
}
_CODES: dict[str, Callable[[_Reader], str]] = {
    "x": _Reader._hexadecimal,
    "u": _Reader._utf16,
    "0": _Reader._octal,
    "c": _Reader._control,
}
