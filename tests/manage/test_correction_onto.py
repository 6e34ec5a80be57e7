"""A correction that was overtaken goes on from the newer revision: what is taken, what is asked for."""

from __future__ import annotations

import io
from http import HTTPStatus
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from surveyapp.channels.pages.models import DraftPhoto
from surveyapp.extensions import db
from surveyapp.people.rights import RoleName
from surveyapp.submissions import verifying
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.models import Attachment
from tests.accounts import post
from tests.collecting import CANARY
from tests.files.pictures import jpeg
from tests.manage.test_correcting import (
    _page_with,
    begun,
    change,
    fields_of,
    identity,
    page,
    page_with_a_file,
    save,
    submission,
)
from tests.manage.test_records import as_role, entries, text_of

__all__ = ["page"]
TAKEN = "What only one of you changed is taken by itself."


@pytest.fixture
def both(app: Flask, page: str) -> tuple[FlaskClient, FlaskClient]:
    """Two reviewers who have begun to correct the same revision."""
    first = as_role(app, RoleName.REVIEWER)
    second = as_role(app, RoleName.REVIEWER, name="aigul")
    begun(first, page)
    begun(second, page)
    return first, second


def put(
    client: FlaskClient,
    page: str,
    sides: dict[str, str] | None = None,
    *,
    revision: int = 2,
    rest: str = "",
) -> Any:
    chosen = {f"side:{piece}": side for piece, side in (sides or {}).items()}
    return post(client, f"{page}/edit/onto", {"revision": str(revision), "rest": rest, **chosen})


def words(answer: Any) -> str:
    return " ".join(text_of(answer).split())


def set_answer(client: FlaskClient, page: str, field: str, value: str) -> None:
    change(client, _page_with(client, page, field), **{field: [value]})


def test_what_only_one_changed_is_taken_and_the_correction_is_saved(
    both: tuple[FlaskClient, FlaskClient], page: str
) -> None:
    first, second = both
    set_answer(first, page, "child[1]/age", "9")
    set_answer(second, page, "rooms", "5")
    save(second, page)
    asked = words(first.get(f"{page}/edit/onto"))
    assert TAKEN in asked and "Nothing: no answer was changed by both." in asked
    assert "What only I changed" in asked and "was 7 is 9" in asked
    assert "What only the newer revision changed" in asked and "was 3 is 5" in asked
    gone_on = put(first, page)
    assert gone_on.location == f"{page}/edit/save"
    summary = words(first.get(gone_on.location))
    assert "was 7 is 9" in summary and "rooms" not in summary
    assert "goes on from revision 2" in summary
    assert save(first, page).location == page
    after = submission()
    assert after.revision == 3
    assert (after.answers["rooms"], after.answers["twice"]) == (5, "10")
    assert after.answers["child"][0]["age"] == 9
    assert identity(after)["child[1]/name"] == CANARY
    assert list(verifying.verify_chains(keys_of(), lambda _number: None)) == []


@pytest.mark.parametrize(("side", "rooms"), [("held", 5), ("waiting", 4)])
def test_what_both_changed_is_asked_for_side_by_side(
    both: tuple[FlaskClient, FlaskClient], page: str, side: str, rooms: int
) -> None:
    first, second = both
    set_answer(first, page, "rooms", "4")
    set_answer(first, page, "child[1]/age", "9")
    set_answer(second, page, "rooms", "5")
    save(second, page)
    asked = words(first.get(f"{page}/edit/onto"))
    assert "What both changed (1)" in asked
    assert "newer revision 5" in asked and "my correction 4" in asked
    unsettled = put(first, page)
    assert unsettled.status_code == HTTPStatus.CONFLICT
    assert "Choose an answer for each question that both changed." in words(unsettled)
    assert put(first, page, {"rooms": side}).status_code == HTTPStatus.SEE_OTHER
    save(first, page)
    assert (submission().revision, submission().answers["rooms"]) == (3, rooms)
    assert submission().answers["child"][0]["age"] == 9


def test_all_that_was_not_chosen_is_settled_together(
    both: tuple[FlaskClient, FlaskClient], page: str
) -> None:
    first, second = both
    set_answer(first, page, "rooms", "4")
    set_answer(second, page, "rooms", "5")
    save(second, page)
    put(first, page, rest="held")
    nothing = save(first, page)
    assert nothing.status_code == HTTPStatus.CONFLICT  # what holds is what is stored
    assert submission().revision == 2


def test_somebody_who_was_overtaken_once_more_looks_again(
    both: tuple[FlaskClient, FlaskClient], page: str
) -> None:
    first, second = both
    set_answer(first, page, "rooms", "4")
    for rooms in ("5", "6"):
        begun(second, page) if rooms == "6" else None
        set_answer(second, page, "rooms", rooms)
        save(second, page)
    again = put(first, page, revision=2, rest="waiting")
    assert again.location == f"{page}/edit/onto"
    assert "changed once more" in words(first.get(again.location))
    put(first, page, revision=3, rest="waiting")
    save(first, page)
    assert (submission().revision, submission().answers["rooms"]) == (4, 4)


