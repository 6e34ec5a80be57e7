"""JavaRosa, the form engine inside ODK Collect, asked what an XForm does.

The driver (`Oracle.java`, `engine.py`) is ours; the engine (JavaRosa, Apache-2.0) is in the jar that the
PyPI package pyxform ships. `README.md` lists the steps that it understands.

A test that needs it carries `@pytest.mark.java` and begins, itself or in its fixture, with
`require_java()`.
"""

from __future__ import annotations

import os
import shutil

import pytest

from tests.oracle.engine import NOW, Oracle, OracleError, Reply, Step

__all__ = ["NOW", "Oracle", "OracleError", "Reply", "Step", "require_java"]


def require_java() -> None:
    """Skip the calling test, by name, where there is no Java compiler; under `CI=true` fail instead."""
    if shutil.which("java") and shutil.which("javac"):
        return
    if os.environ.get("CI") == "true":
        pytest.fail("CI=true, but neither Java nor its compiler is on the path")
    pytest.skip("needs Java 17 (java and javac on the path)")
