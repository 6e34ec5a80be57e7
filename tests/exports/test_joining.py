"""Somebody lays files side by side: a submission has the same id in each of them.

What one file keeps back of the members of small groups must not follow from another one, however it
was cut, nor from how many there are in it.
"""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from random import Random

import pytest
from flask import Flask

from surveyapp.catalogue import service as catalogue
from surveyapp.exports.choosing import read_request, within
from surveyapp.exports.counting import Counting
from surveyapp.exports.distributions import Spread, spread
from surveyapp.exports.reader import Reader
from surveyapp.exports.request import Selection
from surveyapp.exports.service import export
from surveyapp.extensions import db
from surveyapp.people.models import User
from surveyapp.people.rights import RoleName
from surveyapp.people.tokens import Scope
from surveyapp.questionnaires.xlsform import compile_workbook
from surveyapp.wiring import settings_of
from tests.accounts import make_user
from tests.channels.api.conftest import caller
from tests.exports import kin
from tests.exports.visits import unzipped
from tests.factories import store_submission

ID = "joined"
_FORM = """
| survey |
| | type | name | label::English (en) | bind::survey:breakdown | bind::survey:sensitive |
| | select_one region | region | Region | region | |
| | select_one area | area | Area | area | |
| | integer | size | How many? | | |
| | begin_repeat | child | Child | | |
| | integer | c_age | Age | | |
| | end_repeat | | | | |
| choices |
| | list_name | name | label::English (en) |
| | region | north | North |
| | region | east | East |
| | region | south | South |
| | area | rural | Rural |
| | area | urban | Urban |
| settings |
| | form_id | version | form_title | default_language | namespaces |
| | joined | 1 | Joined | English (en) | survey="https://surveyapp.example/xmlns/survey" |
"""
#: region, area → how many; the last two are small, and come together to five
SIZES = {
    ("north", "rural"): 8,
    ("east", "rural"): 7,
    ("east", "urban"): 6,
    ("south", "urban"): 2,
    ("north", "urban"): 3,
}
#: everything that a file can be cut by, alone and together
CUTS: list[dict[str, str]] = [
    {"region": "south"},
    {"region": "north"},
    {"region": "north,east"},
    {"group-region": "south"},
    {"group-area": "urban"},
    {"group-region": "north", "group-area": "urban"},
    {"where": "${region} = 'south'"},
    {"where": "${area} = 'urban'"},
    {"where": "not(${region} = 'north') and not(${region} = 'east')"},
    {"where": "${size} < 4"},
    {"where": "${size} < 4", "group-region": "south"},
    {"status": "accepted"},
    {"status": "stored"},
    {"synthetic": "no"},
    {"channel": "web"},
    {"channel": "field"},
    {"received_from": "2026-09-02"},
    {"received_to": "2026-09-01", "group-region": "south"},
    {"rejected": "yes", "group-region": "south"},
]


@pytest.fixture
def joined(app: Flask) -> dict[str, tuple[str, str]]:
    """Records by id, each with its region and area; those of small groups are spread over all else."""
    catalogue.publish(compile_workbook(_FORM.encode(), f"{ID}.md"), demonstration=False)
    sender = _account()
    truth = {}
    for (region, area), size in SIZES.items():
        for number in range(size):
            stored = store_submission(
                ID,
                {
                    "region": region,
                    "area": area,
                    "size": number,
                    "child": [{"c_age": 1}] * (9 if region == "south" else 1),
                },
                breakdowns={"region": region, "area": area},
                region=region,
                status="accepted" if number % 2 else "stored",
                channel="web" if number % 3 else "field",
                sender_id=sender if region == "south" else None,
                received_at=datetime(2026, 9, 1 + number % 2, 6, tzinfo=UTC),
            )
            truth[str(stored)] = (region, area)
    return truth


def _account() -> int:
    """Of whoever collected in the south."""
    name = make_user("collector", RoleName.INTERVIEWER)
    found = db.session.query(User).filter_by(username=name).one().id
    db.session.rollback()
    return int(found)


