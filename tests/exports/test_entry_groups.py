"""Entries of rosters are told apart too: in no file is a child alone with what is told of it."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pandas
import pyreadstat
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from surveyapp.exports.anonymity import Key, assess
from surveyapp.exports.choosing import read_request
from surveyapp.exports.consequences import told_by_entry
from surveyapp.exports.deidentifying import deidentifying
from surveyapp.exports.entry_groups import EntryGroups
from surveyapp.exports.formats import FORMATS
from surveyapp.exports.layouts import Layout, OwnBreakdown, Place, in_fives
from surveyapp.exports.odata import guarding
from surveyapp.exports.odata.guarding import guard_of
from surveyapp.exports.reader import Reader
from surveyapp.exports.request import Selection
from surveyapp.exports.service import export
from surveyapp.exports.whole import Whole
from surveyapp.extensions import db
from surveyapp.people.rights import RoleName
from surveyapp.people.tokens import Scope
from surveyapp.questionnaires import xform
from surveyapp.wiring import settings_of
from tests.channels.api.conftest import caller
from tests.exports import kin
from tests.exports.kin import child, store, tables, taken, told, too_small
from tests.exports.test_reader import statements
from tests.exports.visits import lines_of, unzipped
from tests.questionnaires.compiled import built_in


@pytest.fixture
def households(app: Flask) -> None:
    """Six girls of seven in the north, and one who is disabled."""
    app.extensions.pop(guarding._NAME, None)  # of the test before, which had others
    kin.publish()
    for _number in range(6):
        store("north", child(lessons=["rural"]))
    store("north", child(see="yes", at={"lat": 43.2, "lon": 76.8, "alt": None, "accuracy": 4.0}))


@pytest.mark.usefixtures("households")
def test_whoever_is_alone_is_told_apart_by_nothing() -> None:
    """Nor is she the only one of the north without breakdowns: all lose theirs."""
    rows = tables()["child"]
    assert {(row["c_sex"], row["c_age"], row["c_fd"], row["see"], row["support"]) for row in rows} == {
        ("", "", "", "", "")
    }
    assert {row["school"] for row in rows} == {"2"}
    assert {row["region"] for row in tables()["submissions"]} == {"north"}


@pytest.mark.usefixtures("households")
def test_those_who_are_many_keep_theirs() -> None:
    for _number in range(4):
        store("north", child(see="yes"))
    rows = tables()["child"]
    assert Counter((r["c_sex"], r["c_age"], r["c_fd"]) for r in rows) == {
        ("girl", "5", "0"): 6,
        ("girl", "5", "1"): 5,
    }
    assert {row["support"] for row in rows} == {"", "3"}


@pytest.mark.usefixtures("households")
def test_a_group_is_of_those_whose_households_are_told_alike() -> None:
    """Five girls of the south are many; but two of the south are disabled, and four of the north."""
    for _number in range(5):
        store("south", child())
        store("north", child(sex="boy"))
    for region in ("south", "north", "south", "north", "north"):
        store(region, child(see="yes"))
    children = told(tables())["child"]
    assert not too_small(children)
    # of the south nobody else could hide the two
    assert Counter(children.values()) == {
        (("south", ""), ("", "", "")): 7,
        (("north", ""), ("", "", "")): 9,
        (("north", ""), ("girl", "5", "0")): 6,
    }


@pytest.mark.parametrize("any_fd", [False, True], ids=["", "breakdown of households made of children's"])
@pytest.mark.parametrize("seed", range(6))
def test_no_row_is_one_of_fewer_than_k_with_what_is_told_of_it(
    app: Flask, seed: int, any_fd: bool
) -> None:
    kin.publish("1", "2", any_fd=any_fd)
    random = Random(seed)  # noqa: S311  # the same each time
    kin.store_many(
        random,
        150,
        any_fd=lambda: any_fd,
        synthetic=lambda: random.random() < 0.1,
        version=lambda: random.choice("12"),
    )
    found = told(tables(synthetic="no"))
    for table in ("submissions", "child", "lesson"):
        assert not too_small(found[table]), table
    # and not because nothing is told
    assert any(any(group[-1]) for group in found["child"].values())
    assert any(any(group[-1]) for group in found["lesson"].values())


@pytest.mark.parametrize("seed", range(3))
def test_a_breakdown_that_is_made_of_other_children_leaves_no_smaller_groups(
    app: Flask, seed: int
) -> None:
    with kin.eldest_declared():
        kin.publish("1", "2")
    random = Random(seed)  # noqa: S311  # the same each time
    kin.store_many(random, 150, version=lambda: random.choice("12"))
    found = tables()
    eldest = {row["id"]: row["eldest"] for row in found["child"]}
    children = {
        id_: (*above, (*own, eldest[id_])) for id_, (*above, own) in told(found)["child"].items()
    }
    assert not too_small(children)
    assert any(eldest.values())


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "cut",
    [
        {"region": "north"},
        {"where": "${size} = 4 and ${girls} < 2"},
        {"where": "count(${child}) > 1"},
        {"status": "accepted"},
        {"versions": "2"},
        {"channel": "web", "group-region": "north"},
    ],
    ids=json.dumps,
)
def test_a_part_has_no_smaller_groups_and_tells_nothing_that_the_whole_does_not(
    app: Flask, cut: dict[str, str], seed: int
) -> None:
    kin.publish("1", "2")
    random = Random(seed)  # noqa: S311  # the same each time
    kin.store_many(
        random,
        90,
        status=lambda: random.choice(["stored", "accepted"]),
        channel=lambda: random.choice(["web", "field"]),
        version=lambda: random.choice("12"),
    )
    whole, some = told(tables()), told(tables(**cut))
    for table in ("submissions", "child", "lesson"):
        assert not too_small(some[table]), table
        for id_, group in some[table].items():
            for here, there in zip(group, whole[table][id_], strict=True):
                assert here == there or not any(here)


def test_children_lose_what_a_breakdown_of_their_household_is_made_of(app: Flask) -> None:
    """They are told apart by the rest of theirs."""
    kin.publish(any_fd=True)
    for number in range(7):
        store("north", child(see="no" if number else "yes"), any_fd=True)
    found = tables()
    assert {(r["region"], r["any_fd"], r["ramp"]) for r in found["submissions"]} == {("", "", "")}
    assert {(r["c_sex"], r["c_age"], r["c_fd"], r["see"], r["support"]) for r in found["child"]} == {
        ("girl", "5", "", "", "")
    }


def test_versions_that_ask_the_question_elsewhere_are_counted_together(app: Flask) -> None:
    kin.publish("1", "2")
    for _number in range(3):
        store("north", child())
        store("north", child(), version="2")
    groups = Counter(told(tables())["child"].values())
    assert groups == {(("north", ""), ("girl", "5", "0")): 6}


def test_a_version_that_asks_it_elsewhere_and_declares_it_no_more_tells_no_answer_to_it(
    app: Flask,
) -> None:
    kin.publish("1", "3")
    for number in range(12):
        store("north", child(), version="13"[number % 2])
    rows = tables()["child"]
    assert Counter(row["child-c_sex"] for row in rows) == {"girl": 6, "": 6}
    assert {row["child-about-c_sex"] for row in rows} == {""}


def test_a_lesson_is_told_by_the_child_that_it_is_of(app: Flask) -> None:
    """Five lessons in a village are many, but not where one is a disabled child's."""
    kin.publish()
    for number in range(10):
        store("north", child(lessons=["rural"], see="yes" if number < 1 else "no"))
    store("north", *(child(lessons=["urban"]) for _number in range(5)))
    found = told(tables())
    assert not too_small(found["lesson"]) and not too_small(found["child"])
    rows = tables()["lesson"]
    assert {row["often"] for row in rows if not row["l_area"]} <= {""}
    assert Counter(row["l_area"] for row in rows)["urban"] == 5


