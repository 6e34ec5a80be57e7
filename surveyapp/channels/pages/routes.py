"""The blueprint of all pages, and how their addresses begin."""

from __future__ import annotations

from typing import TypeAlias

from flask import Blueprint, Response, make_response, redirect, request

blueprint = Blueprint("pages", __name__)

#: an address in another language than these is 404
LANG = "/<any(kk,ru,en):lang>"
QUESTIONNAIRE = f"{LANG}/q/<questionnaire>"

Served: TypeAlias = str | tuple[str, int] | Response


def is_in_questionnaire() -> bool:
    """Whether this request's address lies in a questionnaire; asks nothing but the address."""
    _root, first, *rest = [*request.path.split("/"), ""]
    return first != "manage" and rest[:1] == ["q"]


def see_other(address: str) -> Response:
    """What answers a form: the browser fetches the next page, and loading that again sends nothing."""
    return make_response(redirect(address, 303))
