"""Answers under way can be read only with the browser's cookie, and are gone when they should be."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from flask import Flask
from sqlalchemy import func, select

from surveyapp import database
from surveyapp.channels.pages import drafts
from surveyapp.channels.pages.drafts import DraftMoved, DraftSecret, DraftState
from surveyapp.channels.pages.models import Draft, DraftPhoto
from surveyapp.extensions import db

CANARY = "Айгерім Жұмабаева"


def state(**changes: Any) -> DraftState:
    given: dict[str, Any] = {
        "questionnaire": "family_survey",
        "version": "2026.1",
        "submission": "00000000-0000-4000-8000-000000000000",
        "language": "kk",
        "shared": False,
        "started_at": "2026-09-01T10:00:00+05:00",
        "snapshot": {"b_wish": CANARY},
    }
    return DraftState(**given | changes)


def later(monkeypatch: pytest.MonkeyPatch, **span: float) -> None:
    moment = database.utc_now() + timedelta(**span)
    monkeypatch.setattr(drafts, "utc_now", lambda: moment)


def count(model: type[Draft | DraftPhoto]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_draft_comes_back_with_its_cookie(app: Flask) -> None:
    draft = drafts.begin(state())
    secret = DraftSecret.from_cookie(draft.secret.cookie)
    assert secret is not None
    again = drafts.open_draft(secret)
    assert again is not None
    assert again.state == state()


def test_the_row_alone_tells_neither_answers_nor_questionnaire(app: Flask) -> None:
    drafts.begin(state())
    row = db.session.scalars(select(Draft)).one()
    written = repr([getattr(row, column.key) for column in Draft.__table__.columns])
    stored = written.encode() + row.sealed
    for word in (CANARY, "family_survey", "b_wish"):
        assert word.encode() not in stored


def test_another_key_does_not_open_it(app: Flask) -> None:
    draft = drafts.begin(state())
    assert drafts.open_draft(DraftSecret(draft.secret.id, bytes(32))) is None


def test_a_sealed_state_cannot_be_moved_to_another_draft(app: Flask) -> None:
    draft = drafts.begin(state())
    other = DraftSecret(DraftSecret.new().id, draft.secret.key)
    with pytest.raises(InvalidTag):
        other.unseal(draft.secret.seal(b"state", as_="state"), as_="state")


@pytest.mark.parametrize("cookie", ["", "x", "!!!", "AAAA", "ы" * 64, "A" * 63, "A" * 200])
def test_a_cookie_that_is_none_is_no_error(cookie: str) -> None:
    assert DraftSecret.from_cookie(cookie) is None


def test_the_second_of_two_saves_that_build_on_the_same_revision_is_refused(app: Flask) -> None:
    first = drafts.begin(state())
    second = drafts.open_draft(first.secret)
    assert second is not None
    first.state.page = "2"
    drafts.save(first)
    second.state.page = "3"
    with pytest.raises(DraftMoved):
        drafts.save(second)
    kept = drafts.open_draft(first.secret)
    assert kept is not None
    assert (kept.revision, kept.state.page) == (2, "2")


@pytest.mark.parametrize(("shared", "hours"), [(False, 24), (True, 2)])
def test_a_draft_is_gone_when_its_time_is_up(
    app: Flask, monkeypatch: pytest.MonkeyPatch, shared: bool, hours: int
) -> None:
    draft = drafts.begin(state(shared=shared))
    later(monkeypatch, hours=hours, seconds=-5)
    assert drafts.open_draft(draft.secret) is not None
    assert drafts.purge() == 0
    later(monkeypatch, hours=hours, seconds=5)
    assert drafts.open_draft(draft.secret) is None
    assert drafts.purge() == 1
    assert count(Draft) == 0


def test_beginning_a_draft_throws_away_what_has_expired(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts.begin(state())
    later(monkeypatch, hours=25)
    drafts.begin(state())
    assert count(Draft) == 1


def test_a_photograph_is_sealed_and_goes_with_its_draft(app: Flask) -> None:
    draft = drafts.begin(state())
    file_id = drafts.keep_file(draft, CANARY.encode())
    drafts.save(draft)
    sealed = db.session.scalars(select(DraftPhoto.sealed)).one()
    assert CANARY.encode() not in sealed
    assert drafts.read_file(draft, file_id) == CANARY.encode()
    drafts.end(draft.secret)
    assert (count(Draft), count(DraftPhoto)) == (0, 0)


def test_after_sending_nothing_but_the_way_to_the_receipt_is_left(app: Flask) -> None:
    draft = drafts.begin(state(raw={"b_age": {"": [CANARY]}}))
    drafts.keep_file(draft, CANARY.encode())
    drafts.empty(draft, {"code": "ABCD-EFGH-JKLM", "quarantined": False})
    kept = drafts.open_draft(draft.secret)
    assert kept is not None
    assert kept.state.sent == {"code": "ABCD-EFGH-JKLM", "quarantined": False}
    assert (kept.state.snapshot, kept.state.raw, kept.state.files) == ({}, {}, {})
    assert count(DraftPhoto) == 0
