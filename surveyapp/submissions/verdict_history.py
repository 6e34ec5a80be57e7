"""Which of a submission's verdicts stands, when some were withdrawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Row, Select, select

from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.models import Act, Cause, ReviewAct, State

#: what an act of review makes of a submission
VERDICTS: Mapping[str, State] = {
    Act.ACCEPT: State.ACCEPTED,
    Act.RETURN: State.RETURNED,
    Act.REJECT: State.REJECTED,
}


class Acted(Protocol):
    """A row of the history of reviews."""

    @property
    def act(self) -> str: ...


T = TypeVar("T", bound=Acted)


def standing(acts: Iterable[T]) -> T | None:
    """The verdict that stands after acts in their order: each withdrawal takes the last one away."""
    verdicts: list[T] = []
    for act in acts:
        if act.act in VERDICTS:
            verdicts.append(act)
        elif act.act == Act.WITHDRAW and verdicts:
            verdicts.pop()
    return verdicts[-1] if verdicts else None


def acts_on_current(connection: Connection, head: Row[Any]) -> Sequence[Row[Any]]:
    """What reviewers did with the current revision, in its order."""
    table = table_of(ReviewAct)
    # that who is meant was destroyed changed no answer: what was said of them before holds
    since = head.revision - (head.cause == Cause.IDENTITY_ERASED)
    query: Select[Any] = (
        select(table.c.serial, table.c.act)
        .where(table.c.submission_id == head.id, table.c.revision.between(since, head.revision))
        .order_by(table.c.serial)
    )
    found: Sequence[Row[Any]] = connection.execute(query).all()
    return found
