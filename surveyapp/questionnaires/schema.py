"""The Marshmallow schema of a version's answers, generated from its definition.

It knows the answers' shape and types and nothing of the interview: what is asked when, and which
choices a filter leaves, is judged afterwards (`judge`). What does not load does not fit its version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, TypeAlias

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load

from surveyapp.questionnaires import answer_fields as answer
from surveyapp.questionnaires import paths
from surveyapp.questionnaires.answer_fields import Defect, refusal
from surveyapp.questionnaires.answers import AnswerError, Answers
from surveyapp.questionnaires.answers_reader import AnswersReader
from surveyapp.questionnaires.definition import (
    Calculation,
    Container,
    DataType,
    Item,
    Question,
    Questionnaire,
    Roster,
    Section,
    Valued,
)
from surveyapp.questionnaires.storable import unstorable


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one submission may hold; `errors` bounds what is told of a hopeless one."""

    text_length: int = 100_000
    roster_instances: int = 500
    #: choices of a list that is in a file, places of a line
    list_length: int = 10_000
    depth: int = 32
    #: answers, rows and whatever else there is, together: what costs time to judge
    values: int = 50_000
    errors: int = 200


@dataclass(frozen=True, slots=True)
class Checked:
    """Answers after their types were checked.

    With `errors` there are no answers; `foreign` holds what nobody knows, by path (`visit/colour`).
    """

    answers: Answers
    foreign: Mapping[str, Any]
    errors: tuple[AnswerError, ...] = ()


class AnswersSchema(Schema):
    """The answers of one section, of one roster instance or of the whole.

    The fields are numbered and only their data keys are the items' names: an XForm's name may have a
    point in it, which Marshmallow takes for nesting, or be one of the schema's own attributes.
    """

    class Meta:
        unknown = EXCLUDE

    error_messages = {"type": Defect("object"), "unknown": Defect("unknown")}  # type: ignore[dict-item]  # noqa: RUF012  # Marshmallow puts any object through

    @post_load
    def by_item_name(self, loaded: dict[str, Any], **_options: Any) -> dict[str, Any]:
        """Give the answers their items' names back."""
        return {str(self.fields[number].data_key): value for number, value in loaded.items()}


def check_types(questionnaire: Questionnaire, answers: Any, limits: Limits) -> Checked:
    """Load answers as they came: normalised and sorted into known and foreign, or refused.

    Takes whatever JSON can hold and raises nothing.
    """
    problems = unstorable(
        questionnaire.root,
        answers,
        depth=limits.depth,
        length=limits.text_length,
        values=limits.values,
    )
    if errors := tuple(islice(problems, limits.errors)):
        return Checked({}, {}, errors)
    with suppress(ValidationError):
        return _read(questionnaire, answers, limits)
    try:
        loaded = answers_schema(questionnaire, limits).load(answers)
    except ValidationError as refused:
        errors = tuple(islice(_errors(refused.messages), limits.errors))
        return Checked({}, {}, errors)
    return Checked(loaded, dict(_foreign(questionnaire.root, answers)))


def _read(questionnaire: Questionnaire, answers: Any, limits: Limits) -> Checked:
    """What the schema makes of answers that it takes; raises ValidationError of any others."""
    reader = _answers_reader(questionnaire, limits)
    loaded = reader.read(answers)
    foreign = {} if reader.knows(answers) else dict(_foreign(questionnaire.root, answers))
    return Checked(loaded, foreign)


@lru_cache(maxsize=128)
def _answers_reader(questionnaire: Questionnaire, limits: Limits) -> AnswersReader:
    return AnswersReader(answers_schema(questionnaire, limits), limits.roster_instances)


@lru_cache(maxsize=128)
def answers_schema(questionnaire: Questionnaire, limits: Limits) -> Schema:
    """The schema of a definition; a definition is parsed once per content hash, so it is kept by it.

    Its ValidationErrors hold `Defect`s, not sentences: use `check_types`, which reads them.
    """
    return _Generator(questionnaire, limits).schema(questionnaire.root)()


