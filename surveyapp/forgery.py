"""The guard against forged posts. Apart from `extensions`, which an export needs too."""

from __future__ import annotations

from flask_wtf.csrf import CSRFProtect

csrf = CSRFProtect()
