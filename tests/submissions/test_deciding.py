"""Decisions over quarantine: what each makes of the work, and that nothing of it gets lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Barrier, Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from click.testing import Result as CommandResult
from flask import Flask
from sqlalchemy import select

from surveyapp.catalogue import service as catalogue
from surveyapp.extensions import db
from surveyapp.people.models import AuditEntry, User
from surveyapp.questionnaires.instance_xml import Envelope as InstanceEnvelope
from surveyapp.questionnaires.instance_xml import Instance as XmlInstance
from surveyapp.questionnaires.instance_xml import write_instance
from surveyapp.submissions import deciding, merging, opening, reviewing
from surveyapp.submissions.deciding import Decided
from surveyapp.submissions.envelope import Envelope, NamedFile, load_envelope
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.merging import Side
from surveyapp.submissions.models import (
    Attachment,
    Cause,
    Channel,
    Flag,
    Instance,
    Quarantined,
    Submission,
    SubmissionRevision,
)
from surveyapp.submissions.opening import foreign_of, identity_of
from surveyapp.submissions.quarantine import NotQuarantined
from surveyapp.submissions.receive import receive
from surveyapp.submissions.refusals import (
    AlreadyDecided,
    AlreadyThere,
    Gone,
    NoDifference,
    NoReason,
    NothingNew,
    NotThere,
    NoVersion,
    OtherQuestionnaire,
    Unreadable,
    Unsettled,
)
from surveyapp.submissions.verdicts import Result, Sender, Status
from tests.accounts import make_user
from tests.collecting import CANARY, answers, bring, item, publish


@pytest.fixture(autouse=True)
def _published(app: Flask) -> None:
    publish()


@pytest.fixture
def collector(app: Flask) -> Sender:
    make_user("aigerim")
    return the_collector()


def the_collector() -> Sender:
    return Sender(user_id=db.session.scalars(select(User.id)).one())


def send(collector: Sender, *items: dict[str, Any]) -> list[Result]:
    return receive([load_envelope(one, Channel.API) for one in items], collector)


def rooms(number: int, **changes: Any) -> dict[str, Any]:
    return answers(rooms=number, twice=str(number * 2), **changes)


def stored() -> Submission:
    db.session.rollback()
    return db.session.scalars(select(Submission)).one()


def waiting() -> Quarantined:
    db.session.rollback()
    return db.session.scalars(select(Quarantined).order_by(Quarantined.serial.desc()).limit(1)).one()


def quarantined(collector: Sender, *items: dict[str, Any]) -> tuple[int, Result]:
    """Send items of which the last one is quarantined; its number, and what its sender was told."""
    last = send(collector, *items)[-1]
    assert last.status == Status.QUARANTINED
    return waiting().serial, last


def assert_copies_stay(collector: Sender, sent: dict[str, Any], before: Result) -> None:
    (after,) = send(collector, sent)
    assert after == before


# --- accept as it is --------------------------------------------------------------------------------


def test_what_does_not_fit_is_kept_aside_and_the_rest_is_stored(collector: Sender) -> None:
    misfit = answers(rooms=CANARY, child=[{"name": CANARY, "age": "seven"}, 5], twice=None)
    sent = item(answers=misfit | {"unknown": 1, "place": {"region": "99", "gps": None}})
    serial, before = quarantined(collector, sent)
    assert deciding.accept(serial) == Decided(UUID(sent["id"]), 1)
    row = stored()
    assert (row.cause, row.channel, row.sender_id) == (Cause.DECIDED, "api", collector.user_id)
    assert row.answers == {
        "place": {"gps": None} if "gps" in row.answers["place"] else {},
        "child": [{}, {}],
        "worries": ["none"],
        "twice": None,
    }
    assert identity_of(keys_of(), row)["child[1]/name"] == CANARY
    assert foreign_of(keys_of(), row)["answers"] == {
        "rooms": CANARY,
        "child[1]/age": "seven",
        "child[2]": 5,
        "place/region": "99",
        "unknown": 1,
    }
    assert {Flag.FOREIGN, Flag.INVALID} <= set(row.flags)
    assert "wrong" not in row.errors
    assert row.received_at == waiting().received_at
    assert_copies_stay(collector, sent, before)


@pytest.mark.parametrize(
    "bad",
    [
        answers(note="\0"),
        answers(place={"region": "75", "gps": None, "\ud800": "x"}),
        answers(**{"\0": {"a": "b"}}),
        answers(child="none"),
        answers(child=[["x"]]),
        answers(place=[]),
    ],
)
def test_whatever_came_can_be_taken_in(collector: Sender, bad: dict[str, Any]) -> None:
    sent = item(answers=bad)
    serial, before = quarantined(collector, sent)
    deciding.accept(serial)
    row = stored()
    assert row.answers["rooms"] == 3
    assert foreign_of(keys_of(), row)["answers"]
    assert_copies_stay(collector, sent, before)


def test_parts_that_no_database_holds_are_kept_aside(collector: Sender) -> None:
    serial, _before = quarantined(collector, item(app="a\0b", paradata={"x": "\ud800"}))
    deciding.accept(serial)
    row = stored()
    assert (row.app, row.paradata) == (None, {})
    assert foreign_of(keys_of(), row)["envelope"] == {
        "app": '"a\\u0000b"',
        "paradata": '{"x": "\\ud800"}',
    }


def test_what_came_after_the_closing_is_stored_as_it_is(collector: Sender) -> None:
    catalogue.close("visit")
    sent = item(started_at="2099-01-01T10:00:00+05:00", finished_at="2099-01-01T11:00:00+05:00")
    serial, before = quarantined(collector, sent)
    deciding.accept(serial)
    assert (stored().answers["rooms"], stored().cause) == (3, Cause.DECIDED)
    assert_copies_stay(collector, sent, before)


def test_a_decision_is_written_down_twice(collector: Sender) -> None:
    serial, _before = quarantined(collector, item(answers=answers(rooms="x")))
    deciding.accept(serial, by=collector.user_id)
    row = waiting()
    assert (row.decision, row.decided_by) == ("accept", collector.user_id)
    assert row.decided_at
    entry = db.session.scalars(select(AuditEntry).filter_by(action="quarantine_decided")).one()
    assert (entry.subject, entry.user_id) == (str(row.submission_id), collector.user_id)
    assert entry.details == {"decision": "accept", "reason": "wrong_type"}


# --- accept as a revision ---------------------------------------------------------------------------


def test_a_conflict_becomes_the_next_revision(collector: Sender) -> None:
    first = item()
    other = first | {"answers": rooms(8)}
    (made, before) = send(collector, first, other)
    decided = deciding.accept_as_revision(waiting().serial)
    assert decided == Decided(UUID(first["id"]), 2)
    assert (stored().revision, stored().cause, stored().answers["rooms"]) == (2, Cause.DECIDED, 8)
    (former,) = db.session.scalars(select(SubmissionRevision))
    assert former.answers["rooms"] == 3
    assert_copies_stay(collector, other, before)
    (copy,) = send(collector, first)
    assert (copy.status, copy.receipt) == (Status.DUPLICATE, made.receipt)
    (edit,) = send(collector, first | {"answers": rooms(9), "base_revision": 2})
    assert (edit.status, edit.revision) == (Status.STORED, 3)


def test_an_edit_that_came_early_becomes_the_revision_of_what_came_later(collector: Sender) -> None:
    first = item()
    edit = first | {"answers": rooms(8), "base_revision": 1}
    serial, before = quarantined(collector, edit)
    send(collector, first)
    assert deciding.accept_as_revision(serial).revision == 2
    assert_copies_stay(collector, edit, before)


# --- attach -----------------------------------------------------------------------------------------


def test_work_for_an_unknown_version_is_judged_by_another_one(collector: Sender) -> None:
    sent = item(version="9", answers=answers(rooms="three", extra="?"))
    serial, before = quarantined(collector, sent)
    with pytest.raises(NoVersion):
        deciding.accept(serial)
    deciding.attach(serial, "1")
    row = stored()
    assert (row.version, row.answers["worries"], "rooms" in row.answers) == ("1", ["none"], False)
    assert foreign_of(keys_of(), row)["answers"] == {"rooms": "three", "extra": "?"}
    assert_copies_stay(collector, sent, before)


def test_work_attached_beside_a_submission_is_its_next_revision(collector: Sender) -> None:
    publish(version="2")
    first = item()
    send(collector, first)
    serial, _before = quarantined(collector, first | {"version": "9", "answers": rooms(8)})
    assert deciding.attach(serial, "2").revision == 2
    assert (stored().version, stored().answers["rooms"]) == ("2", 8)


# --- discard ----------------------------------------------------------------------------------------


def test_what_is_discarded_stays_sealed_and_its_copies_are_known(collector: Sender) -> None:
    sent = item(version="9")
    serial, before = quarantined(collector, sent)
    assert deciding.discard(serial, " a trial ").revision is None
    assert (waiting().decision, waiting().decision_reason) == ("discard", "a trial")
    assert waiting().data_key
    assert db.session.scalars(select(Submission)).all() == []
    assert_copies_stay(collector, sent, before)


def test_what_is_discarded_under_the_id_of_an_erased_submission_is_destroyed(
    collector: Sender,
) -> None:
    first = item()
    send(collector, first)
    reviewing.erase(UUID(first["id"]))
    other = first | {"answers": rooms(8)}
    serial, before = quarantined(collector, other)
    with pytest.raises(Gone):
        deciding.accept(serial)
    deciding.discard(serial, "erased")
    assert (waiting().data_key, waiting().sealed) == (None, b"")
    assert_copies_stay(collector, other, before)


# --- what makes no sense ----------------------------------------------------------------------------


def test_what_makes_no_sense_is_refused_and_decides_nothing(collector: Sender) -> None:
    publish("diary")
    first, alone = item(), item(answers=answers(rooms="x"))
    send(collector, first)
    conflict, _told = quarantined(collector, first | {"answers": rooms(8)})
    lonely, _told = quarantined(collector, alone)
    sealed, _told = quarantined(collector, {"id": str(uuid4()), "sealed": "???"})
    refused: list[tuple[Callable[[], Any], type[Exception]]] = [
        (lambda: deciding.accept(conflict), AlreadyThere),
        (lambda: deciding.attach(conflict, "7"), NoVersion),
        (lambda: deciding.attach(conflict, "1", questionnaire="diary"), OtherQuestionnaire),
        (lambda: deciding.accept_as_revision(lonely), NotThere),
        (lambda: merging.differences(lonely), NotThere),
        (lambda: deciding.discard(lonely, " "), NoReason),
        (lambda: deciding.accept(sealed), NoVersion),
        (lambda: deciding.attach(sealed, "1", questionnaire="visit"), Unreadable),
        (lambda: deciding.accept(999_999), NotQuarantined),
    ]
    for decision, kind in refused:
        with pytest.raises(kind) as told:
            decision()
        assert str(told.value)
    reviewing.delete(UUID(first["id"]))
    undecidable: list[Callable[[int], Any]] = [
        deciding.accept,
        deciding.accept_as_revision,
        merging.differences,
    ]
    for way in undecidable:
        with pytest.raises(Gone):
            way(conflict)
    assert all(row.decided_at is None for row in db.session.scalars(select(Quarantined)))


def test_of_two_administrators_who_decide_at_once_one_wins_and_the_other_is_told(
    app: Flask, collector: Sender
) -> None:
    first = item()
    send(collector, first)
    serial, _before = quarantined(collector, first | {"answers": rooms(8)})
    together, outcomes = Barrier(2), list[str]()

    def decide(decision: Callable[[], Decided]) -> None:
        with app.app_context():
            together.wait()
            try:
                outcomes.append(f"revision {decision().revision}")
            except AlreadyDecided as told:
                outcomes.append(type(told).__name__)
            finally:
                db.session.remove()

    ways = [
        lambda: deciding.accept_as_revision(serial),
        lambda: merging.merge(serial, {}, rest=Side.WAITING),
    ]
    db.session.rollback()
    threads = [Thread(target=decide, args=(way,)) for way in ways]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["AlreadyDecided", "revision 2"]
    assert stored().revision == 2


# --- merging ----------------------------------------------------------------------------------------


@pytest.fixture
def pair(collector: Sender) -> tuple[int, dict[str, Any], Result]:
    """A submission, and other content under its id; its number, what was sent, what was told."""
    first = item(answers=answers(extra="kept"))
    other = first | {
        "answers": rooms(
            8,
            child=[{"name": "Айша", "age": 7}, {"name": None, "age": 13}, {"name": "Дана", "age": 2}],
            place={"region": "71", "gps": None},
        )
    }
    serial, told = quarantined(collector, first, other)
    return serial, other, told


def test_differences_are_told_node_by_node(pair: tuple[int, Any, Any]) -> None:
    found = {
        d.path: tuple(a.value if a else "-" for a in (d.held, d.waiting))
        for d in merging.differences(pair[0])
    }
    assert found == {
        "place/region": ("75", "71"),
        "child[1]/name": (CANARY, "Айша"),
        "child[2]/age": (12, 13),
        "rooms": (3, 8),
        "twice": ("6", "16"),
        "child[3]/name": ("-", "Дана"),
        "child[3]/age": ("-", 2),
    }
    entry = db.session.scalars(select(AuditEntry).filter_by(action="quarantine_opened")).one()
    assert entry.subject == str(stored().id)


def test_for_each_question_one_sides_answer_holds(
    collector: Sender, pair: tuple[int, Any, Result]
) -> None:
    serial, other, told = pair
    sides = dict.fromkeys(("child[1]/name", "child[2]/age", "rooms", "twice"), Side.WAITING)
    made = merging.merge(serial, sides, rest=Side.HELD, by=collector.user_id)
    assert made.revision == 2
    row = stored()
    assert (row.answers["place"]["region"], row.answers["rooms"], row.region) == ("75", 8, "75")
    assert [child.get("age") for child in row.answers["child"]] == [7, 13]
    assert identity_of(keys_of(), row)["child[1]/name"] == "Айша"
    assert foreign_of(keys_of(), row)["answers"] == {"extra": "kept"}
    assert (row.cause, row.sender_id) == (Cause.DECIDED, collector.user_id)
    assert_copies_stay(collector, other, told)


def test_a_member_of_one_side_only_is_taken_or_left(pair: tuple[int, Any, Any]) -> None:
    sides = {"child[3]/name": Side.WAITING, "child[3]/age": Side.WAITING}
    merging.merge(pair[0], sides, rest=Side.HELD)
    assert [child.get("age") for child in stored().answers["child"]] == [7, 12, 2]


def test_a_member_that_the_chosen_side_has_not_is_gone(collector: Sender) -> None:
    first = item()
    other = first | {"answers": answers(child=[{"name": CANARY, "age": 7}])}
    serial, _told = quarantined(collector, first, other)
    merging.merge(serial, {"child[2]/age": Side.WAITING, "child[2]/name": Side.WAITING})
    assert [child.get("age") for child in stored().answers["child"]] == [7]


def test_every_difference_must_be_settled_and_nothing_else(pair: tuple[int, Any, Any]) -> None:
    with pytest.raises(Unsettled) as told:
        merging.merge(pair[0], {"rooms": Side.HELD})
    assert "place/region" in told.value.paths
    with pytest.raises(NoDifference):
        merging.merge(pair[0], {"worries": Side.HELD}, rest=Side.HELD)
    with pytest.raises(NothingNew):
        merging.merge(pair[0], {}, rest=Side.HELD)
    assert stored().revision == 1


def test_a_photo_comes_from_the_side_whose_answer_holds(collector: Sender) -> None:
    def photo(content: bytes) -> dict[str, Any]:
        sha256 = bring(content, the_collector())
        return {"name": "a.jpg", "sha256": sha256, "size": len(content), "type": "image/jpeg"}

    first = item(answers=answers(photo="a.jpg"), attachments=[photo(b"one")])
    other = first | {"answers": rooms(8, photo="a.jpg"), "attachments": [photo(b"two")]}
    serial, _told = quarantined(collector, first, other)
    assert [d.path for d in merging.differences(serial)] == ["photo", "rooms", "twice"]
    merging.merge(serial, {"photo": Side.WAITING}, rest=Side.HELD)
    files = {r.revision: r.sha256 for r in db.session.scalars(select(Attachment))}
    assert files == {
        1: first["attachments"][0]["sha256"],
        2: other["attachments"][0]["sha256"],
    }
    assert stored().answers["rooms"] == 3


# --- XML --------------------------------------------------------------------------------------------


def xml(given: dict[str, Any], name: UUID, edits: UUID | None = None) -> bytes:
    definition = catalogue.edition("visit", "1")
    assert definition
    envelope = InstanceEnvelope(
        form_id="visit",
        version="1",
        instance_id=f"uuid:{name}",
        deprecated_id=f"uuid:{edits}" if edits else None,
    )
    instance = XmlInstance(answers=given, envelope=envelope)
    return write_instance(definition.definition, instance)


def collect(
    collector: Sender, given: dict[str, Any], name: UUID, edits: UUID | None = None, **known: Any
) -> Result:
    """Send as ODK Collect does."""
    sent = item(id=str(name), answers=given, started_at=None, finished_at=None)
    envelope: Envelope = replace(
        load_envelope(sent | known.pop("item", {}), Channel.OPENROSA),
        raw=xml(given, name, edits),
        deprecates=edits,
        **known,
    )
    return receive([envelope], collector)[0]


def test_quarantined_xml_becomes_the_next_revision_and_is_found_by_its_next_edit(
    collector: Sender,
) -> None:
    first, late, after = uuid4(), uuid4(), uuid4()
    collect(collector, answers(), first)
    collect(collector, rooms(5), uuid4(), first)
    told = collect(collector, rooms(8), late, first)
    assert told.status == Status.QUARANTINED
    assert deciding.accept_as_revision(waiting().serial).revision == 3
    row = stored()
    assert (row.answers["rooms"], row.channel) == (8, Channel.OPENROSA)
    assert identity_of(keys_of(), row)["child[1]/name"] == CANARY
    assert db.session.get_one(Instance, late).revision == 3
    assert collect(collector, rooms(8), late, first) == told
    assert collect(collector, rooms(9), after, late).revision == 4


def test_the_same_in_xml_and_json_is_the_same_content(collector: Sender) -> None:
    name = uuid4()
    catalogue.close("visit")
    told = collect(collector, answers(), name)
    deciding.accept(waiting().serial)
    (as_it_came,) = send(collector, item(id=str(name)))
    assert (as_it_came.status, as_it_came.receipt) == (Status.QUARANTINED, told.receipt)
    (otherwise_spelt,) = send(collector, item(id=str(name), answers=answers(rooms=3.0)))
    assert (otherwise_spelt.status, otherwise_spelt.revision) == (Status.DUPLICATE, 1)


def test_files_that_came_with_quarantined_xml_are_the_submissions(collector: Sender) -> None:
    def photo(content: bytes, name: str) -> NamedFile:
        return NamedFile(name, bring(content, the_collector()), len(content), "image/jpeg")

    name, given = uuid4(), answers(photo="a.jpg")
    catalogue.close("visit")
    for file in (photo(b"one", "a.jpg"), photo(b"two", "audit.csv"), photo(b"one", "a.jpg")):
        collect(collector, given, name, attachments=(file,))
    assert len(waiting().files) == 2
    deciding.accept(waiting().serial)
    head = stored()
    rows = {
        opening.file_name(keys_of(), head, r): (r.named, bool(r.held_at))
        for r in db.session.scalars(select(Attachment))
    }
    assert rows == {"a.jpg": (True, True), "audit.csv": (False, True)}


def test_xml_that_is_of_no_version_waits_until_it_is_discarded(collector: Sender) -> None:
    envelope = replace(
        load_envelope(item(version="9"), Channel.OPENROSA), raw=b"<other id='visit' version='9'/>"
    )
    receive([envelope], collector)
    serial = waiting().serial
    with pytest.raises(Unreadable):
        deciding.attach(serial, "1")
    deciding.discard(serial, "not a form of ours")


# --- commands ---------------------------------------------------------------------------------------


def run(app: Flask, *arguments: str) -> CommandResult:
    db.session.rollback()
    return app.test_cli_runner().invoke(args=["quarantine", *arguments], prog_name="surveyapp")


def test_the_commands_decide(app: Flask, collector: Sender, pair: tuple[int, Any, Any]) -> None:
    serial = str(pair[0])
    shown = run(app, "differences", serial).stdout
    assert "rooms\n  held     3\n  waiting  8\n" in shown
    open_ones = run(app, "decide", "merge", serial, "--side", "rooms", "held")
    assert open_ones.exit_code == 1
    assert "place/region" in open_ones.stderr
    merged = run(app, "decide", "merge", serial, "--rest", "waiting")
    assert merged.stdout == f"Number {serial} is revision 2 of submission {stored().id}.\n"
    again = run(app, "decide", "discard", serial, "why")
    assert again.stderr.startswith(f"Error: Number {serial} was decided on ")


@pytest.mark.parametrize("command", ["accept", "revision", "merge", "attach", "discard"])
def test_every_decision_has_an_example(app: Flask, command: str) -> None:
    shown = run(app, "decide", command, "--help").stdout
    assert f"surveyapp quarantine decide {command} 17" in shown


def test_each_way_to_decide_is_a_command(app: Flask, collector: Sender) -> None:
    first = item()
    numbers = [
        quarantined(collector, item(answers=answers(rooms="x")))[0],
        quarantined(collector, first, first | {"answers": rooms(8)})[0],
        quarantined(collector, item(version="9"))[0],
        quarantined(collector, item(version="9"))[0],
    ]
    ways = [["accept"], ["revision"], ["attach"], ["discard"]]
    more = [[], [], ["1"], ["a trial"]]
    for number, way, rest in zip(numbers, ways, more, strict=True):
        done = run(app, "decide", *way, str(number), *rest)
        assert (done.exit_code, done.stderr) == (0, "")
    assert run(app, "list").stderr == "Nothing waits.\n"