@pytest.mark.usefixtures("households")
def test_what_is_made_of_several_children_goes_where_one_of_them_loses() -> None:
    for _number in range(6):
        store("north", child(sex="boy", eldest=1, first=2), child(sex="boy"))
    lines = lines_of(taken(format="jsonl"))
    losing = [each["answers"] for each in lines if "c_sex" not in each["answers"]["child"][0]]
    others = [each["answers"] for each in lines if "c_sex" in each["answers"]["child"][0]]
    assert (len(losing), len(others)) == (7, 6)
    assert all(each.keys().isdisjoint({"girls", "dolls"}) for each in losing)
    assert all({"girls", "size"} <= each.keys() for each in others)
    assert losing[0]["child"][0].keys() == {"school", "lesson"}
    assert others[0]["child"][0].keys() >= {"c_sex", "c_age", "see", "c_fd", "eldest", "first"}


def test_what_is_lost_within_an_entry_and_what_outside() -> None:
    own = ["child/c_sex", "child/c_age", "child/c_fd"]
    lost = told_by_entry(kin.definition(), "child", own, [*own, "region", "child/lesson/l_area"])
    assert lost.within == {*own, "child/see", "child/support"}
    assert lost.outside == {"girls", "dolls", "child/eldest", "child/first"}


def test_what_is_lost_with_a_breakdown_of_the_household_baseline() -> None:
    definition = xform.parse(built_in("household_baseline").xform)
    own = {"child/c_sex", "child/c_age", "child/c_fd"}
    lost = told_by_entry(definition, "child", own, own)
    difficulties = {
        f"child/f_{name}" for name in ["see", "hear", "walk", "comm", "learn", "behav", "self", "emo"]
    }
    # a number that is asked of all from an age on stays; what disability is calculated of does not
    assert lost.within == own | difficulties | {"child/c_support"}
    assert lost.outside == {"x_n", "x_pick", "x_child"}


