"""Kinds of broken workbooks, one mistake each, with what is to be said of it and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from tests.questionnaires.forms import row, table, workbook

#: code, sheet, row, column
Found: TypeAlias = tuple[str, str | None, int | None, str | None]

CHOICES = "| list_name | name | label |\n| l | a | A |\n| l | b | B |\n"
CITIES = "| list_name | name | label | state |\n| s | x | X | |\n| c | y | Y | x |\n"
ASKED = row("select_one l", "q")
NUMBER = row("integer", "n")


@dataclass(frozen=True, slots=True)
class Kind:
    """A workbook in Markdown, what is found in it, and nothing else."""

    name: str
    text: str
    found: tuple[Found, ...]


def kind(name: str, *found: Found, survey: str = "", choices: str = "", settings: str = "") -> Kind:
    """A kind whose sheets are given as tables."""
    return Kind(name, workbook(survey, choices=choices, settings=settings), found)


def asks(name: str, *found: Found, rows: tuple[dict[str, str], ...], choices: str = CHOICES) -> Kind:
    """A kind whose mistake is in the rows of the survey sheet; their lists are there and used."""
    return kind(name, *found, survey=table(*rows, ASKED), choices=choices)


def shows(name: str, condition: str, *rows: dict[str, str], code: str | None) -> Kind:
    """A kind whose last row but one has a condition."""
    number = len(rows) + 2
    found = ((code, "survey", number, "relevant"),) if code else ()
    return asks(name, *found, rows=(*rows, row("text", "t", relevant=condition)))


def keeps(name: str, type_: str, constraint: str, *, code: str | None = "never_kept") -> Kind:
    """A kind whose first row has a constraint."""
    found = ((code, "survey", 2, "constraint"),) if code else ()
    return asks(name, *found, rows=(row(type_, "v", constraint=constraint),))


def calculates(name: str, calculation: str, code: str) -> Kind:
    """A kind whose second row is a calculation."""
    rows = (NUMBER, row("calculate", "c", calculation=calculation))
    return asks(name, (code, "survey", 3, "calculation"), rows=rows)


NAMES = (
    asks("no type", ("missing_type", "survey", 2, "type"), rows=(row("", "a"),)),
    asks("no name", ("missing_name", "survey", 2, "name"), rows=({"type": "text", "label": "A"},)),
    asks("unknown type", ("unknown_type", "survey", 2, "type"), rows=(row("intger", "a"),)),
    asks("type in capitals", ("unknown_type", "survey", 2, "type"), rows=(row("Text", "a"),)),
    asks("type with a list", ("unknown_type", "survey", 2, "type"), rows=(row("selectone l", "a"),)),
    asks("select without list", ("list_not_named", "survey", 2, "type"), rows=(row("select_one", "a"),)),
    asks("name with a blank", ("bad_name", "survey", 2, "name"), rows=(row("text", "a b"),)),
    asks("name with a digit first", ("bad_name", "survey", 2, "name"), rows=(row("text", "1a"),)),
    asks("name with a sign", ("bad_name", "survey", 2, "name"), rows=(row("text", "a?"),)),
    asks("name of scripts", ("reserved_name", "survey", 2, "name"), rows=(row("text", "__proto__"),)),
    asks("reserved name", ("reserved_name", "survey", 2, "name"), rows=(row("text", "meta"),)),
    asks(
        "name used twice",
        ("duplicate_name", "survey", 3, "name"),
        rows=(row("text", "a"), row("text", "a")),
    ),
    asks(
        "name used thrice",
        ("duplicate_name", "survey", 3, "name"),
        ("duplicate_name", "survey", 4, "name"),
        rows=(row("text", "a"), row("text", "a"), row("text", "a")),
    ),
    asks(
        "names alike but for case",
        ("similar_name", "survey", 3, "name"),
        rows=(row("text", "a"), row("text", "A")),
    ),
    asks(
        "repeat named as the form",
        ("repeat_named_as_root", "survey", 2, "name"),
        rows=(row("begin_repeat", "data"), row("text", "a"), row("end_repeat")),
    ),
    asks(
        "two repeats of one name",
        ("duplicate_repeat", "survey", 6, "name"),
        rows=(
            *(row("begin_repeat", "r"), row("text", "a"), row("end_repeat")),
            *(row("begin_group", "g"), row("begin_repeat", "r"), row("text", "b")),
            *(row("end_repeat"), row("end_group")),
        ),
    ),
    asks(
        "repeat without a label",
        ("repeat_label", "survey", 2, "label"),
        rows=(row("begin_repeat", "r", label=""), row("text", "a"), row("end_repeat")),
    ),
    asks(
        "name that or_other makes",
        ("generated_name", "survey", 3, "name"),
        rows=(row("select_one l or_other", "a"), row("text", "a_other")),
    ),
    asks(
        "name that repeat_count makes",
        ("generated_name", "survey", 5, "name"),
        rows=(
            *(row("begin_repeat", "r", repeat_count="1 + 1"), row("text", "a"), row("end_repeat")),
            row("text", "r_count"),
        ),
    ),
    asks(
        "audit with a name",
        ("audit_name", "survey", 2, "name"),
        ("not_recorded", "survey", 2, None),
        rows=(row("audit", "log"),),
    ),
    asks(
        "calculation missing",
        ("missing_calculation", "survey", 2, "calculation"),
        rows=(row("calculate", "c", label="", calculation=""),),
    ),
)

GROUPS = (
    asks(
        "group never closed",
        ("unmatched_begin", "survey", 2, "type"),
        rows=(row("begin_group", "g"), row("text", "a")),
    ),
    asks("end of nothing", ("unmatched_end", "survey", 3, "type"), rows=(NUMBER, row("end_group"))),
    asks(
        "inner group never closed",
        ("unmatched_begin", "survey", 3, "type"),
        rows=(row("begin_repeat", "r"), row("begin_group", "g"), NUMBER, row("end_repeat")),
    ),
    asks(
        "group closed as a repeat",
        ("unmatched_begin", "survey", 2, "type"),
        ("unmatched_end", "survey", 4, "type"),
        rows=(row("begin_group", "g"), NUMBER, row("end_repeat")),
    ),
    asks(
        "two groups never closed",
        ("unmatched_begin", "survey", 2, "type"),
        ("unmatched_begin", "survey", 3, "type"),
        rows=(row("begin_group", "g"), row("begin_repeat", "r"), NUMBER),
    ),
)

LISTS = (
    asks("list not there", ("missing_list", "survey", 2, "type"), rows=(row("select_one x", "a"),)),
    kind("no choices sheet", ("missing_sheet", "choices", None, None), survey=table(ASKED)),
    asks(
        "column of choices that cannot be one",
        ("bad_column", "choices", 1, "1st"),
        rows=(),
        choices="| list_name | name | label | 1st |\n| l | a | A | x |\n| l | b | B | y |\n",
    ),
    asks(
        "choice without a name",
        ("missing_name", "choices", 4, "name"),
        rows=(),
        choices="| list_name | name | label |\n| l | a | A |\n| l | b | B |\n| l | | C |\n",
    ),
    asks(
        "choice without a label",
        ("choice_label", "choices", 3, "label"),
        rows=(),
        choices="| list_name | name | label |\n| l | a | A |\n| l | b | |\n",
    ),
    asks(
        "choice without a list",
        ("choice_without_list", "choices", 4, "list_name"),
        rows=(),
        choices=CHOICES + "| | c | C |\n",
    ),
    asks(
        "choice twice",
        ("duplicate_choice", "choices", 4, "name"),
        rows=(),
        choices=CHOICES + "| l | a | C |\n",
    ),
    asks(
        "blank in a choice of a multiple select",
        ("blank_in_choice", "choices", 4, "name"),
        rows=(row("select_multiple l", "m"),),
        choices=CHOICES + "| l | c d | C |\n",
    ),
    asks(
        "list that nobody uses",
        ("unused_list", "choices", 4, "list_name"),
        rows=(),
        choices=CHOICES + "| other | c | C |\n",
    ),
    asks(
        "choices without a column of names",
        ("missing_column", "choices", 1, None),
        rows=(),
        choices="| list_name | label |\n| l | A |\n",
    ),
    asks(
        "select from a file of no kind",
        ("file_suffix", "survey", 2, "type"),
        rows=(row("select_one_from_file places.txt", "f"),),
    ),
    asks(
        "choice without a label in a list with or_other",
        ("choice_label", "choices", 3, "label::A (aa)"),
        ("label_needed", "choices", None, "label"),
        rows=(row("select_one l or_other", "o"),),
        choices="| list_name | name | label::A (aa) |\n| l | a | A |\n| l | b | |\n",
    ),
    asks(
        "or_other with a filter",
        ("other_filter", "survey", 2, "choice_filter"),
        rows=(row("select_one l or_other", "o", choice_filter="true()"),),
    ),
    kind(
        "filter by a column that is not there",
        ("unknown_column", "survey", 3, "choice_filter"),
        survey=table(row("select_one s", "s1"), row("select_one c", "c1", choice_filter="stat=${s1}")),
        choices=CITIES,
    ),
    asks(
        "lists of a table differ",
        ("table_list", "survey", 4, "type"),
        rows=(
            *(row("begin_group", "g", appearance="table-list"), row("select_one l", "a")),
            *(row("select_one k", "b"), row("end_group")),
        ),
        choices=CHOICES + "| k | a | A |\n",
    ),
)

REFERENCES = (
    asks(
        "unknown name",
        ("unknown_reference", "survey", 2, "label"),
        rows=(row("note", "a", label="${nn}"),),
    ),
    asks(
        "reference with a blank",
        ("malformed_reference", "survey", 2, "label"),
        rows=(row("note", "a", label="${n n}"),),
    ),
    asks(
        "reference not closed",
        ("malformed_reference", "survey", 2, "label"),
        rows=(row("note", "a", label="${n"),),
    ),
    asks(
        "two unknown names in one expression",
        ("unknown_reference", "survey", 2, "relevant"),
        ("unknown_reference", "survey", 2, "relevant"),
        rows=(row("text", "a", relevant="${x} = ${y}"),),
    ),
    asks(
        "name of two questions",
        ("ambiguous_reference", "survey", 8, "label"),
        rows=(
            *(row("begin_group", "g"), NUMBER, row("end_group")),
            *(row("begin_group", "h"), NUMBER, row("end_group"), row("note", "a", label="${n}")),
        ),
    ),
    asks(
        "trigger that is none",
        ("trigger", "survey", 3, "trigger"),
        rows=(NUMBER, row("calculate", "c", calculation="1", trigger="n")),
    ),
    asks(
        "trigger not there",
        ("unknown_reference", "survey", 3, "trigger"),
        rows=(NUMBER, row("calculate", "c", calculation="1", trigger="${m}")),
    ),
    asks(
        "trigger that nobody sees",
        ("trigger_hidden", "survey", 3, "trigger"),
        rows=(
            row("calculate", "c", label="", calculation="1"),
            row("calculate", "d", label="", calculation="1", trigger="${c}"),
        ),
    ),
    kind(
        "unknown name in the instance's name",
        ("unknown_reference", "settings", 2, "instance_name"),
        survey=table(NUMBER),
        settings="| form_id | version | instance_name |\n| f | 1 | concat(${m}, 'x') |\n",
    ),
    asks(
        "unknown name in a choice",
        ("unknown_reference", "choices", 4, "label"),
        rows=(),
        choices=CHOICES + "| l | c | ${m} |\n",
    ),
)

EXPRESSIONS = (
    calculates("unknown function", "lenght(${n})", "expression"),
    calculates("too few arguments", "if(${n} > 1, 2)", "expression"),
    calculates("too many arguments", "round(${n}, 1, 2)", "expression"),
    calculates("parenthesis not closed", "(${n} + 1", "expression"),
    calculates("parenthesis too many", "${n} + 1)", "expression"),
    calculates("nothing behind an operator", "${n} +", "expression"),
    calculates("quotation mark not closed", "concat('a, ${n})", "expression"),
    calculates("a sign of other languages", "${n} == 1", "expression"),
    calculates("and in other languages", "${n} > 1 && ${n} < 3", "expression"),
    calculates("percent", "${n} % 2", "expression"),
    calculates("a question's name without its braces", "$n + 1", "expression"),
    calculates("pattern with a bracket not closed", "regex(${n}, '[0-9')", "expression"),
    calculates("pattern with a quantifier of nothing", "regex(${n}, '*a')", "expression"),
    calculates("pattern with a backreference", r"regex(${n}, '(a)\1')", "expression"),
    calculates("function that Collect has not", "floor(${n})", "only_ours"),
    calculates("pattern that runs for ever", "regex(${n}, '(a+)+')", "pattern_forever"),
    calculates("calculation of itself", "${c} + 1", "own_reference"),
    asks(
        "required by itself",
        ("own_reference", "survey", 2, "required"),
        rows=(row("text", "a", required="${a} = ''"),),
    ),
    asks(
        "shown by itself",
        ("own_reference", "survey", 2, "relevant"),
        rows=(row("text", "a", relevant="${a} = ''"),),
    ),
    asks(
        "cycle of two",
        ("cycle", "survey", 2, None),
        rows=(row("text", "a", relevant="${b} = 'x'"), row("text", "b", relevant="${a} = 'x'")),
    ),
    asks(
        "cycle through a group",
        ("cycle", "survey", 2, None),
        rows=(row("begin_group", "g", relevant="${b} = 'x'"), row("text", "b"), row("end_group")),
    ),
    asks(
        "filter that cannot be read",
        ("expression", "survey", 2, "choice_filter"),
        rows=(row("select_one l", "f", choice_filter="a ="),),
    ),
    asks(
        "date as a text",
        ("date_as_text", "survey", 3, "relevant"),
        rows=(row("date", "d"), row("text", "t", relevant="${d} < '2000-01-01'")),
    ),
    asks(
        "today as a text",
        ("date_as_text", "survey", 2, "constraint"),
        rows=(row("text", "t", constraint="today() >= '2024-01-01'"),),
    ),
    asks(
        "date written the other way round",
        ("date_as_text", "survey", 3, "relevant"),
        rows=(row("date", "d"), row("text", "t", relevant="${d} = '01.02.2000'")),
    ),
    calculates("path with another root", "/form/n + 1", "unknown_path"),
    calculates("path to nothing", "/data/m + 1", "unknown_path"),
    calculates("relative path to nothing", "../m + 1", "unknown_path"),
    calculates("path above the root", "../../m + 1", "unknown_path"),
    calculates("path to nothing behind a predicate", "count(/data/g[x = 1]/h)", "unknown_path"),
    calculates("month that Collect cannot write", "format-date(today(), '%d %B')", "date_format"),
    calculates("percent sign at the end", "format-date(today(), '%d%')", "date_format"),
    asks(
        "several answers of a roster",
        ("multiple_of_roster", "survey", 5, "type"),
        rows=(
            *(row("begin_repeat", "r"), row("text", "who"), row("end_repeat")),
            row("select_multiple ${who}", "p"),
        ),
    ),
    asks(
        "text in an order",
        ("text_ordered", "survey", 3, "relevant"),
        rows=(NUMBER, row("text", "t", relevant="${n} > 'five'")),
    ),
)

CONDITIONS = (
    shows("never, constant", "false()", NUMBER, code="never_relevant"),
    shows("never, constant sum", "1 = 2 or 3 < 2", NUMBER, code="never_relevant"),
    shows("never, two equalities", "${n} = 1 and ${n} = 2", NUMBER, code="never_relevant"),
    shows("never, ranges apart", "${n} > 5 and ${n} < 3", NUMBER, code="never_relevant"),
    shows("never, no whole number between", "${n} > 1 and ${n} < 2", NUMBER, code="never_relevant"),
    shows("sometimes, decimal between", "${n} > 1 and ${n} < 2", row("decimal", "n"), code=None),
    shows("sometimes, empty is neither", "not(${n} < 5) and not(${n} >= 5)", NUMBER, code=None),
    shows("sometimes, or", "${n} = 1 or ${n} = 2", NUMBER, code=None),
    shows("never, choice not listed", "${p} = 'z'", row("select_one l", "p"), code="unknown_choice"),
    shows(
        "choice not listed, selected",
        "selected(${p}, 'z')",
        row("select_multiple l", "p"),
        code="unknown_choice",
    ),
    shows(
        "never, chosen and not",
        "selected(${p}, 'a') and not(selected(${p}, 'a'))",
        row("select_multiple l", "p"),
        code="never_relevant",
    ),
    shows(
        "sometimes, two chosen",
        "selected(${p}, 'a') and selected(${p}, 'b')",
        row("select_multiple l", "p"),
        code=None,
    ),
    shows(
        "never, two chosen of one",
        "selected(${p}, 'a') and selected(${p}, 'b')",
        row("select_one l", "p"),
        code="never_relevant",
    ),
    shows("never, two texts", "${p} = 'x' and ${p} = 'y'", row("text", "p"), code="never_relevant"),
    shows("sometimes, text of a number", "${p} = 'x' or ${p} > 4", row("text", "p"), code=None),
    asks(
        "never, within its group",
        ("never_within", "survey", 4, "relevant"),
        rows=(
            NUMBER,
            row("begin_group", "g", relevant="${n} < 5"),
            row("text", "t", relevant="${n} > 10"),
            row("end_group"),
        ),
    ),
    keeps("no value keeps it, range", "integer", ". > 10 and . < 5"),
    keeps("no value keeps it, choice", "select_one l", ". = 'a' and . = 'b'"),
    keeps("no value keeps it, empty", "text", ". = ''"),
    keeps("a value keeps it", "integer", ". >= 0 and . <= 5", code=None),
)

SHEETS = (
    kind(
        "no survey sheet",
        ("missing_sheet", "survey", None, None),
        choices=CHOICES,
    ),
    kind(
        "no type column", ("missing_column", "survey", 1, None), survey="| name | label |\n| a | A |\n"
    ),
    kind(
        "survey without rows", ("empty_sheet", "survey", None, None), survey="| type | name | label |\n"
    ),
    kind(
        "header twice",
        ("duplicate_header", "survey", 1, "label"),
        survey="| type | name | label | label |\n| text | a | A | B |\n",
    ),
    kind(
        "two names of a column",
        ("header_conflict", "survey", 1, "relevance"),
        survey="| type | name | label | relevant | relevance |\n| text | a | A | | |\n",
    ),
    kind(
        "column misspelt",
        ("misspelt_column", "survey", 1, "relevent"),
        survey="| type | name | label | relevent |\n| text | a | A | 1 |\n",
    ),
    kind(
        "more cells than headers",
        ("too_many_cells", "survey", 2, None),
        survey="| type | name | label |\n| text | a | A | B |\n",
    ),
    kind(
        "control character",
        ("bad_character", "survey", 2, "label"),
        survey="| type | name | label |\n| text | a | A\x07 |\n",
    ),
    kind(
        "NUL",
        ("bad_character", "survey", 2, "label"),
        survey="| type | name | label |\n| text | a | A\x00 |\n",
    ),
    kind(
        "failed formula",
        ("error_value", "survey", 2, "label"),
        survey="| type | name | label |\n| text | a | #REF! |\n",
    ),
    kind(
        "failed formula as a name",
        ("error_value", "survey", 2, "name"),
        survey="| type | name | label |\n| text | #N/A | A |\n",
    ),
    kind(
        "root that cannot be",
        ("bad_root_name", "settings", 1, "name"),
        survey=table(NUMBER),
        settings="| form_id | version | name |\n| f | 1 | my form |\n",
    ),
    kind(
        "namespace without an address",
        ("namespace_address", "settings", None, "namespaces"),
        survey=table(NUMBER),
        settings='| form_id | version | namespaces |\n| f | 1 | own="http://x}y" |\n',
    ),
    kind(
        "two names of one language",
        ("language_twice", "survey", 1, "label::Russian (ru)"),
        survey="| type | name | label::Русский (ru) | label::Russian (ru) |\n| text | a | A | A |\n",
    ),
    kind(
        "language without a code",
        ("no_language_code", None, None, None),
        survey="| type | name | label::Klingon |\n| text | a | A |\n",
    ),
    kind(
        "translation missing",
        ("untranslated", "survey", 2, "label::Русский (ru)"),
        survey="| type | name | label::English (en) | label::Русский (ru) |\n| text | a | A | |\n",
    ),
    kind(
        "text forgotten",
        ("same_text", "survey", 2, "label::Русский (ru)"),
        survey="| type | name | label::English (en) | label::Русский (ru) |\n| text | a | How old are you? | How old are you? |\n",
    ),
    kind(
        "place name in an unknown language",
        ("placeholder_unknown", "survey", 2, "label"),
        survey="| type | name | label |\n| text | a | {operater} |\n",
    ),
)

PARAMETERS = (
    asks(
        "parameters not understood",
        ("parameters", "survey", 2, "parameters"),
        rows=(row("range", "r", parameters="start=1 end"),),
    ),
    asks(
        "parameter unknown",
        ("unknown_parameter", "survey", 2, "parameters"),
        rows=(row("range", "r", parameters="first=1"),),
    ),
    asks(
        "parameter no number",
        ("parameter_number", "survey", 2, "parameters"),
        rows=(row("range", "r", parameters="start=a"),),
    ),
    asks(
        "step of nothing",
        ("parameter_zero", "survey", 2, "parameters"),
        rows=(row("range", "r", parameters="start=1 end=5 step=0"),),
    ),
    asks(
        "step too large",
        ("parameter_large", "survey", 2, "parameters"),
        rows=(row("range", "r", parameters="start=1 end=5 step=9"),),
    ),
    asks(
        "seed without randomize",
        ("seed", "survey", 2, "parameters"),
        rows=(row("select_one l", "s", parameters="seed=1"),),
    ),
    asks(
        "randomize maybe",
        ("parameter_boolean", "survey", 2, "parameters"),
        rows=(row("select_one l", "s", parameters="randomize=maybe"),),
    ),
    asks(
        "accuracy in words",
        ("parameter_number", "survey", 2, "parameters"),
        rows=(row("geopoint", "g", parameters="capture-accuracy=good"),),
    ),
    asks("large pictures", ("image_size", "survey", 2, "parameters"), rows=(row("image", "i"),)),
    asks(
        "background place without a trigger",
        ("background_trigger", "survey", 2, "trigger"),
        rows=(row("background-geopoint", "b"),),
    ),
)

#: one mistake that much else hangs on: what hangs on it is not said too
FOLLOWED = (
    asks(
        "reference to a name that cannot be one",
        ("bad_name", "survey", 2, "name"),
        rows=(row("integer", "1age"), row("text", "a", label="${1age}", relevant="${1age} > 3")),
    ),
    asks(
        "reference to a reserved name",
        ("reserved_name", "survey", 2, "name"),
        rows=(row("integer", "meta"), row("text", "a", relevant="${meta} > 3")),
    ),
    asks(
        "row without a name, type or label",
        ("missing_name", "survey", 2, "name"),
        ("unknown_type", "survey", 2, "type"),
        rows=({"type": "intger"}, row("text", "a")),
    ),
    asks(
        "row with nothing but a name",
        ("missing_type", "survey", 2, "type"),
        rows=({"type": "", "name": "b"}, row("text", "a")),
    ),
    asks(
        "beginning and end misspelt",
        ("unknown_type", "survey", 2, "type"),
        ("unknown_type", "survey", 4, "type"),
        rows=(row("begin grp", "g"), NUMBER, {"type": "end grp"}),
    ),
    asks(
        "name with a colon",
        ("bad_name", "survey", 2, "name"),
        rows=(row("text", "a:b"), row("note", "n", label="${a:b}")),
    ),
    kind(
        "no name column",
        ("missing_column", "survey", 1, None),
        survey="| type | label |\n| text | A |\n| text | B |\n",
    ),
    kind(
        "no label column",
        ("missing_column", "survey", 1, None),
        survey="| type | name |\n| text | a |\n| text | b |\n",
    ),
    kind(
        "label column misspelt",
        ("misnamed_column", "survey", 1, "lable"),
        survey="| type | name | lable |\n| text | a | A |\n| text | b | B |\n",
    ),
    asks(
        "columns of choices misspelt",
        ("misnamed_column", "choices", 1, "nam"),
        ("misnamed_column", "choices", 1, "listname"),
        rows=(),
        choices="| listname | nam | label |\n| l | a | A |\n",
    ),
    asks(
        "choices without a column of lists",
        ("missing_column", "choices", 1, None),
        rows=(),
        choices="| name | label |\n| a | A |\n",
    ),
    asks(
        "condition that is a failed formula",
        ("error_value", "survey", 2, "relevant"),
        rows=(row("text", "a", relevant="#N/A"),),
    ),
    asks(
        "parameter of a picture misspelt",
        ("unknown_parameter", "survey", 2, "parameters"),
        rows=(row("image", "i", parameters="max-pixel=100"),),
    ),
    kind(
        "default language of no text",
        ("default_language", "settings", 2, "default_language"),
        survey="| type | name | label::English (en) | label::Русский (ru) |\n| text | a | A | Б |\n",
        settings="| form_id | version | default_language |\n| f | 1 | Kazakh (kk) |\n",
    ),
)

CYRILLIC_A = "\N{CYRILLIC SMALL LETTER A}"
SLIPS = (
    asks(
        "Cyrillic letter in a name",
        ("mixed_letters", "survey", 2, "name"),
        ("look_alike", "survey", 3, "relevant"),
        rows=(row("integer", f"{CYRILLIC_A}ge"), row("text", "t", relevant="${age} > 5")),
    ),
    asks(
        "Cyrillic letter in a reference",
        ("look_alike", "survey", 3, "relevant"),
        rows=(row("integer", "age"), row("text", "t", relevant=f"${{{CYRILLIC_A}ge}} > 5")),
    ),
    asks("name all in Cyrillic", rows=(row("text", "жасы"), row("note", "n", label="${жасы}"))),
    calculates("a question's name alone", "n + 1", "bare_name"),
    calculates("two answers side by side", "${n} ${n}", "doubtful_expression"),
    calculates("text and answer side by side", "concat('a' ${n})", "expression"),
    calculates("not without parentheses", "not ${n} = 3", "doubtful_expression"),
    calculates("answer in braces of a placeholder", "{n} + 1", "expression"),
    calculates("date that is none", "date('31.12.2024')", "bad_date"),
    asks(
        "required in a word of its own",
        ("bare_name", "survey", 2, "required"),
        rows=(row("text", "a", required="обязательно"),),
    ),
    asks(
        "count that is a name alone",
        ("bare_name", "survey", 3, "repeat_count"),
        rows=(
            *(NUMBER, row("begin_repeat", "r", repeat_count="n"), row("text", "a")),
            row("end_repeat"),
        ),
    ),
    *(
        asks(
            f"default of {type_} {default}",
            *([("default_misfit", "survey", 2, "default")] if is_wrong else []),
            rows=(row(type_, "v", default=default),),
        )
        for type_, default, is_wrong in (
            ("integer", "five", True),
            ("integer", "5", False),
            ("integer", "2 + 3", False),
            ("decimal", "1,5", True),
            ("date", "45292", True),
            ("date", "31.12.2024", True),
            ("date", "2024-12-31", False),
            ("date", "today()", False),
            ("time", "10:30", False),
            ("select_one l", "maybe", True),
            ("select_one l", "a", False),
            ("select_multiple l", "a b", False),
            ("select_multiple l", "a c", True),
        )
    ),
    asks(
        "default that cannot be read",
        ("expression", "survey", 3, "default"),
        rows=(NUMBER, row("integer", "v", default="${n} +")),
    ),
)

KINDS = (
    *FOLLOWED,
    *SLIPS,
    *NAMES,
    *GROUPS,
    *LISTS,
    *REFERENCES,
    *EXPRESSIONS,
    *CONDITIONS,
    *SHEETS,
    *PARAMETERS,
)
