"""Logs without answers: where an error happened and of which kind, never the values it was about.

Messages of exceptions may quote what a person typed (`invalid literal for int(): '…'`), and addresses
carry codes and tokens; so neither reaches a log. Requests are logged by their route, not their path.
"""

from __future__ import annotations

import logging
import sys
import time
import traceback
from types import TracebackType
from typing import TypeAlias

from flask import Flask, Request, Response, g, request

from surveyapp.config import BadSetting, Settings

ExceptionInfo: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)
requests = logging.getLogger("surveyapp.requests")
errors = logging.getLogger("surveyapp.errors")


class WithoutValues(logging.Formatter):
    """Formats an exception as its chain of types and the lines it passed through."""

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802  # the base class's name
        return "".join(_frames(ei[1])) if ei[1] else ""


def _frames(error: BaseException) -> list[str]:
    lines = []
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        lines += [*_frames(cause), "which led to\n"]
    lines += traceback.format_tb(error.__traceback__)
    return [*lines, f"{type(error).__module__}.{type(error).__qualname__}\n"]


def register_logs(app: Flask, settings: Settings) -> None:
    """Send all logs to standard error in one format, and log each request by its route."""
    level = logging.getLevelNamesMapping().get(settings.log_level.upper())
    if level is None:
        raise BadSetting("LOG_LEVEL: must be DEBUG, INFO, WARNING or ERROR")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(WithoutValues("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logger = logging.getLogger("surveyapp")
    logger.handlers[:] = [handler]
    logger.setLevel(level)
    app.log_exception = _log_exception  # type: ignore[method-assign]  # Flask's own quotes the path
    app.before_request(_start_clock)
    app.after_request(_log_request)


def route_of(sent: Request) -> str:
    """The route of a request, which has none of the values that its path has."""
    return sent.url_rule.rule if sent.url_rule else "(no route)"


def _log_exception(exc_info: ExceptionInfo) -> None:
    """An exception that nobody handled."""
    errors.error("%s %s failed", request.method, route_of(request), exc_info=exc_info)


def _start_clock() -> None:
    g.began = time.perf_counter()


def _log_request(response: Response) -> Response:
    took = (time.perf_counter() - g.began) * 1000 if "began" in g else 0.0
    requests.info("%s %s %s %.0f ms", request.method, route_of(request), response.status_code, took)
    return response
