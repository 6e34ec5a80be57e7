"""A setting that cannot be used is refused at boot, by name and in plain words."""

from __future__ import annotations

import pytest

from surveyapp.config import BadSetting, Settings


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("MAX_REQUEST_BYTES", "0", "must be 1 or more"),
        ("MAX_BATCH", "0", "must be 1 or more"),
        ("DRAFT_HOURS", "0", "must be 1 or more"),
        ("PASSWORD_MEMORY", "1", "must be 8 or more"),
        ("PASSWORD_ROUNDS", "0", "must be 1 or more"),
        ("LIMITS_URL", "nowhere", "must be memory://"),
    ],
)
def test_a_bad_value_is_refused_by_name(name: str, value: str, said: str) -> None:
    with pytest.raises(BadSetting, match=f"^{name}: {said}"):
        Settings.from_environment({name: value})
