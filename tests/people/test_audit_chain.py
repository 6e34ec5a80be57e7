"""The audit log's chain: what was changed, left out, put in or cut off is found; the database refuses it first."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from surveyapp.extensions import db
from surveyapp.people import audit, audit_chain
from surveyapp.people.audit import Action
from surveyapp.people.audit_chain import Head
from tests.conftest import without_triggers


@pytest.fixture
def log(app: Flask) -> list[int]:
    """The serials of five entries."""
    entries = [audit.record(Action.EXPORTED, f"q{number}", {"count": number}) for number in range(4)]
    db.session.commit()
    entries.append(audit.record(Action.KEY_ROTATED, "key 2"))
    db.session.commit()
    serials = [entry.serial for entry in entries]
    db.session.rollback()
    return serials


def head() -> Head:
    with db.engine.connect().execution_options(reads=True) as connection:
        return audit_chain.head(connection)


def tamper(statement: str, **values: object) -> None:
    """Write as somebody who owns the database."""
    db.session.rollback()
    with db.engine.begin() as connection, without_triggers(connection):
        connection.execute(text(statement), values)


def faults(written_down: Head | None = None) -> list[str]:
    return list(audit_chain.verify(written_down))


def test_what_is_recorded_is_linked_in_the_order_of_committing(log: list[int]) -> None:
    assert head().position == 5
    assert faults() == []
    assert faults(head()) == []


def test_an_entry_on_a_connection_is_linked(app: Flask) -> None:
    with db.engine.begin() as connection:
        audit.record_on(connection, Action.SUBMISSION_OPENED, "x")
    assert head().position == 1
    assert faults() == []


def test_a_savepoint_links_nothing_too_early(app: Flask) -> None:
    with db.session.begin_nested():
        audit.record(Action.EXPORTED, "q")
    assert head().position == 0
    db.session.commit()
    assert head().position == 1


def test_what_was_rolled_back_leaves_no_link(log: list[int]) -> None:
    audit.record(Action.EXPORTED, "never")
    db.session.flush()
    db.session.rollback()
    audit.record(Action.EXPORTED, "q")
    db.session.commit()
    assert head().position == 6
    assert faults() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET subject = 'x'",
        "DELETE FROM audit_entry",
        "UPDATE audit_link SET position = 9",
        "DELETE FROM audit_link",
    ],
)
def test_the_database_refuses_to_change_it(log: list[int], statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), db.engine.begin() as connection:
        connection.execute(text(statement))
    assert faults() == []


@pytest.mark.parametrize(
    "change",
    [
        "subject = 'another'",
        "details = '{\"count\": 7}'",
        "action = 'key_rotated'",
        "address = '192.0.2.1'",
        "at = '2020-01-01 00:00:00+00:00'",
    ],
)
def test_an_entry_that_was_changed_is_found(log: list[int], change: str) -> None:
    tamper(f"UPDATE audit_entry SET {change} WHERE serial = :serial", serial=log[1])  # noqa: S608  # ours
    assert faults() == [f"entry {log[1]} is not as it was written, or not in its place"]


def test_an_entry_that_was_left_out_is_found(log: list[int]) -> None:
    tamper("DELETE FROM audit_link WHERE serial = :serial", serial=log[2])
    found = faults()
    assert found[0] == "links 3 to 3 of the log are missing"
    assert found[-1] == "1 entries have no link"


def test_an_entry_whose_row_is_gone_is_found(log: list[int]) -> None:
    with db.engine.begin() as connection, without_triggers(connection):
        if connection.dialect.name == "sqlite":
            pytest.skip("its foreign keys cannot be switched off within a transaction")
        connection.execute(text("DELETE FROM audit_entry WHERE serial = :serial"), {"serial": log[2]})
    assert faults() == [f"entry {log[2]} is missing"]


def test_a_log_whose_end_was_cut_off_is_found_by_the_head_that_was_written_down(log: list[int]) -> None:
    written_down = Head.read(str(head()))
    tamper("DELETE FROM audit_link WHERE serial = :serial", serial=log[4])
    tamper("DELETE FROM audit_entry WHERE serial = :serial", serial=log[4])
    assert faults() == []
    assert faults(written_down) == [f"the head {written_down} is not part of the log"]


def test_entries_of_an_older_edition_get_their_links(log: list[int]) -> None:
    tamper("DELETE FROM audit_link")
    assert faults() == ["5 entries have no link"]
    assert audit_chain.begin_missing() == 5
    assert faults() == []


def test_many_who_record_at_once_make_one_chain(app: Flask) -> None:
    def record(number: int) -> None:
        with app.app_context():
            audit.record(Action.EXPORTED, f"q{number}")
            db.session.commit()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(record, range(40)))
    assert head().position == 40
    assert faults() == []


def test_the_commands_print_the_head_verify_and_export(app: Flask, log: list[int]) -> None:
    runner = app.test_cli_runner()
    printed = runner.invoke(args=["audit", "head"]).output.strip()
    assert Head.read(printed) == head()
    assert runner.invoke(args=["audit", "verify", "--head", printed]).output == "The log is whole.\n"
    lines = [json.loads(line) for line in runner.invoke(args=["audit", "export"]).output.splitlines()]
    assert [line["serial"] for line in lines] == log
    assert lines[0]["details"] == {"count": 0}


def test_verifying_ends_with_1_when_something_was_changed(app: Flask, log: list[int]) -> None:
    tamper("UPDATE audit_entry SET subject = 'another' WHERE serial = :serial", serial=log[0])
    for command in (["audit", "verify"], ["doctor"]):
        result = app.test_cli_runner().invoke(args=command)
        assert result.exit_code == 1
        assert "is not as it was written" in result.output


def test_a_head_that_is_none_is_refused_in_words(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["audit", "verify", "--head", "yesterday"])
    assert result.exit_code == 2
    assert "a head is a number, a colon and" in result.output
