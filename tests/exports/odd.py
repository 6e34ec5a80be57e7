"""An odd questionnaire, in three versions, and what of it any reader must read back.

What is expected is made of the stored answers here, not by the program's own plan: columns by hand, and
rows by walking the answers as an analyst would.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any
from unittest.mock import patch
from uuid import UUID

from surveyapp.catalogue import service as catalogue
from surveyapp.exports.request import ExportRequest
from surveyapp.exports.service import export
from surveyapp.questionnaires.xlsform import CompiledWorkbook, compile_workbook
from tests.exports import visits
from tests.factories import store_rows, submission_row

ID = "odd"
CHOICES = [f"choice_number_{number}" for number in range(1, 301)]
#: three names of 60 letters that share the first 59, so the first 32 (Stata) and most of 64 (SPSS), too
LONG = [
    f"{'a_question_with_a_name_as_long_as_authors_come_to_write_them_'[:59]}{last}" for last in "xyz"
]
ROSTER = "a_roster_with_a_name_that_no_sheet_of_excel_can_have_in_full"[:60]

_SURVEY = """
| survey |
| | type | name | label |
| | begin_group | part | Бөлім |
| | text | words | Сөздер «=1+1» |
| | text | more_words | Тағы |
| | integer | whole | Бүтін |
| | decimal | broken | Бөлшек |
| | date | day | Күн |
| | dateTime | moment | Сәт |
| | time | hour | Сағат |
| | select_one few | one | Біреуі |
| | select_multiple lots | many | Бірнешеуі |
| | geopoint | place | Орны |
| | geotrace | way | Жол |
| | geoshape | area | Аймақ |
| | text | {x} | Ұзын 1 |
| | integer | {y} | Ұзын 2 |
| | date | {z} | Ұзын 3 |
| | text | if | Стата мен SPSS сөзі |
| | text | with | Тағы сондай |
| | text | ескерту | Қазақша аты |
| | text | {renamed} | Аты өзгерген |
{only}
| | {type} | retyped | Түрі өзгерген |
| | end_group | part |
| | begin_repeat | {roster} | Тізім |
| | text | r_words | Сөз |
| | geopoint | r_place | Орны |
| | begin_repeat | room | Бөлме |
| | integer | size | Көлемі |
| | begin_repeat | thing | Зат |
| | text | t_name | Аты |
| | end_repeat | thing |
| | end_repeat | room |
| | end_repeat | {roster} |
| choices |
| | list_name | name | label |
| | few | 1 | Бір |
| | few | 2 | Екі; «тырнақша», "сол" |
| | few | -99 | Жауап бермеді |
| | few | dk | Білмейді |
{choices}
| settings |
| | form_id | version | form_title |
| | odd | {version} | Тақ |
"""
_VERSIONS: Mapping[str, dict[str, str]] = {
    "1": {"renamed": "old_name", "only": "| | text | dropped | Кейін жоқ |", "type": "integer"},
    "2": {"renamed": "new_name", "only": "| | decimal | added | Кейін қосылған |", "type": "text"},
    "3": {"renamed": "new_name", "only": "| | decimal | added | Кейін қосылған |", "type": "date"},
}


@cache
def compiled(version: str) -> CompiledWorkbook:
    """One of the three versions."""
    lots = "\n".join(f"| | lots | {name} | {name}, «таңдау» |" for name in CHOICES)
    words = _VERSIONS[version] | dict(zip("xyz", LONG, strict=True))
    text = _SURVEY.format(version=version, roster=ROSTER, choices=lots, **words)
    return compile_workbook(text.encode(), "odd.md")


def publish(*versions: str) -> None:
    """Publish these versions as editions did that took another type under a name."""
    for version in versions:
        with patch.object(catalogue, "changed_types", return_value=[]):
            catalogue.publish(compiled(version), demonstration=False)


NAUGHTY = [
    *("=1+1", "+7 701 123 45 67", "-1+1", "@SUM(A1)", "=cmd|' /C calc'!A0", "＝1+1", "\t=1", "\r=1"),
    *("0012", "1e5", "TRUE", "NULL", "NaN", "null", "#N/A", ".", ".n", "-99", "2026-09-01", "12:30"),
    *(
        "'quoted",
        '"',
        '""',
        '"a,b;c\td"',
        "a,b",
        "a;b",
        "line\nbreak",
        "carriage\rreturn",
        "both\r\nend\r\n",
    ),
    *(
        " spaces ",
        "\ttab",
        "tab\t",
        "\u00a0",
        "\u2028",
        "\ufeff",
        "\x01\x0b\x1f",
        "_x000D_",
        "]]>",
        "<b>&amp;",
    ),
    *("ӘҒҚҢӨҰҮҺІ әғқңөұүһі", "👩‍👩‍👧 🙂", "عربي", "\\N", "\\", "a\\,b", "%s %(x)s", "{{ 7*7 }}", "NA"),
    *(
        "x" * 32_767,
        "x" * 32_768,
        "ү" * 32_767,
        "ү" * 32_768,
        "🙂" * 16_383,
        "🙂" * 16_384,
        "ж" * 99_999,
    ),
]
NUMBERS = [0, 1, -1, 2**31, -(2**31) - 1, 10**15 - 1, 2**53 - 1, -(2**53 - 1)]
DECIMALS = [
    *(0.1, -0.5, 0.1 + 0.2, 1e-7, 5e-324, -1.5e-300, 2.2250738585072014e-308, 1e21, 1.5e300, 3.0),
    123456789.12345679,
]
DAYS = ["1582-10-15", "1899-12-31", "1900-02-28", "1900-03-01", "1959-12-31", "1970-01-01", "9999-12-31"]
MOMENTS = ["1899-12-31T23:59:59.000+05:00", "2026-09-01T14:03:07.250+06:00", "2024-02-29T00:00:00Z"]
PLACE = {"lat": 43.25, "lon": -76.9, "alt": None, "accuracy": 12.0}


def store() -> None:
    """Store an odd submission for each odd thing, of all three versions."""
    parts: list[dict[str, Any]] = [{"words": text, "ескерту": text} for text in NAUGHTY]
    parts += [{"whole": number, LONG[1]: number} for number in NUMBERS]
    parts += [{"broken": number} for number in DECIMALS]
    parts += [{"day": day, LONG[2]: day} for day in DAYS]
    parts += [{"moment": moment, "hour": "14:30:00+05:00"} for moment in MOMENTS]
    parts += [{"one": code} for code in ("1", "2", "-99", "dk", None)]
    parts += [{"many": CHOICES}, {"many": CHOICES[::7]}, {"many": []}, {"many": None}]
    parts += [{LONG[0]: "бірінші", "if": "егер", "with": "бірге", "words": None, "more_words": ""}]
    ring = [{**PLACE, "lon": lon, "lat": lat} for lon, lat in ((1.0, 1.0), (1.0, 2.0), (2.0, 2.0))]
    parts += [{"place": PLACE}, {"way": ring}, {"area": [*ring, ring[0]]}]
    rows = [submission_row(ID, {"part": part}, version="1") for part in parts]
    rows += [
        submission_row(ID, {"part": {"old_name": "ескі", "dropped": "кейін жоқ", "retyped": 7}}),
        submission_row(ID, {"part": {"new_name": "жаңа", "added": 1.5, "retyped": "жеті"}}, version="2"),
        submission_row(ID, {"part": {"new_name": "ең жаңа", "retyped": "2026-01-07"}}, version="3"),
        submission_row(ID, {"part": {}, ROSTER: []}, version="3", synthetic=True, flags=["foreign"]),
        submission_row(ID, {"part": {"words": "тізім"}, ROSTER: _entries()}, version="2"),
    ]
    store_rows(rows)


def _entries() -> list[dict[str, Any]]:
    things: list[dict[str, Any]] = [{"t_name": text} for text in NAUGHTY[:12]]
    rooms = [{"size": 1, "thing": things}, {"size": -99, "thing": []}, {"size": None}]
    return [{"r_words": text, "r_place": PLACE, "room": rooms} for text in NAUGHTY[:5]] + [{}]


def request(**asked: Any) -> ExportRequest:
    """A full export of it."""
    return ExportRequest(questionnaire=ID, **visits.FULL | asked)


def exported(**asked: Any) -> bytes:
    """The bytes of a full export of it, opened."""
    made = request(**asked)
    return visits.opened(b"".join(export(made)), made)


# --- what is expected ---------------------------------------------------------------------------------

#: column → (name of the answer in the section `part`, versions, kind of cell)
_EVERY = ("1", "2", "3")
COLUMNS: Mapping[str, tuple[str, Sequence[str], str]] = {
    **{name: (name, _EVERY, "text") for name in ("words", "more_words", "hour", LONG[0])},
    **{name: (name, _EVERY, "text") for name in ("if", "with", "ескерту", "one")},
    **{name: (name, _EVERY, "whole") for name in ("whole", LONG[1])},
    # every submission has a `day` of its own
    "part-day": ("day", _EVERY, "day"),
    LONG[2]: (LONG[2], _EVERY, "day"),
    "broken": ("broken", _EVERY, "decimal"),
    "moment": ("moment", _EVERY, "moment"),
    "many": ("many", _EVERY, "list"),
    **{
        f"place/{part}": ("place", _EVERY, f"place/{part}") for part in ("lat", "lon", "alt", "accuracy")
    },
    "old_name": ("old_name", ("1",), "text"),
    "new_name": ("new_name", ("2", "3"), "text"),
    "dropped": ("dropped", ("1",), "text"),
    "added": ("added", ("2", "3"), "decimal"),
    "retyped~integer": ("retyped", ("1",), "whole"),
    "retyped~text": ("retyped", ("2",), "text"),
    "retyped~date": ("retyped", ("3",), "day"),
}
#: tables of rosters, their columns, and the kinds of these
ROSTERS: Mapping[str, Mapping[str, str]] = {
    ROSTER: {"r_words": "text", "r_place/lat": "place/lat", "r_place/lon": "place/lon"},
    "room": {"size": "whole"},
    "thing": {"t_name": "text"},
}


def _typed(kind: str, answer: Any) -> Any:
    if answer is None:
        return None
    if kind == "day":
        return date.fromisoformat(answer)
    if kind == "moment":
        return datetime.fromisoformat(answer)
    if kind.startswith("place/"):
        return answer[kind.partition("/")[2]]
    return float(answer) if kind == "decimal" else answer


def kind_of(column: str, table: str = "submissions") -> str:
    """The kind of cells of a column."""
    return ROSTERS[table][column] if table in ROSTERS else COLUMNS[column][2]


def expected(stored: Sequence[tuple[UUID, str, Mapping[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Table → its rows, out of ids, versions and answers as the database has them."""
    tables: dict[str, list[dict[str, Any]]] = {"submissions": [], ROSTER: [], "room": [], "thing": []}
    for id_, version, answers in stored:
        part = answers.get("part") or {}
        tables["submissions"].append(
            {"id": str(id_)}
            | {
                column: _typed(kind, part.get(name)) if version in versions else None
                for column, (name, versions, kind) in COLUMNS.items()
            }
        )
        for table, row in _roster_rows(str(id_), answers, [ROSTER, "room", "thing"]):
            tables[table].append(row)
    return tables


def _roster_rows(
    key: str, answers: Mapping[str, Any], names: Sequence[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    if not names:
        return
    table, *below = names
    for number, entry in enumerate(answers.get(table) or [], start=1):
        own = f"{key}/{table}[{number}]"
        cells = {
            column: _typed(kind, entry.get(column.partition("/")[0]))
            for column, kind in ROSTERS[table].items()
        }
        yield table, {"id": own, "parent_id": key, "position": number, **cells}
        yield from _roster_rows(own, entry, below)