@pytest.mark.usefixtures("households")
def test_errors_of_what_an_entry_lost_are_not_told() -> None:
    store(
        "north",
        child(sex="boy"),
        errors=[
            {"path": path, "code": "constraint", "params": {}}
            for path in ("child[1]/c_sex", "child[1]/school", "girls", "size")
        ],
    )
    told_errors = [each["errors"] for each in lines_of(taken(format="jsonl"))]
    assert [some for some in told_errors if some] == [["child[1]/school:constraint", "size:constraint"]]


def sexes(name: str, folder: Path) -> set[Any]:
    """What a program of analysts reads of the children's sex, in a package of this format."""
    files = unzipped(taken(format=name, package="yes"))
    if name in {"jsonl", "geojson"}:
        text = files[f"submissions.{name}"].decode()
        return {word for word in ("girl", "boy") if f'"{word}"' in text} or {None}
    if name == "xlsx":
        sheet = load_workbook(io.BytesIO(files["submissions.xlsx"]), read_only=True)["child"]
        head, *rows = sheet.iter_rows(values_only=True)
        return {row[head.index("c_sex")] for row in rows}
    (folder / f"child.{name}").write_bytes(files[f"child.{name}"])
    read: dict[str, Callable[[Path], pandas.DataFrame]] = {
        "csv": pandas.read_csv,
        "parquet": pandas.read_parquet,
        "sav": lambda path: pyreadstat.read_sav(path, user_missing=True)[0],
        "dta": lambda path: pyreadstat.read_dta(path, user_missing=True)[0],
    }
    frame = read[name](folder / f"child.{name}")
    assert len(frame)
    return {None if pandas.isna(each) or each == "" else each for each in frame["c_sex"]}


@pytest.mark.usefixtures("households")
@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"media"}))
def test_no_format_tells_what_an_entry_lost(name: str, tmp_path: Path) -> None:
    assert sexes(name, tmp_path) == {None}
    for _number in range(4):
        store("north", child(see="yes"))
    if name != "geojson":  # it has the columns of submissions alone
        assert None not in sexes(name, tmp_path)


@pytest.mark.usefixtures("households")
def test_the_place_of_an_entry_goes_too() -> None:
    places = [feature["geometry"] for feature in json.loads(taken(format="geojson"))["features"]]
    assert not any(places)
    for _number in range(4):
        store("north", child(see="yes"))
    assert [row["at/lat"] for row in tables()["child"]].count("") == 10


@pytest.mark.usefixtures("households")
def test_no_expression_finds_what_an_entry_lost() -> None:
    for where in (
        "sum(${c_fd}) = 1",
        "count(${child}[c_fd = 1]) = 1",
        "${girls} = 1",
        "max(${support}) = 3",
    ):
        assert len(taken(where=where).splitlines()) == 1, where


@pytest.mark.usefixtures("households")
def test_changes_tell_no_more() -> None:
    rows = tables(since="beginning")["child"]
    assert {(row["c_sex"], row["c_fd"], row["see"]) for row in rows} == {("", "", "")}


@pytest.mark.usefixtures("households")
def test_odata_keeps_back_the_same(app: Flask) -> None:
    call = caller(app, "reader", RoleName.ANALYST, scope=Scope.EXPORT)
    rows = call("GET", f"/odata/{kin.ID}/child").get_json()["value"]
    assert len(rows) == 7
    assert {(row["c_sex"], row["c_age"], row["c_fd"], row["see"]) for row in rows} == {
        (None, None, None, None)
    }
    assert {row["girls"] for row in call("GET", f"/odata/{kin.ID}/submissions").get_json()["value"]} == {
        None
    }


