"""The `surveyapp` command. Each feature package owns its commands and adds them here."""

from __future__ import annotations

from flask.cli import FlaskGroup

from surveyapp import create_app
from surveyapp.config import BadSetting

cli = FlaskGroup(
    name="surveyapp",
    create_app=create_app,
    add_default_commands=False,
    add_version_option=False,
    set_debug_flag=False,
    help="Collect surveys in Kazakh, Russian and English.",
)


def main() -> None:
    """Run the command; a bad setting ends with its name and status 2, not with a traceback."""
    try:
        cli.main(prog_name="surveyapp")
    except BadSetting as error:
        raise SystemExit(f"surveyapp: {error}") from None
