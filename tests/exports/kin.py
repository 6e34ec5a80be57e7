"""A questionnaire whose children, and their lessons, are told apart by breakdowns of their own."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any
from unittest.mock import patch
from uuid import UUID

from surveyapp.catalogue import service as catalogue
from surveyapp.exports.choosing import read_request
from surveyapp.exports.service import export
from surveyapp.questionnaires import xform
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.xlsform import CompiledWorkbook, compile_workbook
from surveyapp.wiring import settings_of
from tests.exports.visits import unzipped
from tests.factories import store_submission

ID = "kin"
K = 5
_FORM = """
| survey |
| | type | name | label::English (en) | calculation | relevant | bind::survey:breakdown |
| | select_one region | region | Region | | | region |
| | integer | size | How many live here? | | | |
{before}
| | begin_repeat | child | Child | | | |
| | select_one sex | c_sex | Sex | | | sex |
| | integer | c_age | Age | | | age |
| | select_one yes_no | see | Hard to see? | | | |
| | calculate | c_fd | | if(${{see}} = 'yes', 1, 0) | | disability |
| | integer | support | Hours of support | | ${{c_fd}} = 1 | |
| | integer | school | Years at school | | ${{c_age}} >= 6 | |
| | geopoint | at | Where? | | | |
| | calculate | eldest | | if(${{c_age}} = max(../../child/c_age), 1, 0) | | |
| | integer | first | Since when? | | ${{eldest}} = 1 | |
| | begin_repeat | lesson | Lesson | | | |
| | select_one area | l_area | Where? | | | area |
| | integer | hours | Hours | | | |
| | calculate | often | | if(${{l_area}} = 'rural', 1, 2) | | |
| | end_repeat | lesson | | | | |
| | end_repeat | child | | | | |
| | calculate | girls | | count(${{child}}[c_sex = 'girl']) | | |
| | integer | dolls | Dolls | | ${{girls}} = 1 | |
| choices |
| | list_name | name | label::English (en) |
| | region | north | North |
| | region | south | South |
| | sex | girl | Girl |
| | sex | boy | Boy |
| | yes_no | yes | Yes |
| | yes_no | no | No |
| | area | rural | Rural |
| | area | urban | Urban |
| settings |
| | form_id | version | form_title | default_language | namespaces |
| | kin | {version} | Kin | English (en) | survey="https://surveyapp.example/xmlns/survey" |
"""
#: versions in which the sex is asked elsewhere
MOVED = ("2", "3")
_SEX = "| | select_one sex | c_sex | Sex | | | sex |\n"


#: a breakdown of the household that is made of its children's
_ANY_FD = (
    "| | calculate | any_fd | | if(count(${child}[c_fd = 1]) > 0, 1, 0) | | disability |\n"
    "| | integer | ramp | A ramp? | | ${any_fd} = 1 | |"
)


def compiled(version: str = "1", *, any_fd: bool = False) -> CompiledWorkbook:
    """The first version, the second, in which the sex is asked in a section of the roster, or the third.

    That asks it there as well, and says of it no more that children are told apart by it.
    """
    text = _FORM.format(version=version, before=_ANY_FD if any_fd else "")
    if version in MOVED:
        asked = _SEX if version == "2" else _SEX.replace("| sex |", "| |")
        moved = f"| | begin_group | about | About | | | |\n{asked}| | end_group | about | | | | |\n"
        text = text.replace(_SEX, moved)
    return compile_workbook(text.encode(), f"{ID}.md")


@contextmanager
def eldest_declared() -> Iterator[None]:
    """Children are told apart by which of them is the eldest too, which is made of all of them."""
    eldest = next(line for line in _FORM.splitlines() if "calculate | eldest" in line)
    declared = eldest.removesuffix("| | |") + "| | wealth |"
    with patch(f"{__name__}._FORM", _FORM.replace(eldest, declared)):
        yield


def definition() -> Questionnaire:
    """The first version's."""
    return xform.parse(compiled().xform)


def publish(*versions: str, any_fd: bool = False) -> None:
    """Publish these versions, in this order; with `any_fd` households have a breakdown more."""
    for version in versions or ("1",):
        with patch.object(catalogue, "changed_types", return_value=[]):
            catalogue.publish(compiled(version, any_fd=any_fd), demonstration=False)


