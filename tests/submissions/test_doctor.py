"""The doctor: finds nothing where nothing is wrong, and every change that came by another way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import LargeBinary, delete, insert, select, update

from surveyapp.extensions import db
from surveyapp.media_store import media_store
from surveyapp.people.models import Device, User
from surveyapp.submissions import chains, deciding, merging, reviewing, rotation, verifying
from surveyapp.submissions.envelope import load_envelope
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.keys import key_file_of, keys_of
from surveyapp.submissions.merging import Side
from surveyapp.submissions.models import (
    Attachment,
    Channel,
    Instance,
    Quarantined,
    Submission,
    SubmissionRevision,
)
from surveyapp.submissions.receive import receive
from surveyapp.submissions.verdicts import Sender
from surveyapp.submissions.verifying import Finding
from tests.accounts import make_user
from tests.collecting import answers, bring, item, publish

COMMAND = Sender(is_command=True)


@pytest.fixture(autouse=True)
def _published(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    publish()
    monkeypatch.setattr(verifying, "BATCH", 2)
    before = keys_of()
    yield
    key_file_of().replace(before)


def send(*items: dict[str, Any], channel: Channel = Channel.API) -> None:
    receive([load_envelope(one, channel) for one in items], COMMAND)


def file(content: bytes, name: str = "a.jpg") -> dict[str, Any]:
    sha256 = bring(content)
    return {"name": name, "sha256": sha256, "size": len(content), "type": "image/jpeg"}


def rooms(number: int, **changes: Any) -> dict[str, Any]:
    return answers(rooms=number, twice=str(number * 2), **changes)


@pytest.fixture
def record(app: Flask) -> UUID:
    """A submission of three revisions with identity, files, and fields that nobody knows."""
    first = item(
        answers=answers(photo="a.jpg", unknown="x"),
        attachments=[file(b"jpeg")],
        app="field/1",
        assignment="t-1",
    )
    second = first | {"answers": rooms(5, unknown="y"), "attachments": [], "base_revision": 1}
    third = first | {"answers": rooms(6, photo="a.jpg", unknown="z"), "base_revision": 2}
    send(first, second, third)
    return UUID(first["id"])


def findings() -> list[Finding]:
    db.session.rollback()
    return list(verifying.verify_chains(keys_of(), lambda _done: None))


def run(app: Flask) -> Result:
    db.session.rollback()
    return app.test_cli_runner().invoke(args=["doctor"], prog_name="surveyapp")


def test_nothing_is_found_where_nothing_is_wrong(app: Flask, record: UUID) -> None:
    send(*(item() for _other in range(5)))
    send(item(answers=answers(photo="b.jpg")), channel=Channel.OPENROSA)
    send(item(answers=answers(photo="b.jpg")))
    looked = run(app)
    assert (looked.exit_code, looked.stdout.splitlines()[-1]) == (0, "All is well.")
    assert findings() == []


def test_all_is_well_after_decisions_reviews_rotation_and_erasure(app: Flask, record: UUID) -> None:
    first = item()
    conflict, another = first | {"answers": rooms(8)}, first | {"answers": rooms(9)}
    misfit = item(answers=answers(rooms="three", note="\0"))
    for sent in (first, conflict, another, misfit):
        send(sent)
    numbers = db.session.scalars(select(Quarantined.serial).order_by(Quarantined.serial)).all()
    deciding.accept_as_revision(numbers[0])
    merging.merge(numbers[1], {}, rest=Side.WAITING)
    deciding.accept(numbers[2])
    reviewing.accept(UUID(first["id"]))
    rotation.rotate(lambda _rows: lambda _done: None)
    assert findings() == []
    reviewing.erase(record)
    reviewing.erase(UUID(misfit["id"]))
    assert findings() == []
    rotation.rotate(lambda _rows: lambda _done: None)
    assert run(app).exit_code == 0


@pytest.mark.parametrize("number", [0.1, 1e300, 10**17, 2**62 + 1, -0.0, 5.0])
def test_numbers_are_verified_however_the_database_writes_them(app: Flask, number: float) -> None:
    place = {"lat": 43.25, "lon": 76.95, "alt": number, "accuracy": 4.5}
    send(item(answers=answers(place={"region": "75", "gps": place}, extra=number)))
    assert findings() == []


TAMPERED = (
    *chains.FACTS,
    "content_digest",
    "chain",
    "answers",
    "answers_commitment",
    "identity_sealed",
    "identity_commitment",
    "foreign_sealed",
    "foreign_commitment",
)


def other_than(value: Any, column: Any) -> Any:
    """Another value of the same type."""
    if isinstance(column.type, LargeBinary):
        return value[:-1] + bytes([value[-1] ^ 1])
    if value is None:
        return 1
    if isinstance(value, datetime):
        return value + timedelta(microseconds=1)
    if isinstance(value, int):
        return value + 1
    return value | {"rooms": 77} if isinstance(value, dict) else f"{value}x"


def tamper(table: Any, serial: int, column: str, value: Any) -> None:
    """Change one value as somebody with a database client would."""
    db.session.execute(update(table).where(table.c.serial == serial).values({column: value}))
    db.session.commit()


@pytest.fixture
def people(app: Flask) -> int:
    """Somebody whom a submission can be said to be from."""
    make_user("stranger")
    db.session.add(Device(name="phone"))
    db.session.commit()
    assert db.session.scalars(select(Device)).one()
    return db.session.scalars(select(User.id)).one()


@pytest.mark.parametrize("model", [Submission, SubmissionRevision])
@pytest.mark.parametrize("column", TAMPERED)
def test_a_change_in_any_column_of_the_chain_is_found(
    record: UUID, people: int, model: type[Any], column: str
) -> None:
    table = table_of(model)
    row = db.session.execute(select(table).order_by(table.c.serial.desc()).limit(1)).one()
    changed = other_than(getattr(row, column), table.c[column])
    if column == "sender_id":
        changed = people
    if column == "device_id":
        changed = db.session.scalars(select(Device.id)).one()
    if column == "revision":
        changed = 9
    tamper(table, row.serial, column, changed)
    found = findings()
    assert found
    assert {finding.subject for finding in found} == {f"submission {record}"}


@pytest.mark.parametrize("column", ["questionnaire", "first_received_at", "status", "data_key"])
def test_a_change_in_what_all_revisions_share_is_found(record: UUID, column: str) -> None:
    table = table_of(Submission)
    row = db.session.execute(select(table)).one()
    value = "erased" if column == "status" else other_than(getattr(row, column), table.c[column])
    tamper(table, row.serial, column, value)
    assert findings()


def test_a_key_that_was_taken_away_is_missed(record: UUID) -> None:
    table = table_of(Submission)
    tamper(table, db.session.scalars(select(table.c.serial)).one(), "data_key", None)
    assert [finding.what for finding in findings()] == ["its key is missing"]


@pytest.mark.parametrize("column", ["sha256", "name"])
def test_another_file_than_the_one_that_was_sent_is_found(record: UUID, column: str) -> None:
    table = table_of(Attachment)
    row = db.session.execute(select(table).limit(1)).one()
    tamper(table, row.serial, column, other_than(getattr(row, column), table.c[column]))
    assert findings()


@pytest.mark.parametrize("revision", [1, 2])
def test_a_revision_that_was_left_out_is_missed(record: UUID, revision: int) -> None:
    table = table_of(SubmissionRevision)
    db.session.execute(delete(table).where(table.c.revision == revision))
    db.session.commit()
    assert any("left out" in finding.what for finding in findings())


def test_a_last_revision_that_was_undone_is_missed(record: UUID) -> None:
    former, table = table_of(SubmissionRevision), table_of(Submission)
    before = db.session.execute(select(former).where(former.c.revision == 2)).one()._asdict()
    kept = {name: before[name] for name in before if name not in {"serial", "submission_id"}}
    db.session.execute(update(table).values(kept))
    db.session.execute(delete(former).where(former.c.revision == 2))
    db.session.commit()
    assert [finding.what for finding in findings()] == ["revision 3 is told of and is not there"]


def test_a_revision_that_was_put_in_is_found(record: UUID) -> None:
    table = table_of(SubmissionRevision)
    row = db.session.execute(select(table).where(table.c.revision == 2)).one()._asdict()
    del row["serial"]
    forged = row | {"revision": 0, "receipt_code": "AAAA-AAAA-AAAA"}
    db.session.execute(insert(table).values(forged))
    db.session.commit()
    assert any("put in" in finding.what for finding in findings())


def test_two_revisions_that_changed_places_are_found(record: UUID) -> None:
    table = table_of(SubmissionRevision)
    for before, after in ((1, 7), (2, 1), (7, 2)):
        db.session.execute(update(table).where(table.c.revision == before).values(revision=after))
    db.session.commit()
    assert findings()


def test_a_name_moved_from_another_submission_is_found(record: UUID) -> None:
    other = item()
    send(other)
    table = table_of(Submission)
    stolen = db.session.scalars(select(table.c.identity_sealed).where(table.c.id == record)).one()
    db.session.execute(
        update(table).where(table.c.id == UUID(other["id"])).values(identity_sealed=stolen)
    )
    db.session.commit()
    assert [f.subject for f in findings()] == [f"submission {other['id']}"]


def test_answers_put_back_into_what_was_erased_are_found(record: UUID) -> None:
    reviewing.erase(record)
    table = table_of(SubmissionRevision)
    db.session.execute(update(table).where(table.c.revision == 2).values(answers={"rooms": 1}))
    db.session.commit()
    assert [finding.what for finding in findings()] == ["revision 2: it was erased and holds answers"]


def test_an_instance_of_a_revision_that_never_was_is_found(record: UUID) -> None:
    row = {"id": uuid4(), "submission_id": record, "revision": 8}
    db.session.execute(insert(table_of(Instance)).values(row))
    db.session.commit()
    assert findings()


# --- the command ------------------------------------------------------------------------------------


def test_the_command_lists_what_it_finds_and_ends_with_1(app: Flask, record: UUID) -> None:
    lost = file(b"lost", "lost.jpg")
    send(item(answers=answers(photo="lost.jpg"), attachments=[lost]), item(version="9"))
    db.session.rollback()
    row = db.session.scalars(select(Attachment).filter_by(sha256=lost["sha256"])).one()
    media_store().discard(row.address or "")
    db.session.execute(update(table_of(Quarantined)).values(sealed=b"\x01" * 40))
    db.session.execute(
        update(table_of(Submission)).where(table_of(Submission).c.id == record).values(language="xx")
    )
    db.session.commit()
    looked = run(app)
    assert looked.exit_code == 1
    told = looked.stdout
    assert f"submission {record}: revision 3: its link does not fit" in told
    assert "'lost.jpg' is not in the store" in told
    assert "cannot be opened" in told
    assert looked.stderr.splitlines()[-1] == "Error: 3 found; see above."


def test_a_missing_key_is_told(app: Flask, record: UUID) -> None:
    db.session.execute(update(table_of(Submission)).values(key_id="gone"))
    db.session.commit()
    looked = run(app)
    assert looked.exit_code == 1
    assert "key gone: missing from the key file; 1 rows need it" in looked.stdout