def test_what_was_typed_and_is_no_answer_does_not_go_to_other_instances(
    both: tuple[FlaskClient, FlaskClient], page: str
) -> None:
    first, second = both
    set_answer(first, page, "rooms", "4")
    set_answer(first, page, "child[2]/age", "seven")
    one_more = _page_with(second, page, "child[2]/age")
    listed = change(second, one_more).location
    assert "Add" in words(second.get(listed))
    new = post(second, listed, {"@go": "add"}).location
    change(second, new, **{"child[3]/age": ["3"]})
    save(second, page)
    assert len(submission().answers["child"]) == 3
    put(first, page, {"child": "held"})
    assert fields_of(first, _page_with(first, page, "child[2]/age"))["child[2]/age"] == ["12"]
    save(first, page)
    assert [each["age"] for each in submission().answers["child"]] == [7, 12, 3]


@pytest.mark.parametrize(("side", "shown"), [("held", "5"), ("waiting", "many")])
def test_what_was_typed_goes_where_the_newer_revision_holds(
    both: tuple[FlaskClient, FlaskClient], page: str, side: str, shown: str
) -> None:
    first, second = both
    set_answer(first, page, "rooms", "4")
    set_answer(first, page, "rooms", "many")
    set_answer(second, page, "rooms", "5")
    save(second, page)
    put(first, page, rest=side)
    assert fields_of(first, _page_with(first, page, "rooms"))["rooms"] == [shown]


def test_who_was_not_overtaken_is_led_back(both: tuple[FlaskClient, FlaskClient], page: str) -> None:
    first, _second = both
    assert first.get(f"{page}/edit/onto").location == f"{page}/edit"
    assert put(first, page, revision=1).location == f"{page}/edit"


def test_odd_forms_change_nothing(both: tuple[FlaskClient, FlaskClient], page: str) -> None:
    first, second = both
    set_answer(first, page, "rooms", "4")
    set_answer(second, page, "rooms", "5")
    save(second, page)
    odd = post(first, f"{page}/edit/onto", {"revision": "two"})
    assert odd.status_code == HTTPStatus.BAD_REQUEST
    strange = put(first, page, {"worries": "held", "rooms": "held"})
    assert strange.location == f"{page}/edit/save"
    assert "Put it onto the newer revision" in words(first.get(strange.location))


def test_guarded_answers_of_the_newer_revision_are_carried_along_unseen(app: Flask, page: str) -> None:
    first = as_role(app, RoleName.REVIEWER)
    second = as_role(app, RoleName.REVIEWER, RoleName.DATA_STEWARD, name="aigul")
    begun(first, page)
    begun(second, page, sensitive="yes", identity="yes", reason="asked to")
    set_answer(first, page, "rooms", "4")
    set_answer(second, page, "child[1]/name", "Айнагүл2208")
    save(second, page)
    asked = words(first.get(f"{page}/edit/onto"))
    assert "Айнагүл2208" not in asked and CANARY not in asked
    put(first, page)
    save(first, page)
    after = submission()
    assert (after.revision, after.answers["rooms"]) == (3, 4)
    assert identity(after)["child[1]/name"] == "Айнагүл2208"


def test_whoever_sees_guarded_answers_of_the_newer_revision_stands_in_the_log(
    app: Flask, page: str
) -> None:
    first = as_role(app, RoleName.REVIEWER, RoleName.DATA_STEWARD)
    second = as_role(app, RoleName.REVIEWER, name="aigul")
    begun(first, page, sensitive="yes", identity="yes", reason="asked to")
    begun(second, page)
    set_answer(second, page, "rooms", "5")
    save(second, page)
    first.get(f"{page}/edit/onto")
    assert entries("submission_opened")[-1] == {"identity": True, "sensitive": True}


def picture() -> tuple[io.BytesIO, str]:
    return io.BytesIO(jpeg(progressive=True)), "q.jpg"


def test_a_file_of_the_correction_goes_along(both: tuple[FlaskClient, FlaskClient], page: str) -> None:
    first, second = both
    change(first, page_with_a_file(first, page), photo=picture())
    set_answer(second, page, "rooms", "5")
    save(second, page)
    put(first, page)
    save(first, page)
    after = submission()
    assert (after.revision, after.answers["rooms"]) == (3, 5)
    name = after.answers["photo"]
    rows = db.session.scalars(select(Attachment).filter_by(revision=3)).all()
    assert [(row.name, row.held_at is not None) for row in rows] == [(name, True)]
    assert name != "p.jpg"


def test_a_file_that_was_not_chosen_is_let_go(both: tuple[FlaskClient, FlaskClient], page: str) -> None:
    first, second = both
    change(first, page_with_a_file(first, page), photo=picture())
    change(second, page_with_a_file(second, page), photo=(io.BytesIO(jpeg()), "r.jpg"))
    save(second, page)
    newer = submission().answers["photo"]
    db.session.rollback()
    assert "What both changed (1)" in words(first.get(f"{page}/edit/onto"))
    put(first, page, {"photo": "held"})
    set_answer(first, page, "rooms", "5")
    save(first, page)
    assert submission().answers["photo"] == newer
    assert db.session.scalar(select(func.count()).select_from(DraftPhoto)) == 0
