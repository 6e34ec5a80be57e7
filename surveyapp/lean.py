"""Flask-Security, as much of it as a process needs.

It brings a second factor and single sign-on of its own, for which it loads WebAuthn and Authlib at its
start. Ours (`passkeys`, `oidc`) load them when somebody uses them; they were 7 MB of a server's 205.
A process that only exports needs nothing of it, which spares 4 MB (docs/decisions/0041).
"""

from __future__ import annotations

import importlib
import sys

UNUSED = ("webauthn", "authlib")


class _Process:
    """This one: whether somebody may sign in in it."""

    signs_in = True


def leave_out_sign_in() -> None:
    """Nobody will sign in in this process; without effect once the tables of people are loaded."""
    _Process.signs_in = "surveyapp.people" in sys.modules


def signs_in() -> bool:
    """Whether somebody may sign in in this process, so that its tables need Flask-Security."""
    return _Process.signs_in


def load_flask_security() -> None:
    """Load it as if what it does not need were not installed; that can be imported afterwards."""
    if not signs_in():
        return
    hidden = [name for name in UNUSED if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # how Python spells "cannot be imported"
    try:
        importlib.import_module("flask_security")
    finally:
        for name in hidden:
            del sys.modules[name]
