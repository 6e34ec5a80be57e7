"""Where the breakdowns of a roster's entries stand in the answers of a version.

A lineage is what an entry was answered of itself and of what it stands in: the breakdowns of its
submission, then those of each entry around it, then its own. It is as answered; what of it is told
depends on how large the groups are (`entry_groups.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from surveyapp.exports.anonymity import Key
from surveyapp.exports.flattening import steps_below
from surveyapp.exports.merging import RosterChain
from surveyapp.exports.records import answer_at

#: years of age that are told alike, as indicators are broken down: 0–4, 5–9, 10–14, 15–17
FIVE = 5
#: the group of its submission as answered, then the answers of each entry around it, then its own
Lineage: TypeAlias = tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class OwnBreakdown:
    """A question of an entry that feeds a breakdown."""

    name: str
    #: from the entry down
    steps: tuple[str, ...]
    #: whose loss takes it along: 0 is the submission, 1 the outermost entry around it
    goes_with: frozenset[int]
    #: of an age in years, which is told in fives: the codes that are no age
    years: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """A roster of a version, or of several in which it is alike; `around`: the one that it stands in."""

    chain: RosterChain
    #: from the entry around it, or from the submission, down to its list of entries
    steps: tuple[str, ...]
    own: tuple[OwnBreakdown, ...]
    #: whose loss takes the roster along, all of it
    goes_with: frozenset[int]
    around: Layout | None = None

    @property
    def depth(self) -> int:
        """How many rosters it is, with those around it."""
        return len(self.chain)

    @property
    def rule(self) -> str:
        """Which answers its entries are grouped by, in words that change when these do."""
        return repr([(each.steps, [(own.name, own.steps) for own in each.own]) for each in self.levels])

    @property
    def levels(self) -> tuple[Layout, ...]:
        """Those around it, outermost first, and itself."""
        return (*(self.around.levels if self.around else ()), self)

    def answers(self, entry: Mapping[str, Any]) -> Key:
        """What an entry was answered to each of its breakdowns."""
        found: list[str | None] = []
        for each in self.own:  # asked of every entry: most stand right in it, and are codes
            steps = each.steps
            answer = entry.get(steps[0]) if len(steps) == 1 else answer_at(entry, steps)
            found.append(answer if answer is None or type(answer) is str else group_of(answer))
        return tuple(found)


#: A roster, and what an entry of it was answered.
Place: TypeAlias = tuple[Layout, Lineage]


def group_of(answer: Any) -> str | None:
    """An answer as the name of a group; None: it was not given, or is several codes at once."""
    if answer is None or isinstance(answer, list | dict):
        return None
    if isinstance(answer, float) and answer.is_integer():  # it was a whole number in another version
        return str(int(answer))
    return str(answer)


def in_fives(answer: Any, codes: Collection[str]) -> Any:
    """An age as it is told: 5 from 5 to 9. What is none stays, as the codes do."""
    years = group_of(answer)
    if years is None or years in codes or not years.isdecimal():
        return answer
    return int(years) - int(years) % FIVE


def layout_of(
    chain: RosterChain,
    breakdowns: Sequence[tuple[str, str]],
    losses: Sequence[frozenset[str]],
    around: Layout | None,
    years: Mapping[str, frozenset[str]],
) -> Layout:
    """The layout of a roster whose own breakdowns are these, each a name and the path of its question.

    `losses`: the paths that go with the submission, with the outermost entry around it and so on.
    `years`: the paths of ages, with the codes that are none.
    """
    path = chain[-1]
    own = tuple(
        OwnBreakdown(
            name, steps_below(question, path), _goes_with(question, losses), years.get(question)
        )
        for name, question in breakdowns
    )
    steps = steps_below(path, chain[-2] if len(chain) > 1 else "")
    return Layout(chain, steps, own, _goes_with(path, losses), around)


def _goes_with(path: str, losses: Sequence[frozenset[str]]) -> frozenset[int]:
    return frozenset(level for level, lost in enumerate(losses) if path in lost)


def entries_at(answers: Any, steps: Sequence[str]) -> list[dict[str, Any]]:
    """The entries of a roster that lies at `steps`."""
    found = answer_at(answers, steps)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
