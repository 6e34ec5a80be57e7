"""The blueprint of all pages, and how their addresses begin."""

from __future__ import annotations

from typing import TypeAlias

from flask import Blueprint
from werkzeug.wrappers import Response

blueprint = Blueprint("pages", __name__)

#: an address in another language than these is 404
LANG = "/<any(kk,ru,en):lang>"
QUESTIONNAIRE = f"{LANG}/q/<questionnaire>"

Served: TypeAlias = str | tuple[str, int] | Response
