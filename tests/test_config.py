"""A setting that cannot be used is refused at boot, by name and in plain words."""

from __future__ import annotations

import pytest

from surveyapp.config import BadSetting, Settings


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "abc", "must be a whole number from 1 to 65535"),
        ("PORT", "0", "must be a whole number from 1 to 65535"),
        ("WEB_WORKERS", "0", "must be a whole number of 1 or more"),
        ("WEB_THREADS", "two", "must be a whole number of 1 or more"),
        ("MAX_REQUEST_BYTES", "0", "must be a whole number of 1 or more"),
        ("DRAFT_HOURS", "0", "must be a whole number of 1 or more"),
        ("PASSWORD_MEMORY", "1", "must be a whole number of 8 or more"),
        ("PASSWORD_ROUNDS", "0", "must be a whole number of 1 or more"),
        ("TRUSTED_PROXIES", "-1", "must be a whole number of 0 or more"),
        ("RETENTION_UNTIL", "31.12.2030", "must be a day, such as 2030-12-31"),
        ("LIMITS_URL", "nowhere", "must be memory://"),
    ],
)
def test_a_bad_value_is_refused_by_name(name: str, value: str, said: str) -> None:
    with pytest.raises(BadSetting, match=f"^{name}: {said}"):
        Settings.from_environment({name: value})
