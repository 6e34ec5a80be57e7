"""The two sentences of a problem."""

from __future__ import annotations

from typing import NamedTuple

from flask_babel import LazyString


class Said(NamedTuple):
    """Two sentences: what is wrong, and what to do."""

    what: LazyString
    advice: LazyString
