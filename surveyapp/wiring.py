"""The order in which an application is put together: one `register_x(app, settings)` per concern."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import TypeAlias, cast

from flask import Flask, current_app
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.utils import import_string

from surveyapp import driver
from surveyapp.config import BadSetting, Settings
from surveyapp.database import connecting, prepare_engine
from surveyapp.extensions import db

#: every module that defines tables
MODELS = (
    "surveyapp.catalogue.models",
    "surveyapp.catalogue.trial_models",
    "surveyapp.channels.pages.models",
    "surveyapp.exports.models",
    "surveyapp.manage.models",
    "surveyapp.people.models",
    "surveyapp.submissions.models",
    "surveyapp.submissions.trial_models",
    "surveyapp.submissions.sheet_models",
    "surveyapp.submissions.assignment_models",
    "surveyapp.submissions.field_models",
    "surveyapp.submissions.subject_models",
    "surveyapp.exports.approval_models",
    "surveyapp.exports.report_models",
    "surveyapp.submissions.retention_models",
    "surveyapp.submissions.breach_models",
    "surveyapp.submissions.told_day_models",
)

Register: TypeAlias = Callable[[Flask, Settings], None]


def settings_of(app: Flask | None = None) -> Settings:
    """The settings of this (or the current) application."""
    return cast(Settings, (app or current_app).config["SETTINGS"])


def register_settings(app: Flask, settings: Settings) -> None:
    """Keep the typed settings and derive what Flask itself reads."""
    connect_args = connecting(settings.sqlalchemy_url)
    app.config.update(
        SETTINGS=settings,
        MAX_CONTENT_LENGTH=settings.max_request_bytes,
        MAX_FORM_MEMORY_SIZE=settings.max_request_bytes,
        SQLALCHEMY_DATABASE_URI=settings.sqlalchemy_url,
        # an error of the database must not quote the answers it was about
        SQLALCHEMY_ENGINE_OPTIONS={
            "hide_parameters": True,
            "pool_pre_ping": True,
            "connect_args": connect_args,
        },
        SQLALCHEMY_BINDS={
            driver.ENGINE: {
                "url": settings.sqlalchemy_url,
                "hide_parameters": True,
                "pool_pre_ping": False,
                "connect_args": connect_args,
                **driver.ENGINE_OPTIONS,
            }
        },
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
        _make_instance_folder(settings)
    import_models()
    db.init_app(app)
    with app.app_context():
        for engine in db.engines.values():
            prepare_engine(engine)


def _make_instance_folder(settings: Settings) -> None:
    try:
        # the answers in it are for nobody else on this machine
        settings.instance_path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(f"INSTANCE_PATH: no folder can be made there ({error.strerror})") from None


def import_models() -> None:
    """Import every module with tables, so that the metadata is whole."""
    for name in MODELS:
        import_module(name)


#: by name, so that a concern may import `settings_of` from here
CONCERNS: tuple[str, ...] = (
    # before what `register_settings` puts before Flask
    "surveyapp.channels.openrosa.short_way:register_short_way",
    "surveyapp.wiring:register_settings",
    "surveyapp.logs:register_logs",
    "surveyapp.wiring:register_database",
    "surveyapp.i18n:register_i18n",
    "surveyapp.cookies:register_cookies",
    "surveyapp.draining:register_draining",
    "surveyapp.security_headers:register_security_headers",
    "surveyapp.limiting:register_limits",
    "surveyapp.media_store:register_media_store",
    "surveyapp.submissions.keys:register_keys",
    "surveyapp.people.access:register_access",
    "surveyapp.people.security:register_security",
    "surveyapp.people.views:register_people",
    "surveyapp.people.link_views:register_links",
    "surveyapp.people.factor_views:register_factors",
    "surveyapp.people.passkey_views:register_passkeys",
    "surveyapp.people.oidc_views:register_single_sign_on",
    "surveyapp.people.second_step_views:register_second_step",
    "surveyapp.people.commands:register_commands",
    "surveyapp.people.credential_commands:register_credential_commands",
    "surveyapp.people.token_commands:register_token_commands",
    "surveyapp.people.audit_commands:register_audit_commands",
    "surveyapp.catalogue.registering:register_catalogue",
    "surveyapp.submissions.commands:register_commands",
    "surveyapp.submissions.review_commands:register_review_commands",
    "surveyapp.submissions.quarantine_commands:register_quarantine_commands",
    "surveyapp.submissions.doctor:register_doctor",
    "surveyapp.submissions.media_commands:register_media_commands",
    "surveyapp.submissions.subject_commands:register_subject_commands",
    "surveyapp.submissions.retention_commands:register_retention_commands",
    "surveyapp.submissions.demo:register_demo",
    "surveyapp.channels.api.registering:register_api",
    "surveyapp.channels.openrosa.registering:register_openrosa",
    "surveyapp.channels.enrolling.commands:register_enrolling",
    "surveyapp.exports.cli:register_exports",
    "surveyapp.manage.views:register_manage",
    "surveyapp.manage.exporting:register_exporting",
    "surveyapp.manage.editions:register_editions",
    "surveyapp.manage.trials:register_trials",
    "surveyapp.manage.languages:register_languages",
    "surveyapp.manage.papers:register_papers",
    "surveyapp.manage.invitations:register_invitations",
    "surveyapp.manage.posters:register_posters",
    "surveyapp.manage.records:register_records",
    "surveyapp.manage.correcting:register_correcting",
    "surveyapp.manage.correction_join_views:register_joining",
    "surveyapp.manage.revisions:register_revisions",
    "surveyapp.manage.households:register_households",
    "surveyapp.manage.assignments:register_assignments",
    "surveyapp.manage.progress:register_progress",
    "surveyapp.manage.limits:register_limits",
    "surveyapp.manage.phones:register_phones",
    "surveyapp.manage.enrolling:register_enrolling_page",
    "surveyapp.manage.accounts:register_accounts",
    "surveyapp.manage.me:register_me",
    "surveyapp.manage.desk:register_desk",
    "surveyapp.manage.listing:register_listing",
    "surveyapp.manage.log:register_log",
    "surveyapp.manage.subjects:register_subjects",
    "surveyapp.manage.approvals:register_approvals",
    "surveyapp.manage.reports:register_reports",
    "surveyapp.manage.record_rights:register_record_rights",
    "surveyapp.manage.breaches:register_breaches",
    "surveyapp.manage.told_days:register_told_days",
    "surveyapp.manage.commands:register_commands",
    "surveyapp.health:register_health",
    "surveyapp.assets:register_assets",
    "surveyapp.compression:register_compression",
    "surveyapp.page_frame:register_page_frame",
    "surveyapp.error_pages:register_error_pages",
    "surveyapp.unavailable:register_unavailable",
    "surveyapp.channels.pages:register_pages",
    "surveyapp.channels.field:register_field",
    "surveyapp.preparing:register_database_commands",
    "surveyapp.serving:register_serving",
)

#: what the command that exports needs: with everything it would take 40 MB more (decision 0041)
EXPORTING: tuple[str, ...] = (
    "surveyapp.wiring:register_settings",
    "surveyapp.logs:register_logs",
    "surveyapp.wiring:register_database",
    "surveyapp.i18n:register_i18n",
    "surveyapp.media_store:register_media_store",
    "surveyapp.submissions.keys:register_keys",
    "surveyapp.exports.cli:register_exports",
)


def concerns(names: Sequence[str] = CONCERNS) -> Iterator[Register]:
    """The `register_x(app, settings)` functions of these names, in order."""
    for name in names:
        yield import_string(name)
