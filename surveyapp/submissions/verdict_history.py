"""Which of a submission's verdicts stands, when some were withdrawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from surveyapp.submissions.models import Act, State

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
