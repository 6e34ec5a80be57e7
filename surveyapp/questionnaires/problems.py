"""What can be wrong with a questionnaire: one shape for all of it, worded at the edge.

Whatever looks at a workbook or an XForm says what it found as a `Problem`: a code, a place and the facts
that fill the sentences. `KINDS` is the list of all codes with how grave each is; the sentences, what is
wrong and what to do, are in `surveyapp.catalogue.problems`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How grave a problem is; only an error keeps a questionnaire from being published."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


_ERRORS = (
    # the file
    *("file_type", "empty_file", "file_too_large", "sheet_too_large", "encrypted", "other_kind"),
    *("encoding", "unreadable", "too_many_cells", "bad_character", "duplicate_header", "error_value"),
    *("no_table", "flat_table", "not_of_kind", "formula_unsaved"),
    # sheets and columns
    *(
        "missing_sheet",
        "misnamed_sheet",
        "empty_sheet",
        "missing_column",
        "misnamed_column",
        "bad_column",
        "header_conflict",
        "namespace",
    ),
    *(
        "unknown_extension",
        "extension_value",
        "extension_half",
        "code_refused",
        "too_many_languages",
        "language_twice",
    ),
    # texts
    *("placeholder_unset", "places_unnamed", "missing_label", "big_image"),
    # names and types
    *("missing_type", "missing_name", "bad_name", "bad_root_name", "duplicate_name", "reserved_name"),
    *("repeat_named_as_root", "duplicate_repeat", "generated_name", "unknown_type", "audit_name"),
    # choices
    *("list_not_named", "missing_list", "duplicate_choice", "blank_in_choice", "other_filter"),
    *("external_list", "file_suffix", "search_file", "search_list", "table_list", "table_list_filter"),
    *("multiple_of_roster", "loop_list", "choices_none", "label_needed", "osm_tags"),
    # groups
    *("unmatched_begin", "unmatched_end"),
    # references and expressions
    *(
        "unknown_reference",
        "look_alike",
        "ambiguous_reference",
        "malformed_reference",
        "trigger",
        "trigger_hidden",
    ),
    *("missing_calculation", "expression", "pattern_forever", "own_reference", "cycle"),
    *("instance_twice", "background_calculation", "background_trigger"),
    # parameters
    *("parameters", "unknown_parameter", "parameter_number", "parameter_zero", "parameter_large"),
    *("parameter_multiple", "parameter_range", "parameter_list", "parameter_appearance"),
    *("tick_choices", "incremental", "reference_geometry", "parameter_boolean", "parameter_words"),
    *("audit_location", "seed", "package", "instance_id", "settings_name"),
    "namespace_address",
    # entities
    *("entity", "entity_name", "entity_columns"),
    # an XForm
    *("xform_too_large", "xform_too_deep", "not_xml", "doctype", "not_xform", "no_form_id"),
    *(
        "duplicate_path",
        "extension_attribute",
        "missing_codes",
        "choices_not_found",
        "language_code_twice",
    ),
    *("unbound", "missing_text", "setvalue_target"),
    # files beside it
    *("search_arguments", "media_type", "media_large", "media_rows", "media_columns"),
    *("media_encoding", "media_broken", "media_json", "media_geojson", "media_feature", "media_xml"),
    "pyxform",
)
_WARNINGS = (
    *("misspelt_column", "untranslated", "placeholder_unknown", "no_language_code", "form_id_twice"),
    *("similar_name", "similar_sheet", "choice_label", "choice_without_list", "choices_header"),
    *("repeat_label", "row_skipped", "disabled_column", "old_metadata", "other_untranslated"),
    *("external_filter", "only_ours", "date_as_text", "text_ordered", "unknown_choice"),
    *(
        "unknown_column",
        "unknown_path",
        "date_format",
        "never_relevant",
        "never_within",
        "never_kept",
        "heavy_page",
        "missing_file",
        "media_column_twice",
    ),
    *(
        "mixed_letters",
        "doubtful_expression",
        "bare_name",
        "default_misfit",
        "bad_date",
        "default_language",
    ),
    "pyxform_doubt",
)
_NOTICES = (
    *("same_text", "unused_list", "large_list", "image_size"),
    # what our pages do in a plainer way than ODK Collect
    *("shown_plainly", "points_by_hand", "not_recorded", "of_the_device", "last_saved"),
)

#: code → how grave
KINDS: Mapping[str, Severity] = {
    **dict.fromkeys(_ERRORS, Severity.ERROR),
    **dict.fromkeys(_WARNINGS, Severity.WARNING),
    **dict.fromkeys(_NOTICES, Severity.NOTICE),
}

#: Warnings that are errors where every language is to be complete.
STRICT = frozenset({"untranslated"})


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: where, what (a code of `KINDS`), and the facts that its sentences name.

    In a workbook `row` counts as a spreadsheet does (1 is the header) and `line` is the line of a
    Markdown file; in an XForm `path` is the node's. `strict` makes an error of a warning.
    """

    sheet: str | None
    row: int | None
    column: str | None
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    line: int | None = None
    path: str | None = None
    strict: bool = False

    @property
    def severity(self) -> Severity:
        """How grave it is."""
        return Severity.ERROR if self.strict else KINDS[self.code]

    @property
    def is_error(self) -> bool:
        """Whether it keeps the questionnaire from being published."""
        return self.severity is Severity.ERROR

    def strictly(self) -> Problem:
        """The same, an error if every language is to be complete."""
        return replace(self, strict=True) if self.code in STRICT else self

    def __str__(self) -> str:
        places = {"sheet": self.sheet, "row": self.row, "line": self.line, "column": self.column}
        places |= {"path": self.path}
        where = ", ".join(f"{word} {place}" for word, place in places.items() if place is not None)
        what = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{where or 'workbook'}: {self.code}" + (f" ({what})" if what else "")


def of_the_file(code: str, /, **facts: Any) -> Problem:
    """A problem of the whole file, without a place in it."""
    return Problem(None, None, None, code, facts)


class WorkbookError(ValueError):
    """A workbook that cannot be used; `problems` says why and holds at least one."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))
