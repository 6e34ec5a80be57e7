"""The phone's ES modules as they are served: joined, and with short names."""

from __future__ import annotations

from surveyapp.scripts.joining import STATIC, ClashingNames, Joined, join_modules

__all__ = ["STATIC", "ClashingNames", "Joined", "join_modules"]
