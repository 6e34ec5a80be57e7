"""The one door in: each row of the verdict table, and what is kept in each case."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from surveyapp.catalogue import service as catalogue
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.messages import SENTENCES
from surveyapp.people.models import User
from surveyapp.people.rights import RoleName
from surveyapp.questionnaires import xform
from surveyapp.submissions.digests import Commitments, content_digest
from surveyapp.submissions.envelope import load_envelope
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.models import (
    Attachment,
    Channel,
    Decision,
    Event,
    Flag,
    Quarantined,
    Reason,
    Submission,
)
from surveyapp.submissions.opening import foreign_of, identity_of, quarantined_bytes
from surveyapp.submissions.receive import receive
from surveyapp.submissions.verdicts import Result, Sender, Status
from tests.accounts import make_user
from tests.collecting import (
    CANARY,
    QUESTIONNAIRE,
    answers,
    bring,
    compiled,
    envelope,
    item,
    publish,
    send,
)
from tests.questionnaires.strategies import typed_answers


@pytest.fixture(autouse=True)
def _published(app: Flask) -> None:
    publish()


@pytest.fixture
def serious(app: Flask) -> Iterator[Settings]:
    """The same installation after its demonstration has ended."""
    before = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(before, demonstration=False)
    yield app.config["SETTINGS"]
    app.config["SETTINGS"] = before


def count(model: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def stored() -> Submission:
    return db.session.scalars(select(Submission)).one()


def waiting() -> Quarantined:
    return db.session.scalars(select(Quarantined)).one()


def errors(result: Result) -> list[tuple[str, str]]:
    return [(error.path, error.code) for error in result.errors]


# --- stored -----------------------------------------------------------------------------------------


def test_what_fits_is_stored_with_a_receipt(app: Flask) -> None:
    (result,) = send(envelope())
    assert (result.status, result.revision, result.errors) == (Status.STORED, 1, ())
    assert result.receipt
    assert result.complete
    row = stored()
    assert row.receipt_code == result.receipt_code
    assert row.flags == []
    assert row.synthetic, "in a demonstration everything is"
    assert row.answers["place"] == {"region": "75"}
    assert (row.region, row.breakdowns) == ("75", {"region": "75"})


def test_times_are_kept_in_utc_with_the_device_s_offset(app: Flask) -> None:
    send(envelope())
    row = stored()
    assert row.finished_at == datetime(2026, 9, 1, 9, 3, 7, tzinfo=UTC)
    assert (row.utc_offset, row.clock_skew) == (300, None)


def test_names_are_sealed_apart_and_open_with_the_keys(app: Flask) -> None:
    send(envelope())
    row = stored()
    assert CANARY not in json.dumps(row.answers, ensure_ascii=False)
    assert row.answers["child"] == [{"age": 7}, {"age": 12}]
    identity = {"place/gps": None, "child[1]/name": CANARY, "child[2]/name": None}
    assert identity_of(keys_of(), row) == identity


def test_a_broken_rule_is_flagged_and_told_and_kept(app: Flask) -> None:
    (result,) = send(envelope(answers=answers(place={}, child=[{"age": 99}])))
    assert result.status == Status.STORED
    assert errors(result) == [("place/region", "required"), ("child[1]/age", "constraint")]
    row = stored()
    assert row.flags == [Flag.INVALID]
    assert row.errors[1] == {"path": "child[1]/age", "code": "constraint", "params": {}}
    assert row.answers["child"] == [{"age": 99}]


def test_an_answer_to_what_was_not_asked_is_a_broken_rule(app: Flask) -> None:
    (result,) = send(envelope(answers=answers(worries=None, note="x")))
    assert errors(result) == [("note", "irrelevant")]


def test_what_nobody_knows_is_kept_aside_sealed(app: Flask) -> None:
    sent = answers(colour="red", child=[{"age": 7, "nick": CANARY}])
    (result,) = send(envelope(answers=sent, battery=41))
    assert (result.status, result.errors) == (Status.STORED, ())
    row = stored()
    assert row.flags == [Flag.FOREIGN]
    assert row.answers["child"] == [{"age": 7}]
    assert foreign_of(keys_of(), row) == {
        "answers": {"colour": "red", "child[1]/nick": CANARY},
        "envelope": {"battery": 41},
    }


def test_a_calculation_that_comes_out_differently_is_flagged_and_kept_as_sent(app: Flask) -> None:
    send(envelope(answers=answers(twice="7")))
    assert stored().flags == [Flag.MISCALCULATED]
    assert stored().answers["twice"] == "7"


def test_an_exact_place_is_coarsened_before_it_is_sealed(app: Flask) -> None:
    exact = {"lat": 43.238949, "lon": 76.889709, "alt": 787.5, "accuracy": 4.5}
    send(envelope(answers=answers(place={"region": "75", "gps": exact})))
    kept = identity_of(keys_of(), stored())["place/gps"]
    assert kept["alt"] is None
    assert kept["accuracy"] == 1000
    assert abs(kept["lat"] - exact["lat"]) < 0.01
    assert "43.238949" not in json.dumps(kept)


def test_a_disclosure_is_an_event_of_the_same_transaction_without_an_answer(app: Flask) -> None:
    send(envelope(answers=answers(worries=["danger"])))
    event = db.session.scalars(select(Event)).one()
    assert (event.kind, event.submission_id) == ("disclosure", stored().id)
    assert event.payload == {"path": "worries", "level": "red", "quarantined": False}


def test_work_that_waits_discloses_too(app: Flask) -> None:
    first = envelope()
    send(first)
    send(envelope(id=str(first.id), answers=answers(worries=["danger"])))
    send(envelope(id=str(first.id), answers=answers(worries=["danger"])))
    event = db.session.scalars(select(Event)).one()
    assert event.payload == {"path": "worries", "level": "red", "quarantined": True}


def test_outside_a_demonstration_only_what_we_made_up_is_synthetic(serious: Settings) -> None:
    make_user("erlan", RoleName.INTERVIEWER)
    erlan = Sender(user_id=db.session.scalars(select(User.id)).one())
    send(envelope(), replace(envelope(), synthetic=True), envelope(synthetic=True), sender=erlan)
    rows = db.session.scalars(select(Submission)).all()
    assert sorted((row.synthetic, row.flags) for row in rows) == [
        (False, []),
        (False, [Flag.FOREIGN]),  # a sender cannot say it
        (True, []),
    ]


def test_outside_a_demonstration_what_is_for_staff_waits_when_anybody_sends_it(
    serious: Settings,
) -> None:
    send(envelope())
    assert (waiting().reason, waiting().synthetic) == (Reason.SCOPE, False)


def test_without_a_finishing_time_the_time_of_receipt_stands_in_and_is_flagged(app: Flask) -> None:
    send(envelope(started_at=None, finished_at=None))
    assert stored().flags == [Flag.NO_FINISH_TIME]
    assert stored().utc_offset is None


@pytest.mark.parametrize(
    ("skew", "flags"),
    [(timedelta(0), []), (timedelta(minutes=-4), []), (timedelta(hours=-2), [Flag.CLOCK_SKEW])],
)
def test_a_device_whose_clock_is_off_is_flagged(app: Flask, skew: timedelta, flags: list[Flag]) -> None:
    now = datetime(2026, 9, 2, 12, tzinfo=UTC)
    receive_at(now, Sender(device_time=now + skew))
    assert (stored().flags, stored().clock_skew) == (flags, round(skew.total_seconds()))


def receive_at(now: datetime, sender: Sender, **changes: Any) -> Result:
    (result,) = receive([envelope(**changes)], sender, now=now)
    return result


def test_what_was_finished_in_the_future_is_flagged_and_stored(app: Flask) -> None:
    receive_at(datetime(2026, 8, 1, tzinfo=UTC), Sender())
    assert stored().flags == [Flag.CLOCK_SKEW]


def test_a_clock_in_another_century_can_be_stored(app: Flask) -> None:
    sender = Sender(device_time=datetime(2999, 12, 31, tzinfo=UTC))
    result = receive_at(
        datetime(2026, 9, 2, tzinfo=UTC), sender, finished_at="1900-01-01T00:00:00+05:00"
    )
    assert result.status == Status.STORED
    assert stored().finished_at == datetime(1899, 12, 31, 19, tzinfo=UTC)


def test_a_language_that_the_questionnaire_does_not_have_is_no_obstacle(app: Flask) -> None:
    (result,) = send(envelope(language="uz", answers=answers(child=[{"age": 99}])))
    assert (result.status, result.default_language) == (Status.STORED, "kk")
    assert stored().language == "uz"


# --- attachments ------------------------------------------------------------------------------------

PHOTO = b"\xff\xd8\xff a photograph"


def photo(sha256: str, name: str = "site.jpg") -> dict[str, Any]:
    return {"name": name, "sha256": sha256, "size": len(PHOTO), "type": "image/jpeg"}


def test_a_file_that_is_here_makes_it_complete(app: Flask) -> None:
    sha256 = bring(PHOTO)
    (result,) = send(envelope(answers=answers(photo="site.jpg"), attachments=[photo(sha256)]))
    assert (result.errors, result.missing_attachments) == ((), ())
    assert result.complete
    assert db.session.scalars(select(Attachment)).one().held_at is not None


def test_a_file_that_is_not_here_is_asked_for(app: Flask) -> None:
    sent = envelope(answers=answers(photo="site.jpg"), attachments=[photo("cd" * 32)])
    (result,), (again,) = send(sent), send(sent)
    assert (result.missing_attachments, result.complete) == (("cd" * 32,), None)
    assert result.receipt
    assert replace(again, status=Status.STORED) == result


def test_a_file_that_nobody_announced_can_never_be_complete(app: Flask) -> None:
    sent = envelope(answers=answers(photo="site.jpg"))
    (result,), (again,) = send(sent), send(sent)
    assert errors(result) == [("photo", "unannounced")]
    assert result.complete is None
    assert again.complete is None
    assert stored().flags == [Flag.INVALID]


def test_other_bytes_under_the_same_name_are_other_content(app: Flask) -> None:
    first = item(answers=answers(photo="site.jpg"), attachments=[photo("cd" * 32)])
    send(envelope(**first))
    (result,) = send(envelope(**first | {"attachments": [photo("ef" * 32)]}))
    assert errors(result) == [("id", "conflict")]
    assert result.missing_attachments == ("ef" * 32,)


# --- duplicates -------------------------------------------------------------------------------------


def test_the_same_again_is_a_duplicate_with_the_same_receipt(app: Flask) -> None:
    sent = envelope()
    first, *others = [send(sent)[0] for _copy in range(10)]
    assert count(Submission) == 1
    assert {other.status for other in others} == {Status.DUPLICATE}
    assert {replace(other, status=Status.STORED) for other in others} == {first}


@pytest.mark.parametrize(
    "change",
    [
        {"language": "en"},
        {"finished_at": "2026-09-02T00:00:00+06:00"},
        {"paradata": {"seconds": {"place": 3}}},
        {"app": "field/2.0"},
        {"battery": 41},
        {"base_revision": 1},
        {"answers": answers(rooms=3.0)},
        {"answers": dict(reversed(answers().items()))},
    ],
)
def test_times_paradata_language_and_spelling_are_not_the_content(
    app: Flask, change: dict[str, Any]
) -> None:
    first = item()
    send(envelope(**first))
    (again,) = send(envelope(**first | change))
    assert again.status == Status.DUPLICATE
    assert count(Quarantined) == 0


def test_it_stays_a_duplicate_when_it_could_not_be_sent_any_more(app: Flask) -> None:
    sent = envelope()
    (first,) = send(sent)
    catalogue.close(QUESTIONNAIRE)
    (again,) = send(sent, sender=Sender(questionnaires=frozenset({"other"})))
    assert again == replace(first, status=Status.DUPLICATE)


def test_two_families_with_equal_answers_are_two_submissions_that_share_nothing(app: Flask) -> None:
    send(envelope(), envelope())
    one, two = db.session.scalars(select(Submission))
    for column in ("content_digest", "answers_commitment", "identity_commitment", "receipt_code"):
        assert getattr(one, column) != getattr(two, column)


# --- quarantine -------------------------------------------------------------------------------------

WAITS: list[tuple[dict[str, Any], Reason, list[tuple[str, str]]]] = [
    (
        {"questionnaire": "nobody_knows"},
        Reason.UNKNOWN_QUESTIONNAIRE,
        [("questionnaire", "unknown_questionnaire")],
    ),
    ({"version": "2099.1"}, Reason.UNKNOWN_VERSION, [("version", "unknown_version")]),
    ({"version": "1\x00"}, Reason.UNKNOWN_VERSION, [("version", "unknown_version")]),
    ({"answers": answers(rooms="three")}, Reason.WRONG_TYPE, [("rooms", "integer")]),
    ({"answers": answers(place={"region": "99"})}, Reason.WRONG_TYPE, [("place/region", "choice")]),
    ({"answers": answers(child={"age": 7})}, Reason.WRONG_TYPE, [("child", "list")]),
    ({"answers": answers(child=[{"age": True}])}, Reason.WRONG_TYPE, [("child[1]/age", "integer")]),
    ({"answers": answers(note="a\x00b")}, Reason.UNSTORABLE, [("note", "unstorable")]),
    ({"answers": answers(note="\ud800")}, Reason.UNSTORABLE, [("note", "unstorable")]),
    ({"answers": answers(**{"\x00": 1})}, Reason.UNSTORABLE, [("", "unstorable")]),
    ({"paradata": {"x": ["\udfff"]}}, Reason.UNSTORABLE, [("paradata", "unstorable")]),
    ({"app": "a\x00"}, Reason.UNSTORABLE, [("app", "unstorable")]),
    ({"base_revision": 1}, Reason.EDIT, [("base_revision", "edit")]),
]


@pytest.mark.parametrize(("change", "reason", "told"), WAITS)
def test_what_cannot_be_accepted_waits_as_it_came(
    app: Flask, change: dict[str, Any], reason: Reason, told: list[tuple[str, str]]
) -> None:
    sent = envelope(**change)
    (result,), (again,) = send(sent), send(sent)
    assert (result.status, errors(result)) == (Status.QUARANTINED, told)
    assert result.receipt
    assert result.complete
    assert again == result
    assert count(Submission) == 0
    row = waiting()
    assert (row.reason, row.receipt_code) == (reason, result.receipt_code)
    assert quarantined_bytes(keys_of(), row) == sent.as_bytes()


def test_every_reason_has_a_sentence(app: Flask) -> None:
    assert {reason.value for reason in Reason} - {Reason.WRONG_TYPE.value} <= set(SENTENCES)


def test_the_same_id_with_other_content_waits_beside_the_first(app: Flask) -> None:
    first = item()
    send(envelope(**first))
    (other,) = send(envelope(**first | {"answers": answers(rooms=4, twice="8")}))
    (third,) = send(envelope(**first | {"answers": answers(rooms=5, twice="10")}))
    assert errors(other) == [("id", "conflict")]
    assert count(Quarantined) == 2
    assert other.receipt != third.receipt
    assert stored().answers["rooms"] == 3


def test_in_one_batch_copies_are_one_and_conflicts_wait(app: Flask) -> None:
    first = item()
    copy, other = envelope(**first), envelope(**first | {"answers": answers(rooms=4, twice="8")})
    results = send(copy, other, copy, other)
    assert [r.status for r in results] == ["stored", "quarantined", "duplicate", "quarantined"]
    assert (count(Submission), count(Quarantined)) == (1, 1)


def test_bad_neighbours_do_no_harm(app: Flask) -> None:
    batch = [envelope(**change) for change, _reason, _told in WAITS]
    good = envelope()
    results = send(*batch, good, *batch)
    assert results[len(batch)].status == Status.STORED
    assert {r.status for r in results[: len(batch)]} == {Status.QUARANTINED}
    assert count(Quarantined) == len(batch)


def test_what_waited_for_its_version_is_stored_when_it_is_sent_again(app: Flask) -> None:
    sent = envelope(version="2")
    (first,) = send(sent)
    assert first.status == Status.QUARANTINED
    publish(version="2")
    (again, copy) = send(sent, sent)
    assert (again.status, again.revision, again.receipt) == (Status.STORED, 1, first.receipt)
    assert copy.receipt == send(sent)[0].receipt == first.receipt
    assert (count(Submission), count(Quarantined)) == (1, 1)
    assert (waiting().decision, waiting().decided_by) == (Decision.ACCEPT, None)


def test_other_answers_than_those_that_wait_are_stored_and_leave_them_waiting(app: Flask) -> None:
    sent = envelope(version="2")
    send(sent)
    publish(version="2")
    (other,) = send(replace(sent, answers=answers(rooms=8, twice="16")))
    assert (other.status, waiting().decided_at) == (Status.STORED, None)
    (first,) = send(sent)
    assert (first.status, waiting().decided_at) == (Status.QUARANTINED, None)


def test_a_sealed_envelope_waits_for_its_key(app: Flask) -> None:
    sealed = load_envelope({"id": str(uuid4()), "sealed": "eyJ…"}, Channel.FIELD)
    (result,) = send(sealed)
    assert errors(result) == [("sealed", "sealed")]
    assert waiting().questionnaire == ""


# --- who may send what ------------------------------------------------------------------------------


def test_what_was_begun_before_it_was_closed_is_stored_and_what_came_after_waits(app: Flask) -> None:
    closed_at = catalogue.close(QUESTIONNAIRE).closed_at
    assert closed_at is not None
    before, after = closed_at - timedelta(minutes=1), closed_at + timedelta(minutes=1)
    times = [{"started_at": t.isoformat(), "finished_at": after.isoformat()} for t in (before, after)]
    results = send(*(envelope(**change) for change in times))
    assert [result.status for result in results] == [Status.STORED, Status.QUARANTINED]
    assert waiting().reason == Reason.CLOSED


def test_a_retired_version_is_still_judged_and_stored(app: Flask) -> None:
    catalogue.retire(QUESTIONNAIRE, "1")
    assert send(envelope())[0].status == Status.STORED


def test_a_questionnaire_outside_the_sender_s_scope_waits(app: Flask) -> None:
    (result,) = send(envelope(), sender=Sender(questionnaires=frozenset({"other"})))
    assert errors(result) == [("questionnaire", "scope")]


# --- malformed --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"answers": answers(note="ә" * 100_001)}, ("note", "too_long")),
        ({"answers": answers(child=[{}] * 501)}, ("child", "too_many")),
        ({"paradata": {"x": ["ә" * 100_001]}}, ("paradata", "too_long")),
        (
            {"attachments": [photo("cd" * 32, f"{n}.jpg") for n in range(201)]},
            ("attachments", "too_many"),
        ),
    ],
)
def test_what_is_over_a_limit_is_not_held(
    app: Flask, change: dict[str, Any], told: tuple[str, str]
) -> None:
    (result,) = send(envelope(**change))
    assert (result.status, errors(result)) == (Status.MALFORMED, [told])
    assert (result.receipt, result.complete, result.held) == (None, None, False)
    assert count(Submission) + count(Quarantined) == 0


def test_500_children_are_not_too_many(app: Flask) -> None:
    (result,) = send(envelope(answers=answers(child=[{"age": 7}] * 500)))
    assert result.status == Status.STORED


# --- digests ----------------------------------------------------------------------------------------


def test_commitments_and_digest_can_be_verified_from_the_row_alone(app: Flask) -> None:
    sent = envelope(answers=answers(colour=1e16, child=[{"name": "Аи\u0306", "age": 2.0}]))
    send(sent)
    row = stored()
    keys = keys_of()
    again = Commitments.to(
        keys, row.id, row.answers, identity_of(keys, row), foreign_of(keys, row)["answers"]
    )
    assert again == (row.answers_commitment, row.identity_commitment, row.foreign_commitment)
    assert content_digest(keys, sent, again) == row.content_digest


DEFINITION = xform.parse(compiled().xform)
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=20)
NAMES = st.sampled_from([item.name for item in DEFINITION.walk()]) | ANY_TEXT
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
)


@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(given_answers=typed_answers(DEFINITION))
def test_whatever_fits_the_types_is_stored_once(app: Flask, given_answers: dict[str, Any]) -> None:
    sent = envelope(answers=given_answers)
    (first,), (again,) = send(sent), send(sent)
    assert first.status == Status.STORED
    assert again == replace(first, status=Status.DUPLICATE)


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(sent=st.dictionaries(NAMES, ANYTHING))
def test_whatever_json_holds_is_held_or_malformed_and_never_fails(app: Flask, sent: Any) -> None:
    (result,) = send(envelope(answers=sent))
    assert result.held or result.errors