def child(
    sex: str | None = "girl",
    age: int | None = 7,
    see: str = "no",
    lessons: Sequence[str] = (),
    **more: Any,
) -> dict[str, Any]:
    """A child as the interview leaves it."""
    fd = int(see == "yes")
    found = {"c_sex": sex, "c_age": age, "see": see, "c_fd": fd, "eldest": 0, **more}
    if fd:
        found["support"] = 3
    if age is not None and age >= 6:
        found["school"] = 2
    found["lesson"] = [
        {"l_area": area, "hours": 2, "often": 1 if area == "rural" else 2} for area in lessons
    ]
    return found


def store(region: str, *children: Mapping[str, Any], size: int = 4, **facts: Any) -> UUID:
    """A household of these children."""
    there = [dict(each) for each in children]
    if facts.get("version") in MOVED:
        there = [each | {"about": {"c_sex": each.pop("c_sex")}} for each in there]
    answers: dict[str, Any] = {"region": region, "size": size, "child": there}
    answers["girls"] = sum(each.get("c_sex") == "girl" for each in children)
    if answers["girls"] == 1:
        answers["dolls"] = 9
    breakdowns = {"region": region}
    if facts.pop("any_fd", False):
        answers["any_fd"] = int(any(each.get("c_fd") for each in children))
        breakdowns["disability"] = str(answers["any_fd"])
        if answers["any_fd"]:
            answers["ramp"] = 1
    return store_submission(ID, answers, **{"breakdowns": breakdowns, "region": region} | facts)


def store_many(random: Random, number: int, **facts: Callable[[], Any]) -> None:
    """Households at random, of which some are small groups; `facts` makes columns."""
    for _number in range(number):
        children = [
            child(
                random.choice(["girl", "boy", "boy", None]),
                random.choice([2, 7, 7, 7, 9]),
                random.choice(["no", "no", "no", "no", "yes"]),
                random.choices(["rural", "urban", "urban"], k=random.randrange(3)),
            )
            for _child in range(random.randrange(4))
        ]
        oldest = max((each["c_age"] for each in children), default=None)
        for each in children:
            each["eldest"] = int(each["c_age"] == oldest)
        store(
            random.choice(["north", "north", "north", "north", "south"]),
            *children,
            **{name: make() for name, make in facts.items()},
        )


def taken(**asked: str) -> bytes:
    """What is exported of it."""
    return b"".join(export(read_request(ID, asked, settings_of().timezone)))


def tables(**asked: str) -> dict[str, list[dict[str, str]]]:
    """The rows of each table of a package."""
    files = unzipped(taken(package="yes", **asked))
    return {
        name.removesuffix(".csv"): list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
        for name, content in files.items()
        if name.endswith(".csv") and name != "codebook.csv"
    }


#: what is told of somebody: of each level around, and of themselves
Told = tuple[tuple[str, ...], ...]


def told(found: Mapping[str, Sequence[Mapping[str, str]]]) -> dict[str, dict[str, Told]]:
    """Table → id → the breakdowns that are told of a row, joined with those of what it stands in."""
    sets: dict[str, dict[str, Told]] = {"submissions": {}, "child": {}, "lesson": {}}
    for row in found["submissions"]:
        sets["submissions"][row["id"]] = ((row["region"], row.get("any_fd", "")),)
    for row in found["child"]:
        sex = [row.get(name, "") for name in ("c_sex", "child-c_sex", "child-about-c_sex")]
        own = ("".join(sex), row["c_age"], row["c_fd"])
        sets["child"][row["id"]] = (*sets["submissions"][row["parent_id"]], own)
    for row in found["lesson"]:
        sets["lesson"][row["id"]] = (*sets["child"][row["parent_id"]], (row["l_area"],))
    return sets


def too_small(found: Mapping[str, Told]) -> dict[Told, int]:
    """The groups of fewer than `K` that can be told apart within what they stand in."""
    sizes = Counter(found.values())
    told_within = {group[:-1] for group in sizes if any(group[-1])}
    return {group: size for group, size in sizes.items() if size < K and group[:-1] in told_within}
