"""What a password must be here, and how one is made up for somebody."""

from __future__ import annotations

import secrets
from typing import Any

from flask_security.password_util import PasswordUtil
from flask_security.utils import get_message

#: letters and digits that are not mistaken for one another when read from a screen
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP_LENGTH = 4, 5
MIN_LENGTH = 12
#: longer input is refused unhashed; the hash function itself takes 4096 bytes
MAX_LENGTH = 128


def made_up_password() -> str:
    """A password of 99 random bits, in groups that can be read out and typed."""
    groups = (
        "".join(secrets.choice(_ALPHABET) for _position in range(_GROUP_LENGTH))
        for _number in range(_GROUPS)
    )
    return "-".join(groups)


class OurPasswordUtil(PasswordUtil):
    """Flask-Security's rules (length), and: the user's own name is no password."""

    def validate(self, password: str, is_register: bool, **kwargs: Any) -> tuple[list[str] | None, str]:
        """Problems (None: none) and the normalised password; `user` is whose it shall be."""
        problems, normalised = super().validate(password, is_register, **kwargs)
        name = getattr(kwargs.get("user"), "username", None) or ""
        if not problems and name and name.casefold() in normalised.casefold():
            return [get_message("PASSWORD_TOO_SIMPLE")[0]], normalised
        return problems, normalised
