"""Rows of cells out of stored answers, fast: what a row needs is put together once for each version.

An export has a hundred cells for each submission, so nothing is looked up for a cell that is the same
for every row: the containers of a table's answers are found once for a row, a text is taken as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from surveyapp.exports.cells import Cell, Reading, plain_text
from surveyapp.exports.errors import GrewMeanwhile
from surveyapp.exports.missing import Mark
from surveyapp.exports.records import Instance, Record, Step, answer_at

#: Makes a row for what it is about.
RowOf: TypeAlias = Callable[[Instance], list[Cell]]
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Source:
    """Where a cell comes from: an answer at a path, in some versions; `read` None: a text as it is."""

    steps: tuple[Step, ...]
    versions: frozenset[str]
    read: Reading | None


@dataclass(frozen=True, slots=True)
class Most:
    """How many entries of a roster have columns: that many at most may be there."""

    steps: tuple[Step, ...]
    entries: int


@dataclass(frozen=True, slots=True)
class _Group:
    """Cells out of the same container: their places in the row, and names of their answers."""

    steps: tuple[Step, ...]
    texts: tuple[tuple[int, Step], ...]
    others: tuple[tuple[int, Step, Reading], ...]


def source_reader(source: Source) -> RowCell:
    """Reads one cell alone."""
    steps, versions, read = source.steps, source.versions, source.read or plain_text

    def cell(instance: Instance) -> Cell:
        if instance.record.version not in versions:
            return None
        answer = answer_at(instance.answers, steps)
        return None if answer is None else read(answer)

    return cell


RowCell: TypeAlias = Callable[[Instance], Cell]


def row_maker(
    cells: Sequence[RowCell | Source], version: str, *, marked: bool, most: Sequence[Most] = ()
) -> RowOf:
    """Makes rows of these cells for submissions of a version.

    `marked`: what is not there is told by its `Mark`. Raises `GrewMeanwhile` where a roster has more
    entries than `most` says.
    """
    read = tuple((place, cell) for place, cell in enumerate(cells) if not isinstance(cell, Source))
    groups = _groups(cells, version)
    not_asked = str(Mark.NOT_ASKED) if marked else None
    blank: list[Cell] = [not_asked if isinstance(cell, Source) else None for cell in cells]
    fill = _fill_marked if marked else _fill

    def row_of(instance: Instance) -> list[Cell]:
        row = blank.copy()
        for place, cell in read:
            row[place] = cell(instance)
        answers = instance.answers
        for group in groups:
            container = answer_at(answers, group.steps) if group.steps else answers
            if isinstance(container, dict):
                fill(row, container, group)
        for each in most:
            _check(instance.record, answers, each)
        return row

    return row_of


def _groups(cells: Sequence[RowCell | Source], version: str) -> tuple[_Group, ...]:
    texts: dict[tuple[Step, ...], list[tuple[int, Step]]] = {}
    others: dict[tuple[Step, ...], list[tuple[int, Step, Reading]]] = {}
    for place, cell in enumerate(cells):
        if isinstance(cell, Source) and version in cell.versions:
            *container, name = cell.steps
            if cell.read is None:
                texts.setdefault(tuple(container), []).append((place, name))
            else:
                others.setdefault(tuple(container), []).append((place, name, cell.read))
    found = dict.fromkeys((*texts, *others))
    return tuple(_Group(at, tuple(texts.get(at, ())), tuple(others.get(at, ()))) for at in found)


def _fill(row: list[Cell], container: dict[Any, Any], group: _Group) -> None:
    get = container.get
    for place, name in group.texts:
        answer = get(name)
        row[place] = answer if type(answer) is str else plain_text(answer)
    for place, name, read in group.others:
        answer = get(name)
        if answer is not None:
            row[place] = read(answer)


def _fill_marked(row: list[Cell], container: dict[Any, Any], group: _Group) -> None:
    for place, name, read in (*((*text, plain_text) for text in group.texts), *group.others):
        answer = container.get(name, _ABSENT)
        if answer is not _ABSENT:
            cell = None if answer is None else read(answer)
            row[place] = str(Mark.EMPTY) if cell is None else cell


def _check(record: Record, answers: Any, most: Most) -> None:
    entries = answer_at(answers, most.steps)
    if isinstance(entries, list) and len(entries) > most.entries:
        raise GrewMeanwhile(record.id)
