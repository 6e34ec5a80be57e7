"""An uploaded workbook: checked, kept as a trial version, published; and why that cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext as _
from flask_login import current_user

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue import trials
from surveyapp.catalogue.errors import (
    CatalogueError,
    SafeguardingContactMissing,
    TypesChanged,
    VersionTaken,
)
from surveyapp.catalogue.service import Edition
from surveyapp.catalogue.trial_models import Trial
from surveyapp.catalogue.trials import TriedInDemonstration, Upload
from surveyapp.manage.publish_form import Uploaded
from surveyapp.wiring import settings_of

if TYPE_CHECKING:
    from surveyapp.questionnaires.checking import Report
    from surveyapp.questionnaires.xlsform import CompiledWorkbook


def checked(sent: Uploaded) -> Report:
    """Everything that is wrong with it, with its definition if it can be read."""
    # what checks and compiles takes 40 MB: a process has it once somebody publishes (late_commands.py)
    from surveyapp.questionnaires.checking import check

    texts = catalogue.placeholder_texts(settings_of())
    return check(sent.content, sent.name, placeholders=texts, strict=sent.strict)


def compiled(sent: Uploaded) -> CompiledWorkbook:
    """Its XForm. Raises `WorkbookError`."""
    from surveyapp.questionnaires.xlsform import compile_workbook

    texts = catalogue.placeholder_texts(settings_of())
    return compile_workbook(sent.content, sent.name, placeholders=texts, strict=sent.strict)


def kept(sent: Uploaded) -> Trial:
    """Keep it as a trial version. Raises `CatalogueError`."""
    said = Upload(
        name=sent.name,
        access=sent.access,
        demonstration=settings_of().demonstration,
        files=sent.files,
        made_by=current_user.id,
    )
    return trials.keep(compiled(sent), said)


def is_there(report: Report) -> bool:
    """Whether this version is published already."""
    found = report.definition
    return found is not None and catalogue.edition(found.id, found.version) is not None


def published(sent: Uploaded) -> Edition:
    """Publish it. Raises `CatalogueError`."""
    return catalogue.publish(
        compiled(sent),
        name=sent.name,
        access=sent.access,
        demonstration=settings_of().demonstration,
        files=sent.files,
    )


def refusal(error: CatalogueError) -> str:
    """Why something cannot be done, in the reader's language."""
    if isinstance(error, VersionTaken):
        return str(
            _("This version is published already, with other content. Give the workbook a new version.")
        )
    if isinstance(error, TypesChanged):
        names = ", ".join(error.names)
        return str(
            _(
                "These questions have another type of answer than before: %(names)s. "
                "Give them new names.",
                names=names,
            )
        )
    if isinstance(error, SafeguardingContactMissing):
        return str(
            _(
                "It may disclose that a child is in danger: a safeguarding contact must be set before "
                "it is opened to families or adolescents."
            )
        )
    if isinstance(error, TriedInDemonstration):
        return str(
            _(
                "It was tried out in a demonstration, so its texts name no real organisation. "
                "Upload the workbook again."
            )
        )
    return str(_("This cannot be done."))
