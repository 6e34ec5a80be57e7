"""The order in which an application is put together: one `register_x(app, settings)` per concern."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TypeAlias, cast

from flask import Flask, current_app
from werkzeug.middleware.proxy_fix import ProxyFix

from surveyapp.config import Settings
from surveyapp.database import prepare_engine
from surveyapp.extensions import db, limiter, migrate
from surveyapp.i18n import register_i18n
from surveyapp.people.access import register_access
from surveyapp.resources import resource_folder
from surveyapp.security_headers import register_security_headers

#: every module that defines tables
MODELS = (
    "surveyapp.catalogue.models",
    "surveyapp.people.models",
    "surveyapp.submissions.models",
)

Register: TypeAlias = Callable[[Flask, Settings], None]


def settings_of(app: Flask | None = None) -> Settings:
    """The settings of this (or the current) application."""
    return cast(Settings, (app or current_app).config["SETTINGS"])


def register_settings(app: Flask, settings: Settings) -> None:
    """Keep the typed settings and derive what Flask itself reads."""
    app.config.update(
        SETTINGS=settings,
        MAX_CONTENT_LENGTH=settings.max_request_bytes,
        MAX_FORM_MEMORY_SIZE=settings.max_request_bytes,
        SQLALCHEMY_DATABASE_URI=settings.sqlalchemy_url,
        # an error of the database must not quote the answers it was about
        SQLALCHEMY_ENGINE_OPTIONS={"hide_parameters": True, "pool_pre_ping": True},
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https:"),
        RATELIMIT_HEADERS_ENABLED=True,
        RATELIMIT_STORAGE_URI=settings.limits_url,
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # the way Werkzeug documents it
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )


def register_database(app: Flask, settings: Settings) -> None:
    """Bind the database; the instance folder is made when it is SQLite's home."""
    if not settings.database_url:
        settings.instance_path.mkdir(parents=True, exist_ok=True)
    import_models()
    db.init_app(app)
    migrate.init_app(app, db, directory=str(resource_folder("migrations")))
    with app.app_context():
        prepare_engine(db.engine)


def import_models() -> None:
    """Import every module with tables, so that the metadata is whole."""
    for name in MODELS:
        import_module(name)


def register_limits(app: Flask, _settings: Settings) -> None:
    """Bind the rate limiter."""
    limiter.init_app(app)


def register_routes_access(app: Flask, _settings: Settings) -> None:
    """Refuse every route that has no declared access rule."""
    register_access(app)


CONCERNS: tuple[Register, ...] = (
    register_settings,
    register_database,
    register_i18n,
    register_security_headers,
    register_limits,
    register_routes_access,
)