def taken(**asked: str) -> bytes:
    return b"".join(export(read_request(ID, asked, settings_of().timezone)))


def taken_of(region: str) -> bytes:
    """What somebody gets who sees one region."""
    request = read_request(ID, {}, settings_of().timezone)
    return b"".join(export(within(request, frozenset({region}))))


def rows(content: bytes) -> dict[str, tuple[str, str]]:
    """id → region and area as a file tells them."""
    return {
        row["id"]: (row["region"], row["area"])
        for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
        if row.get("change") != "deleted"
    }


def lost(told: dict[str, tuple[str, str]]) -> set[str]:
    return {id_ for id_, groups in told.items() if groups == ("", "")}


def test_the_whole_keeps_back_the_small_groups(joined: dict[str, tuple[str, str]]) -> None:
    told = rows(taken())
    assert set(told) == set(joined)
    small = {id_ for id_, group in joined.items() if SIZES[group] < 5}
    assert lost(told) == small
    assert {told[id_] for id_ in small} == {("", "")}


@pytest.mark.parametrize("cut", CUTS, ids=json.dumps)
def test_no_cut_tells_of_whom_the_whole_keeps_back(
    joined: dict[str, tuple[str, str]], cut: dict[str, str]
) -> None:
    kept_back = lost(rows(taken()))
    some = rows(taken(**cut))
    assert not {id_ for id_ in kept_back & set(some) if some[id_] != ("", "")}
    if any(name == "region" or name.startswith("group-") for name in cut):
        assert not kept_back & set(some)
    if cut.get("where", "").startswith(("${region}", "${area}")):
        assert not kept_back & set(some)


@pytest.mark.parametrize("cut", CUTS, ids=json.dumps)
def test_what_a_cut_still_tells_the_whole_tells_too(
    joined: dict[str, tuple[str, str]], cut: dict[str, str]
) -> None:
    whole, some = rows(taken()), rows(taken(**cut))
    assert set(some) <= set(whole)
    for id_, told in some.items():
        assert told in {whole[id_], ("", "")}


def test_changes_and_polls_tell_no_more(joined: dict[str, tuple[str, str]]) -> None:
    kept_back = lost(rows(taken()))
    for cut in CUTS:
        some = rows(taken(**cut, since="beginning"))
        assert not {id_ for id_ in kept_back & set(some) if some[id_] != ("", "")}, cut
        if "region" in cut or any(name.startswith("group-") for name in cut):
            assert not kept_back & set(some), cut


def test_a_collector_s_records_do_not_tell_where_they_are_from(
    joined: dict[str, tuple[str, str]],
) -> None:
    sender = db.session.query(User).filter_by(username="collector").one().id
    db.session.rollback()
    assert rows(taken(collector=str(sender))) == {}


def test_the_number_of_those_left_out_does_not_depend_on_the_cut(
    joined: dict[str, tuple[str, str]],
) -> None:
    told = {}
    for region in ("north", "south", "east"):
        files = unzipped(taken(package="yes", region=region))
        manifest = json.loads(files["manifest.json"])
        told[region] = manifest["k_anonymity"]["submissions_left_out"]
        assert manifest["submissions"] == len(rows(files["submissions.csv"]))
        assert f"Submissions: {manifest['submissions']}." in files["README.txt"].decode()
        assert manifest["synthetic"] == 0
        assert "small in the whole questionnaire are not in it" in files["README.txt"].decode()
    assert set(told.values()) == {5}
    assert (
        "submissions_left_out"
        not in json.loads(unzipped(taken(package="yes"))["manifest.json"])["k_anonymity"]
    )


def test_how_many_columns_there_are_does_not_tell_who_was_left_out(
    joined: dict[str, tuple[str, str]],
) -> None:
    """Only those of the south have nine children."""
    heads = {
        taken(rosters="flat", region=region).splitlines()[0] for region in ("north", "south", "east")
    }
    assert len(heads) == 1


