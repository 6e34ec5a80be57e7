"""Reads answers that are right by the fields of their schema, without the schema's own machinery.

Marshmallow takes 5 µs around each field, to be able to tell all errors; nearly all answers have none. So
this reads them field by field and gives up at the first that is wrong: then the schema itself is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import Schema, fields

from surveyapp.questionnaires.answer_fields import AnswerField, ChoiceAnswer, refusal
from surveyapp.questionnaires.answers import Answers


class AnswersReader:
    """Reads what one schema reads: the answers of a section, of a roster instance or of the whole."""

    def __init__(self, schema: Schema, most_instances: int) -> None:
        self._most = most_instances
        #: names in the order of the definition, which the answers are put into
        self._readers: dict[str, Callable[[Any], Any]] = {}
        self._below: dict[str, AnswersReader] = {}
        for field in schema.fields.values():
            self._add(str(field.data_key), field)

    def _add(self, name: str, field: fields.Field[Any]) -> None:
        if isinstance(field, fields.Nested):
            below = self._below[name] = AnswersReader(field.schema, self._most)
            self._readers[name] = below.read_rows if field.many else below.read
        elif isinstance(field, AnswerField):
            self._readers[name] = _quick(field) or _nullable(field.read)

    def read(self, answers: Any) -> Answers:
        """The normalised answers. Raises ValidationError at the first that is wrong."""
        if not isinstance(answers, dict):
            raise refusal("object")
        try:
            return {name: read(answers[name]) for name, read in self._readers.items() if name in answers}
        except TypeError:  # a list or an object is no key of `_Names`
            raise refusal("choice") from None

    def read_rows(self, rows: Any) -> list[Answers]:
        """The normalised answers of each instance of a roster."""
        if not isinstance(rows, list) or len(rows) > self._most:
            raise refusal("list")
        return [self.read(row) for row in rows]

    def knows(self, answers: Mapping[str, Any]) -> bool:
        """Whether all names in answers that were read are the schema's."""
        return answers.keys() <= self._readers.keys() and all(
            below.knows(row)
            for name, below in self._below.items()
            if name in answers
            for row in _rows(answers[name])
        )


class _Names(dict[Any, str | None]):
    """A value → the choice of that name; None: no answer."""

    def __missing__(self, value: Any) -> None:
        raise refusal("choice")


def _quick(field: AnswerField) -> Callable[[Any], Any] | None:
    """A reader of nothing but what the field takes as it is: of most fields of most forms."""
    if type(field) is ChoiceAnswer and field.names is not None:
        return _Names({name: name for name in field.names} | {None: None}).__getitem__
    return None


def _nullable(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)


def _rows(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
