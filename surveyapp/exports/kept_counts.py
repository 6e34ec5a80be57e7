"""Groups over all submissions of a questionnaire, kept so that only what changed is counted again.

A de-identified export goes by the groups of the whole questionnaire (docs/decisions/0040): to count a
million submissions before the first byte of each export takes seconds. What was counted is kept by
stretches of serials, together with how far it reaches in the order of changes (`submissions.changes`):
whatever changed later makes its stretch be counted again, nothing else is. What is kept is only ever
believed within one life of the database (docs/decisions/0045).
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Connection, Engine, Select, delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from surveyapp.database import in_safe_request
from surveyapp.exports.models import KeptCount
from surveyapp.exports.tallies import Group, added
from surveyapp.extensions import db
from surveyapp.submissions.changes import current_epoch, horizon
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.models import Submission

#: serials in a stretch: what has to be counted again because one submission changed
STRETCH = 20_000
#: no serial is larger
LARGEST = 2**63 - 1
#: the row that tells how far all others of a counting reach
_HEAD = -1
#: how far what is kept reaches, where nothing is
_NOWHERE = -1
_TABLE = table_of(KeptCount)


#: what those of a group have alike, as the database tells it
Texts: TypeAlias = tuple[str, ...]
#: rows of texts, count, count of made-up ones
GroupQuery: TypeAlias = Select[*tuple[Any, ...]]
#: how many there are of each group
Groups: TypeAlias = Mapping[Texts, Group]


@dataclass(frozen=True, slots=True)
class Counting:
    """One way of counting a questionnaire's submissions."""

    questionnaire: str
    name: str
    #: for the serials from … to …, both included
    query: Callable[[int, int], GroupQuery]
    #: what is kept by another rule of the same name is worth nothing
    rule: str = ""

    def groups(self, connection: Connection, first: int, last: int) -> dict[Texts, Group]:
        """Count the serials from … to …, both included."""
        rows = connection.execute(self.query(first, last))
        return {tuple(texts): Group(number, synthetic) for *texts, number, synthetic in rows}


def counted(engine: Engine, counting: Counting, last: int = LARGEST) -> Groups:
    """The groups of all submissions as they are now, up to a serial; what had to be counted is kept.

    It reads in transactions of its own, and writes in one of its own after them.
    """
    with engine.execution_options(reads=True).begin() as connection:
        if _waits_for_itself(engine) or not _are_many(connection, counting.questionnaire):
            return counting.groups(connection, 0, last)
    return added(each for groups in _parts(engine, counting, last) for each in groups.items())


def forget_others(engine: Engine, questionnaire: str, names: Collection[str]) -> None:
    """Let go of what is kept of a questionnaire under other names than these.

    Nobody would count it again, so that what was erased since would stay in it.
    """
    others = (_TABLE.c.questionnaire == questionnaire, _TABLE.c.counting.not_in(sorted(names)))
    with engine.execution_options(reads=True).begin() as connection:
        if connection.scalar(select(_TABLE.c.counting).where(*others).limit(1)) is None:
            return
    with engine.begin() as connection:
        connection.execute(delete(_TABLE).where(*others))


def _parts(engine: Engine, counting: Counting, last: int) -> Iterator[Groups]:
    """The groups of each stretch; then, as numbers to take off, those of what came after `last`.

    One stretch at a time: those of a million households would take 550 MB together.
    """
    epoch = current_epoch()
    with _at_one_moment(engine).begin() as connection:
        before = _reach(connection, counting, epoch)
        # before the counting: what is over by now is counted, the rest is counted again next time
        reached = horizon(connection) - 1
        if before > reached:  # numbers that this database has not given out yet
            before = _NOWHERE
        changed = _changed(connection, counting, before)
        if before != _NOWHERE:
            yield from _unchanged(connection, counting, epoch, changed)
    reading = engine.execution_options(reads=True)
    fresh = {}
    for number in changed:
        first = number * STRETCH
        with reading.begin() as connection:
            groups = counting.groups(connection, first, first + STRETCH - 1)
        fresh[number] = _packed(groups)
        yield groups
    if fresh:
        _keep(engine, counting, epoch, (before, reached), fresh)
    if last < LARGEST:
        with reading.begin() as connection:
            later = counting.groups(connection, last + 1, LARGEST)
        yield {texts: Group(-number, -made_up) for texts, (number, made_up) in later.items()}


def _at_one_moment(engine: Engine) -> Engine:
    """An engine of which all that a transaction reads is of one moment."""
    if engine.dialect.name == "sqlite":  # it always is
        return engine.execution_options(reads=True)
    return engine.execution_options(reads=True, isolation_level="REPEATABLE READ")