@pytest.mark.usefixtures("households")
def test_odata_counts_the_whole_once_for_all_reaches(app: Flask) -> None:
    definitions = [kin.definition()]
    with statements() as seen:
        for regions in ({"north"}, {"south"}, {"north", "south"}):
            guard_of(kin.ID, Selection(regions=frozenset(regions)), definitions)
    # children and lessons, of the whole and of three parts
    assert len([each for each in seen if "e1" in each]) == 2 * (1 + 3)


def test_what_was_made_up_hides_no_entry(app: Flask) -> None:
    kin.publish()
    store("north", child(see="yes"))
    for _number in range(6):
        store("north", child())
        store("north", child(see="yes"), synthetic=True)
    rows = tables()["child"]
    assert {row["c_fd"] for row in rows} == {""}


@pytest.mark.parametrize("chosen", [{"channel": "field"}, {"where": "${size} = 5"}], ids=json.dumps)
def test_what_was_made_up_hides_nobody_in_a_part_either(app: Flask, chosen: dict[str, str]) -> None:
    kin.publish()
    for _number in range(9):
        store("north", child())
    for number in range(5):
        store("north", child(), channel="field", synthetic=number > 0, size=5)
    found = tables(**chosen)
    assert [row["region"] for row in found["submissions"]] == [""] * 5
    assert [row["c_sex"] for row in found["child"]] == [""] * 5
    for _number in range(4):
        store("north", child(), channel="field", size=5)
    found = tables(**chosen)
    assert [row["region"] for row in found["submissions"]] == ["north"] * 9
    assert [row["c_sex"] for row in found["child"]] == ["girl"] * 9


@pytest.mark.usefixtures("households")
def test_the_manifest_tells_how_large_the_groups_of_each_roster_are() -> None:
    for _number in range(5):
        store("north", child(sex="boy"))
    store("north", child(sex="boy", age=2))
    told_of = json.loads(unzipped(taken(package="yes"))["manifest.json"])["k_anonymity"]
    children, lessons = told_of["rosters"]
    assert children == {
        "roster": "child",
        "breakdowns": ["age", "disability", "sex"],
        "groups": 4,
        "smallest_group_before": 1,
        "smallest_group": 6,
        "groups_suppressed": 3,
        "entries_suppressed": 7,
        "sizes": {"1": 2, "5": 1, "6": 1},
    }
    assert (lessons["roster"], lessons["groups"], lessons["entries_suppressed"]) == (
        "child/lesson",
        1,
        0,
    )


@pytest.mark.usefixtures("households")
def test_the_readme_tells_it_in_three_languages() -> None:
    readme = unzipped(taken(package="yes"))["README.txt"].decode()
    for words in ("Rows of rosters, such as children", "У строк списков", "Тізім жолдарының"):
        assert words in readme


@pytest.mark.usefixtures("households")
def test_a_part_does_not_tell_the_sizes_of_what_is_small_in_the_whole() -> None:
    told_of = json.loads(unzipped(taken(package="yes", status="stored"))["manifest.json"])
    (children, _lessons) = told_of["k_anonymity"]["rosters"]
    assert (children["groups"], children["sizes"], children["entries_suppressed"]) == (0, {}, 7)


def test_only_who_has_breakdowns_in_rosters_pays_for_them(app: Flask) -> None:
    kin.publish()
    store("north", child())
    taken()
    with statements() as seen:
        taken()
    assert len([each for each in seen if "e1" in each]) == 2  # of children, and of lessons
    kin_of = xform.parse(kin.compiled().xform)
    treating = deidentifying([kin_of], settings_of())
    assert [layout.chain[-1] for layout in treating.layouts] == ["child", "child/lesson"]


@pytest.mark.usefixtures("households")
def test_the_first_byte_does_not_wait_for_the_groups() -> None:
    made = export(read_request(kin.ID, {}, settings_of().timezone))
    with statements() as before:
        assert next(made)
    with statements() as after:
        assert b"".join(made)
    assert not [each for each in before if "e1" in each or "GROUP BY" in each]
    assert [each for each in after if "e1" in each]


