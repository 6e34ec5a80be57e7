"""What a correction becomes when it is saved, and why it cannot be saved as it is."""

from __future__ import annotations

from flask_babel import gettext as _

from surveyapp.channels.pages import drafts
from surveyapp.manage import correction_drafts, correction_views
from surveyapp.manage.correction_forms import SaveForm
from surveyapp.manage.correction_sitting import CorrectionSitting, Displaced
from surveyapp.manage.refusal_words import why_not
from surveyapp.questionnaires import partition
from surveyapp.questionnaires.answers import Answers
from surveyapp.submissions import correcting
from surveyapp.submissions.correcting import Correction, NewFile
from surveyapp.submissions.models import Submission
from surveyapp.submissions.refusals import Overtaken


def hindrance(sitting: CorrectionSitting, form: SaveForm) -> str:
    """Why it cannot be saved as it is; empty: nothing is in the way."""
    if sitting.unreadable():
        return str(_("Something that was typed is no answer. Mend it, or empty the field."))
    if sitting.problems() and not form.anyway.data:
        return str(_("It breaks rules of its questionnaire. Mend that, or say that it is so."))
    return ""


def correction_of(found: Submission, sitting: CorrectionSitting, form: SaveForm) -> Correction:
    """Raises `Displaced`, `Overtaken`, `NothingNew`, and what opening raises."""
    revision = correction_drafts.revision_of(sitting.draft)
    if found.revision != revision:
        raise Overtaken(found.id, found.revision)
    before = correcting.answers_of(found, sitting.questionnaire)
    answers = sitting.corrected(before)
    correction_views.refuse_unchanged(found, sitting.questionnaire, before, answers)
    return Correction(
        submission_id=found.id,
        revision=revision,
        answers=answers,
        reason=form.reason.data or "",
        languages=correction_views.languages(sitting, answers, found.language),
        files=_files(sitting, answers),
    )


def _files(sitting: CorrectionSitting, answers: Answers) -> tuple[NewFile, ...]:
    """The new files that an answer names still. Raises `drafts.DraftMoved`."""
    named = {name for _path, name in partition.file_names(sitting.questionnaire, answers)}
    return tuple(
        NewFile(file["name"], file["type"], drafts.read_file(sitting.draft, file["id"]))
        for file in sitting.state.files.values()
        if file["name"] in named
    )


def why(refused: Exception) -> str:
    if isinstance(refused, Overtaken):
        return str(_("Somebody else has changed it meanwhile. Your correction is kept below."))
    if isinstance(refused, drafts.DraftMoved):
        return str(_("This correction is not there any more: begin again."))
    if isinstance(refused, Displaced):
        return str(_("It has answers that you may not see, and that would be moved. Nothing was saved."))
    return str(why_not(refused))
