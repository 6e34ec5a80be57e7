"""A made-up questionnaire of any size: so many questions, so many expressions.

Its expressions are XPath 1.0 alone, so that an XPath engine without ODK's functions can be timed on them.
"""

from __future__ import annotations

from collections.abc import Iterator

LANGUAGES = ("Қазақша (kk)", "Русский (ru)", "English (en)")
SECTION = 10
_COLUMNS = ("type", "name", "relevant", "constraint", "calculation", "required")

#: One row of the survey sheet: values of `_COLUMNS`.
Row = tuple[str, str, str, str, str, str]


def sized_workbook(questions: int, expressions: int) -> str:
    """An XLSForm in Markdown in three languages, with 1.5 to 2 expressions to each question."""
    labels = [f"label::{language}" for language in LANGUAGES]
    survey = [
        _line(*_COLUMNS, *labels),
        *(_line(*row, *_labels(row)) for row in _rows(questions, expressions)),
    ]
    choices = [_line("list_name", "name", *labels)]
    choices += [
        _line(name, f"{name}{n}", *[f"{name} {n} {language[:2]}" for language in LANGUAGES])
        for name in ("often", "water")
        for n in range(6)
    ]
    settings = [_line("form_id", "version", "default_language"), _line("sized", "1", LANGUAGES[0])]
    sheets = {"survey": survey, "choices": choices, "settings": settings}
    return "\n".join(
        line for name, rows in sheets.items() for line in (f"| {name} |", *(f"| {row}" for row in rows))
    )


def _line(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def _labels(row: Row) -> list[str]:
    if row[0] in {"end_group", "calculate"}:
        return [""] * len(LANGUAGES)
    return [f"{row[1]}: сұрақтың орташа ұзындықтағы мәтіні, {language}" for language in LANGUAGES]


def _rows(questions: int, expressions: int) -> Iterator[Row]:
    """Of each four questions: a number, a choice, a text and a further number; every fourth computes."""
    dense = 2 * (
        expressions - 3 * questions // 2
    )  # so many questions have more expressions than the others
    for n in range(questions):
        if n % SECTION == 0:
            yield ("begin_group", f"section{n // SECTION}", "", "", "", "")
        yield _question(n, dense=n < dense)
        if n % 4 == 3:
            before = f"${{q{n - 3}}}"
            yield ("calculate", f"sum{n}", "", "", f"{before} + ${{q{n}}} * 2 - 1", "")
        if n % SECTION == SECTION - 1 or n == questions - 1:
            yield ("end_group", "", "", "", "", "")


def _question(n: int, *, dense: bool) -> Row:
    name, number = f"q{n}", f"${{q{n - n % 4}}}"
    match n % 4:
        case 0:
            return ("integer", name, "", ". >= 0 and . <= 120", "", "yes" if dense else "")
        case 1:
            return ("select_one often", name, f"{number} > 5", "", "", f"{number} > 20")
        case 2:
            short = "string-length(.) < 200" if dense else ""
            return ("text", name, f"${{q{n - 1}}} != 'often1'", short, "", "")
    return ("decimal", name, f"{number} >= 2 or ${{q{n - 2}}} = 'often2'", "", "", "")
