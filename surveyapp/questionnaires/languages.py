"""Languages as XLSForm and XForms name them: `Русский (ru)`."""

from __future__ import annotations

import re

_CODE = re.compile(r".*\(\s*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\s*\)\s*")


def language_code(name: str) -> str:
    """The code in a language's name (`Қазақша (kk)` → `kk`), or the name itself."""
    match = _CODE.fullmatch(name)
    return match[1] if match else name
