"""The modules of the page, and of what it keeps, use no name that shortening would take for one of their own variables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from surveyapp.scripts.joining import STATIC, modules_of, stripped
from surveyapp.scripts.shortening import _STANDING
from surveyapp.scripts.tokens import Role, read

ENTRIES = sorted(
    [
        *(STATIC / "page").glob("parts/*.js"),
        STATIC / "page" / "page.js",
        STATIC / "page" / "start.js",
        *(STATIC / "keep").glob("*.js"),
    ]
)


def declared(name: str, source: str) -> bool:
    """Whether the modules themselves declare a name: as a constant, a parameter, or part of a pattern."""
    forms = (
        rf"\b(?:const|let|class|async) (?:\w+, )*{name}\b",
        rf"[({{,\[]\s*(?:\.\.\.)?{name}\s*[,)}}\]=]",
        rf":\s*{name}\s*[,}})=]",
        rf"\b{name}\s*=>",
        rf"catch \({name}\)",
    )
    return any(re.search(form, source) for form in forms)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.stem)
def test_every_name_is_declared_or_known_as_the_browsers(entry: Path) -> None:
    paths = modules_of(entry)
    source = "".join(stripped(path.read_text(encoding="utf-8")) for path in paths)
    used = {token.text for token in read(source) if token.role in {Role.VARIABLE, Role.BOTH}}
    assert [name for name in sorted(used - _STANDING) if not declared(name, source)] == []
