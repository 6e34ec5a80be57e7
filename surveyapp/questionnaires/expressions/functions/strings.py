"""Functions of text."""

from __future__ import annotations

import math
import re

from surveyapp.questionnaires.expressions.context import Context
from surveyapp.questionnaires.expressions.conversions import (
    JAVA_BLANKS,
    Function,
    Nodeset,
    Value,
    to_index,
    to_number,
    to_string,
)
from surveyapp.questionnaires.expressions.errors import EvaluationError
from surveyapp.questionnaires.expressions.patterns import PatternError, compile_pattern

#: The largest character of one UTF-16 unit; Java counts the others as two.
_LAST_SINGLE = "\uffff"
_BLANKS = re.compile(r"[ \t\n\x0b\f\r]+")


def concat(*values: Value) -> str:
    """All texts, one after the other; of one nodeset: of all its nodes."""
    return join("", *values)


def join(separator: Value, *values: Value) -> str:
    """All texts with a separator between them, empty ones too."""
    return to_string(separator).join(map(to_string, spread(values)))


def spread(values: tuple[Value, ...]) -> tuple[Value, ...]:
    """The values of a nodeset's nodes if it is the only argument, else the arguments."""
    match values:
        case (tuple() as nodes,):
            return values_of(nodes)
    return values


def values_of(nodes: Nodeset) -> tuple[Value, ...]:
    """The values of nodes."""
    return tuple([node.value() for node in nodes])


def string_length(context: Context, *values: Value) -> float:
    """UTF-16 units of the text, or of the context node's: an emoji counts two."""
    return float(utf16_length(_text_or_own(context, values)))


def normalize_space(context: Context, *values: Value) -> str:
    """Without blanks at its ends, and with one in place of many."""
    return _BLANKS.sub(" ", _text_or_own(context, values).strip(JAVA_BLANKS))


def _text_or_own(context: Context, values: tuple[Value, ...]) -> str:
    return to_string(values[0] if values else context.node.value())


def utf16_length(text: str) -> int:
    """How long Java and JavaScript take the text to be."""
    if text.isascii():
        return len(text)
    return len(text) + sum(character > _LAST_SINGLE for character in text)


def substr(text: Value, start: Value, end: Value | None = None) -> str:
    """From `start` to before `end`, 0-based UTF-16 units; a negative place counts from the end."""
    characters = to_string(text)
    length = utf16_length(characters)
    first = _place(to_index(start), length)
    last = length if end is None else _place(to_index(end), length)
    if length == len(characters):
        return characters[first:last]
    units = characters.encode("utf-16-le", errors="surrogatepass")[2 * first : 2 * last]
    return units.decode("utf-16-le", errors="ignore")  # half a character is none


def _place(index: int, length: int) -> int:
    return min(max(0, index + length if index < 0 else index), length)


def substring(text: Value, start: Value, length: Value | None = None) -> str:
    """XPath 1.0 §4.2: from the `start`-th character on, at most `length` of them."""
    first = to_number(start)
    last = math.inf if length is None else _half_up(first) + _half_up(to_number(length))
    return "".join(
        character
        for number, character in enumerate(to_string(text), 1)
        if _half_up(first) <= number < last
    )


def _half_up(number: float) -> float:
    return math.floor(number + 0.5) if math.isfinite(number) else number


def substring_before(text: Value, mark: Value) -> str:
    """What stands before the first `mark`; nothing if it does not occur."""
    before, found, _ = _parted(text, mark)
    return before if found else ""


def substring_after(text: Value, mark: Value) -> str:
    """What stands after the first `mark`; nothing if it does not occur."""
    _, found, after = _parted(text, mark)
    return after if found else ""


def _parted(text: Value, mark: Value) -> tuple[str, bool, str]:
    whole, part = to_string(text), to_string(mark)
    place = whole.find(part)
    return whole[: max(place, 0)], place >= 0, whole[place + len(part) :]


def translate(text: Value, characters: Value, replacements: Value) -> str:
    """Each of `characters` replaced by the one at the same place, or taken away if there is none."""
    sources, targets = to_string(characters), to_string(replacements)
    table: dict[int, str] = {}
    for place, character in enumerate(sources):
        table.setdefault(ord(character), targets[place : place + 1])
    return to_string(text).translate(table)


def regex(text: Value, pattern: Value) -> bool:
    """Whether the whole text matches a Java pattern.

    Raises:
        EvaluationError: `pattern`, one that was put together from answers cannot be used.
    """
    try:
        matcher = compile_pattern(to_string(pattern))
    except PatternError as error:
        raise EvaluationError("pattern", reason=error.reason) from error
    return matcher.matches(to_string(text))


STRINGS: dict[str, Function] = {
    "concat": concat,
    "contains": lambda text, part: to_string(part) in to_string(text),
    "ends-with": lambda text, part: to_string(text).endswith(to_string(part)),
    "join": join,
    "lower-case": lambda text: to_string(text).lower(),
    "regex": regex,
    "replace": lambda text, old, new: to_string(text).replace(to_string(old), to_string(new)),
    "starts-with": lambda text, part: to_string(text).startswith(to_string(part)),
    "string": to_string,
    "substr": substr,
    "substring": substring,
    "substring-after": substring_after,
    "substring-before": substring_before,
    "translate": translate,
    "upper-case": lambda text: to_string(text).upper(),
}
STRINGS_IN_CONTEXT: dict[str, Function] = {
    "string-length": string_length,
    "normalize-space": normalize_space,
}