def _waits_for_itself(engine: Engine) -> bool:
    """Whether this thread's own session keeps every other writer out."""
    is_locked = engine.dialect.name == "sqlite" and db.session().in_transaction()
    return is_locked and not in_safe_request()


def _are_many(connection: Connection, questionnaire: str) -> bool:
    """Whether there is more than a stretch to count; else it is done as soon as looked up."""
    one = select(Submission.serial).where(Submission.questionnaire == questionnaire)
    return connection.scalar(one.offset(STRETCH).limit(1)) is not None


def _reach(connection: Connection, counting: Counting, epoch: UUID) -> int:
    """How far in the order of changes what is kept reaches."""
    head = select(_TABLE.c.reached).where(*_believed(counting, epoch), _TABLE.c.stretch == _HEAD)
    reached = connection.scalar(head)
    return _NOWHERE if reached is None else reached


def _unchanged(
    connection: Connection, counting: Counting, epoch: UUID, changed: Collection[int]
) -> Iterator[Groups]:
    """What is kept of the other stretches."""
    query = select(_TABLE.c.counts).where(
        *_believed(counting, epoch), _TABLE.c.stretch.not_in([_HEAD, *changed])
    )
    for counts in connection.execution_options(yield_per=1).scalars(query):
        yield {tuple(json.loads(texts)): Group(*numbers) for texts, numbers in counts.items()}


def _changed(connection: Connection, counting: Counting, reached: int) -> list[int]:
    """The stretches in which something changed after a place in the order of changes."""
    # `//` would be a division into decimals on one database and a whole one on the other
    stretch = (Submission.serial - Submission.serial % STRETCH).label("first")
    query = (
        select(stretch)
        .where(Submission.questionnaire == counting.questionnaire, Submission.changed > reached)
        .distinct()
    )
    return sorted(first // STRETCH for first in connection.scalars(query))


# --- keeping ----------------------------------------------------------------------------------------


def _of(counting: Counting) -> tuple[Any, ...]:
    return _TABLE.c.questionnaire == counting.questionnaire, _TABLE.c.counting == counting.name


def _believed(counting: Counting, epoch: UUID) -> tuple[Any, ...]:
    return *_of(counting), _TABLE.c.epoch == epoch, _TABLE.c.rule == counting.rule


def _packed(groups: Groups) -> bytes:
    """Groups until they are kept: as they are they take a hundred times as much."""
    counts = {json.dumps(texts): list(group) for texts, group in groups.items()}
    return zlib.compress(json.dumps(counts).encode())


def _keep(
    engine: Engine,
    counting: Counting,
    epoch: UUID,
    reaches: tuple[int, int],
    fresh: Mapping[int, bytes],
) -> None:
    """Keep what was counted, unless somebody else kept something meanwhile: theirs stays whole."""
    before, reached = reaches
    try:
        with engine.begin() as connection:
            if not _moves_on(connection, counting, epoch, before, reached):
                return
            again = _TABLE.c.stretch.in_(list(fresh))
            connection.execute(delete(_TABLE).where(*_of(counting), again))
            for stretch, packed in fresh.items():  # one by one, since each is large
                counts = json.loads(zlib.decompress(packed))
                connection.execute(insert(_TABLE), [_row(counting, epoch, reached, stretch, counts)])
    except DBAPIError:
        return  # somebody else was at it, or the database takes nothing: it is counted again


def _moves_on(
    connection: Connection, counting: Counting, epoch: UUID, before: int, reached: int
) -> bool:
    """Whether what is kept still reaches as far as when it was read; from now on it reaches further."""
    if before == _NOWHERE:
        connection.execute(delete(_TABLE).where(*_of(counting)))
        connection.execute(insert(_TABLE), [_row(counting, epoch, reached, _HEAD, {})])
        return True
    head = (*_believed(counting, epoch), _TABLE.c.stretch == _HEAD, _TABLE.c.reached == before)
    moved = update(_TABLE).where(*head).values(reached=reached)
    return connection.execute(moved).rowcount == 1


def _row(
    counting: Counting, epoch: UUID, reached: int, stretch: int, counts: Mapping[str, list[int]]
) -> dict[str, Any]:
    return {
        "questionnaire": counting.questionnaire,
        "counting": counting.name,
        "rule": counting.rule,
        "stretch": stretch,
        "epoch": epoch,
        "reached": reached,
        "counts": counts,
    }
