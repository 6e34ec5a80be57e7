"""Flask-Security without the libraries that it loads wherever they are installed.

It brings a second factor and single sign-on of its own, for which it loads WebAuthn and Authlib at its
start. Ours (`passkeys`, `oidc`) load them when somebody uses them; they were 7 MB of a server's 205.
"""

from __future__ import annotations

import importlib
import sys

UNUSED = ("webauthn", "authlib")


def load_flask_security() -> None:
    """Load it as if they were not installed; they can be imported afterwards."""
    hidden = [name for name in UNUSED if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # how Python spells "cannot be imported"
    try:
        importlib.import_module("flask_security")
    finally:
        for name in hidden:
            del sys.modules[name]
