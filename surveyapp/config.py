"""Settings: read once from the environment, typed, and refused at boot by name when they are bad.

`Settings` is the whole list; the README's table is checked against it by a test.
"""

from __future__ import annotations

import os
import re
import zoneinfo
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

#: limits are counted by each process for itself
LIMITS_IN_MEMORY = "memory://"


class BadSetting(ValueError):
    """A setting that cannot be used; the message names it and says what would be right."""


def _text(value: str) -> str:
    return value.strip()


def _switch(value: str) -> bool:
    known = {
        "yes": True,
        "true": True,
        "1": True,
        "no": False,
        "false": False,
        "0": False,
        "": False,
    }
    try:
        return known[value.strip().lower()]
    except KeyError:
        raise ValueError("must be yes or no") from None


def _whole(value: str) -> int:
    if not re.fullmatch("[0-9]{1,15}", value.strip()):
        raise ValueError("must be a whole number, 0 or more")
    return int(value)


def _positive(value: str) -> int:
    number = _whole(value)
    if number == 0:
        raise ValueError("must be 1 or more")
    return number


def _argon2_memory(value: str) -> int:
    number = _whole(value)
    if number < 8:  # KiB, of which argon2 needs eight for its one lane
        raise ValueError("must be 8 or more")
    return number


def _port(value: str) -> int:
    number = _whole(value)
    if not 0 < number < 65536:
        raise ValueError("must be from 1 to 65535")
    return number


def _path(value: str) -> Path:
    return Path(value).expanduser().resolve()


def _zone(value: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(value.strip())
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        raise ValueError("must be a time zone's name, such as Asia/Almaty") from None


def _public_url(value: str) -> str:
    url = value.strip().rstrip("/")
    if url and not _is_origin(url):
        raise ValueError("must be a scheme and a host, such as https://survey.example.kz")
    return url


def _is_origin(url: str) -> bool:
    try:
        parts = urlsplit(url)
        named = parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:  # no such port, or half a bracket
        return False
    return (
        parts.scheme in {"http", "https"} and bool(named) and url == f"{parts.scheme}://{parts.netloc}"
    )


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value.strip()) if value.strip() else None
    except ValueError:
        raise ValueError("must be a day, such as 2031-12-31") from None


def _limits_url(value: str) -> str:
    """Where limits are counted; the storage itself knows which addresses it can use."""
    url = value.strip()
    if url == LIMITS_IN_MEMORY:  # an export needs no limits, nor the 2 MB of what counts them
        return url
    from limits.errors import ConfigurationError
    from limits.storage import storage_from_string

    try:
        storage_from_string(url)
    except (ConfigurationError, ValueError):  # its text may quote a password
        raise ValueError(
            "must be memory://, or redis://… where the package redis is installed"
        ) from None
    return url


def _queue_url(value: str) -> str:
    """Redis, or nothing; its client knows which addresses it can use."""
    url = value.strip()
    if not url:
        return ""
    try:
        from redis import Redis

        Redis.from_url(url)
    except (ImportError, ValueError):  # its text may quote a password
        raise ValueError("must be redis://… where the package redis is installed, or empty") from None
    return url


def _database_url(value: str) -> str:
    url = value.strip()
    if url.startswith("postgres://"):
        url = "postgresql://" + url.removeprefix("postgres://")
    if url.startswith("postgresql://"):
        url = "postgresql+psycopg://" + url.removeprefix("postgresql://")
    if url and not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("must begin with sqlite:/// or postgresql://")
    if url and not _names_a_database(url):
        raise ValueError("must name a database, such as postgresql://user@host/survey")
    return url


