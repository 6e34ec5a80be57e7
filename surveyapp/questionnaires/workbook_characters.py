"""Characters of a workbook's cells that no XForm can hold."""

from __future__ import annotations

import re

#: What XML 1.0 cannot hold, escaped or not (its production 2, `Char`).
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def first_bad_character(text: str) -> str:
    """The first one as `U+000B`; '' if there is none."""
    found = _NOT_XML.search(text)
    return f"U+{ord(found[0]):04X}" if found else ""


def without_bad_characters(text: str) -> str:
    """The text without them."""
    return _NOT_XML.sub("", text)
