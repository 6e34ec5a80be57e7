"""Paper sheets entered by one person, then blind by another; what differs is settled; then received.

Nothing of a sheet is real data before two people have entered the same, or the second, with the sheet at
hand, has said of each difference what stands on it (docs/decisions/0031).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from surveyapp.catalogue import service as catalogue
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.people.audit import Action
from surveyapp.questionnaires import partition
from surveyapp.questionnaires.definition import DataType, Question, Questionnaire, Valued
from surveyapp.questionnaires.paths import parse_path
from surveyapp.submissions.envelope import Envelope, as_item, load_envelope
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.models import Channel
from surveyapp.submissions.receive import receive
from surveyapp.submissions.sealing import DataKey, Row
from surveyapp.submissions.sheet_models import PaperSheet, SheetState
from surveyapp.submissions.sheets import record_of
from surveyapp.submissions.verdicts import Result, Sender

_COLUMN = "sealed"
_NOWHERE = object()
_OFFSET = re.compile(r"(Z|[+-]\d\d:\d\d)$")


class NotYours(ValueError):
    """Who entered it first cannot be the second."""


class Settled(ValueError):
    """The sheet is a record already."""


class OtherRecord(ValueError):
    """What was sent is another sheet's, or of another version."""


@dataclass(frozen=True, slots=True)
class Difference:
    """An answer that was entered in two ways; None: it was not entered."""

    path: str
    item: Valued
    first: Any
    second: Any


def find(questionnaire: str, code: str) -> PaperSheet | None:
    """The sheet of a code, once it was entered."""
    return db.session.scalars(
        select(PaperSheet).filter_by(questionnaire=questionnaire, code=code)
    ).one_or_none()


def page(questionnaire: str, before: int | None, size: int) -> list[PaperSheet]:
    """Sheets that were entered, the newest first, before a serial."""
    query = select(PaperSheet).filter_by(questionnaire=questionnaire)
    if before is not None:
        query = query.where(PaperSheet.serial < before)
    return list(db.session.scalars(query.order_by(PaperSheet.serial.desc()).limit(size)))


def enter(questionnaire: str, code: str, envelope: Envelope, user_id: int) -> PaperSheet:
    """Keep an entry; commits. Two alike become a record at once.

    Raises `NotYours`, `Settled`, `OtherRecord`, `receive.NotStored`.
    """
    sheet = find(questionnaire, code)
    if envelope.questionnaire != questionnaire or (sheet and sheet.version != envelope.version):
        raise OtherRecord
    if catalogue.edition(questionnaire, envelope.version) is None:
        raise OtherRecord
    if sheet is None:
        try:
            return _first(questionnaire, code, envelope, user_id)
        except IntegrityError:  # somebody entered it in the same instant: this is the second entry
            db.session.rollback()
            if find(questionnaire, code) is None:
                raise
            return enter(questionnaire, code, envelope, user_id)
    if sheet.state == SheetState.ACCEPTED:
        raise Settled
    if sheet.first_by == user_id:
        raise NotYours
    entries = {"first": _opened(sheet)["first"], "second": as_item(envelope)}
    _seal(sheet, entries)
    sheet.second_by, sheet.second_at, sheet.state = user_id, utc_now(), SheetState.DIFFERING
    audit.record(Action.SHEET_ENTERED, f"{questionnaire} {code}")
    db.session.commit()
    if not differences(sheet):
        accept(sheet, {})
    return sheet


def differences(sheet: PaperSheet) -> list[Difference]:
    """What was entered in two ways, in the order of the questionnaire."""
    definition, entries = _definition(sheet), _opened(sheet)
    first, second = (_leaves(definition, entries[each]["answers"]) for each in ("first", "second"))
    return [
        Difference(path, item, first.get(path, (item, None))[1], second.get(path, (item, None))[1])
        for path, (item, _value) in (first | second).items()
        if _on_paper(item, first.get(path, (item, None))[1])
        != _on_paper(item, second.get(path, (item, None))[1])
    ]


def _on_paper(item: Valued, value: Any) -> Any:
    """What of an answer stands on the sheet: it has no offset, each typist's computer adds its own."""
    is_clock = getattr(item, "type", None) in (DataType.TIME, DataType.DATETIME)
    return _OFFSET.sub("", value) if is_clock and isinstance(value, str) else value


def have_one_shape(sheet: PaperSheet) -> bool:
    """Whether both entries have as many instances of each roster: else it is to be entered anew."""
    entries = _opened(sheet)
    first, second = (_shape(entries[each]["answers"]) for each in ("first", "second"))
    return bool(first == second)


