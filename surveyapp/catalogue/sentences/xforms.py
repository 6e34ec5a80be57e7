"""An XForm, and the sheet of entities."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from surveyapp.catalogue.sentences.said import Said

ENTITIES: Mapping[str, Said] = {
    "entity": Said(
        _l("Something is wrong with the entities: %(message)s"), _l("See the sheet entities")
    ),
    "entity_name": Said(
        _l("This name cannot be used for entities"),
        _l("Not name or label, no full stop, not beginning with __, and each list once"),
    ),
    "entity_columns": Said(
        _l("The sheet entities has columns that are not known: %(columns)s"),
        _l("Mend the headers, or delete these columns"),
    ),
}

XFORMS: Mapping[str, Said] = {
    "xform_too_large": Said(
        _l("The XForm is too large: at most %(limit)s bytes"),
        _l("Move long lists of choices into files of their own"),
    ),
    "xform_too_deep": Said(
        _l("The XForm is nested too deeply: at most %(limit)s levels"), _l("Take out some of the groups")
    ),
    "not_xml": Said(
        _l("The XForm is no XML: line %(line)s, column %(column)s"),
        _l("Make the form anew with the program that it comes from"),
    ),
    "doctype": Said(_l("An XForm must not have a DOCTYPE"), _l("Take the line <!DOCTYPE …> out")),
    "not_xform": Said(
        _l("This is no XForm: <%(element)s> is missing"),
        _l("Make the form anew with the program that it comes from"),
    ),
    "missing_text": Said(
        _l("The text “%(text)s” is missing in the default language: %(language)s"),
        _l("Add it to the <translation> of this language"),
    ),
    "setvalue_target": Said(
        _l("setvalue sets something that the form's instance has no element for"),
        _l("Add an element of this path to the instance, or take the setvalue out"),
    ),
    "no_form_id": Said(
        _l("The form_id is missing"), _l("Give the first element within <instance> an attribute id")
    ),
    "extension_attribute": Said(
        _l("“%(value)s” cannot stand here"), _l("See which values this survey: attribute has")
    ),
    "missing_codes": Said(
        _l("“%(value)s” cannot be declared as no answer here"),
        _l(
            "Write at most three different answers to this number or date, each with refused or "
            "dont_know: -99=refused -98=dont_know, 1900-01-01=refused"
        ),
    ),
}
