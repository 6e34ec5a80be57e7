"""The groups of the commands over what was answered; the modules that hold the commands add them."""

from __future__ import annotations

from flask.cli import AppGroup

key_group = AppGroup("key", help="Keys that seal what points at a person.")
quarantine_group = AppGroup("quarantine", help="Work that could not be accepted as it is.")
submission_group = AppGroup("submission", help="Single submissions.")
