"""Rows out of stored answers, fast: what a column made of an answer is remembered.

An export has a hundred cells for each submission, and most of them were there a thousand times before: a
choice's code, a day, nothing at all. So a cell is looked up by its answer instead of made again, and
what a row needs is put together once for each version (docs/decisions/0043).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, repeat
from operator import attrgetter, getitem
from types import NoneType
from typing import Any, Final, TypeAlias, TypeVar

from surveyapp.exports.cells import Cell, Reading, plain_text
from surveyapp.exports.errors import GrewMeanwhile
from surveyapp.exports.missing import Mark
from surveyapp.exports.records import Instance, Record, Step, answer_at

#: what a format makes of a cell
T = TypeVar("T")
Rendering: TypeAlias = Callable[[Cell], T]
#: Makes a row for what it is about.
RowOf: TypeAlias = Callable[[Instance], list[T]]
#: Reads one cell alone.
RowCell: TypeAlias = Callable[[Instance], Cell]

#: cells that all columns of a table together remember: some 10 MB
REMEMBERED: Final = 50_000
#: characters of an answer that is worth remembering; longer ones do not come twice
LONGEST: Final = 64


class _Absent:
    """The type of what stands for an answer that is not there."""


_ABSENT: Final = _Absent()
#: What may be remembered of a column: types whose equals it tells alike. 1, 1.0 and True are equal keys.
TEXTS: Final[frozenset[type]] = frozenset({str, NoneType, _Absent})
#: of a column that tells 1.0 and True as 1
WHOLE: Final = TEXTS | {int}
#: an attribute of a record is of one type
_OF_RECORDS: Final = TEXTS | {int, bool, datetime}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a cell comes from: an answer at a path, in some versions; `read` None: a text as it is.

    `several`: an answer is several codes; `floats`: one that is a float is its own cell; `remembered`:
    the types of answers that are looked up.
    """

    steps: tuple[Step, ...]
    versions: frozenset[str]
    read: Reading | None
    several: bool = False
    floats: bool = False
    remembered: frozenset[type] = TEXTS


@dataclass(frozen=True, slots=True)
class Own:
    """A cell that comes from an attribute of the record itself, else from where `otherwise` says.

    `several`: it is a list.
    """

    attribute: str
    read: Reading
    several: bool = False
    otherwise: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Most:
    """How many entries of a roster have columns: that many at most may be there."""

    steps: tuple[Step, ...]
    entries: int


def source_reader(source: Source) -> RowCell:
    """Reads one cell alone."""
    steps, versions, read = source.steps, source.versions, source.read or plain_text

    def cell(instance: Instance) -> Cell:
        if instance.record.version not in versions:
            return None
        answer = answer_at(instance.answers, steps)
        return None if answer is None else read(answer)

    return cell


def own_reader(own: Own) -> RowCell:
    """The same of a record's own."""
    get, read = attrgetter(own.attribute), own.read
    others = [source_reader(source) for source in own.otherwise]

    def cell(instance: Instance) -> Cell:
        if (own_one := read(get(instance.record))) is not None:
            return own_one
        return next((cell for other in others if (cell := other(instance)) is not None), None)

    return cell


