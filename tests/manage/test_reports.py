"""The report: counted by the worker, never by the page; small numbers kept back; cut to what somebody sees."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from surveyapp.catalogue import service as catalogue
from surveyapp.exports import reporting
from surveyapp.extensions import db
from surveyapp.people.rights import RoleName
from tests.accounts import make_user, post
from tests.exports.test_profiles import GROUPED
from tests.factories import store_rows, submission_row
from tests.manage.test_assignments import local, signed_in

PAGE = "/manage/q/grouped/report"
SENSITIVE = GROUPED.replace(
    "| | select_one yn | ok | All well? | | | |\n",
    "| | select_one yn | ok | All well? | | | |\n| | select_one yn | hit | Were you hit? | | | | yes |\n",
).replace("| choice_filter |\n", "| choice_filter | bind::survey:sensitive |\n")


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    from surveyapp.questionnaires.xlsform import compile_workbook

    catalogue.publish(compile_workbook(SENSITIVE.encode(), "grouped.md"), demonstration=False)
    fill("north", yes=30, no=10)
    fill("south", yes=12, no=3)
    make_user("saule", RoleName.SUPERVISOR)
    return signed_in(app, "saule")


def fill(region: str, **counts: int) -> None:
    rows = [
        submission_row(
            "grouped", answers(region, ok, number), breakdowns={"region": region}, region=region
        )
        for ok, count in counts.items()
        for number in range(count)
    ]
    store_rows(rows)


def answers(region: str, ok: str, size: int) -> dict[str, Any]:
    return {
        "region": region,
        "district": f"{region[0]}1",
        "ok": ok,
        "hit": ok,
        "size": size,
        "words": "secret7391",
    }


def shown(client: FlaskClient, query: str = "") -> str:
    answer = client.get(f"{PAGE}{query}")
    assert answer.status_code == HTTPStatus.OK
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.get_data(as_text=True)


def counted(client: FlaskClient) -> None:
    assert post(client, PAGE, {}).status_code == HTTPStatus.SEE_OTHER
    assert reporting.catch_up() > 0
    db.session.rollback()


def numbers(html: str, title: str, answer: str) -> list[str]:
    """The numbers of an answer in the table of a question."""
    section = re.search(
        rf'<section class="figure"[^>]*>\n<h2[^>]*>{re.escape(title)}.*?</section>', html, re.S
    )
    assert section, html
    row = re.search(rf'<tr><th scope="row">{re.escape(answer)}</th>.*?</tr>', section[0], re.S)
    assert row, section[0]
    return [
        re.sub("<[^>]*>", "", each) for each in re.findall(r'<td class="number"[^>]*>(.*?)</td>', row[0])
    ]


def test_nothing_is_counted_until_somebody_wants_it(client: FlaskClient) -> None:
    assert "Nothing has been counted yet" in shown(client)
    assert reporting.catch_up() == 0
    post(client, PAGE, {})
    assert "It is being counted" in shown(client)


def test_choices_numbers_and_texts_are_counted(client: FlaskClient) -> None:
    counted(client)
    html = shown(client)
    assert numbers(html, "All well?", "Yes") == ["42"]
    assert numbers(html, "All well?", "No") == ["13"]
    assert numbers(html, "Words", "answered") == ["55"]
    assert "secret7391" not in html
    assert 'role="img"' in html
    assert "50%" in html


def test_a_breakdown_stands_beside_and_a_small_number_is_kept_back_with_another(
    client: FlaskClient,
) -> None:
    counted(client)
    html = shown(client, "?by=region")
    # three of the south said no; its yes and those of the north would give them away
    assert numbers(html, "All well?", "No") == ["13", "…", "…"]
    assert numbers(html, "All well?", "Yes") == ["42", "…", "…"]
    assert numbers(shown(client, "?by=nonsense"), "All well?", "No") == ["13"]


def test_sensitive_questions_are_for_those_who_may_see_them(app: Flask, client: FlaskClient) -> None:
    counted(client)
    assert "Were you hit?" not in shown(client)
    make_user("raushan", RoleName.REVIEWER)
    assert "Were you hit?" in shown(signed_in(app, "raushan"))


def test_a_region_s_supervisor_sees_its_numbers_only(app: Flask, client: FlaskClient) -> None:
    counted(client)
    there = local(app, "dana", RoleName.SUPERVISOR, "north")
    assert numbers(shown(there), "All well?", "Yes") == ["30"]


def test_it_is_counted_in_parts_and_what_came_meanwhile_waits_for_the_next(client: FlaskClient) -> None:
    post(client, PAGE, {})
    assert 20 <= reporting.catch_up(most=20) < 55
    assert "Nothing has been counted yet" not in shown(client)
    fill("north", yes=9)
    while reporting.catch_up(most=20):
        db.session.rollback()
    assert numbers(shown(client), "All well?", "Yes") == ["42"]
    counted(client)
    assert numbers(shown(client), "All well?", "Yes") == ["51"]


def test_the_page_reads_no_submission_however_many_there_are(client: FlaskClient) -> None:
    counted(client)
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    shown(client)
    few = len(statements)
    fill("north", yes=200)
    counted(client)
    statements.clear()
    shown(client)
    assert len(statements) <= few
    assert not [
        each for each in statements if "FROM submission" in each and "submission.answers" in each
    ]


def bars(html: str, title: str, answer: str) -> list[str]:
    """The widths of the bars of an answer."""
    section = html.split(f">{title}", 1)[1].split("</section>", maxsplit=1)[0]
    return re.findall(r'<rect width="([0-9.]+)"', section.split(f">{answer}</th>")[1].split("</tr>")[0])


def test_bars_are_shares_of_each_group_and_there_is_none_for_what_is_kept_back(
    client: FlaskClient,
) -> None:
    fill("south", no=9)
    counted(client)
    html = shown(client, "?by=region")
    # of 40 of the north and 24 of the south
    assert numbers(html, "All well?", "No") == ["22", "10", "12"]
    assert bars(html, "All well?", "No") == ["34.38", "25.0", "50.0"]
    assert bars(shown(client), "All well?", "No") == ["34.38"]


def test_a_wide_bar_of_a_histogram_is_not_higher_for_what_it_joins(client: FlaskClient) -> None:
    """Bins with few are joined to their neighbours; the area is what counts."""
    far = (40, 47, 52, 58, 66, 73)
    store_rows([submission_row("grouped", answers("north", "yes", size)) for size in far])
    counted(client)
    section = shown(client).split(">How many?", 1)[1].split("</section>")[0]
    drawn = [
        (float(width), float(height))
        for width, height in re.findall(
            r'width="([0-9.]+)" height="([0-9.]+)"/>', section.split("</svg>")[0]
        )
    ]
    counts = [int(n) for n in re.findall(r'<td class="number">([0-9]+)</td></tr>', section)][
        : len(drawn)
    ]
    ends = [
        (float(a), float(b))
        for a, b in re.findall(r'<th scope="row">([0-9]+)</th><td class="number">([0-9]+)<', section)
    ]
    dense = [count / (b - a) for count, (a, b) in zip(counts, ends, strict=True)]
    assert len({round(b - a) for a, b in ends}) > 1
    for (_width, height), density in zip(drawn, dense, strict=True):
        assert height == pytest.approx(100 * density / max(dense), abs=0.01)


def test_a_long_list_of_what_is_kept_back_is_told_by_its_number(app: Flask) -> None:
    from surveyapp.questionnaires.xlsform import compile_workbook

    places = "\n".join(f"| | district | p{number} | Place {number} | north |" for number in range(30))
    form = SENSITIVE.replace("| | district | s1 |", f"{places}\n| | district | s1 |")
    catalogue.publish(compile_workbook(form.encode(), "grouped.md"), demonstration=False)
    rows = [
        submission_row("grouped", answers("north", "yes", 1) | {"district": f"p{number // 2}"})
        for number in range(12)
    ]
    store_rows(rows)
    fill("north", yes=8)
    make_user("saule", RoleName.SUPERVISOR)
    client = signed_in(app, "saule")
    counted(client)
    section = shown(client).split(">District", 1)[1].split("</section>")[0]
    assert "North one" in section
    assert "Place 3" not in section
    assert "Further answers, all kept back: 6" in section
