"""The words of the whole page's modules, in the reader's language; the modules have none of their own.

`{name}` in a sentence is filled in by the modules.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from babel.numbers import get_decimal_symbol, get_group_symbol
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from surveyapp.channels.pages.sitting import COMMA_LANGUAGES
from surveyapp.i18n import format_day
from surveyapp.messages import SENTENCES

#: codes of what can be wrong with an answer while it is given
CODES = (
    *("required", "constraint", "choice", "integer", "decimal", "range", "day", "time", "dateTime"),
    *("too_long", "unstorable", "warning", "invalid"),
)
_CODES_OF_PARTS: dict[str, tuple[str, ...]] = {
    "places": ("geopoint", "geotrace", "geoshape"),
    "files": ("file_too_large", "not_image", "not_audio", "not_video"),
    "ranking": ("rank",),
}
_PARAMS = {"min": "{min}", "max": "{max}"}
_SAMPLE_YEAR, _SAMPLE_DAY = 2001, 28


#: part of the modules → its words, which other questionnaires do without
_WORDS_OF_PARTS: dict[str, tuple[str, ...]] = {
    "barcodes": ("read_code", "stop", "camera"),
    "drawing": ("draw_here", "clear", "choose_picture"),
    "files": ("take_photo", "record_sound", "record_film", "choose_file"),
    "places": ("find_place", "add_place", "walk", "stop", "clear", "locating", "no_place"),
    "ranking": ("clear",),
    "searching": ("search", "searched", "found", "more", "unchosen", "clear"),
}


def words(language: str, parts: Collection[str]) -> dict[str, Any]:
    """Everything that the modules with these parts say; made within a request in that language."""
    unheard = {name for part, names in _WORDS_OF_PARTS.items() if part not in parts for name in names}
    unheard -= {name for part in parts for name in _WORDS_OF_PARTS.get(part, ())}
    return {
        **{name: str(text) for name, text in _WORDS.items() if name not in unheard},
        "step": _("Page %(n)s of %(total)s", n="{n}", total="{total}"),
        "child": _("Child %(n)s of %(total)s", n="{n}", total="{total}"),
        "instance": _("%(n)s of %(total)s", n="{n}", total="{total}"),
        "remove_what": _("Remove: %(what)s", what="{what}"),
        "added": _("Added: %(size)s", size="{size}"),
        "kb": _("%(number)s KB", number="{number}"),
        "mb": _("%(number)s MB", number="{number}"),
        "metres": _("Accurate to %(number)s m", number="{number}"),
        "places": _("Places so far: %(number)s", number="{number}"),
        "chosen": _("Chosen: %(what)s", what="{what}"),
        "errors": {code: str(SENTENCES[code] % _PARAMS) for code in _codes(parts)},
        "days": [_day_pattern(month, language) for month in range(1, 13)],
        "decimal": _sign(get_decimal_symbol, language),
        "group": _sign(get_group_symbol, language),
        "comma": language in COMMA_LANGUAGES,
    }


def _codes(parts: Collection[str]) -> tuple[str, ...]:
    return (*CODES, *(code for part in parts for code in _CODES_OF_PARTS.get(part, ())))


def start_words() -> dict[str, str]:
    """Those that the start page's module says."""
    own = {
        "begun": _("Begun %(time)s. Answers: %(count)s", time="{time}", count="{count}"),
        "waiting": _("Waiting to be sent: {count}"),
    }
    names = ("sure_remove", "yes_remove", "keep_it", "queued", "sending")
    return own | {name: str(_WORDS[name]) for name in names}


def _sign(symbol: Any, language: str) -> str:
    return str(symbol(language if language != "en" else "en_GB"))


def _day_pattern(month: int, language: str) -> str:
    written = format_day(date(_SAMPLE_YEAR, month, _SAMPLE_DAY), language)
    return written.replace(str(_SAMPLE_YEAR), "{y}").replace(str(_SAMPLE_DAY), "{d}")


_WORDS: dict[str, LazyString] = {
    "next": _l("Next"),
    "send": _l("Send"),
    "change": _l("Change"),
    "remove": _l("Remove"),
    "choose": _l("Choose"),
    "no_answer": _l("No answer"),
    "confirmed": _l("Yes, I confirm"),
    "sure_remove": _l("Remove it for good?"),
    "yes_remove": _l("Yes, remove it"),
    "keep_it": _l("No, keep it"),
    "saved": _l("Saved on this phone"),
    "full": _l(
        "This phone has no room left: the last answers are not saved yet. Please delete some photos or "
        "films, then change the answer once more. Do not close this page."
    ),
    "low_room": _l(
        "This phone is almost full. Please delete some photos or films, or finish and send soon: then "
        "every answer can still be kept."
    ),
    "to_work": _l("Back to my work"),
    "not_saved": _l("The last answers could not be saved on this phone. Please do not close this page."),
    "elsewhere": _l(
        "These answers are open in another window on this phone. Please go on there, or here: the other "
        "window then stops."
    ),
    "take_over": _l("Go on here"),
    "not_sent": _l("Not sent. The answers are kept; please try again in a few minutes."),
    "sending": _l("Sending…"),
    "queued": _l(
        "Not sent yet. The answers are on this phone and will be sent when there is a network. They are "
        "received only when a receipt code is shown."
    ),
    "searched": _l("Nothing found"),
    "found": _l("Found: {number}"),
    "more": _l("More than {number} found. Type more letters."),
    "unchosen": _l("This is no answer yet: touch one of the choices found, or empty the field."),
    "search": _l("Search"),
    "take_photo": _l("Take a photo"),
    "record_sound": _l("Record sound"),
    "record_film": _l("Record a film"),
    "choose_file": _l("Choose a file"),
    "choose_picture": _l("Choose a picture"),
    "find_place": _l("Find my place"),
    "add_place": _l("Add the place where I am"),
    "walk": _l("Record while walking"),
    "stop": _l("Stop"),
    "clear": _l("Clear"),
    "draw_here": _l("Draw here with a finger"),
    "read_code": _l("Read a code with the camera"),
    "no_lists": _l("The choices could not be loaded. They are shown as soon as there is a network."),
    "locating": _l("Looking for the place…"),
    "no_place": _l("The place could not be found. It can be typed in."),
    "camera": _l("The camera could not be opened. It can be typed in."),
}
