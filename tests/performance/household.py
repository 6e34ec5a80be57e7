"""A made-up household survey of sixty questions, for measuring: the workbook, and any number of records.

Records answer every question, also those that are not asked, so that some break rules of the survey: they
are stored and flagged, and cost what such records cost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from surveyapp.questionnaires.definition import (
    Container,
    DataType,
    Metadata,
    Question,
    Questionnaire,
    Roster,
)
from surveyapp.questionnaires.instance_xml import Envelope, Instance, write_instance
from surveyapp.questionnaires.xlsform import CompiledWorkbook, compile_workbook

WORKBOOK = Path(__file__).with_name("household.md")
QUESTIONNAIRE = "household_bench"
TIMES = {"start": "2026-05-04T09:10:11.123+05:00", "end": "2026-05-04T09:41:12.456+05:00"}
_NAMES = ("Айгүл Сәрсенова", "Нұрлан Әбдірахманов", "Ольга Петрова", "Ерлан Қасымов", "Иван Ким")
_SENTENCES = (
    "Жол нашар, қыста көлік жүрмейді.",
    "Вода бывает не каждый день, особенно летом.",
    "The clinic is far and the bus is rare.",
    "Жұмыс жоқ, жастар қалаға кетіп жатыр.",
)


def compiled(questionnaire: str = QUESTIONNAIRE) -> CompiledWorkbook:
    """The workbook, compiled; under another id it is another questionnaire."""
    text = WORKBOOK.read_text(encoding="utf-8").replace(QUESTIONNAIRE, questionnaire)
    return compiled_text(text)


def compiled_text(text: str) -> CompiledWorkbook:
    """A workbook's text, compiled."""
    return compile_workbook(text.encode(), WORKBOOK.name)


class Household:
    """Makes records; the same ones for the same seed, ids too."""

    def __init__(self, definition: Questionnaire, seed: int) -> None:
        self.definition = definition
        self.random = Random(seed)  # noqa: S311  # made-up people, no secret

    def xml(self) -> bytes:
        """One record as ODK Collect sends it."""
        envelope = Envelope(
            form_id=self.definition.id,
            version=self.definition.version,
            instance_id=f"uuid:{self._id()}",
            deprecated_id=None,
        )
        return write_instance(self.definition, Instance(answers=self._answers(), envelope=envelope))

    def item(self) -> dict[str, Any]:
        """One record as the JSON API takes it."""
        return {
            "id": str(self._id()),
            "questionnaire": self.definition.id,
            "version": self.definition.version,
            "language": "kk",
            "started_at": datetime.fromisoformat(TIMES["start"]).isoformat(),
            "finished_at": datetime.fromisoformat(TIMES["end"]).isoformat(),
            "answers": self._answers(),
        }

    def _id(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)

    def _answers(self) -> dict[str, Any]:
        return self._container(self.definition.root)

    def _container(self, container: Container) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for item in container.items:
            if isinstance(item, Metadata):
                found[item.name] = TIMES[item.preload_parameter]
            elif isinstance(item, Roster):
                found[item.name] = [self._container(item) for _row in range(self.random.randint(0, 4))]
            elif isinstance(item, Question) and item.type is not DataType.IMAGE:
                found[item.name] = self._answer(item)
        return found

    def _answer(self, question: Question) -> Any:
        drawn = _DRAWN.get(question.type)
        return drawn(self.random) if drawn else self._choice(question)

    def _choice(self, question: Question) -> Any:
        assert question.choices is not None
        names = [choice.name for choice in self.definition.choice_lists[question.choices.list_name]]
        if question.type is DataType.SELECT_ONE:
            return self.random.choice(names)
        return sorted(self.random.sample(names, self.random.randint(1, min(3, len(names)))))


def _text(random: Random) -> str:
    if random.random() < 0.6:
        return random.choice(_NAMES)
    return " ".join(random.choices(_SENTENCES, k=random.randint(1, 3)))


def _place(random: Random) -> dict[str, float]:
    return {
        "lat": round(random.uniform(41, 55), 6),
        "lon": round(random.uniform(47, 87), 6),
        "alt": round(random.uniform(0, 900), 1),
        "accuracy": round(random.uniform(3, 20), 1),
    }


def _day(random: Random) -> str:
    return f"{random.randint(1960, 2025)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"


_DRAWN: Mapping[DataType, Callable[[Random], Any]] = {
    DataType.TEXT: _text,
    DataType.INTEGER: lambda random: random.randint(1, 9),
    DataType.DECIMAL: lambda random: round(random.uniform(1, 149), 2),
    DataType.DATE: _day,
    DataType.GEOPOINT: _place,
}
