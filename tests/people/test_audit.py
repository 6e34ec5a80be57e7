"""The audit log can only grow, and nothing but short words from a list gets in."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from surveyapp.extensions import db
from surveyapp.people import audit, audit_search
from surveyapp.people.audit import Action, AuditLogIsAppendOnly
from surveyapp.people.audit_search import Wanted
from surveyapp.people.models import AuditEntry


@pytest.fixture
def entry(app: Flask) -> AuditEntry:
    """An entry that is there already."""
    made = audit.record(Action.EXPORTED, "family_survey", {"format": "csv", "identity": False})
    db.session.commit()
    return made


def test_an_entry_keeps_who_what_and_when(entry: AuditEntry) -> None:
    kept = db.session.scalars(select(AuditEntry)).one()
    assert (kept.action, kept.subject, kept.user_id) == ("exported", "family_survey", None)
    assert kept.details == {"format": "csv", "identity": False}
    assert kept.at.tzinfo is not None


def test_an_entry_cannot_be_changed(entry: AuditEntry) -> None:
    entry.subject = "something else"
    with pytest.raises(AuditLogIsAppendOnly):
        db.session.commit()
    db.session.rollback()


def test_an_entry_cannot_be_removed(entry: AuditEntry) -> None:
    db.session.delete(entry)
    with pytest.raises(AuditLogIsAppendOnly):
        db.session.commit()
    db.session.rollback()


@pytest.mark.parametrize("statement", [update(AuditEntry).values(subject="x"), delete(AuditEntry)])
def test_entries_cannot_be_changed_or_removed_in_bulk(entry: AuditEntry, statement: object) -> None:
    with pytest.raises(AuditLogIsAppendOnly):
        db.session.execute(statement)  # type: ignore[call-overload]  # either kind of statement
    db.session.rollback()


def test_an_entry_falls_with_the_deed_it_tells_of(app: Flask) -> None:
    audit.record(Action.EXPORTED, "family_survey")
    db.session.rollback()
    assert db.session.scalars(select(AuditEntry)).all() == []


@pytest.mark.parametrize(
    "details", [{"answers": {"child": 1}}, {"name": "Айша"}, {"version": "x" * 201}]
)
def test_what_could_be_an_answer_is_refused(app: Flask, details: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="the audit log keeps"):
        audit.record(Action.EXPORTED, "family_survey", details)


def test_pages_follow_one_another_without_gap_or_repetition(app: Flask) -> None:
    for number in range(7):
        audit.record(Action.EXPORTED, f"q{number}")
    db.session.commit()
    first = audit_search.page(Wanted(), size=4)
    second = audit_search.page(Wanted(), first[-1].serial, size=4)
    assert [entry.subject for entry in [*first, *second]] == [f"q{n}" for n in reversed(range(7))]
