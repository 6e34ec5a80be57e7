"""gunicorn's own log in the program's format: without the values that an exception quotes."""

from __future__ import annotations

import sys
from typing import Any

from gunicorn.config import Config
from gunicorn.glogging import Logger

from surveyapp.logs import WithoutValues


class LoggerWithoutValues(Logger):  # type: ignore[misc]  # gunicorn brings no types
    """What gunicorn says of a request that failed beneath it must not quote an answer either."""

    def setup(self, cfg: Config) -> None:
        """Set gunicorn's handlers up and replace their format."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(WithoutValues("%(asctime)s %(levelname)s gunicorn %(message)s"))

    def warning(self, msg: object, *args: Any, **kwargs: Any) -> None:
        """Name the kind of what was wrong in a request; its words quote the line that could not be read.

        Such a line may be answers: what follows a body that is longer than it said is read as a request.
        """
        error = sys.exc_info()[1]
        quoted = str(error) if error else ""
        told = str(msg).replace(quoted, type(error).__name__) if quoted else msg
        super().warning(told, *args, **kwargs)

    def exception(self, msg: object, *args: Any, **kwargs: Any) -> None:
        """Say what failed, without the arguments: they are the request's address with its query.

        A sender that was given up (`gunicorn_hooks`) is no failure of the program.
        """
        if isinstance(sys.exc_info()[1], BlockingIOError):
            return
        told = msg.replace(" %s", "") if isinstance(msg, str) else type(msg).__name__
        super().exception(told, **kwargs)
