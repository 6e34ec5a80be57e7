"""What families may ask of their answers, in their words."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from surveyapp.submissions.subject_models import Wish

#: as a family reads them
WISHES: Mapping[str, LazyString] = {
    Wish.COPY: _l("I want a copy of my answers"),
    Wish.CORRECT: _l("Something in my answers is wrong"),
    Wish.BLOCK: _l("Do nothing with my answers for now"),
    Wish.IDENTITY: _l("Destroy who I am, and keep the other answers"),
    Wish.WITHDRAW: _l("I take my consent back: destroy my answers"),
}
