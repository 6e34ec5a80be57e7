"""What gunicorn calls at the turns of its life (its `--config`)."""

from __future__ import annotations

import gc


def when_ready(_server: object) -> None:
    """Before the worker processes part from this one.

    What is there now lives as long as the server. Looked through for garbage, its pages would be written
    to, and each process would then need its own copy of them.
    """
    gc.collect()
    gc.freeze()
