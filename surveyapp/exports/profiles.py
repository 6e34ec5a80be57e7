"""What a profile keeps back from an export, item by item (docs/decisions/0039)."""

from __future__ import annotations

from surveyapp.exports.merging import MergedItem
from surveyapp.exports.request import Profile
from surveyapp.questionnaires.definition import (
    ATTACHMENT_TYPES,
    Calculation,
    DataType,
    Expression,
    Metadata,
    Question,
    Questionnaire,
    Valued,
)
from surveyapp.questionnaires.dependencies import dependencies_of

#: types whose answers are in the words of who gave them
_FREE = frozenset({DataType.TEXT, DataType.BARCODE})
#: type → why it is withheld
_KINDS = {
    **dict.fromkeys(_FREE, "text"),
    **dict.fromkeys(ATTACHMENT_TYPES, "file"),
    **dict.fromkeys((DataType.GEOTRACE, DataType.GEOSHAPE), "track"),
}
#: what a device fills in that points at nobody
_CLOCKS = frozenset({"timestamp", "date"})


def withheld_because(item: MergedItem) -> str | None:
    """Why a de-identified export has no column for an item: one word, None when it has one."""
    if item.identity:
        return "identity"
    if item.sensitive:
        return "sensitive"
    reasons = (_exposing(each.definition, each.item) for each in item.editions)
    return next((reason for reason in reasons if reason), None)


def is_withheld(profile: Profile, item: MergedItem) -> bool:
    """Whether a profile keeps an item back, whatever else was asked for."""
    return profile is not Profile.FULL and withheld_because(item) is not None


def _exposing(definition: Questionnaire, item: Valued) -> str | None:
    if item.releasable:
        return None
    if isinstance(item, Metadata):
        return None if item.preload in _CLOCKS else "device"
    if item.type in _FREE and _calculation(item) is not None:
        return "text" if _reads_words(definition, item) else None
    return _KINDS.get(item.type)


def _calculation(item: Valued) -> Expression | None:
    return item.calculation if isinstance(item, Question | Calculation) else None


def _reads_words(definition: Questionnaire, item: Valued) -> bool:
    """Whether a calculated text is made of what is withheld itself."""
    items = {each.path: each for each in definition.walk() if isinstance(each, Valued)}
    calculation = _calculation(item)
    if calculation is None:
        return False
    read = dependencies_of(definition).read_by(calculation, item)
    return any(
        each.identity or each.sensitive or (each is not item and _exposing(definition, each) is not None)
        for each in (items[path] for path in read if path in items)
    )