def _names_a_database(url: str) -> bool:
    """Whether it can be read; SQLite without a file would be another empty database per connection."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return False
    return bool(parsed.database) or parsed.get_backend_name() == "postgresql"


def _media_url(value: str) -> str:
    """`s3://KEY:SECRET@host:port/bucket/prefix` (http), `s3s://…` (https)."""
    url = value.strip()
    parts = urlsplit(url)
    if url and not (parts.scheme in {"s3", "s3s"} and parts.hostname and parts.path.strip("/")):
        # without the value: it holds a secret
        raise ValueError("must be s3s://KEY:SECRET@host/bucket (s3://… without TLS)")
    return url


def _asked_for(value: str) -> bool:
    known = {"required": True, "optional": False}
    try:
        return known[value.strip().lower()]
    except KeyError:
        raise ValueError("must be required or optional") from None


def _issuer(value: str) -> str:
    """As the provider writes it: its ID tokens are compared with it letter by letter."""
    url = value.strip()
    parts = urlsplit(url)
    safe = parts.scheme == "https" or parts.hostname in {"localhost", "127.0.0.1"}
    if url and not (safe and parts.hostname and not parts.query and not parts.fragment):
        raise ValueError("must be the provider's address, such as https://login.example.kz/realms/staff")
    return url


def setting(default: str, parse: Callable[[str], Any], meaning: str) -> Any:
    """A field of `Settings`; its upper-case name is the environment variable's."""
    return field(metadata={"default": default, "parse": parse, "meaning": meaning})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set from outside, with its default (as text) and meaning."""

    host: str = setting("127.0.0.1", _text, "address the server listens on")
    port: int = setting("8000", _port, "port the server listens on")
    web_workers: int = setting("2", _positive, "gunicorn worker processes")
    web_threads: int = setting("4", _positive, "threads in each worker")
    client_patience: int = setting(
        "60", _positive, "seconds without a byte after which a sender is given up"
    )
    instance_path: Path = setting(
        "instance", _path, "folder of the SQLite database, the media and the keys"
    )
    database_url: str = setting(
        "", _database_url, "PostgreSQL (`postgresql://…`); empty: SQLite in `INSTANCE_PATH`"
    )
    public_url: str = setting(
        "", _public_url, "address people use (`https://…`); empty: whatever the request says"
    )
    trusted_proxies: int = setting(
        "0", _whole, "number of reverse proxies whose `X-Forwarded-*` headers are believed"
    )
    timezone: zoneinfo.ZoneInfo = setting("Asia/Almaty", _zone, "what “by day” means")
    demonstration: bool = setting(
        "no", _switch, "everything is open, marked and synthetic (`make run` sets `yes`)"
    )
    operator: str = setting("", _text, "who collects the data (consent texts)")
    operator_bin: str = setting("", _text, "the operator's BIN (consent texts)")
    operator_contact: str = setting("", _text, "where people ask about their data (consent texts)")
    retention_until: date | None = setting(
        "", _day, "day until which the data are kept, `YYYY-MM-DD` (consent texts)"
    )
    deleted_kept_days: int = setting(
        "30", _positive, "days for which what was deleted can be restored; then it is destroyed"
    )
    safeguarding_contact: str = setting(
        "", _text, "who acts on a disclosure; without it nothing that may disclose goes public"
    )
    help_lines_file: str = setting(
        "", _text, "JSON file of help lines by language and region; empty: 111 and 112"
    )
    limits_url: str = setting(
        LIMITS_IN_MEMORY,
        _limits_url,
        "where rate limits are counted; in memory each process counts for itself, so `WEB_WORKERS` "
        "processes allow so many times as much (`redis://…`: all together, on several servers too)",
    )
    queue_url: str = setting(
        "",
        _queue_url,
        "the worker looks into the database for prepared exports every two seconds; with `redis://…` "
        "it is woken at once, and looks every half minute (the queue itself stays in the database)",
    )
    max_request_bytes: int = setting(
        str(16 * 1024 * 1024), _positive, "largest request body, after unpacking too"
    )
    max_json_depth: int = setting("32", _positive, "deepest nesting of a JSON body")
    max_batch: int = setting("200", _positive, "most submissions in one request")
    max_text_length: int = setting("100000", _positive, "longest text answer, in characters")
    max_roster_instances: int = setting("500", _positive, "most instances of one roster")
    max_attachments: int = setting("200", _whole, "most files that one submission names")
    max_openrosa_bytes: int = setting(
        "100000000", _positive, "largest request of ODK Collect, which splits larger records"
    )
    max_photo_bytes: int = setting(str(10 * 1024 * 1024), _positive, "largest uploaded photograph")
    max_upload_bytes: int = setting(
        str(200 * 1024 * 1024), _positive, "largest attachment that is uploaded by the API"
    )
    max_uploads: int = setting(
        "100", _positive, "most uploads that one sender (or one family’s start token) has under way"
    )
    max_address_records: int = setting(
        "5000",
        _positive,
        "most records, and files, that one address sends in an hour without an account; further records "
        "wait in quarantine, further files on the phone",
    )
    max_image_bytes: int = setting(
        str(32 * 1024 * 1024), _positive, "largest picture that is looked at and cleaned of places"
    )
    max_image_pixels: int = setting(
        str(120_000_000), _positive, "most pixels of a picture that is looked at"
    )
    media_url: str = setting(
        "",
        _media_url,
        "S3-compatible store of the files (`s3s://KEY:SECRET@host/bucket`); empty: in `INSTANCE_PATH`",
    )
    file_grace_hours: int = setting("168", _positive, "how long a file that no submission names is kept")
    upload_hours: int = setting("168", _positive, "how long an unfinished upload can be gone on with")
    revoked_max_records: int = setting(
        "1000", _whole, "most records that a revoked device may still bring, to quarantine"
    )
    revoked_max_bytes: int = setting(str(2 * 1024**3), _whole, "most bytes of these, with their files")
    export_days: int = setting("7", _positive, "days for which a prepared export is kept to be fetched")
    draft_hours: int = setting("24", _positive, "how long an unfinished draft is kept")
    password_memory: int = setting(
        "65536", _argon2_memory, "memory of one password hash (argon2), in KiB"
    )
    password_rounds: int = setting("3", _positive, "passes of one password hash (argon2)")
    second_factor: bool = setting(
        "required",
        _asked_for,
        "whether those who see who is meant by an answer, or give rights, need a second factor: "
        "`required` or `optional` (`make run` sets `optional` for the demonstration)",
    )
    oidc_issuer: str = setting(
        "",
        _issuer,
        "provider of single sign-on (address; OpenID Connect; needs `surveyapp[sso]`); empty: none",
    )
    oidc_client_id: str = setting("", _text, "what this installation is called at the provider")
    oidc_client_secret: str = setting(
        "", _text, "its secret there; empty: it has none, and PKCE alone guards the sign-in"
    )
    oidc_label: str = setting("", _text, "what people call the provider; empty: its host name")
    smallest_group: int = setting(
        "5",
        _positive,
        "fewest people that a count, or a group in a de-identified export, is about; smaller ones are "
        "left out",
    )
    coarse_place_metres: int = setting(
        "10000", _positive, "grid of the places in a de-identified export, in metres"
    )
    log_level: str = setting("INFO", _text, "least severity that is logged")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read every setting; raise `BadSetting` naming the first that cannot be used."""
        source = os.environ if environment is None else environment
        return cls(**{f.name: _read(f.name.upper(), f.metadata, source) for f in fields(cls)})

    @property
    def sqlalchemy_url(self) -> str:
        """URL of the database: the one set, else SQLite in the instance folder."""
        return self.database_url or f"sqlite:///{self.instance_path / 'surveyapp.sqlite3'}"

    @property
    def media_path(self) -> Path:
        """Folder of the attachments."""
        return self.instance_path / "media"

    @property
    def keys_file(self) -> Path:
        """File of the keys: readable by the server's user only, never in a database backup."""
        return self.instance_path / "keys.json"


def _read(name: str, metadata: Mapping[str, Any], source: Mapping[str, str]) -> Any:
    raw = source.get(name, metadata["default"])
    try:
        return metadata["parse"](raw)
    except (ValueError, TypeError) as error:
        raise BadSetting(f"{name}: {error}") from None