def row_maker(
    cells: Sequence[RowCell | Source | Own],
    renderings: Sequence[Rendering[T]],
    version: str,
    *,
    marked: bool,
    most: Sequence[Most] = (),
) -> RowOf[T]:
    """Makes rows of these cells, each by its rendering, for submissions of a version.

    `marked`: what is not there is told by its `Mark`. Raises `GrewMeanwhile` where a roster has more
    entries than `most` says.
    """
    columns = zip(cells, renderings, strict=True)
    room = max(1, REMEMBERED // max(1, len(cells)))
    segments = tuple(_segments(columns, version, marked=marked, room=room))

    def row_of(instance: Instance) -> list[T]:
        row: list[T] = []
        for segment in segments:
            row += segment(instance)
        for each in most:
            _check(instance.record, instance.answers, each)
        return row

    return row_of


def _check(record: Record, answers: Any, most: Most) -> None:
    entries = answer_at(answers, most.steps)
    if isinstance(entries, list) and len(entries) > most.entries:
        raise GrewMeanwhile(record.id)


# --- segments: columns that stand side by side and come from the same place --------------------------

#: A cell's place in a row, and what is made of it.
_Column: TypeAlias = "tuple[RowCell | Source | Own, Rendering[T]]"
#: Makes the cells of some columns of a row.
_Segment: TypeAlias = Callable[[Instance], Iterable[T]]


def _segments(
    columns: Iterable[_Column[T]], version: str, *, marked: bool, room: int
) -> Iterator[_Segment[T]]:
    def place(column: _Column[T]) -> tuple[str, Any]:
        return _place(column[0], version)

    for (kind, at), found in groupby(columns, key=place):
        here = list(found)
        if kind == "answers":
            sources = [(cell, render) for cell, render in here if isinstance(cell, Source)]
            yield from _answers(at, sources, marked=marked, room=room)
        elif kind == "record":
            yield _owns([(cell, r) for cell, r in here if isinstance(cell, Own)], version, room)
        elif kind == "nowhere":
            not_asked = str(Mark.NOT_ASKED) if marked else None
            yield _constant([render(not_asked) for _cell, render in here])
        else:
            yield _alone([(cell, r) for cell, r in here if not isinstance(cell, Source | Own)])


def _place(cell: RowCell | Source | Own, version: str) -> tuple[str, Any]:
    if isinstance(cell, Own):
        return "record", None
    if not isinstance(cell, Source):
        return "anywhere", None
    return ("answers", cell.steps[:-1]) if version in cell.versions else ("nowhere", None)


def _constant(row: list[T]) -> _Segment[T]:
    return lambda _instance: row


def _alone(columns: Sequence[tuple[RowCell, Rendering[T]]]) -> _Segment[T]:
    return lambda instance: [render(read(instance)) for read, render in columns]


def _owns(columns: Sequence[tuple[Own, Rendering[T]]], version: str, room: int) -> _Segment[T]:
    # of a single name `attrgetter` would give no tuple
    get = attrgetter(*(own.attribute for own, _render in columns), "id")
    memories = [
        _memory(_rendered(own.read, render), room, _OF_RECORDS, several=own.several)
        for own, render in columns
    ]
    others = [
        (place, own.attribute, _stand_in(own.otherwise, render, version, room))
        for place, (own, render) in enumerate(columns)
        if own.otherwise
    ]

    def owns(instance: Instance) -> list[T]:
        record = instance.record
        row = list(map(getitem, memories, get(record)))
        for place, attribute, stand_in in others:
            if getattr(record, attribute) is None:
                row[place] = stand_in(instance)
        return row

    return owns


def _stand_in(
    sources: Sequence[Source], render: Rendering[T], version: str, room: int
) -> Callable[[Instance], T]:
    """The first of the answers that gives a cell."""
    nothing = render(None)

    def both(source: Source) -> Callable[[Any], tuple[Cell, T]]:
        told = _told(source, lambda cell: cell, marked=False)
        return lambda answer: ((cell := told(answer)), render(cell))

    memories = [(s.steps, _Memory(both(s), room, TEXTS)) for s in sources if version in s.versions]

    def stand_in(instance: Instance) -> T:
        for steps, memory in memories:
            cell, rendered = memory.of(answer_at(instance.answers, steps))
            if cell is not None:
                return rendered
        return nothing

    return stand_in


def _answers(
    steps: tuple[Step, ...],
    columns: Sequence[tuple[Source, Rendering[T]]],
    *,
    marked: bool,
    room: int,
) -> Iterator[_Segment[T]]:
    """Cells out of one container: of an answer one, or some that stand side by side."""
    names: list[Step] = []
    memories: list[_Memory[T]] = []
    for name, found in groupby(columns, key=lambda column: column[0].steps[-1]):
        here = [(cell, _told(cell, render, marked=marked), render) for cell, render in found]
        if len(here) == 1:
            names.append(name)
            memories.append(_memory_of(*here[0], room))
            continue
        if names:
            yield _run(steps, names, memories)
            names, memories = [], []
        together = _all([make for _cell, make, _render in here])
        yield _parts(steps, name, _Several(together, room // len(here), TEXTS))
    if names:
        yield _run(steps, names, memories)


def _run(steps: tuple[Step, ...], names: Sequence[Step], memories: Sequence[_Memory[T]]) -> _Segment[T]:
    """One cell of each answer."""
    absent = [memory[_ABSENT] for memory in memories]
    no_answers = repeat(_ABSENT)

    def run(instance: Instance) -> Iterable[T]:
        container = answer_at(instance.answers, steps) if steps else instance.answers
        if not isinstance(container, dict):
            return absent
        get: Any = container.get
        try:
            return list(map(getitem, memories, map(get, names, no_answers)))
        except (
            TypeError
        ):  # an answer of another shape, as what was stored in spite of its faults may have
            return [m.of(get(name, _ABSENT)) for m, name in zip(memories, names, strict=True)]

    return run


def _parts(steps: tuple[Step, ...], name: Step, memory: _Memory[Sequence[T]]) -> _Segment[T]:
    """Some cells of one answer."""
    absent = memory[_ABSENT]

    def parts(instance: Instance) -> Iterable[T]:
        container = answer_at(instance.answers, steps) if steps else instance.answers
        return memory.of(container.get(name, _ABSENT)) if isinstance(container, dict) else absent

    return parts


# --- what a column makes of an answer ---------------------------------------------------------------


def _told(source: Source, render: Rendering[T], *, marked: bool) -> Callable[[Any], T]:
    read = source.read or plain_text
    not_asked, empty = (str(Mark.NOT_ASKED), str(Mark.EMPTY)) if marked else (None, None)

    def told(answer: Any) -> T:
        if answer is _ABSENT:
            return render(not_asked)
        cell = None if answer is None else read(answer)
        return render(empty if cell is None else cell)

    return told


def _rendered(read: Reading, render: Rendering[T]) -> Callable[[Any], T]:
    return lambda value: render(read(value))


def _all(made: Sequence[Callable[[Any], T]]) -> Callable[[Any], Sequence[T]]:
    return lambda answer: [make(answer) for make in made]


class _Memory(dict[Any, T]):
    """Answer → what is made of it, remembered while there is room."""

    def __init__(self, make: Callable[[Any], T], room: int, kinds: frozenset[type]) -> None:
        super().__init__()
        self._make = make
        self._room = room
        self._kinds = kinds

    def __missing__(self, answer: Any) -> T:
        made = self._make(answer)
        kind = type(answer)
        short = kind is not str or len(answer) <= LONGEST
        if short and kind in self._kinds and len(self) < self._room:
            self[answer] = made
        return made

    def of(self, answer: Any) -> T:
        """What is made of an answer of any shape."""
        return self._make(answer) if isinstance(answer, list | dict) else self[answer]


class _Several(_Memory[T]):
    """The same where the answer is several codes, remembered by all of them together."""

    def __init__(self, make: Callable[[Any], T], room: int, kinds: frozenset[type]) -> None:
        super().__init__(make, room, kinds)
        self._lists: dict[tuple[Any, ...], T] = {}

    def __getitem__(self, answer: Any) -> T:
        if type(answer) is not list:
            return super().__getitem__(answer)
        key = tuple(answer)
        try:
            return self._lists[key]
        except KeyError:
            made = self._make(answer)
            if len(key) <= LONGEST and len(self._lists) < self._room:
                self._lists[key] = made
            return made
        except TypeError:  # a list of what is no code
            return self._make(answer)

    def of(self, answer: Any) -> T:
        return self._make(answer) if isinstance(answer, dict) else self[answer]


class _Floats(_Memory[T]):
    """The same where floats are cells already; few of them come twice."""

    def __init__(
        self, make: Callable[[Any], T], room: int, kinds: frozenset[type], render: Rendering[T]
    ) -> None:
        super().__init__(make, room, kinds)
        self._render = render

    def __missing__(self, answer: Any) -> T:
        return self._render(answer) if type(answer) is float else super().__missing__(answer)


def _memory_of(source: Source, make: Callable[[Any], T], render: Rendering[T], room: int) -> _Memory[T]:
    if source.floats:
        return _Floats(make, room, source.remembered, render)
    return _memory(make, room, source.remembered, several=source.several)


def _memory(make: Callable[[Any], T], room: int, kinds: frozenset[type], *, several: bool) -> _Memory[T]:
    return (_Several if several else _Memory)(make, room, kinds)