def test_the_database_counts_what_the_records_say(app: Flask) -> None:
    """The two ways in which lineages are found must agree, else whole groups are never heard of."""
    kin.publish("1", "2")
    random = Random(3)  # noqa: S311  # the same each time
    kin.store_many(random, 40, version=lambda: random.choice("12"))
    store("north", child("girl", None), child(None, 7) | {"c_fd": 1.0}, child("ұл", 7))
    definitions = [xform.parse(kin.compiled(version).xform) for version in ("1", "2")]
    treating = deidentifying(definitions, settings_of())
    reader = Reader(db.engine, kin.ID, Selection())
    span = reader.span()
    groups = reader.entry_groups(treating.layouts, treating.breakdowns, span)
    counted = {place: group.submissions for place, group in groups.items()}
    records = [record for batch in reader.batches(span) for record in batch]
    assert counted == Counter(place for record in records for place in treating.places(record))
    assert sum(counted.values()) > 40


def test_nobody_s_group_is_heard_of_before_it_was_counted(app: Flask) -> None:
    kin.publish()
    for _number in range(6):
        store("north", child())
    treating = deidentifying([kin.definition()], settings_of())
    reader = Reader(db.engine, kin.ID, Selection())
    groups = Whole(db.engine, kin.ID, Selection(), treating).assess(reader, reader.span())
    store("north", child(see="yes"))
    records = [record for batch in reader.batches(reader.span()) for record in batch]
    treated = [treating.record(record, groups).answers["child"][0] for record in records]
    assert ["c_sex" in each for each in treated] == [True] * 6 + [False]


# --- without a database: any sizes ------------------------------------------------------------------

_CHILD = Layout(("child",), ("child",), (OwnBreakdown("sex", ("sex",), frozenset()),), frozenset())
_TOY = Layout(
    ("child", "child/toy"),
    ("toy",),
    (
        OwnBreakdown("area", ("area",), frozenset()),
        OwnBreakdown("age", ("age",), frozenset({1})),
    ),
    frozenset(),
    _CHILD,
)
_LINEAGES = [
    ((region,), (sex,), (area, age))
    for region, sex, area, age in product("ns", "gb", ("r", "u", None), ("1", "2"))
]


@given(
    st.dictionaries(st.sampled_from(_LINEAGES), st.integers(1, 9)),
    st.dictionaries(st.sampled_from([(r, s) for r in "ns" for s in "gb"]), st.integers(1, 9)),
    st.dictionaries(st.sampled_from("ns"), st.integers(1, 12)),
    st.integers(1, 7),
)
def test_every_group_that_is_told_has_k_or_its_surroundings_tell_nothing(
    toys: dict[tuple[Key, ...], int],
    children: dict[tuple[str, str], int],
    submissions: dict[str, int],
    k: int,
) -> None:
    outer = assess({(region,): size for region, size in submissions.items()}, k)
    sizes: dict[Place, int] = {(_TOY, lineage): size for lineage, size in toys.items()}
    sizes |= {(_CHILD, ((r,), (s,))): size for (r, s), size in children.items()}
    groups = EntryGroups([_CHILD, _TOY], sizes, outer)
    found: dict[str, Counter[tuple[object, ...]]] = {"child": Counter(), "toy": Counter()}
    for (layout, lineage), size in sizes.items():
        region = None if outer.is_small(lineage[0]) else lineage[0]
        sex = None if groups.is_small(_CHILD, lineage[:2]) else lineage[1]
        if layout is _CHILD:
            found["child"][region, sex] += size
            continue
        area, age = lineage[2]
        own = None if groups.is_small(_TOY, lineage) else (area, age if sex else None)
        found["toy"][region, sex, own] += size
    for counted in found.values():
        within = {group[:-1] for group in counted if group[-1] is not None}
        assert all(size >= k for group, size in counted.items() if group[:-1] in within)


def test_ages_are_told_in_fives(app: Flask) -> None:
    """Indicators are broken down by 0–4, 5–9, 10–14, 15–17; single years would leave nearly nobody."""
    kin.publish()
    for age in (5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 17, 17, 17, 17, 17):
        store("north", child(age=age))
    ages = [row["c_age"] for row in tables()["child"]]
    assert Counter(ages) == {"5": 5, "10": 5, "15": 5}


def test_what_is_no_age_stays(app: Flask) -> None:
    codes = frozenset({"-99", "98"})
    assert [in_fives(age, codes) for age in (0, 4, 5, 98, -99, -1, None, 7.0, "7", "seven", [7])] == [
        *(0, 0, 5, 98, -99, -1, None, 5, 5, "seven", [7])
    ]