def test_what_was_made_up_hides_nobody(joined: dict[str, tuple[str, str]]) -> None:
    before = lost(rows(taken()))
    for number in range(20):
        store_submission(
            ID,
            {"region": "south", "area": "urban", "size": number, "child": []},
            breakdowns={"region": "south", "area": "urban"},
            region="south",
            synthetic=True,
        )
    assert before <= lost(rows(taken()))
    assert not before & set(rows(taken(region="south")))


def test_who_sees_one_region_is_told_of_no_smaller_groups_than_who_sees_all(
    joined: dict[str, tuple[str, str]],
) -> None:
    whole = rows(taken())
    for region in ("north", "south", "east"):
        some = rows(taken_of(region))
        assert {id_ for id_, told in some.items() if told != ("", "")} <= set(whole) - lost(whole)


def test_odata_s_tables_keep_back_the_same(app: Flask, joined: dict[str, tuple[str, str]]) -> None:
    kept_back = lost(rows(taken()))
    call = caller(app, "reader", RoleName.ANALYST, scope=Scope.EXPORT)
    for query in ({}, {"$filter": "status eq 'accepted'"}, {"$filter": "channel eq 'web'"}):
        answer = call("GET", f"/odata/{ID}/submissions", query_string=query)
        for row in answer.get_json()["value"]:
            if row["id"] in kept_back:
                assert (row["region"], row["area"]) == (None, None)


def test_those_kept_back_are_alike_in_everything_that_cuts_by_what_they_lost(
    joined: dict[str, tuple[str, str]],
) -> None:
    """The attack itself: in which files somebody is, and what each tells, is the same for all of them."""
    cuts = [
        *({"region": region} for region in ("north", "south", "east")),
        *({"group-region": region} for region in ("north", "south", "east")),
        *({"group-area": area} for area in ("rural", "urban")),
        *({"where": f"${{region}} = '{region}'"} for region in ("north", "south", "east")),
        {"where": "${region} = ''"},
    ]
    files = [rows(taken(**cut)) for cut in cuts]
    known = {id_: tuple(file.get(id_) for file in files) for id_ in lost(rows(taken()))}
    assert len(known) == 5
    assert len(set(known.values())) == 1


def test_the_sizes_of_parts_do_not_tell_who_is_of_one_group(
    joined: dict[str, tuple[str, str]],
) -> None:
    """Of two that are kept back, alone in a window, sizes would say `1, 1` or `2`."""
    for number, group in enumerate([("south", "urban"), ("south", "urban"), ("north", "urban")]):
        store_submission(
            ID,
            {"region": group[0], "area": group[1], "size": number, "child": []},
            breakdowns={"region": group[0], "area": group[1]},
            region=group[0],
            received_at=datetime(2026, 9, 11 + number, 6, tzinfo=UTC),
        )
    told = []
    for first, last in (("11", "12"), ("12", "13")):
        window = {"received_from": f"2026-09-{first}", "received_to": f"2026-09-{last}"}
        told.append(json.loads(unzipped(taken(package="yes", **window))["manifest.json"])["k_anonymity"])
    assert told[0] == told[1]
    assert (told[0]["submissions_suppressed"], told[0]["groups"], told[0]["sizes"]) == (2, 0, {})


