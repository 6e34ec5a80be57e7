"""Which records are about one household: told by a keyed digest of what the author says names it.

The digest is made by the worker and kept beside the record's measures, so that no list opens what is
sealed: where the code of a household points at a person, it stands nowhere but in its sealed place.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from surveyapp.catalogue import service as catalogue
from surveyapp.questionnaires.canonical import canonical
from surveyapp.questionnaires.definition import Container, Question, Questionnaire, Section
from surveyapp.submissions.digests import keyed
from surveyapp.submissions.field_models import Measure
from surveyapp.submissions.keys import KeyMissing, Keys
from surveyapp.submissions.models import Submission
from surveyapp.submissions.opening import Erased, identity_of
from surveyapp.submissions.sealing import CannotOpen

#: what people write differently between the parts of one code
_BETWEEN = " -_/.\u2010\u2011\u2012\u2013"


def naming(questionnaire: str) -> tuple[str, ...]:
    """Paths of the questions that name a household, by the version that is offered now.

    By that of all, so that records of a version that did not say it yet are found too.
    """
    edition = catalogue.current(questionnaire)
    return tuple(_named_by(edition.definition)) if edition else ()


def _named_by(definition: Questionnaire) -> Iterator[str]:
    return (item.path for item in _outside_rosters(definition.root) if item.household)


def _outside_rosters(container: Container) -> Iterator[Question]:
    for item in container.items:
        if isinstance(item, Question):
            yield item
        elif isinstance(item, Section):
            yield from _outside_rosters(item)


def household_of(keys: Keys, row: Any, definition: Questionnaire, paths: Sequence[str]) -> bytes | None:
    """Keyed digest (32 bytes) of what names a record's household; None: something of it is missing."""
    if not paths:
        return None
    sealed = {item.path for item in definition.walk() if getattr(item, "identity", False)}
    opened = _opened(keys, row) if sealed.intersection(paths) else {}
    values = [opened.get(path) if path in sealed else _value(row.answers, path) for path in paths]
    if any(value is None or value == "" for value in values):
        return None
    told = canonical({"named": [_plainly(value) for value in values]})
    return keyed(keys, "household", row.questionnaire.encode(), told)


def _opened(keys: Keys, row: Any) -> Any:
    try:
        return identity_of(keys, row)
    except (Erased, CannotOpen, KeyMissing):
        return {}


def _value(answers: Any, path: str) -> Any:
    for step in path.split("/"):
        answers = answers.get(step) if isinstance(answers, dict) else None
    return answers


def _plainly(value: Any) -> str:
    """A code however it was typed: `012-007`, `012 007`."""
    text = unicodedata.normalize("NFKC", str(value)).casefold()
    return "".join(letter for letter in text if letter not in _BETWEEN)


# --- looking up -------------------------------------------------------------------------------------


def of_record(submission: Submission) -> Select[Any]:
    """The digest of a record's household, once the worker has reckoned it."""
    return select(Measure.household).where(Measure.submission_id == submission.id)


def records_of(questionnaire: str, household: bytes, seen: ColumnElement[bool]) -> Select[Any]:
    """The records of one household that somebody may see, oldest first."""
    return (
        select(Submission)
        .join(Measure, Measure.submission_id == Submission.id)
        .where(Measure.questionnaire == questionnaire, Measure.household == household, seen)
        .order_by(Submission.first_received_at, Submission.serial)
    )


def repeated(
    questionnaire: str, seen: ColumnElement[bool], after: bytes | None, limit: int
) -> Select[bytes | None, int]:
    """Households with several records that somebody may see, by digest, from behind one on."""
    query: Select[bytes | None, int] = (
        select(Measure.household, func.count())
        .join(Submission, Submission.id == Measure.submission_id)
        .where(Measure.questionnaire == questionnaire, Measure.household.is_not(None), seen)
        .group_by(Measure.household)
        .having(func.count() > 1)
        .order_by(Measure.household)
        .limit(limit)
    )
    return query.where(Measure.household > after) if after is not None else query


def first_records(
    questionnaire: str, digests: Sequence[bytes], seen: ColumnElement[bool]
) -> Select[bytes | None, Submission]:
    """The records of some households, with their digest, oldest first."""
    query: Select[bytes | None, Submission] = (
        select(Measure.household, Submission)
        .join(Submission, Submission.id == Measure.submission_id)
        .where(Measure.questionnaire == questionnaire, Measure.household.in_(digests), seen)
        .order_by(Measure.household, Submission.first_received_at, Submission.serial)
    )
    return query
