"""What schemathesis must be told: how the body of an upload is written."""

from __future__ import annotations

from typing import Any

import schemathesis
from schemathesis import SerializationContext


@schemathesis.serializer("application/offset+octet-stream")
def as_it_is(_context: SerializationContext, value: Any) -> bytes:
    """Bytes are bytes; whatever else was drawn stands there as text."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