@dataclass(frozen=True, slots=True)
class _Generator:
    """Makes the schema classes and fields of one questionnaire."""

    questionnaire: Questionnaire
    limits: Limits

    def schema(self, container: Container) -> type[Schema]:
        """The schema class of what a container holds."""
        made = ((f"item_{n}", self.field(item)) for n, item in enumerate(container.items))
        # a name in the registry would keep every version's classes for ever; from_dict leaves it out
        return AnswersSchema.from_dict({name: field for name, field in made if field}, name="Answers")

    def field(self, item: Item) -> fields.Field[Any] | None:
        """The field of an item; None for one that has no answer."""
        if isinstance(item, Section):
            return _nested(item, self.schema(item), code="object")
        if isinstance(item, Roster):
            return self.roster(item)
        return self.valued(item) if isinstance(item, Valued) else None

    def roster(self, item: Roster) -> fields.Field[Any]:
        """A list of instances; counted before any of them is looked at."""
        most = self.limits.roster_instances

        def count(value: Any) -> Any:
            if isinstance(value, list) and len(value) > most:
                raise refusal("too_many", max=most)
            return value

        return _nested(item, self.schema(item), code="list", many=True, pre_load=count)

    def valued(self, item: Valued) -> fields.Field[Any]:
        """A single answer's field."""
        if isinstance(item, Calculation) and item.type is DataType.TEXT:
            return answer.ComputedText(data_key=item.name, longest=self.limits.text_length)
        return _FIELDS[item.type](self, item)

    def choice_names(self, item: Valued) -> frozenset[str] | None:
        """Names of the whole list; None where the definition does not hold it."""
        source = item.choices if isinstance(item, Question) else None
        if source is None or source.roster or source.nodes or source.search:
            return None
        if source.instance in self.questionnaire.external_lists:
            return None
        choices = self.questionnaire.choice_lists.get(source.list_name)
        return None if choices is None else frozenset(choice.name for choice in choices)

    def text(self, item: Valued) -> answer.AnswerField:
        return answer.TextAnswer(data_key=item.name, longest=self.limits.text_length)

    def choice(self, item: Valued) -> answer.AnswerField:
        return answer.ChoiceAnswer(data_key=item.name, names=self.choice_names(item))

    def choices(self, item: Valued) -> answer.AnswerField:
        names, most = self.choice_names(item), self.limits.list_length
        return answer.ChoicesAnswer(data_key=item.name, names=names, most=most)

    def places(self, item: Valued) -> answer.AnswerField:
        # a line has two ends, an area three corners, whether it names the first one again or not
        fewest = 2 if item.type is DataType.GEOTRACE else 3
        most = self.limits.list_length
        return answer.PlacesAnswer(data_key=item.name, code=item.type.value, fewest=fewest, most=most)


def _plain(field: Callable[..., answer.AnswerField]) -> _FieldOf:
    return lambda _generator, item: field(data_key=item.name)


_FieldOf: TypeAlias = Callable[[_Generator, Valued], answer.AnswerField]

_FIELDS: dict[DataType, _FieldOf] = {
    DataType.TEXT: _Generator.text,
    DataType.BARCODE: _Generator.text,
    DataType.ACKNOWLEDGE: _plain(answer.AcknowledgeAnswer),
    DataType.BOOLEAN: _plain(answer.TruthAnswer),
    DataType.INTEGER: _plain(answer.IntegerAnswer),
    DataType.DECIMAL: _plain(answer.DecimalAnswer),
    DataType.DATE: _plain(answer.DateAnswer),
    DataType.TIME: _plain(answer.TimeAnswer),
    DataType.DATETIME: _plain(answer.DateTimeAnswer),
    DataType.SELECT_ONE: _Generator.choice,
    DataType.SELECT_MULTIPLE: _Generator.choices,
    DataType.RANK: _Generator.choices,
    DataType.GEOPOINT: _plain(answer.PlaceAnswer),
    DataType.GEOTRACE: _Generator.places,
    DataType.GEOSHAPE: _Generator.places,
    DataType.IMAGE: _plain(answer.AttachmentAnswer),
    DataType.AUDIO: _plain(answer.AttachmentAnswer),
    DataType.VIDEO: _plain(answer.AttachmentAnswer),
    DataType.FILE: _plain(answer.AttachmentAnswer),
}


def _nested(item: Container, schema: type[Schema], *, code: str, **options: Any) -> fields.Field[Any]:
    messages: dict[str, Any] = {"null": [Defect(code)], "type": [Defect(code)]}
    return fields.Nested(schema, data_key=item.name, error_messages=messages, **options)


def _errors(messages: Any, path: str = "") -> Iterator[AnswerError]:
    """The errors in Marshmallow's tree: names and 0-based positions down to lists of defects."""
    if isinstance(messages, dict):
        for step, below in messages.items():
            yield from _errors(below, _step(path, step))
    else:
        for defect in messages:
            yield AnswerError(path, defect.code, defect.params)


def _step(path: str, step: str | int) -> str:
    if isinstance(step, int):
        return f"{path}[{step + 1}]"
    return path if step == "_schema" else paths.join(path, step)


def _foreign(
    container: Container, answers: Mapping[str, Any], path: str = ""
) -> Iterator[tuple[str, Any]]:
    """What no item of the definition knows, with its path; the answers' shape has been checked."""
    items = {item.name: item for item in container.items}
    for name, value in answers.items():
        item, here = items.get(name), paths.join(path, name)
        if isinstance(item, Section):
            yield from _foreign(item, value, here)
        elif isinstance(item, Roster):
            for position, instance in enumerate(value, 1):
                yield from _foreign(item, instance, f"{here}[{position}]")
        elif not isinstance(item, Valued) and not (item and value is None):
            yield here, value
