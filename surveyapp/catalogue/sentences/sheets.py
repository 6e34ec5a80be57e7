"""Sheets and their columns, the settings among them."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from surveyapp.catalogue.sentences.said import Said

SHEETS: Mapping[str, Said] = {
    "missing_sheet": Said(_l("This sheet is missing"), _l("Add a sheet of this name")),
    "empty_sheet": Said(_l("The sheet has no rows"), _l("Write one question into each row")),
    "missing_column": Said(
        _l("This column is missing: %(missing)s"), _l("Write this header into the first row")
    ),
    "misnamed_sheet": Said(
        _l("There is no sheet “%(sheet)s”, but one with a similar name: “%(found)s”"),
        _l("Rename it to %(sheet)s, without blanks before or behind"),
    ),
    "misnamed_column": Said(
        _l("This column is missing: %(missing)s"),
        _l("Is “%(found)s” meant? Then rename it to %(missing)s"),
    ),
    "default_language": Said(
        _l("No text is in the default language: %(language)s"),
        _l("Write it exactly as behind the :: of the headers, or add its texts"),
    ),
    "bad_column": Said(
        _l("“%(header)s” cannot be the header of a column of choices"),
        _l("A header begins with a letter or _; it holds letters, digits, hyphens, full stops and _"),
    ),
    "header_conflict": Said(
        _l("Two columns mean the same: “%(one)s” and “%(other)s”"),
        _l("Join them into one column, or rename one of them"),
    ),
    "misspelt_column": Said(_l("This column is not known and is ignored"), _l("Is “%(meant)s” meant?")),
    "namespace": Said(
        _l("The columns survey: are used, but not declared"),
        _l("Put this into the namespaces setting: %(declaration)s"),
    ),
    "namespace_address": Said(
        _l("“%(address)s” is no address of a namespace"),
        _l('Write each one as name="https://example.org/name"'),
    ),
    "unknown_extension": Said(_l("There is no such survey: column"), _l("Known are: %(known)s")),
    "extension_value": Said(_l("“%(value)s” cannot stand here"), _l("Allowed is: %(allowed)s")),
    "extension_half": Said(
        _l("This column says nothing without another one"), _l("Fill in this column too: %(missing)s")
    ),
    "code_refused": Said(
        _l("“%(code)s” is declared as no answer to “%(name)s”, but cannot be given there"),
        _l("Let the constraint, and the range, take it: (…) or . = %(written)s"),
    ),
    "choices_header": Said(
        _l("The column “%(header)s” is left out: its header has a blank or is empty"),
        _l("Write the header without blanks if expressions use the column"),
    ),
    "similar_sheet": Said(
        _l("There is no sheet “%(sheet)s”, but one with a similar name: %(found)s"),
        _l("Rename the sheet, or put _ before its name if it is your own"),
    ),
    "form_id_twice": Said(
        _l("form_id and id_string are both filled in"), _l("Keep form_id and delete the other column")
    ),
    "disabled_column": Said(
        _l("The column “disabled” is not part of the standard"),
        _l("Delete the row, or hide it by relevant"),
    ),
    "settings_name": Said(
        _l("The name of the form cannot be used in XML"),
        _l(
            "Use Latin letters, digits and _ in the column name of the settings, beginning with a letter"
        ),
    ),
    "bad_root_name": Said(
        _l("The name in the settings cannot be used in XML"),
        _l("Use Latin letters, digits and _, beginning with a letter, or leave the cell empty"),
    ),
    "instance_id": Said(
        _l("An encrypted form needs its instanceID"), _l("Take out omit_instanceID or public_key")
    ),
}
