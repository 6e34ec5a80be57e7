"""Groups of commands whose module is imported when one of them is asked for.

A server never asks: what compiles and checks workbooks takes 40 MB in each of its processes (measured).
"""

from __future__ import annotations

from typing import cast

import click
from flask.cli import AppGroup
from werkzeug.utils import import_string


class LateGroup(AppGroup):
    """Stands for a group; `source` is where it is, as `module:name`."""

    def __init__(self, name: str, source: str, *, help: str) -> None:  # noqa: A002  # click's own word
        super().__init__(name, help=help)
        self._source = source

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of its commands."""
        return self._group().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One of them."""
        return self._group().get_command(ctx, cmd_name)

    def _group(self) -> click.Group:
        return cast(click.Group, import_string(self._source))