def test_all_files_together_tell_no_child_apart(app: Flask) -> None:
    """Somebody has every cut, and puts together by ids what each tells of a child."""
    kin.publish("1", "2")
    random = Random(11)  # noqa: S311  # the same each time
    kin.store_many(
        random,
        120,
        version=lambda: random.choice("12"),
        status=lambda: random.choice(["stored", "accepted"]),
        channel=lambda: random.choice(["web", "field"]),
        received_at=lambda: datetime(2026, 9, random.choice([1, 2]), 6, tzinfo=UTC),
    )
    cuts = [
        {},
        *({"region": region} for region in ("north", "south")),
        *({"status": status} for status in ("stored", "accepted")),
        *({"channel": channel} for channel in ("web", "field")),
        *({"versions": version} for version in "12"),
        *(
            {"where": f"{count} = {number}"}
            for count in ("${girls}", "count(${child})")
            for number in (0, 1)
        ),
        {"received_from": "2026-09-02"},
        {"received_to": "2026-09-01", "since": "beginning"},
    ]
    files = [kin.told(kin.tables(**cut)) for cut in cuts]
    for table in ("submissions", "child", "lesson"):
        together = {
            id_: tuple(
                tuple(map(max, *some)) if len(some) > 1 else some[0]
                for some in zip(*(file[table][id_] for file in files if id_ in file[table]), strict=True)
            )
            for id_ in files[0][table]
        }
        assert together == files[0][table]
        assert not kin.too_small(together)


def counted(**asked: str) -> tuple[bytes, int, str]:
    """The table of counts, how many submissions the manifest tells, and the README."""
    files = unzipped(taken(profile="aggregate", package="yes", **asked))
    manifest = json.loads(files["manifest.json"])
    return files["counts.csv"], manifest["submissions"], files["README.txt"].decode()


def test_counts_of_few_tell_nothing_not_even_how_many(joined: dict[str, tuple[str, str]]) -> None:
    """Two of the south, whose 18 children are more than five."""
    table, submissions, readme = counted(region="south")
    assert len(table.splitlines()) == 1
    assert submissions == 0
    assert "Submissions: 0." in readme and "fewer than 5 submissions are told as none" in readme
    request = read_request(ID, {"profile": "aggregate", "region": "south"}, settings_of().timezone)
    assert export(request).submissions == 0


def test_counts_with_what_was_made_up_hide_no_few(joined: dict[str, tuple[str, str]]) -> None:
    for number in range(20):
        store_submission(
            ID,
            {"region": "south", "area": "urban", "size": number, "child": []},
            breakdowns={"region": "south", "area": "urban"},
            region="south",
            synthetic=True,
        )
    assert counted(region="south")[1] == 0


@pytest.mark.parametrize("cut", [{}, {"region": "north"}, {"group-area": "urban"}], ids=json.dumps)
def test_counts_do_not_tell_of_the_one_unknown_of_a_window(
    joined: dict[str, tuple[str, str]], cut: dict[str, str]
) -> None:
    """All of a window but one are known from other files: counts are as if it were not there."""
    window = {"received_from": "2026-09-11", "received_to": "2026-09-11"}

    def store(region: str, area: str) -> None:
        store_submission(
            ID,
            {"region": region, "area": area, "size": 1, "child": []},
            breakdowns={"region": region, "area": area},
            region=region,
            received_at=datetime(2026, 9, 11, 6, tzinfo=UTC),
        )

    for _number in range(6):
        store("north", "rural")
        store("east", "urban")
    before = counted(**cut, **window)
    assert before[1] == (12 if not cut else 6)
    store("north", "urban")
    assert len(lost(rows(taken())) & set(rows(taken(**window)))) == 1
    assert counted(**cut, **window)[:2] == before[:2]


def test_counts_of_the_whole_have_everybody(joined: dict[str, tuple[str, str]]) -> None:
    table, submissions, _readme = counted()
    assert submissions == sum(SIZES.values())
    told = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))
    assert ("region", "east", "13") in {(r["item"], r["answer"], r["count"]) for r in told}
    assert counted(status="stored")[1] + counted(status="accepted")[1] < submissions


def test_a_report_of_one_region_tells_nothing_of_two_households(
    joined: dict[str, tuple[str, str]],
) -> None:
    definitions = [edition.definition for edition in catalogue.all_editions(ID)]
    counting = Counting(definitions)
    reader = Reader(db.engine, ID, Selection())
    for batch in reader.batches(reader.span()):
        for record in batch:
            counting.add(record)
    of_region = {
        region: spread(counting.counts, counting.items, k=5, regions=[region])
        for region in ("south", "east")
    }
    assert of_region["south"] == Spread(0, (), ())
    assert {each.counted.item.path for each in of_region["east"].items} >= {"child/c_age", "size"}


