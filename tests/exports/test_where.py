"""Filters by collector and by a free expression: what they find, and what they may not tell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import update

from surveyapp.catalogue import service as catalogue
from surveyapp.exports.choosing import ChoicesRefused, read_request, written_request
from surveyapp.exports.errors import WhereNotAsCounts, WhereRefused
from surveyapp.exports.incremental import BEGINNING
from surveyapp.exports.records import Record
from surveyapp.exports.refusals import refused_choices
from surveyapp.exports.request import ExportRequest, Profile, Selection, TableOptions
from surveyapp.exports.service import check_asked, export
from surveyapp.exports.where import Where
from surveyapp.extensions import db
from surveyapp.people.models import Device, User
from surveyapp.people.rights import RoleName
from surveyapp.questionnaires.xlsform import compile_workbook
from surveyapp.submissions.models import Submission
from surveyapp.wiring import settings_of
from tests.accounts import make_user
from tests.exports import visits
from tests.exports.conftest import CANARY, FIRST, SECOND, WORRY
from tests.exports.test_profiles import GROUPED, answers
from tests.exports.visits import exported, rows_of, unzipped
from tests.factories import store_submission

OPEN: dict[str, Any] = {
    "profile": Profile.DE_IDENTIFIED,
    "reason": "",
    "approved_by": "",
    "password": "",
}


def found(where: str, **asked: Any) -> list[str]:
    """The ids of what an expression is true of, in a full export unless another profile is asked for."""
    content = exported(selection=Selection(where=where), **asked)
    return [row["id"] for row in rows_of(content)]


def refusal(where: str, **asked: Any) -> str:
    """What is said of an expression in English, before anything is read."""
    request = ExportRequest(
        questionnaire=visits.ID, selection=Selection(where=where), **visits.FULL | asked
    )
    with pytest.raises(WhereRefused) as refused:
        check_asked(request)
    with pytest.raises(WhereRefused):
        export(request)
    (sentence,) = refused_choices(refused.value).values()
    with force_locale("en"):
        return str(sentence)


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ("${size} > 2", [FIRST]),
        ("${size} > 3", []),
        ("${visit/size} = 3 and ${weight} = 3.5", [FIRST]),
        ("${agreed} = 'no'", [SECOND]),
        ("selected(${helps}, 'food')", [FIRST]),
        ("not(selected(${helps}, 'food'))", [SECOND]),
        ("${size} = ''", [SECOND]),
        ("count(${child}) = 2", [FIRST]),
        ("count(${child}[c_age > 5]) = 1", [FIRST]),
        ("max(${c_age}) = 7 and min(${c_age}) < 0", [FIRST]),
        ("count(${toy}) > 1", [FIRST]),
        ("${born} < date('2020-01-01')", [FIRST]),
        ("${called} < now()", [FIRST]),
        ("string-length(${remark}) > 5", [FIRST]),
        ("true()", [FIRST, SECOND]),
    ],
)
@pytest.mark.usefixtures("stored")
def test_expressions_are_those_of_the_questionnaires(where: str, ids: list[Any]) -> None:
    assert found(where) == [str(id_) for id_ in ids]


@pytest.mark.usefixtures("stored")
def test_every_format_and_the_totals_follow_the_expression() -> None:
    selection = Selection(where="${agreed} = 'yes'")
    for format_ in ("csv", "xlsx", "sav", "dta", "parquet", "jsonl", "geojson"):
        files = unzipped(exported(format=format_, package=True, selection=selection))
        told = json.loads(files["manifest.json"])
        assert (told["submissions"], told["synthetic"]) == (1, 0), format_
        assert told["choices"]["where"] == "${agreed} = 'yes'"
    request = ExportRequest(questionnaire=visits.ID, selection=selection)
    assert export(request).submissions == 1


def test_versions_without_the_question_have_no_answer_to_it(app: Flask) -> None:
    visits.publish("1", "2")
    old = store_submission(visits.ID, {"visit": {"size": 3}})
    new = store_submission(visits.ID, {"visit": {"phoned": "2026-01-07", "size": "x"}}, version="2")
    assert found("${phoned} = ''") == [str(old)]
    assert found("${phoned} != ''") == [str(new)]
    # a number in the first version, a text in the second
    assert found("${size} = 3") == [str(old)]
    assert found("${size} = 'x'") == [str(new)]


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("${size} >", "Something is missing at the end"),
        ("${size > 2", "There is no question of this name"),
        ("${nobody} = 1", "There is no question “nobody” here"),
        ("shout(${size})", "There is no function “shout”"),
        ("${c_age} > 5", "“c_age” stands in a roster"),
        ("pulldata('a', 'b', 'c', 'd') = 1", "“pulldata()” cannot be asked"),
        ("instance('help')/root/item/name = 'food'", "Only questions of the questionnaire"),
        ("random() > 0.5", "“random()” cannot be asked"),
        ("/data/visit/* = 'x'", "There is no question “visit/*” here"),
        ("date('soon') > today()", "It cannot be said of every submission"),
        ("x" * 2001, "At most 2000 characters"),
    ],
)
@pytest.mark.usefixtures("stored")
def test_a_wrong_expression_is_told_before_anything_is_read(where: str, words: str) -> None:
    assert words in refusal(where)


@pytest.mark.usefixtures("stored")
def test_it_is_told_in_three_languages() -> None:
    request = ExportRequest(questionnaire=visits.ID, selection=Selection(where="${nobody} = 1"))
    with pytest.raises(WhereRefused) as refused:
        check_asked(request)
    said = set()
    for language in ("kk", "ru", "en"):
        with force_locale(language):
            said.add(str(refused.value))
    assert len(said) == 3


# --- what it may not tell -----------------------------------------------------------------------------

WITHHELD = ["family", "visit/family", "c_name", "worry", "remark", "t_name", "nobody"]
#: ways to ask for a question without `${…}`, or to hide it where nothing is evaluated
WAYS = [
    "${%s} = 'x'",
    "false() and ${%s} != ''",
    "count(${child}[../visit/%s != '']) = 1",
    "/data/visit/%s = 'x'",
    "/visits/visit/%s = 'x'",
    "if(true(), 1, ${%s}) = 1",
    "count(/data/child[string-length(/data/visit/%s) > 3]) > 0",
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", WITHHELD)
@pytest.mark.usefixtures("stored")
def test_of_what_is_withheld_nothing_is_told_not_even_that_it_is_there(name: str, way: str) -> None:
    said = refusal(way % name, **OPEN)
    assert "There is no question" in said
    # the same words as of a question that nobody ever asked
    other = refusal(way % "nobody_at_all", **OPEN)
    assert said.replace(name, "X") == other.replace("nobody_at_all", "X")


@pytest.mark.parametrize(
    "where", [f"${{family}} = '{CANARY}'", f"count(${{child}}[c_name = '{CANARY}']) = 1"]
)
@pytest.mark.usefixtures("stored")
def test_who_is_meant_is_never_asked_for_not_even_with_every_right(where: str) -> None:
    """A name in an expression would stand in the request, in the manifest and in named choices."""
    everything = TableOptions(include_identity=True, include_sensitive=True)
    assert "There is no question" in refusal(where, tables=everything)


@pytest.mark.usefixtures("stored")
def test_sensitive_answers_are_asked_for_only_where_they_come_along() -> None:
    where = f"${{worry}} = '{WORRY}'"
    assert "There is no question" in refusal(where)
    assert found(where, tables=TableOptions(include_sensitive=True)) == [str(FIRST)]


def test_dates_are_as_coarse_as_in_the_file(published: None) -> None:
    """Else who asks day after day would read the birthday out of a file that shows the month."""
    store_submission(visits.ID, {"visit": {"born": "2019-02-28"}})
    assert len(found("${born} = date('2019-02-01')", **OPEN)) == 1
    assert found("${born} = date('2019-02-28')", **OPEN) == []
    assert len(found("${born} = date('2019-02-28')")) == 1


def test_counts_take_no_expression(published: None) -> None:
    asked = ExportRequest(
        questionnaire=visits.ID, profile=Profile.AGGREGATE, selection=Selection(where="true()")
    )
    with pytest.raises(WhereNotAsCounts):
        check_asked(asked)


# --- changes ------------------------------------------------------------------------------------------


def _changes(where: str, since: str) -> Iterator[dict[str, Any]]:
    request = ExportRequest(
        questionnaire=visits.ID, selection=Selection(where=where), since=since, **visits.FULL
    )
    made = export(request)
    content = visits.opened(b"".join(made), request)
    yield {"cursor": made.cursor}
    yield from rows_of(content)


@pytest.mark.usefixtures("stored")
def test_what_an_expression_is_true_of_no_more_is_told_as_gone() -> None:
    cursor, *first = _changes("${size} > 2", BEGINNING)
    assert {row["id"]: row["change"] for row in first} == {str(FIRST): "new", str(SECOND): "deleted"}
    gone = next(row for row in first if row["change"] == "deleted")
    assert {gone[name] for name in ("agreed", "received_at", "status")} == {""}
    row = db.session.query(Submission).filter_by(id=FIRST).one()
    row.answers = {**row.answers, "visit": {**row.answers["visit"], "size": 1}}
    row.revision = 2
    db.session.commit()
    _cursor, *later = _changes("${size} > 2", cursor["cursor"])
    assert [(row["id"], row["change"]) for row in later] == [(str(FIRST), "deleted")]


# --- collectors ---------------------------------------------------------------------------------------


def test_who_sent_it_can_be_chosen(published: None) -> None:
    make_user("saule", RoleName.INTERVIEWER)
    person = db.session.query(User).filter_by(username="saule").one()
    phone = Device(name="phone of the north")
    db.session.add(phone)
    db.session.commit()
    by_person = store_submission(visits.ID, {"visit": {}}, sender_id=person.id)
    by_phone = store_submission(visits.ID, {"visit": {}}, device_id=phone.id)
    store_submission(visits.ID, {"visit": {}})
    zone = settings_of().timezone

    def ids(collector: str) -> list[str]:
        request = read_request(visits.ID, {"collector": collector}, zone)
        assert written_request(request, zone)["collector"] == collector
        return [row["id"] for row in rows_of(b"".join(export(request)))]

    assert ids(str(person.id)) == [str(by_person)]
    assert ids(f"phone-{phone.id}") == [str(by_phone)]
    assert sorted(ids(f"{person.id},phone-{phone.id}")) == sorted([str(by_person), str(by_phone)])
    for nonsense in ("saule", "0", "-1", "phone-x", "1;2"):
        with pytest.raises(ChoicesRefused):
            read_request(visits.ID, {"collector": nonsense}, zone)


@pytest.mark.usefixtures("stored")
def test_the_command_takes_an_expression_and_says_what_is_wrong_with_it(
    app: Flask, tmp_path: Path
) -> None:
    file = tmp_path / "visits.csv"
    run = app.test_cli_runner().invoke
    done = run(args=["export", visits.ID, "--output", str(file), "--quiet", "--where", "${size} > 2"])
    assert (done.exit_code, done.output.strip()) == (0, f"1 submissions in {file}")
    for wrong in ("${size} >", "${family} = 'x'"):
        refused = run(args=["export", visits.ID, "--output", str(tmp_path / "x.csv"), "--where", wrong])
        assert refused.exit_code == 1
        assert refused.output.startswith("Error: ")


def _grouped(where: str) -> list[dict[str, str]]:
    request = ExportRequest(questionnaire="grouped", selection=Selection(where=where))
    return rows_of(b"".join(export(request)))


def test_an_expression_does_not_tell_what_a_small_group_has_lost(app: Flask) -> None:
    _store_groups(north=6, south=2)
    assert {row["region"] for row in _grouped("true()")} == {""}
    # the two of the south are not to be found by the answer that they have lost
    assert _grouped("${region} = 'south'") == []
    assert len(_grouped("${region} = ''")) == 8


def test_groups_are_counted_over_what_an_expression_leaves(app: Flask) -> None:
    _store_groups(north=12, south=7)
    assert {row["region"] for row in _grouped("true()")} == {"north", "south"}
    some = _grouped("${ok} = 'yes'")
    # six of the north are enough, three of the south are too few, and three without a region as well
    assert len(some) == 9
    assert {row["region"] for row in some} == {""}


def _store_groups(**sizes: int) -> None:
    catalogue.publish(compile_workbook(GROUPED.encode(), "grouped.md"), demonstration=False)
    for region, size in sizes.items():
        for number in range(size):
            answered = answers(region, "yes" if number % 2 else "no")
            store_submission("grouped", answered, breakdowns={"region": region})


@pytest.mark.usefixtures("stored")
def test_others_write_while_an_expression_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """On SQLite one writes at a time, and nobody may wait for an export of a million."""
    written = []
    asked = Where.holds

    def holds(self: Where, record: Record) -> bool:
        with db.engine.begin() as connection:
            written.append(connection.execute(update(Submission).values(app="x")).rowcount)
        return asked(self, record)

    monkeypatch.setattr(Where, "holds", holds)
    request = ExportRequest(questionnaire=visits.ID, selection=Selection(where="${size} > 2"))
    assert len(rows_of(b"".join(export(request)))) == 1
    assert written
