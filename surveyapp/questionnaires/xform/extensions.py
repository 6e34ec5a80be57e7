"""The author's extensions to XLSForm: bind attributes in our own namespace (`survey:identity` …)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from surveyapp.questionnaires.definition import (
    CODED_TYPES,
    MOST_CODES,
    NO_ANSWERS,
    NO_TEXT,
    DataType,
    Disclosure,
    Expression,
    SoftCheck,
    Text,
)
from surveyapp.questionnaires.values import MisshapenValue, from_text
from surveyapp.questionnaires.xform.errors import XFormError

NAMESPACE = "https://surveyapp.example/xmlns/survey"
BREAKDOWNS = frozenset({"region", "area", "sex", "age", "disability", "wealth"})
LEVELS = frozenset({"amber", "red"})
AUDIENCES = frozenset({"field", "family", "adolescent"})

_START = f"{{{NAMESPACE}}}"
#: pyxform turns a cell's `yes` into `true()` in some columns
_FLAGS = {"": False, "no": False, "false()": False, "yes": True, "true()": True}


class Extensions:
    """What one bind says in our namespace. Raises `XFormError` with the item's path."""

    def __init__(self, bind: Mapping[str, str], path: str) -> None:
        self._path = path
        self._values = {
            name.removeprefix(_START): value.strip()
            for name, value in bind.items()
            if name.startswith(_START)
        }

    def flag(self, name: str) -> bool:
        """A yes-or-no attribute; absent means no."""
        value = self._values.get(name, "").lower()
        if value not in _FLAGS:
            raise self._refuse(name)
        return _FLAGS[value]

    def word(self, name: str, allowed: frozenset[str]) -> str | None:
        """One of a few words, or None."""
        value = self._values.get(name)
        if not value:
            return None
        if value not in allowed:
            raise self._refuse(name)
        return value

    def number(self, name: str) -> int | None:
        """A positive whole number, or None."""
        value = self._values.get(name)
        if not value:
            return None
        if not value.isdecimal() or int(value) == 0:
            raise self._refuse(name)
        return int(value)

    def missing(self, kind: DataType) -> dict[str, str]:
        """The answers that are none, each with its reason, of an item of a type that can have such."""
        parts = [part.partition("=") for part in self._values.get("missing", "").split()]
        codes = {code: reason for code, _sign, reason in parts}
        values = {_value(kind, code) for code in codes}
        if parts and (
            kind not in CODED_TYPES
            or None in values
            or len(values) < len(parts)
            or len(parts) > MOST_CODES
            or not set(codes.values()) <= NO_ANSWERS
        ):
            raise self._refuse("missing")
        return codes

    def plain(self, name: str) -> str | None:
        """An attribute as it stands, or None."""
        return self._values.get(name) or None

    def text(self, name: str) -> Text:
        """A text whose languages stand in attributes of their own: `warning_kk`, `warning_ru` …"""
        start = f"{name}_"
        wordings = {
            attribute.removeprefix(start): (value,)
            for attribute, value in self._values.items()
            if attribute.startswith(start) and value
        }
        return Text(wordings) if wordings else NO_TEXT

    def warning(self, express: Callable[[str, str], Expression | None]) -> SoftCheck | None:
        """The soft check, if there is one."""
        condition = express("survey:warning", self._values.get("warning", ""))
        return SoftCheck(condition, self.text("warning")) if condition else None

    def disclosure(self, express: Callable[[str, str], Expression | None]) -> Disclosure | None:
        """The disclosure rule, if there is one; it must say its level."""
        condition = express("survey:disclosure", self._values.get("disclosure", ""))
        if condition is None:
            return None
        level = self.word("disclosure_level", LEVELS)
        if level is None:
            raise self._refuse("disclosure_level")
        return Disclosure(condition, level)

    def _refuse(self, name: str) -> XFormError:
        value = self._values.get(name, "")
        return XFormError("extension", path=self._path, attribute=f"survey:{name}", value=value)


def _value(kind: DataType, code: str) -> Any:
    """The answer that a code is; None of what cannot be one."""
    try:
        return from_text(kind, code)
    except MisshapenValue:
        return None
