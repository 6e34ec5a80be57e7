"""The refusals that any operation may answer with, told in the API's description."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from apispec import BasePlugin

CONTENT = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
#: to anybody
ALWAYS = {
    HTTPStatus.NOT_FOUND: "Nothing of this name or id",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests; wait",
    HTTPStatus.SERVICE_UNAVAILABLE: "Nothing can be stored or looked up at present; come again",
}
#: where a token is needed
WITH_TOKEN = {
    HTTPStatus.UNAUTHORIZED: "No good token",
    HTTPStatus.FORBIDDEN: "The token does not allow this",
}


class Refusals(BasePlugin):
    """Adds to each operation what its view need not tell."""

    def operation_helper(
        self, path: str | None = None, operations: dict[str, Any] | None = None, **_named: Any
    ) -> None:
        """As apispec calls it for each path."""
        for told in (operations or {}).values():
            known = ALWAYS if told.get("security") == [] else ALWAYS | WITH_TOKEN
            responses = told.setdefault("responses", {})
            for status, description in known.items():
                responses.setdefault(str(int(status)), {"description": description, "content": CONTENT})
