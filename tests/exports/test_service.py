"""Beginning an export: what is refused, what is logged, and what its bytes need."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from sqlalchemy import select, update

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.errors import UnknownQuestionnaire
from surveyapp.exports.errors import (
    CannotGiveIdentity,
    ReasonMissing,
    ReasonTooLong,
    ReasonUnstorable,
    UnknownFormat,
)
from surveyapp.exports.reader import BATCH
from surveyapp.exports.request import ExportRequest, TableOptions
from surveyapp.exports.service import Export, export
from surveyapp.extensions import db
from surveyapp.people.audit import DETAIL_LENGTH
from surveyapp.people.models import AuditEntry
from surveyapp.questionnaires.xlsform import compile_workbook
from surveyapp.submissions.models import Submission
from tests.exports import visits
from tests.exports.conftest import CANARY
from tests.exports.visits import compiled, exported, rows_of
from tests.factories import store_rows, store_submission, submission_row

IDENTITY = TableOptions(include_identity=True)
SENSITIVE = TableOptions(include_sensitive=True)


def entries() -> list[AuditEntry]:
    query = select(AuditEntry).where(AuditEntry.action == "exported").order_by(AuditEntry.serial)
    return list(db.session.scalars(query))


def test_an_unknown_questionnaire_is_refused_before_a_byte_is_out(app: Flask) -> None:
    with pytest.raises(UnknownQuestionnaire, match="nothing"):
        export(ExportRequest(questionnaire="nothing"))
    assert entries() == []


def test_an_unknown_format_is_refused_with_those_there_are(published: None) -> None:
    with pytest.raises(UnknownFormat, match="csv, xlsx, jsonl"):
        exported(format="exe")


@pytest.mark.parametrize("tables", [IDENTITY, SENSITIVE])
@pytest.mark.parametrize("reason", ["", "  "])
def test_confidential_answers_need_a_reason(published: None, tables: TableOptions, reason: str) -> None:
    with pytest.raises(ReasonMissing):
        exported(tables=tables, reason=reason)
    assert entries() == []


def test_a_reason_has_the_length_that_the_log_keeps(published: None) -> None:
    exported(tables=IDENTITY, reason="x" * DETAIL_LENGTH)
    with pytest.raises(ReasonTooLong, match=str(DETAIL_LENGTH)):
        exported(tables=IDENTITY, reason="x" * (DETAIL_LENGTH + 1))


@pytest.mark.parametrize("reason", ["a\x00b", "a\ud800b", "\udcff"])
def test_a_reason_holds_only_what_every_database_can_keep(published: None, reason: str) -> None:
    with pytest.raises(ReasonUnstorable):
        exported(tables=IDENTITY, reason=reason)
    assert entries() == []


@pytest.mark.usefixtures("stored")
def test_every_export_is_logged_before_a_byte_is_out() -> None:
    export(ExportRequest(questionnaire=visits.ID))
    export(
        ExportRequest(
            questionnaire=visits.ID, **visits.FULL | {"tables": IDENTITY, "reason": " call back "}
        )
    )
    plain, confidential = entries()
    assert (plain.action, plain.subject) == ("exported", visits.ID)
    assert plain.details == {
        "format": "csv",
        "profile": "de-identified",
        "identity": False,
        "sensitive": False,
    }
    assert confidential.details == {
        "format": "csv",
        "identity": True,
        "sensitive": False,
        "profile": "full",
        "reason": "call back",
        "approved_by": "saule",
    }
    assert CANARY not in str([entry.details for entry in entries()])


@pytest.mark.usefixtures("stored")
def test_it_is_called_after_the_questionnaire_and_the_format() -> None:
    def made(format_: str, package: bool) -> Export:
        return export(ExportRequest(questionnaire=visits.ID, format=format_, package=package))

    assert (made("csv", False).name, made("csv", False).media_type) == (
        "visits.csv",
        "text/csv; charset=utf-8",
    )
    assert (made("jsonl", False).name, made("jsonl", False).media_type) == (
        "visits.jsonl",
        "application/x-ndjson",
    )
    assert (made("csv", True).name, made("csv", True).media_type) == ("visits.zip", "application/zip")


def test_its_name_fits_into_a_header_whatever_the_questionnaire_is_called(app: Flask) -> None:
    workbook = compiled("1").workbook.replace(
        b"| visits |", 'сауалнама "1"\t../x'.encode().join([b"| ", b" |"])
    )
    catalogue.publish(compile_workbook(workbook, "odd.md"))
    (entry,) = catalogue.entries()
    name = export(ExportRequest(questionnaire=entry.id)).name
    assert name.isascii()
    assert name == "1_.._x.csv"


@pytest.mark.usefixtures("stored")
def test_it_tells_how_far_it_is() -> None:
    made = export(ExportRequest(questionnaire=visits.ID))
    assert (made.submissions, made.sent) == (2, 0)
    list(made)
    assert made.sent == 2


@pytest.mark.usefixtures("stored")
def test_its_bytes_need_no_application_context() -> None:
    request = ExportRequest(
        questionnaire=visits.ID, **visits.FULL | {"package": True, "tables": IDENTITY}
    )
    made = export(request)
    taken: list[bytes] = []
    # a context belongs to the thread that pushed it
    taking = threading.Thread(target=lambda: taken.extend(made))
    taking.start()
    taking.join()
    assert CANARY in visits.unzipped(visits.opened(b"".join(taken), request))["submissions.csv"].decode()


@pytest.mark.usefixtures("published")
def test_what_fails_on_the_way_breaks_the_bytes_off() -> None:
    store_rows([submission_row(visits.ID, {}) for _ in range(BATCH)])
    store_submission(visits.ID, {"visit": {}}, identity={"visit/family": CANARY}, key_id="lost")
    made = export(ExportRequest(questionnaire=visits.ID, **visits.FULL | {"tables": IDENTITY}))
    with pytest.raises(CannotGiveIdentity, match="lost"):
        b"".join(made)
    assert made.sent == BATCH


@pytest.mark.usefixtures("published")
def test_identity_that_was_moved_from_another_submission_is_not_given_out_as_its_own() -> None:
    store_submission(visits.ID, {"visit": {}}, identity={"visit/family": CANARY})
    store_submission(visits.ID, {"visit": {}}, identity={"visit/family": "other"})
    stolen = select(Submission.identity_sealed).order_by(Submission.serial).limit(1)
    db.session.execute(update(Submission).values(identity_sealed=db.session.scalar(stolen)))
    db.session.commit()
    with pytest.raises(CannotGiveIdentity):
        exported(tables=IDENTITY, reason="r")


@pytest.mark.usefixtures("published")
def test_identity_without_its_place_is_said_not_swallowed() -> None:
    store_submission(visits.ID, {}, identity={"visit/family": CANARY})
    with pytest.raises(CannotGiveIdentity, match="do not fit"):
        exported(tables=IDENTITY, reason="r")


@pytest.mark.usefixtures("published")
def test_an_erased_person_stays_erased() -> None:
    store_submission(
        visits.ID, {"visit": {"size": 2}}, identity={"visit/family": CANARY}, data_key=None, key_id=None
    )
    (row,) = rows_of(exported(tables=IDENTITY, reason="r"))
    assert (row["size"], row["family"]) == ("2", "")
