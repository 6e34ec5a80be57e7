"""Names, types and groups of the survey sheet."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from surveyapp.catalogue.sentences.said import Said

NAMES: Mapping[str, Said] = {
    "missing_type": Said(
        _l("The question has no type"), _l("Write its type here, text or integer for instance")
    ),
    "missing_name": Said(
        _l("The name is missing"), _l("Write a name here that is not used yet, in Latin letters")
    ),
    "bad_name": Said(
        _l("“%(name)s” cannot be a name"),
        _l("A name begins with a letter or _ and holds only letters, digits, hyphens, full stops and _"),
    ),
    "mixed_letters": Said(
        _l("“%(name)s” mixes Latin letters with Cyrillic ones: %(letters)s"),
        _l("Type the name anew in one alphabet: what looks the same is not the same name"),
    ),
    "default_misfit": Said(
        _l("“%(text)s” is no answer to a question of the type %(type)s"),
        _l("Write a value of this type: digits, a date as YYYY-MM-DD, or names of choices"),
    ),
    "duplicate_name": Said(
        _l("The name “%(name)s” is used twice, for the first time in row %(other_row)s"),
        _l("Give this row another name"),
    ),
    "similar_name": Said(
        _l("“%(name)s” differs from “%(other)s” in row %(other_row)s only by large and small letters"),
        _l("Give it another name: some programs take both for the same"),
    ),
    "reserved_name": Said(
        _l("The name “%(name)s” is reserved"), _l("Give the row another name, such as %(name)s_1")
    ),
    "repeat_named_as_root": Said(
        _l("The repeat is named “%(name)s” like the form itself"), _l("Give the repeat another name")
    ),
    "duplicate_repeat": Said(
        _l("Another repeat, in row %(other_row)s, is named “%(name)s” too"),
        _l("Give this repeat another name"),
    ),
    "generated_name": Said(
        _l("The name “%(name)s” is made automatically for row %(other_row)s"),
        _l("Give this row another name"),
    ),
    "unknown_type": Said(
        _l("There is no question type “%(type)s”"),
        _l("Write one of XLSForm's types, text, integer or select_one for instance"),
    ),
    "audit_name": Said(
        _l("A row of the type audit is named “audit”, not “%(name)s”"), _l("Leave the name empty")
    ),
    "duplicate_path": Said(
        _l("This name is used twice in its group"), _l("Give one of the two another name")
    ),
    "row_skipped": Said(
        _l("The row has no type, name or label and is left out"),
        _l("Delete it, or fill in type and name"),
    ),
    "old_metadata": Said(
        _l("Phones since Android 11 no longer tell this: %(type)s"),
        _l("Use deviceid, or ask for what you need"),
    ),
}

GROUPS: Mapping[str, Said] = {
    "unmatched_begin": Said(
        _l("This group or repeat is never closed: “%(name)s”"),
        _l("Add a row end_%(kind)s where it ends"),
    ),
    "unmatched_end": Said(
        _l("Nothing is open here that end_%(kind)s could close"),
        _l("Delete this row, or add begin_%(kind)s above"),
    ),
}
