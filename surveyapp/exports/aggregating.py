"""The profile `aggregate`: one table of counts by breakdown, and no submission.

| column | means |
|---|---|
| `item`, `label` | path and wording of the question, in the language of the labels |
| `breakdown`, `group`, `group_label` | empty: everybody |
| `answer`, `answer_label` | a code; `low..high` of numbers; a month; `empty`, `not asked`, `answered` |
| `count` | empty when it is kept back |
| `kept_back` | 1 when the count is small, or would give a small one away |
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from surveyapp.exports.cells import Cell
from surveyapp.exports.counting import Counted, Counting
from surveyapp.exports.csv_writer import CsvLines
from surveyapp.exports.distributions import Distribution, Spread, breakdowns_of, spread
from surveyapp.exports.records import Record
from surveyapp.exports.request import CsvOptions
from surveyapp.exports.wording import choice_label, worded

FILE = "counts.csv"
HEADER = (
    "item",
    "label",
    "breakdown",
    "group",
    "group_label",
    "answer",
    "answer_label",
    "count",
    "kept_back",
)


@dataclass(slots=True)
class Table:
    """The table of counts, as lines of CSV; `rows` is known when it is made."""

    counting: Counting
    smallest_group: int
    language: str
    options: CsvOptions
    rows: int = 0
    kept_back: int = 0

    def chunks(self, batches: Iterable[Sequence[Record]]) -> Iterator[bytes]:
        """The header, so that the first byte is out; then, when all is counted, the rest."""
        lines = CsvLines(self.options)
        yield lines.header(HEADER)
        for batch in batches:
            for record in batch:
                self.counting.add(record)
        for breakdown in ["", *breakdowns_of(self.counting.counts)]:
            found = spread(
                self.counting.counts, self.counting.items, k=self.smallest_group, breakdown=breakdown
            )
            yield lines.lines(self._counted(self._cells(breakdown, found)))

    def _counted(self, rows: Iterable[list[Cell]]) -> Iterator[list[Cell]]:
        for row in rows:
            self.rows += 1
            self.kept_back += row[-1] == 1
            yield row

    def _cells(self, breakdown: str, found: Spread) -> Iterator[list[Cell]]:
        for each in found.items:
            if each.counted.item.sensitive:
                continue
            label = self._label(each.counted)
            if not breakdown:
                yield from self._everybody(each, label)
            else:
                yield from self._by_group(each, label, breakdown, found)

    def _everybody(self, found: Distribution, label: str) -> Iterator[list[Cell]]:
        path = found.counted.item.path
        for bin_ in found.bins:
            yield [path, label, "", "", "", f"{bin_.low:g}..{bin_.high:g}", "", bin_.count, 0]
        for row in found.rows:
            answer = self._answer(found.counted, row.bucket)
            yield [path, label, "", "", "", *answer, row.count, int(row.count is None)]

    def _by_group(
        self, found: Distribution, label: str, breakdown: str, groups: Spread
    ) -> Iterator[list[Cell]]:
        names = self._group_labels(breakdown)
        for row in found.rows:
            answer = self._answer(found.counted, row.bucket)
            for (group, _size), count in zip(groups.groups, row.by, strict=True):
                told = [breakdown, group.strip(), names.get(group, "")]
                yield [found.counted.item.path, label, *told, *answer, count, int(count is None)]

    def _group_labels(self, breakdown: str) -> dict[str, str]:
        return {
            choice.name: self._choice(each, choice.name)
            for each in self.counting.items
            if each.item.editions[0].item.breakdown == breakdown
            for choice in each.item.choices
        }

    def _label(self, counted: Counted) -> str:
        item = counted.item
        return worded(item.label, self.language) or worded(item.label, item.default_language)

    def _answer(self, counted: Counted, bucket: str) -> list[Cell]:
        return [bucket.strip(), self._choice(counted, bucket)]

    def _choice(self, counted: Counted, code: str) -> str:
        found = next((c for c in counted.item.choices if c.name == code), None)
        return choice_label(found, self.language, counted.item.default_language) if found else ""
