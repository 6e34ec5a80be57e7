"""What pyxform says of a workbook, as problems with a place and a code of ours.

pyxform answers with English sentences that hold the place (`[row : 4] On the 'survey' sheet, …`)
and stops at the first. What is recognised gets a code, so that it can be said in the author's
language; the rest travels as the code `pyxform` (of a warning: `pyxform_doubt`) with the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from surveyapp.questionnaires.problems import Problem
from surveyapp.questionnaires.workbook import Workbook

_ROW = re.compile(r"\[row : (\d+)\]\s*")
_SHEET = re.compile(r"[Oo]n the '(\w+)' sheet|for sheet: '(\w+)'")
_COLUMN = re.compile(r"the '([^']+)' value")


@dataclass(frozen=True, slots=True)
class _Rule:
    """How an error is recognised; the pattern's groups become the problem's facts.

    `sheet` and `column` stand where the sentence does not name them.
    """

    code: str
    sheet: str | None
    column: str | None
    pattern: str


_PARAMETERS = "parameters"

#: Errors of pyxform 4.5; the first that fits counts.
_ERRORS = (
    _Rule("unknown_type", "survey", "type", r"Unknown question type '(?P<type>[^']*)'"),
    _Rule("missing_list", "survey", "type", r"List name not in choices sheet: (?P<list>\S+)"),
    _Rule("external_list", "survey", "type", r"List name not in external choices sheet: (?P<list>\S+)"),
    _Rule("loop_list", "survey", "type", r"Repeat loop without list name|not in columns sheet"),
    _Rule("missing_sheet", "choices", None, r"There should be a choices sheet"),
    _Rule("missing_sheet", "external_choices", None, r"There should be an external_choices sheet"),
    _Rule("missing_sheet", "survey", None, r"You must have a sheet named 'survey'"),
    _Rule("missing_type", "survey", "type", r"Question with no type"),
    _Rule("missing_name", "survey", "name", r"Question or group with no name"),
    _Rule("missing_name", "choices", "name", r"Choices must have a name"),
    _Rule("missing_calculation", "survey", "calculation", r"Missing calculation"),
    _Rule("missing_label", "survey", "label", r"element named '(?P<name>[^']*)' has no label or hint"),
    _Rule("big_image", "survey", "big-image", r"To use big-image.*element named (?P<name>\S+)\."),
    _Rule("missing_column", None, None, r"headers were not found: '(?P<missing>[^']+)'"),
    _Rule("header_conflict", None, None, r"were found: '(?P<one>[^']*)', '(?P<other>[^']*)'"),
    _Rule("header_conflict", None, None, r"missing mapping for '(?P<one>[^']*)'(?P<other>)"),
    _Rule("settings_name", None, "name", r"The 'form_name' value is invalid"),
    _Rule("bad_root_name", "settings", "name", r"'settings' sheet, the 'name' value is invalid"),
    _Rule("bad_name", None, "name", r"Names must begin with a letter or underscore"),
    _Rule("entity_name", None, None, r"Names used here must not|'list_name' value is invalid"),
    _Rule(
        "entity_columns",
        "entities",
        None,
        r"not supported by this version of pyxform: (?P<columns>.+)\. Please",
    ),
    _Rule("entity", None, None, r"(?P<message>[^.]*(?:entity|save_to|entities)[^.]*\.)"),
    _Rule("reserved_name", "survey", "name", r"The name '(?P<name>meta)' is reserved"),
    _Rule(
        "repeat_named_as_root",
        "survey",
        "name",
        r"'(?P<name>[^']*)' is invalid. Repeat names must not be",
    ),
    _Rule(
        "duplicate_repeat", "survey", "name", r"'(?P<name>[^']*)' is invalid. Repeat names must unique"
    ),
    _Rule("duplicate_name", "survey", "name", r"'(?P<name>[^']*)' is invalid. .*must (be )?unique"),
    _Rule("duplicate_choice", "choices", "name", r"Choice names must be unique"),
    _Rule(
        "blank_in_choice",
        "choices",
        "name",
        r"Choice names with spaces.*See \[(?P<name>.*)\] in \[(?P<list>.*)\]",
    ),
    _Rule("unknown_reference", None, None, r"not find the name '(?P<name>[^']*)'"),
    _Rule("unknown_reference", None, None, r"There is no survey element named '(?P<name>[^']*)'"),
    _Rule("ambiguous_reference", None, None, r"name '(?P<name>[^']*)' appears more than once"),
    _Rule("ambiguous_reference", None, None, r"multiple survey elements named '(?P<name>[^']*)'"),
    _Rule("malformed_reference", None, None, r"Reference variables must start with"),
    _Rule("trigger", "survey", "trigger", r"must have a comma between each variable"),
    _Rule("trigger_hidden", "survey", "trigger", r"question \$\{(?P<name>[^}]*)\} is not user-visible"),
    _Rule("unmatched_end", "survey", "type", r"Unmatched 'end_(?P<kind>\w+)'"),
    _Rule("unmatched_begin", "survey", "type", r"Unmatched 'begin_(?P<kind>\w+)'"),
    _Rule("audit_name", "survey", "name", r"Audits must always be named"),
    _Rule("audit_location", "survey", _PARAMETERS, r"To include location information in the audit"),
    _Rule(
        "audit_location",
        "survey",
        _PARAMETERS,
        r"location-m\w+-\w+ must be greater|location-priority must",
    ),
    _Rule(
        "background_calculation",
        "survey",
        "calculation",
        r"'background-geopoint'.*'calculation' column must",
    ),
    _Rule("background_trigger", "survey", "trigger", r"'background-geopoint'.*'trigger' column must"),
    _Rule("file_suffix", "survey", "type", r"File name for '(?P<type>[^']*)' should end with"),
    _Rule(
        "search_file",
        "survey",
        "appearance",
        r"'(?P<name>[^']*)' is a select from file type,.*'search\(\)'",
    ),
    _Rule(
        "search_list",
        "survey",
        "appearance",
        r"'(?P<name>[^']*)' uses 'search\(\)', and.*list name '(?P<list>[^']*)'\. ",
    ),
    _Rule("other_filter", "survey", "choice_filter", r"Choice filter not supported with or_other"),
    _Rule("table_list_filter", "survey", "choice_filter", r"Choice filter not supported for table-list"),
    _Rule("table_list", "survey", "type", r"Badly formatted table list"),
    _Rule(
        "choices_none",
        "survey",
        "type",
        r"specify choices for this 'or other'|should be choices for this question",
    ),
    _Rule(
        "instance_twice",
        "survey",
        "name",
        r"Instance names must be unique.*name '(?P<name>[^']*)' was found",
    ),
    _Rule("instance_twice", "survey", "type", r"same instance id.*Instance name: '(?P<name>[^']*)'"),
    _Rule("parameters", "survey", _PARAMETERS, r"Parameters must be in the form"),
    _Rule(
        "unknown_parameter",
        "survey",
        _PARAMETERS,
        r"keys? for this question type are '(?P<accepted>[^']*)'.*\(s\): '(?P<rejected>[^']*)'",
    ),
    _Rule(
        "parameter_number",
        "survey",
        _PARAMETERS,
        r"parameter '(?P<name>[^']*)' must (be a number|have a numeric)",
    ),
    _Rule("parameter_number", "survey", _PARAMETERS, r"'(?P<name>[^']*)' parameter must have a numeric"),
    _Rule("parameter_number", "survey", _PARAMETERS, r"Parameter (?P<name>[\w-]+) must have an integer"),
    _Rule("parameter_zero", "survey", _PARAMETERS, r"parameter '(?P<name>[^']*)' must not be '0'"),
    _Rule(
        "parameter_large", "survey", _PARAMETERS, r"parameter '(?P<name>[^']*)' must not be larger than"
    ),
    _Rule(
        "parameter_multiple", "survey", _PARAMETERS, r"parameter '(?P<name>[^']*)' must be a multiple"
    ),
    _Rule("parameter_range", "survey", _PARAMETERS, r"parameter '(?P<name>[^']*)' must be between"),
    _Rule(
        "parameter_list",
        "survey",
        _PARAMETERS,
        r"parameter '(?P<name>tick_labelset)' must be a choice list",
    ),
    _Rule("parameter_appearance", "survey", "appearance", r"are only supported for the appearances"),
    _Rule(
        "tick_choices",
        "survey",
        _PARAMETERS,
        r"tick_labelset' choice|parameter '\w*' choice values must",
    ),
    _Rule("incremental", "survey", _PARAMETERS, r"'incremental' parameter may either"),
    _Rule("reference_geometry", "survey", _PARAMETERS, r"'reference-geometry' parameter must"),
    _Rule(
        "parameter_boolean",
        "survey",
        _PARAMETERS,
        r"(?P<name>[\w-]+)'? (parameter )?must be (set to|either) '?true'? or '?false",
    ),
    _Rule(
        "parameter_words",
        "survey",
        _PARAMETERS,
        r"(?P<name>[\w-]+) must be set to (?P<words>on-form-edit)",
    ),
    _Rule("parameter_words", "survey", _PARAMETERS, r"Invalid value for (?P<name>quality)(?P<words>)\."),
    _Rule("seed", "survey", _PARAMETERS, r"seed value must be a number|to use a seed"),
    _Rule("package", "survey", _PARAMETERS, r"package name"),
    _Rule("instance_id", "settings", "omit_instanceID", r"Cannot omit instanceID"),
    _Rule("form_id_twice", "settings", "form_id", r"The form_id and id_string column headers are both"),
    _Rule("language_twice", None, None, r"two languages with the code (?P<language>\S+)"),
)
#: What escapes from pyxform itself: mistakes that it did not foresee.
_ESCAPED = (
    _Rule("label_needed", "choices", "label", r"^KeyError: 'label'"),
    _Rule(
        "namespace_address",
        "settings",
        "namespaces",
        r"xmlns:?(?P<prefix>[^:]*): '(?P<address>.*)' is not a valid URI",
    ),
    _Rule("osm_tags", "survey", "type", r"^TypeError: 'NoneType' object is not iterable"),
)
#: Warnings of pyxform 4.5.
_DOUBTS = (
    _Rule("similar_name", "survey", "name", r"'(?P<name>[^']*)' is problematic"),
    _Rule(
        "similar_sheet",
        None,
        None,
        r"looking for a sheet named '(?P<sheet>\w+)'.*found: (?P<found>.*?)\.( |$)",
    ),
    _Rule("choice_label", "choices", "label", r"Choices should have a label"),
    _Rule(
        "choices_header",
        "choices",
        None,
        r"'choices' sheet, the '(?P<header>[^']*)' value.*must not contain spaces",
    ),
    _Rule("repeat_label", "survey", "label", r"Repeat has no label"),
    _Rule("row_skipped", "survey", "type", r"Row without name, text, or label"),
    _Rule("disabled_column", "survey", "disabled", r"The 'disabled' column"),
    _Rule("old_metadata", "survey", "type", r"(?P<type>\w+) is no longer supported on most devices"),
    _Rule("image_size", "survey", _PARAMETERS, r"Use the max-pixels parameter"),
    _Rule("other_untranslated", None, None, r"uses or_other and translations"),
    _Rule("external_filter", "survey", "choice_filter", r"select one external is only meant"),
    _Rule("form_id_twice", "settings", "form_id", r"The form_id and id_string column headers are both"),
    _Rule(
        "no_language_code",
        None,
        None,
        r"do not contain valid machine-readable codes: (?P<languages>.*?)\. Learn",
    ),
)
#: A warning that ours says better: each text that lacks a language, not the columns.
_SAID_BY_US = re.compile(r"^Language '[^']*' is missing the ")


def problems_of(message: str, workbook: Workbook) -> list[Problem]:
    """The problems in an error of pyxform, which may hold one on each line."""
    found = (_problem(part, workbook, _ERRORS, "pyxform") for part in _parts(message))
    return [located for problem in found for located in _located(problem, workbook)]


def escaped_problem(message: str, workbook: Workbook) -> Problem:
    """The problem behind an exception of another kind that pyxform let escape."""
    return _problem(message, workbook, _ESCAPED, "pyxform")


def doubts_of(message: str, workbook: Workbook) -> list[Problem]:
    """The problems in a warning of pyxform."""
    if _SAID_BY_US.match(message):
        return []
    return [_problem(part, workbook, _DOUBTS, "pyxform_doubt") for part in _parts(message)]


def _parts(message: str) -> list[str]:
    return re.split(r"\n(?=\[row : )", message.strip())


def _problem(message: str, workbook: Workbook, rules: Iterable[_Rule], otherwise: str) -> Problem:
    number = _first(_ROW, message)
    row = int(number) if number else None
    sheet, column = _first(_SHEET, message), _first(_COLUMN, message)
    for rule in rules:
        match = re.search(rule.pattern, message, re.DOTALL)
        if match:
            place = (sheet or rule.sheet, row, _column(column, rule.column))
            return workbook.problem(*place, rule.code, **match.groupdict())
    sentence = _ROW.sub("", message)
    return workbook.problem(
        sheet or ("survey" if row else None), row, column, otherwise, message=sentence
    )


def _column(named: str | None, otherwise: str | None) -> str | None:
    """The column that the sentence names, unless it names what stands in the column."""
    return named if named and otherwise != _PARAMETERS else otherwise


def _first(pattern: re.Pattern[str], message: str) -> str | None:
    match = pattern.search(message)
    return next(filter(None, match.groups()), None) if match else None


def _located(problem: Problem, workbook: Workbook) -> Iterable[Problem]:
    """A problem at each row it is about, where pyxform names none."""
    if problem.code == "header_conflict":
        return [replace(problem, row=1, column=problem.facts["other"] or problem.facts["one"])]
    if problem.row is not None:
        return [problem]
    found = _rows_of(problem, workbook)
    return found if problem.code == "unknown_type" and found else found[:1] or [problem]


def _rows_of(problem: Problem, workbook: Workbook) -> list[Problem]:
    """The problem at the rows of the survey sheet that what pyxform names stands in."""
    look = _LOOKS.get(problem.code)
    word = problem.facts.get("type") or problem.facts.get("name") or _WORDS.get(problem.code, "")
    if look is None or not word:
        return []
    sheet = workbook.sheet("survey")
    headers = [sheet.column(column) for column in look.columns]
    return [
        replace(problem, row=number, line=sheet.line(number))
        for number, row in sheet.numbered()
        if any(look.fits(row.get(header, ""), word) for header in headers)
    ]


@dataclass(frozen=True, slots=True)
class _Look:
    """Where the row of a problem shows itself: in which columns, and how the word stands there."""

    columns: tuple[str, ...]
    fits: Callable[[str, str], bool]


def _is(cell: str, word: str) -> bool:
    return cell == word


def _holds(cell: str, word: str) -> bool:
    return word in cell


def _refers(cell: str, word: str) -> bool:
    return f"${{{word}}}" in cell


_PARAMETERS_LOOK = _Look((_PARAMETERS,), _holds)
_LOOKS: Mapping[str, _Look] = {
    "unknown_type": _Look(("type",), _is),
    **dict.fromkeys(("missing_label", "big_image", "search_file", "search_list"), _Look(("name",), _is)),
    "trigger_hidden": _Look(("trigger",), _refers),
    "instance_twice": _Look(("type", "name", "calculation"), _holds),
    **dict.fromkeys(
        ("parameter_boolean", "parameter_words", "parameter_number", "seed", "audit_location"),
        _PARAMETERS_LOOK,
    ),
}
#: the words of problems that name none
_WORDS: Mapping[str, str] = {"seed": "seed", "audit_location": "location-"}