def test_a_question_that_feeds_the_same_breakdown_as_a_withheld_one_is_empty(app: Flask) -> None:
    """Groups are counted by the first one: a group of one by the second would be told as large."""
    row = "| | select_one region | region | Region | region | |"
    home = "| | select_one region | home | Home | region | yes |"
    form = _FORM.replace(row, f"{home}\n{row}")
    catalogue.publish(compile_workbook(form.encode(), f"{ID}.md"), demonstration=False)
    for number in range(8):
        store_submission(
            ID,
            {"home": "south", "region": "east" if number else "north", "area": "rural", "size": number},
            breakdowns={"region": "south", "area": "rural"},
            region="south",
        )
    assert set(rows(taken()).values()) == {("", "rural")}


@pytest.mark.parametrize("older", ["1", "2"], ids=["declared later", "no longer declared"])
def test_a_version_that_does_not_declare_a_breakdown_tells_no_group(app: Flask, older: str) -> None:
    """Groups are counted by what each version declares: nobody knows how large those of another are."""
    follows = "| | calculate | code | | | |\n| | integer | size |"
    form = _FORM.replace("| | integer | size |", follows).replace(
        "| bind::survey:sensitive |", "| bind::survey:sensitive | calculation |"
    )
    form = form.replace("| | calculate | code | | | |", "| | calculate | code | | | | ${region} |")
    undeclared = form.replace("| Region | region |", "| Region | |")
    for version in ("1", "2"):
        text = undeclared if version == older else form
        text = text.replace("| joined | 1 |", f"| joined | {version} |")
        catalogue.publish(compile_workbook(text.encode(), f"{ID}.md"), demonstration=False)
    for number in range(16):
        region = "east" if number != 1 else "north"
        declares = number % 2 == 0
        store_submission(
            ID,
            {"region": region, "area": "rural", "code": region, "size": number, "child": []},
            version=older if not declares else ("1" if older == "2" else "2"),
            breakdowns={"area": "rural"} | ({"region": region} if declares else {}),
            region=region if declares else None,
            errors=[{"path": "code", "code": "constraint", "params": {}}],
            flags=["invalid"],
        )
    read = list(csv.DictReader(io.StringIO(taken(missing="marked").decode("utf-8-sig"))))
    assert {(r["region"], r["code"], r["area"]) for r in read if r["version"] == older} == {
        (".n", ".n", "rural")
    }
    assert {(r["region"], r["code"]) for r in read if r["version"] != older} == {("east", "east")}
    lines = [json.loads(line) for line in taken(format="jsonl").splitlines()]
    assert not any(
        {"region", "code"} & line["answers"].keys() for line in lines if line["version"] == older
    )
    assert {len(line["errors"]) for line in lines if line["version"] == older} == {0}
    assert len(taken(where="${region} = 'north'").splitlines()) == 1


def test_a_second_answer_to_a_breakdown_is_in_no_file(app: Flask) -> None:
    """Groups are counted by the first that is answered; where that is the second, it stays."""
    row = "| | select_one region | region | Region | region | |"
    home = "| | select_one region | home | Home | region | |"
    catalogue.publish(
        compile_workbook(_FORM.replace(row, f"{row}\n{home}").encode(), f"{ID}.md"), demonstration=False
    )
    for number in range(16):
        answers: dict[str, str | None] = {"region": "east", "home": "north" if number == 1 else "south"}
        if number % 2 and number > 1:
            answers = {"region": None, "home": "east"}
        store_submission(
            ID,
            {**answers, "area": "rural", "size": number},
            breakdowns={"region": "east", "area": "rural"},
            region="east",
        )
    read = list(csv.DictReader(io.StringIO(taken().decode("utf-8-sig"))))
    assert {(row["region"], row["home"]) for row in read} == {("east", ""), ("", "east")}
