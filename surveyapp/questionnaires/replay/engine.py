"""What a replay asks of an interview, whichever program computes it.

Paths are node paths as `questionnaires.paths` has them, without the root: `child[2]/c_age`; a roster
instance always with its position. Values are answers in JSON (design: “Answers in JSON”).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from surveyapp.questionnaires.answers import AnswerError, Answers
from surveyapp.questionnaires.replay.form import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one node shows.

    `required` and `read_only` are what the author's conditions say, relevant or not; `value` is there
    of an irrelevant node too. `constraint_valid` is None for a constraint without a value. Texts are in
    the interview's language, None where there is none, which is not an empty one; `choices` are names
    and labels after the filter, None for no select.
    """

    relevant: bool
    required: bool = False
    read_only: bool = False
    value: Any = None
    constraint_valid: bool | None = True
    label: str | None = None
    constraint_message: str | None = None
    choices: tuple[tuple[str, str | None], ...] | None = None


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What a bare expression gives; `kind`: `string`, `number`, `boolean`, `date`, `time` …"""

    kind: str
    string: str
    number: float
    boolean: bool


def first_wrong(errors: Iterable[AnswerError]) -> tuple[str, str] | None:
    """Path and code of the first thing that is wrong; JavaRosa minds no choice that is not offered."""
    return next(((each.path, each.code) for each in errors if each.code != "choice"), None)


class Engine(Protocol):
    """One interview. Methods raise `Refused` where the interview cannot do what is asked."""

    def use_language(self, code: str) -> None:
        """Show texts in another of the questionnaire's languages (its code: `kk`)."""

    def look(self, path: str, *, choices: bool) -> Look:
        """What a section, an instance or an item shows."""

    def instances(self, path: str) -> int:
        """How many instances a roster has (`child`, `child[2]/toy`)."""

    def late(self, path: str) -> tuple[str, ...]:
        """Names of the rosters directly below an instance whose first instance came after all else.

        They stand behind the others in the submission, in the order in which they came.
        """

    def accepts(self, path: str, value: Any) -> bool:
        """Whether a value keeps the constraint of its question."""

    def set(self, path: str, value: Any) -> None:
        """Give an item its value, None for no answer, and work out what follows."""

    def add_instance(self, path: str) -> int:
        """Append an instance to a roster; its position."""

    def remove_instance(self, path: str) -> None:
        """Take an instance (`child[2]`) away, also one that a count asked for."""

    def drop(self, path: str, value: Any) -> None:
        """Leave less of a chosen answer: as `set`, but it sets off no assignment."""

    def finish(self) -> None:
        """Note the moment of finishing."""

    def first_error(self) -> tuple[str, str] | None:
        """Path and code (`required`, `constraint`) of the first thing that is wrong."""

    def evaluate(self, expression: str, path: str, candidate: Any | None) -> Evaluated:
        """A bare expression's value at a node; a `candidate` stands for the node's own value."""

    def close(self) -> None:
        """Give back what the engine holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """How an interview begins: at a moment (aware), in a language, perhaps with kept answers."""

    now: datetime
    language: str
    answers: Answers | None = None


#: Begins an interview. Raises `Refused`.
EngineOf: TypeAlias = Callable[[Form, Beginning], Engine]
