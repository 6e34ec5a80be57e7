"""The body of a request to the API: unpacked within limits, read strictly, each item by itself.

JSON is read more strictly than Python's reader does (RFC 8259, RFC 7493): no `NaN`, no number that is no
finite number, no name twice in one object. What is wrong inside one item is told of that item alone;
only what leaves the rest unreadable is an error of the whole request.
"""

from __future__ import annotations

import json
import math
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import chain, islice
from json import JSONDecodeError
from typing import Any, cast

from flask import Request

from surveyapp.questionnaires import paths
from surveyapp.questionnaires.answers import AnswerError

#: longer numbers are not whole numbers that anybody counted (and Python refuses to read 4,301 digits)
MOST_DIGITS = 300
#: the member of a batch that lists its items
ITEMS = "submissions"
#: the member of an item whose own members are told without its name: `visit/a_region`
ANSWERS = "answers"
#: how many places of one item are told; their names are the sender's and may be anything
MOST_TOLD = 20
_NAME = re.compile(r"[\w.-]{1,100}")
#: gzip files joined into one body; taking each off the rest costs time in their number times its length
MOST_MEMBERS = 100
_BLANK = re.compile(r"[ \t\n\r]*")
_GZIP = zlib.MAX_WBITS | 16
_GZIP_MARK = b"\x1f\x8b"


