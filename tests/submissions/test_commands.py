"""The commands an administrator types: what they show, what they keep back, what they write down."""

from __future__ import annotations

import json

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select, update

from surveyapp.extensions import db
from surveyapp.people.models import AuditEntry
from surveyapp.submissions.keys import key_file_of, keys_of
from surveyapp.submissions.models import Quarantined, Submission
from tests.collecting import CANARY, answers, envelope, publish, send


@pytest.fixture(autouse=True)
def _published(app: Flask) -> None:
    publish()


def run(app: Flask, *arguments: str) -> Result:
    db.session.rollback()
    return app.test_cli_runner().invoke(args=arguments, prog_name="surveyapp")


def audited() -> list[tuple[str, str]]:
    query = select(AuditEntry).where(AuditEntry.action.like("%opened"))
    return [(entry.action, entry.subject) for entry in db.session.scalars(query)]


def test_quarantine_list_shows_what_waits_and_nothing_of_its_content(app: Flask) -> None:
    sent = envelope(answers=answers(rooms=CANARY))
    send(sent)
    send(envelope(version="9"))
    first, second = run(app, "quarantine", "list").stdout.splitlines()
    assert f"{sent.id}  visit 1  wrong_type (rooms)  synthetic" in first
    assert "visit 9  unknown_version (version)  synthetic" in second
    assert CANARY not in first


def test_quarantine_list_can_be_read_on(app: Flask) -> None:
    for number in (5, 6, 7):
        send(envelope(version=str(number)))
    first = run(app, "quarantine", "list", "--limit", "2")
    assert len(first.stdout.splitlines()) == 2
    after = first.stderr.rpartition(" ")[2].strip()
    assert "visit 7" in run(app, "quarantine", "list", "--after", after).stdout
    assert run(app, "quarantine", "list", "--questionnaire", "other").stderr == "Nothing waits.\n"


def test_quarantine_show_writes_the_bytes_as_they_came_and_is_audited(app: Flask) -> None:
    sent = envelope(version="9")
    send(sent)
    serial = db.session.scalars(select(Quarantined.serial)).one()
    shown = run(app, "quarantine", "show", str(serial))
    assert shown.stdout_bytes == sent.as_bytes()
    assert audited() == [("quarantine_opened", str(sent.id))]


def test_quarantine_show_says_when_there_is_nothing(app: Flask) -> None:
    shown = run(app, "quarantine", "show", "99999")
    assert (shown.exit_code, shown.stderr) == (1, "Error: nothing waits under the number 99999\n")


def test_what_was_erased_is_said_to_be_gone(app: Flask) -> None:
    sent, waits = envelope(), envelope(version="9")
    send(sent, waits)
    for model in (Submission, Quarantined):
        db.session.execute(update(model).values(data_key=None, key_id=None))
    serial = db.session.scalars(select(Quarantined.serial)).one()
    db.session.commit()
    for command in (
        ("submission", "show", str(sent.id), "--identity"),
        ("quarantine", "show", str(serial)),
    ):
        shown = run(app, *command)
        assert (shown.exit_code, shown.stdout) == (1, "")
        assert "gone for good" in shown.stderr


def test_submission_show_keeps_back_identity_and_sensitive_answers(app: Flask) -> None:
    sent = envelope(answers=answers(worries=["danger"]))
    (result,) = send(sent)
    shown = json.loads(run(app, "submission", "show", str(sent.id)).stdout)
    assert shown["receipt_code"] == result.receipt_code
    assert shown["answers"]["child"] == [{"age": 7}, {"age": 12}]
    assert "worries" not in shown["answers"]
    assert "identity" not in shown
    assert audited() == []


def test_submission_show_with_identity_is_audited(app: Flask) -> None:
    sent = envelope(answers=answers(worries=["danger"], nick=CANARY))
    send(sent)
    shown = json.loads(run(app, "submission", "show", str(sent.id), "--identity", "--sensitive").stdout)
    assert shown["identity"]["child[1]/name"] == CANARY
    assert shown["foreign"]["answers"] == {"nick": CANARY}
    assert shown["answers"]["worries"] == ["danger"]
    assert audited() == [("submission_opened", str(sent.id))]


@pytest.mark.parametrize(
    ("typed", "code"), [("0b7c2f6e-4a1f-4a55-9d0b-2f1c8f6f2a10", 1), ("nonsense", 2)]
)
def test_submission_show_says_what_it_does_not_find(app: Flask, typed: str, code: int) -> None:
    shown = run(app, "submission", "show", typed)
    assert shown.exit_code == code
    assert typed in shown.stderr
    assert "Traceback" not in shown.output


def test_key_rotate_and_list_say_what_they_did(app: Flask) -> None:
    send(envelope(), envelope(version="9"))
    before = keys_of()
    try:
        rotated = run(app, "key", "rotate")
        assert rotated.exit_code == 0
        assert f"Current wrapping key: {keys_of().current}; 2 data keys wrapped anew." in rotated.stdout
        lines = run(app, "key", "list").stdout.splitlines()
    finally:
        key_file_of().replace(before)
    assert any(f"{before.current}  retired" in line and "0 rows" in line for line in lines)
    assert any("current  2 rows" in line for line in lines)


def test_key_list_names_a_key_that_rows_need_and_the_file_lost(app: Flask) -> None:
    send(envelope())
    before = keys_of()
    try:
        key_file_of().replace(before.with_new_wrapping_key().without({before.current}))
        shown = run(app, "key", "list").stdout
    finally:
        key_file_of().replace(before)
    assert f"{before.current}  MISSING FROM THE KEY FILE  1 rows cannot be opened" in shown


@pytest.mark.parametrize(
    "command",
    [("key", "rotate"), ("quarantine", "list"), ("quarantine", "show"), ("submission", "show")],
)
def test_every_command_explains_itself_with_an_example(app: Flask, command: tuple[str, ...]) -> None:
    assert "Example" in (text := run(app, *command, "--help").stdout)
    assert f"surveyapp {' '.join(command)}" in text
