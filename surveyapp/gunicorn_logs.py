"""gunicorn's own log in the program's format: without the values that an exception quotes."""

from __future__ import annotations

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
