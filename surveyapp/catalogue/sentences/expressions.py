"""References and expressions."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from surveyapp.catalogue.sentences.said import Said

EXPRESSIONS: Mapping[str, Said] = {
    "unknown_reference": Said(
        _l("There is no question “%(name)s”"), _l("Mend the name, or add the question")
    ),
    "look_alike": Said(
        _l("There is no question “%(name)s”, only one that looks the same: Cyrillic %(letters)s"),
        _l("Type both names anew in Latin letters"),
    ),
    "bare_name": Said(
        _l("“%(name)s” means nothing here and is always empty"),
        _l("An answer is written ${name}, and a text in quotes: 'yes'"),
    ),
    "bad_date": Said(
        _l("“%(text)s” is no date"), _l("Write the date as YYYY-MM-DD: date('2024-12-31')")
    ),
    "unknown_path": Said(
        _l("The path “%(path)s” leads to nothing in this questionnaire"),
        _l("Mend it, or write ${name} instead"),
    ),
    "date_format": Said(
        _l("ODK Collect does not know “%(escape)s” in the format of a date and stops at it"),
        _l("Use %(known)s"),
    ),
    "ambiguous_reference": Said(
        _l("More than one question is called “%(name)s”"),
        _l("Give them different names, so that it is clear which is meant"),
    ),
    "malformed_reference": Said(
        _l("This is no reference: %(name)s"), _l("A reference is written ${name}, without blanks")
    ),
    "trigger": Said(
        _l("“%(text)s” cannot trigger anything"), _l("Write one or more references: ${a}, ${b}")
    ),
    "trigger_hidden": Said(
        _l("“%(name)s” is not shown and so cannot trigger anything"),
        _l("Name a question that people answer"),
    ),
    "missing_calculation": Said(
        _l("The calculation of “%(name)s” is missing"),
        _l("Write it into the column calculation, or use the type hidden"),
    ),
    "expression": Said(_l("%(sentence)s: %(excerpt)s"), _l("The mark ▸ shows where it was noticed")),
    "doubtful_expression": Said(
        _l("%(sentence)s: %(excerpt)s"), _l("The mark ▸ shows where it was noticed")
    ),
    "only_ours": Said(
        _l("ODK Collect has no function “%(name)s” and stops at it"),
        _l("Use another function if this form is also to be filled in ODK Collect"),
    ),
    "pattern_forever": Said(
        _l("This pattern of regex() could keep a phone busy for ever: %(pattern)s"),
        _l("Within what is repeated, let each text fit in one way only: (a+)+ is a+"),
    ),
    "own_reference": Said(
        _l("“%(name)s” depends on itself"),
        _l("Take the reference to it out; only a constraint looks at the own answer, by a full stop"),
    ),
    "cycle": Said(_l("These depend on each other: %(cycle)s"), _l("Take one of these references out")),
    "date_as_text": Said(
        _l("A date is compared with a text, which does not work: %(compared)s"),
        _l("Compare with a date, written as YYYY-MM-DD: date('2024-12-31')"),
    ),
    "text_ordered": Said(
        _l("Larger and smaller compare numbers, and this is a text: %(compared)s"),
        _l("Compare with a number, or test by = whether it is this text"),
    ),
    "never_relevant": Said(
        _l("“%(name)s” is never shown: its condition is false whatever is answered"),
        _l("Check the column relevant; delete the row if it is not needed"),
    ),
    "never_within": Said(
        _l("“%(name)s” is never shown: its condition contradicts that of a group around it: %(groups)s"),
        _l("Check the column relevant here and in those groups"),
    ),
    "never_kept": Said(
        _l("No answer to “%(name)s” can keep its constraint"),
        _l("Check the column constraint: “and” asks for both, “or” for one of them"),
    ),
    "instance_twice": Said(
        _l("Two different lists or files have the name “%(name)s”"), _l("Rename one of them")
    ),
    "background_calculation": Said(
        _l("A background-geopoint cannot have a calculation"), _l("Empty the column calculation")
    ),
    "background_trigger": Said(
        _l("A background-geopoint needs a trigger"),
        _l("Write into the column trigger after which answer the place is taken: ${name}"),
    ),
}
