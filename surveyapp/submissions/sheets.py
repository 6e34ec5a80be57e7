"""Codes of paper sheets: printed on the sheet, typed by whoever enters it.

The record that a sheet becomes has an id that follows from its code: entered twice, it is one record.
"""

from __future__ import annotations

import secrets
from uuid import UUID, uuid5

from surveyapp.people.invitations import ALPHABET

#: letters and figures of a code, the last of which tells a mistyped one
LENGTH = 8
_NAMESPACE = UUID("0d6f2c6e-6f0a-4c7e-9b63-3f1c8f0a7b52")


def new_code() -> str:
    """A code for a new sheet: `K7QM-2XPD`."""
    body = "".join(secrets.choice(ALPHABET) for _position in range(LENGTH - 1))
    return _written(body + _check(body))


def read_code(typed: str) -> str | None:
    """A code as it was printed, whatever case, blanks and dashes it was typed with; None: it is none."""
    text = "".join(letter for letter in typed[:40].upper() if letter.isalnum())
    if len(text) != LENGTH or not set(text) <= set(ALPHABET) or _check(text[:-1]) != text[-1]:
        return None
    return _written(text)


def record_of(questionnaire: str, code: str) -> UUID:
    """The id of the record that a sheet becomes."""
    return uuid5(_NAMESPACE, f"{questionnaire} {code}")


def _check(body: str) -> str:
    """Weights tell swapped neighbours, too; they are odd, so that no letter's place is lost."""
    total = sum((2 * at + 1) * ALPHABET.index(letter) for at, letter in enumerate(body))
    return ALPHABET[total % len(ALPHABET)]


def _written(text: str) -> str:
    return f"{text[:4]}-{text[4:]}"