def accept(sheet: PaperSheet, from_first: Mapping[str, bool]) -> Result:
    """Receive a sheet as a record; `from_first` says of each path that differs whose answer it is.

    Commits. Raises `receive.NotStored`: then the sheet waits as it was.
    """
    entries = _opened(sheet)
    item = deepcopy(entries["second"])
    first = _leaves(_definition(sheet), entries["first"]["answers"])
    for path, is_first in from_first.items():
        if is_first:
            _put(item["answers"], path, first[path][1] if path in first else _NOWHERE)
    first_by, serial = sheet.first_by, sheet.serial
    db.session.commit()
    [result] = receive([load_envelope(item, Channel.PAPER)], Sender(user_id=first_by))
    stored = db.session.get(PaperSheet, serial)
    if result.held and stored is not None:  # nobody has withdrawn it at this very moment
        stored.state, stored.accepted_at = SheetState.ACCEPTED, utc_now()
        stored.sealed = stored.data_key = stored.key_id = None
        audit.record(Action.SHEET_ACCEPTED, f"{stored.questionnaire} {stored.code}")
    db.session.commit()
    return result


def withdraw(sheet: PaperSheet) -> None:
    """Throw away what was entered of a sheet, so that it can be entered anew; commits.

    Raises `Settled`.
    """
    where = (PaperSheet.serial == sheet.serial, PaperSheet.state != SheetState.ACCEPTED)
    subject = f"{sheet.questionnaire} {sheet.code}"
    gone = db.session.scalars(delete(PaperSheet).where(*where).returning(PaperSheet.serial)).all()
    if not gone:
        raise Settled
    audit.record(Action.SHEET_WITHDRAWN, subject)
    db.session.commit()


def _first(questionnaire: str, code: str, envelope: Envelope, user_id: int) -> PaperSheet:
    sheet = PaperSheet(
        questionnaire=questionnaire,
        version=envelope.version,
        code=code,
        record=record_of(questionnaire, code),
        state=SheetState.WAITING,
        first_by=user_id,
    )
    _seal(sheet, {"first": as_item(envelope)})
    db.session.add(sheet)
    audit.record(Action.SHEET_ENTERED, f"{questionnaire} {code}")
    db.session.commit()
    return sheet


def _seal(sheet: PaperSheet, entries: dict[str, Any]) -> None:
    """Whatever id the page made up, both are entries of the sheet's own record."""
    for item in entries.values():
        item["id"] = str(sheet.record)
    key = DataKey.new(keys_of(), Row.of_sheet(sheet.record))
    sheet.sealed, sheet.data_key, sheet.key_id = key.seal_json(_COLUMN, entries), key.wrapped, key.key_id


def _opened(sheet: PaperSheet) -> dict[str, Any]:
    """Both entries. Raises `CannotOpen`, `KeyMissing`."""
    if sheet.sealed is None or sheet.data_key is None or sheet.key_id is None:
        raise Settled
    key = DataKey.unwrap(keys_of(), Row.of_sheet(sheet.record), sheet.data_key, sheet.key_id)
    opened: dict[str, Any] = key.open_json(_COLUMN, sheet.sealed)
    return opened


def _definition(sheet: PaperSheet) -> Questionnaire:
    found = catalogue.edition(sheet.questionnaire, sheet.version)
    if found is None:  # versions are never taken away
        raise OtherRecord
    return found.definition


def _leaves(definition: Questionnaire, answers: dict[str, Any]) -> dict[str, tuple[Valued, Any]]:
    found = partition.leaves(definition, answers, _is_typed)
    return {path: (item, value) for path, item, value in found if value is not None}


def _is_typed(item: Valued) -> bool:
    return isinstance(item, Question) and item.calculation is None


def _shape(answers: Any) -> Any:
    """Sections and rosters without their answers."""
    if isinstance(answers, dict):
        inner = {name: _shape(value) for name, value in answers.items()}
        return {name: value for name, value in inner.items() if value}
    if isinstance(answers, list) and answers and isinstance(answers[0], dict):
        return [_shape(value) or "instance" for value in answers]
    return None


def _put(answers: dict[str, Any], path: str, value: Any) -> None:
    *way, last = parse_path(path)
    container: Any = answers
    for step in way:
        container = container.setdefault(step.name, [] if step.position else {})
        if step.position is not None:
            container = container[step.position - 1]
    if value is _NOWHERE:
        container.pop(last.name, None)
    else:
        container[last.name] = value