class UnreadableBody(ValueError):
    """The body as a whole cannot be taken; `code` says why, `status` is the HTTP status."""

    def __init__(self, code: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


@dataclass(frozen=True, slots=True)
class SentItem:
    """One item of a batch: its bytes as they came, what they say, and what is wrong in them."""

    raw: bytes = field(repr=False)
    value: Any = field(repr=False)
    errors: tuple[AnswerError, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as it came: the items of its list `submissions`, and its other members."""

    items: tuple[SentItem, ...]
    others: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _NoNumber:
    """Stands where a number was that is none."""


class _Repeated(dict[str, Any]):
    """An object in which a name stood twice."""


# --- bytes ------------------------------------------------------------------------------------------


def read_body(request: Request, most_bytes: int) -> bytes:
    """The body, unpacked if it is packed; neither form may be longer than `most_bytes`.

    Raises `UnreadableBody`, and werkzeug's `RequestEntityTooLarge`.
    """
    sent = request.get_data(cache=False)
    if request.content_length is None and len(sent) >= most_bytes:
        request.stream.read(1)  # sent in chunks, and cut at the limit: says so only when asked for more
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in {"", "identity"}:
        return sent
    if encoding not in {"gzip", "x-gzip"}:
        raise UnreadableBody("content_encoding", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    return unpacked(sent, most_bytes)


def unpacked(packed: bytes, most_bytes: int) -> bytes:
    """The content of a gzip file, which may have several members. Raises `UnreadableBody`."""
    content = bytearray()
    for _member in range(MOST_MEMBERS):
        if not packed:
            break
        member = zlib.decompressobj(_GZIP)
        try:
            content += member.decompress(packed, most_bytes + 1 - len(content))
        except zlib.error:
            raise UnreadableBody("gzip") from None
        if len(content) > most_bytes:
            raise UnreadableBody("too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if not member.eof:
            raise UnreadableBody("gzip")
        packed = member.unused_data
    if packed:
        raise UnreadableBody("gzip")
    return bytes(content)


# --- JSON -------------------------------------------------------------------------------------------


def read_batch(body: bytes, *, most_items: int, most_depth: int) -> Batch:
    """Read `{"device_time": …, "submissions": […]}`. Raises `UnreadableBody`."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableBody("utf-8") from None
    reader = _Reader(text, most_items, most_depth)
    try:
        return reader.batch()
    except (JSONDecodeError, RecursionError, IndexError):
        raise UnreadableBody("json") from None
    finally:
        reader.close()


def read_item(content: bytes, *, most_bytes: int, most_depth: int) -> SentItem:
    """One item by itself, which may be packed with gzip. Raises `UnreadableBody`."""
    if content.startswith(_GZIP_MARK):
        content = unpacked(content, most_bytes)
    batch = read_batch(b'{"%s":[%s]}' % (ITEMS.encode(), content), most_items=1, most_depth=most_depth)
    if len(batch.items) != 1 or batch.others:
        raise UnreadableBody("json")
    return batch.items[0]


class _Reader:
    """Reads one body; `_defective` is whether something is wrong in the value being read."""

    def __init__(self, text: str, most_items: int, most_depth: int) -> None:
        self.text = text
        self.most_items = most_items
        self.most_depth = most_depth
        self._defective = False
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_constant=self._constant,
            parse_float=self._float,
            parse_int=self._int,
        )

    def close(self) -> None:
        """Let go of the text: decoder and reader refer to each other, and would wait to be collected."""
        del self._decoder

    def batch(self) -> Batch:
        """The whole body, which is one object."""
        members: dict[str, Any] = {}
        at, more = self._open("{", "}", self._skip(0))
        while more:
            name, at = self._name(at)
            if name in members:
                raise UnreadableBody("json")
            members[name], at = self._items(at) if name == ITEMS else self._member(at)
            at, more = self._next("}", at)
        if at != len(self.text):
            raise UnreadableBody("json")
        if ITEMS not in members:
            raise UnreadableBody("submissions")
        return Batch(members.pop(ITEMS), members)

    def _name(self, at: int) -> tuple[str, int]:
        name, at = self._decoder.raw_decode(self.text, at)
        if not isinstance(name, str) or self.text[self._skip(at)] != ":":
            raise UnreadableBody("json")
        return name, self._skip(self._skip(at) + 1)

    def _member(self, at: int) -> tuple[Any, int]:
        value, at = self._decoder.raw_decode(self.text, at)
        if self._defective:
            raise UnreadableBody("json")
        return value, at

    def _items(self, at: int) -> tuple[tuple[SentItem, ...], int]:
        if self.text[at] != "[":
            raise UnreadableBody("submissions")
        items: list[SentItem] = []
        at, more = self._open("[", "]", at)
        while more:
            if len(items) == self.most_items:
                raise UnreadableBody("too_many", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            item, at = self._item(at)
            items.append(item)
            at, more = self._next("]", at)
        return tuple(items), at

    def _item(self, at: int) -> tuple[SentItem, int]:
        value, end = self._decoder.raw_decode(self.text, at)
        raw = self.text[at:end].encode("utf-8")
        return SentItem(raw, value, self._errors(value)), end

    def _errors(self, value: Any) -> tuple[AnswerError, ...]:
        """What is wrong in the item that was just read."""
        defective, self._defective = self._defective, False
        if deeper_than(self.most_depth, value):
            return (AnswerError("", "too_deep"),)
        return tuple(islice(_defects(value), MOST_TOLD)) if defective else ()

    # --- signs between values ------------------------------------------------------------------------

    def _skip(self, at: int) -> int:
        return cast(re.Match[str], _BLANK.match(self.text, at)).end()

    def _open(self, sign: str, closing: str, at: int) -> tuple[int, bool]:
        """After an opening sign; whether something stands before the closing one."""
        if self.text[at] != sign:
            raise UnreadableBody("json")
        at = self._skip(at + 1)
        return (self._skip(at + 1), False) if self.text[at] == closing else (at, True)

    def _next(self, closing: str, at: int) -> tuple[int, bool]:
        """After a value: whether another one follows."""
        at = self._skip(at)
        if self.text[at] not in {",", closing}:
            raise UnreadableBody("json")
        return self._skip(at + 1), self.text[at] == ","

    # --- what Python's reader would let through ------------------------------------------------------

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        read = dict(pairs)
        if len(read) == len(pairs):
            return read
        self._defective = True
        return _Repeated(read)

    def _constant(self, _name: str) -> _NoNumber:
        self._defective = True
        return _NoNumber()

    def _float(self, digits: str) -> float | _NoNumber:
        number = float(digits)
        return number if math.isfinite(number) else self._constant(digits)

    def _int(self, digits: str) -> int | _NoNumber:
        return int(digits) if len(digits) <= MOST_DIGITS else self._constant(digits)


def _defects(item: Any) -> Iterator[AnswerError]:
    """What the reader put into an item in the place of what it could not read, by path."""
    left: list[tuple[str, Any]] = [("", item)]
    while left:
        path, value = left.pop()
        if isinstance(value, _NoNumber):
            yield AnswerError(path.removeprefix(f"{ANSWERS}/"), "decimal")
        elif isinstance(value, dict):
            if isinstance(value, _Repeated):
                yield AnswerError(path.removeprefix(f"{ANSWERS}/"), "repeated")
            left += [(_below(path, name), inner) for name, inner in reversed(value.items())]
        elif isinstance(value, list):
            left += reversed([(f"{path}[{n}]", inner) for n, inner in enumerate(value, 1)])


def _below(path: str, name: str) -> str:
    """The path of a member; that of its object, if its name is nothing to be repeated."""
    return paths.join(path, name) if _NAME.fullmatch(name) else path


def deeper_than(most: int, value: Any) -> bool:
    """Whether objects and lists are nested in one another more than so many times."""
    level = [value] if isinstance(value, _CONTAINERS) else []
    while level and most > 0:
        values = [each.values() if isinstance(each, dict) else each for each in level]
        level = [inner for inner in chain.from_iterable(values) if isinstance(inner, _CONTAINERS)]
        most -= 1
    return bool(level)


#: made once: `dict | list` would be made anew for each value
_CONTAINERS = (dict, list)
