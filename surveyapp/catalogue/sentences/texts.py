"""What people read, and its translations."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from surveyapp.catalogue.sentences.said import Said

TEXTS: Mapping[str, Said] = {
    "untranslated": Said(
        _l("The text is missing in this language: %(language)s"), _l("Write the translation here")
    ),
    "same_text": Said(
        _l("The text is the same in %(language)s and %(other)s"),
        _l("Translate it, if it is not meant to be the same"),
    ),
    "too_many_languages": Said(
        _l("The workbook declares %(languages)s languages, more than %(limit)s"),
        _l("Check the headers behind ::, each other wording is a language of its own"),
    ),
    "language_twice": Said(
        _l("“%(language)s” and “%(other)s” have the same language code"),
        _l("Write the language the same way in all headers"),
    ),
    "language_code_twice": Said(
        _l("Two translations have the same language code: %(language)s"),
        _l("Give each language a code of its own"),
    ),
    "no_language_code": Said(
        _l("Languages without a code: %(languages)s"),
        _l("Write the code behind the name: Қазақша (kk), Русский (ru), English (en)"),
    ),
    "placeholder_unset": Said(
        _l("Nothing is set for {%(placeholder)s}"),
        _l("Set it in the settings of the server, or write the text itself here"),
    ),
    "placeholder_unknown": Said(
        _l("{%(placeholder)s} is not a placeholder and stays as it stands"),
        _l("An answer is put in by ${name}"),
    ),
    "places_unnamed": Said(
        _l("Regions and districts have no names in this language: %(language)s"),
        _l("Use kk, ru or en, or write the list of places yourself"),
    ),
    "missing_label": Said(
        _l("“%(name)s” has neither label nor hint"), _l("Write what is asked into the column label")
    ),
    "choice_label": Said(
        _l("The choice has no label"), _l("Write what is to be read into the column label")
    ),
    "repeat_label": Said(
        _l("The repeat has no label"),
        _l("Write what is repeated into the column label: it heads every instance"),
    ),
    "big_image": Said(_l("“%(name)s” has a big-image but no image"), _l("Fill in the column image too")),
    "other_untranslated": Said(
        _l("or_other adds the texts “Other” and “Specify other.” in English only"),
        _l("Write a choice and a text question of your own, translated"),
    ),
}
