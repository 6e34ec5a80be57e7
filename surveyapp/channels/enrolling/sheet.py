"""The sheet to be printed: a card with a QR code for each phone, in the language of whoever carries it.

One file without anything from elsewhere; it is as secret as the codes on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import segno
from flask import render_template
from flask_babel import force_locale
from flask_babel import gettext as _
from markupsafe import Markup

from surveyapp.i18n import format_day

#: side of a module of the code, in millimetres: cheap cameras read it at arm's length
_MODULE_MM = 0.75


@dataclass(frozen=True, slots=True)
class Card:
    """One phone's card; `text` is what its QR code holds, `code` is for typing (None: it has none)."""

    name: str
    language: str
    text: str
    #: the page at which a code is typed; for ODK Collect its server, with the key in it
    address: str | None = None
    code: str | None = None
    last_day: date | None = None

    def lines(self) -> list[str]:
        """What to do with it, in its language."""
        with force_locale(self.language):
            return [str(line) for line in self._lines()]

    def _lines(self) -> list[str]:
        if self.code is None:
            return [
                _("Open ODK Collect, choose to set it up by a QR code, and scan this one."),
                _(
                    "Whoever has this code can send records as this phone. Do not photograph it; "
                    "destroy it when the phone is set up."
                ),
            ]
        return [
            _("Point the phone's camera at the code and open the link."),
            _(
                "If the camera does not read it, open this address and type the code: %(address)s",
                address=self.address,
            ),
            _("The code serves one phone, once."),
        ]

    def end(self) -> str | None:
        """Until when it is good, in its language."""
        if self.last_day is None:
            return None
        with force_locale(self.language):
            return str(_("Good until: %(day)s", day=format_day(self.last_day, self.language)))

    def picture(self) -> Markup:
        """The QR code as an inline picture."""
        code = segno.make_qr(self.text, error="m" if self.code else "l", boost_error=False)
        drawn = code.svg_inline(scale=_MODULE_MM, unit="mm", border=4, svgclass="code", lineclass=None)
        return Markup(drawn)  # noqa: S704  # segno draws squares; nothing of the text is in it


def sheet(cards: Sequence[Card], *, operator: str, language: str) -> str:
    """The sheet as HTML."""
    with force_locale(language):
        title = _("Phones of the field staff")
        return render_template(
            "enrolment_sheet.html", cards=cards, title=title, operator=operator, spoken=language
        )
