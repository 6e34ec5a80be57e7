"""Who may open which route. Every route has a declared rule; a route without one is refused.

A view declares its rule with `@allow(rule)`. Views that other packages bring (static files, the
sign-in of Flask-Security, the API's description) are declared by endpoint with `declare`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, abort, current_app, request

from surveyapp.config import Settings

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
_ATTRIBUTE = "_access_rule"
_EXTENSION = "surveyapp-access"


@dataclass(frozen=True, slots=True)
class AccessRule:
    """A named check; `check` returns nothing when the caller may pass, and aborts otherwise."""

    name: str
    check: Callable[[], None]


def _pass() -> None:
    return None


#: No account is needed; the view itself may still want a token or an invitation.
ANYONE = AccessRule("anyone", _pass)


def allow(rule: AccessRule) -> Callable[[Decorated], Decorated]:
    """Declare a view's (or a `MethodView` class's) access rule."""

    def mark(view: Decorated) -> Decorated:
        setattr(view, _ATTRIBUTE, rule)
        return view

    return mark


def declare(app: Flask, endpoint: str, rule: AccessRule) -> None:
    """Declare the rule of an endpoint that a package brings; `name.*` covers a whole blueprint."""
    app.extensions.setdefault(_EXTENSION, {})[endpoint] = rule


def rule_of(app: Flask, endpoint: str) -> AccessRule | None:
    """The rule declared for an endpoint, or None: such a route is never served."""
    view = app.view_functions[endpoint]
    for source in (view, getattr(view, "view_class", None)):
        rule = getattr(source, _ATTRIBUTE, None)
        if isinstance(rule, AccessRule):
            return rule
    declared: dict[str, AccessRule] = app.extensions.get(_EXTENSION, {})
    return declared.get(endpoint) or declared.get(endpoint.split(".", maxsplit=1)[0] + ".*")


def register_access(app: Flask, _settings: Settings) -> None:
    """Enforce the declared rule before every request."""
    declare(app, "static", ANYONE)
    app.before_request(_enforce)


def _enforce() -> None:
    if request.endpoint is None:
        return
    rule = rule_of(current_app, request.endpoint)
    if rule is None:
        abort(403)
    rule.check()
