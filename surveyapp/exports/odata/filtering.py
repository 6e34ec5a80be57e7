"""`$filter`: comparisons of a few columns, joined by `and`, `or`, `not` and parentheses; nothing else.

Times can be compared, and what a submission's state is told by. Nothing of the text reaches the database
but as a bound parameter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from operator import eq, ge, gt, le, lt, ne
from typing import Any, NamedTuple
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, not_, or_
from sqlalchemy.orm import InstrumentedAttribute

from surveyapp.exports.odata.errors import ODataRefused
from surveyapp.questionnaires.storable import is_storable
from surveyapp.submissions.models import Submission

LONGEST = 2000
DEEPEST = 20
_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "eq": eq,
    "ne": ne,
    "gt": gt,
    "ge": ge,
    "lt": lt,
    "le": le,
}
_TOKENS = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')"
    r"|(?P<time>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,12})?)?(?:Z|[+-]\d{2}:\d{2}))"
    r"|(?P<day>\d{4}-\d{2}-\d{2}(?!\w))"
    r"|(?P<number>-?\d{1,15}(?![\w.-]))"
    r"|(?P<fraction>-?\d{1,15}\.\d{1,15}(?![\w.-]))"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<sign>[(),]))"
)


class _Token(NamedTuple):
    kind: str
    text: str


class _Known(NamedTuple):
    """A column that can be compared, with the kind of value that stands on the other side."""

    column: InstrumentedAttribute[Any]
    kind: str


_OF_SUBMISSIONS: Mapping[str, _Known] = {
    "id": _Known(Submission.id, "id"),
    "received_at": _Known(Submission.received_at, "time"),
    "started_at": _Known(Submission.started_at, "time"),
    "finished_at": _Known(Submission.finished_at, "time"),
    "status": _Known(Submission.status, "text"),
    "version": _Known(Submission.version, "text"),
    "language": _Known(Submission.language, "text"),
    "channel": _Known(Submission.channel, "text"),
    "revision": _Known(Submission.revision, "number"),
    "synthetic": _Known(Submission.synthetic, "switch"),
}
_OF_ROSTERS: Mapping[str, _Known] = {
    "submission_id": _Known(Submission.id, "id"),
    "synthetic": _Known(Submission.synthetic, "switch"),
}


def condition(text: str, *, of_submissions: bool) -> ColumnElement[bool]:
    """The condition that a `$filter` means. Raises `ODataRefused`."""
    if len(text) > LONGEST or not is_storable(text):
        raise _refused()
    reading = _Reading(_tokens(text), _OF_SUBMISSIONS if of_submissions else _OF_ROSTERS)
    found = reading.either(0)
    reading.end()
    return found


def _refused(status: int = HTTPStatus.BAD_REQUEST) -> ODataRefused:
    return ODataRefused(
        "$filter",
        _l(
            "“$filter” compares times and what a submission's state is told by, such as: "
            "received_at ge 2026-09-01T00:00:00Z and status eq 'accepted'"
        ),
        status,
    )


def _tokens(text: str) -> list[_Token]:
    found, at = [], 0
    end = len(text.rstrip())
    while at < end:
        match = _TOKENS.match(text, at)
        if match is None or match.lastgroup is None:
            raise _refused()
        found.append(_Token(match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


class _Reading:
    def __init__(self, tokens: list[_Token], known: Mapping[str, _Known]) -> None:
        self._tokens = tokens
        self._known = known
        self._at = 0

    def either(self, depth: int) -> ColumnElement[bool]:
        found = [self._both(depth)]
        while self._takes("word", "or"):
            found.append(self._both(depth))
        return or_(*found)

    def end(self) -> None:
        if self._at != len(self._tokens):
            raise _refused()

    def _both(self, depth: int) -> ColumnElement[bool]:
        found = [self._one(depth)]
        while self._takes("word", "and"):
            found.append(self._one(depth))
        return and_(*found)

    def _one(self, depth: int) -> ColumnElement[bool]:
        if depth > DEEPEST:
            raise _refused()
        if self._takes("word", "not"):
            return not_(self._one(depth + 1))
        if self._takes("sign", "("):
            found = self.either(depth + 1)
            if not self._takes("sign", ")"):
                raise _refused()
            return found
        return self._comparison()

    def _comparison(self) -> ColumnElement[bool]:
        known = self._known.get(self._next("word").text)
        if known is None:
            # another column or a function: right as such (OData 4.0, Protocol, 9.3.1), so that Excel and
            # Power BI filter by themselves; of what is withheld nobody hears that it is there
            raise _refused(HTTPStatus.NOT_IMPLEMENTED)
        operator = _OPERATORS.get(self._next("word").text)
        if operator is None:
            raise _refused()
        token = self._next()
        if token == ("word", "null"):
            return _with_nothing(known.column, operator)
        value = _VALUES[known.kind](token)
        if known.kind in {"switch", "id"} and operator not in {eq, ne}:
            raise _refused()
        found: ColumnElement[bool] = operator(known.column, value)
        return found

    def _takes(self, kind: str, text: str) -> bool:
        taken = self._at < len(self._tokens) and self._tokens[self._at] == (kind, text)
        self._at += taken
        return taken

    def _next(self, kind: str | None = None) -> _Token:
        if self._at >= len(self._tokens) or (kind and self._tokens[self._at].kind != kind):
            raise _refused()
        self._at += 1
        return self._tokens[self._at - 1]


def _with_nothing(
    column: InstrumentedAttribute[Any], operator: Callable[..., Any]
) -> ColumnElement[bool]:
    if operator is eq:
        return column.is_(None)
    if operator is ne:
        return column.is_not(None)
    raise _refused()


def _time(token: _Token) -> datetime:
    if token.kind != "time":
        raise _refused()
    whole, _, rest = token.text.replace("Z", "+00:00").partition(".")
    fraction = re.match(r"\d*", rest)
    try:  # Python knows microseconds only
        digits = fraction[0] if fraction else ""
        return datetime.fromisoformat(
            f"{whole}.{digits[:6]:0<6}{rest[len(digits) :]}" if rest else whole
        )
    except ValueError:
        raise _refused() from None


def _string(token: _Token) -> str:
    if token.kind != "text":
        raise _refused()
    return token.text[1:-1].replace("''", "'")


def _number(token: _Token) -> int:
    if token.kind != "number" or abs(int(token.text)) >= 2**31:
        raise _refused()
    return int(token.text)


def _switch(token: _Token) -> bool:
    if token.text not in {"0", "1"}:
        raise _refused()
    return token.text == "1"


def _id(token: _Token) -> UUID:
    try:
        return UUID(_string(token))
    except ValueError:
        raise _refused() from None


_VALUES: Mapping[str, Callable[[_Token], Any]] = {
    "time": _time,
    "text": _string,
    "number": _number,
    "switch": _switch,
    "id": _id,
}
