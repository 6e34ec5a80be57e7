"""What the pages of a correction show: its sections, what was changed, what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from surveyapp.channels.pages.drafts import OpenDraft
from surveyapp.channels.pages.phrases import Wording
from surveyapp.channels.pages.presenting import NOTICES, Problem
from surveyapp.manage import correction_drafts, record_queries
from surveyapp.manage.correction_sitting import CorrectionPresenter, CorrectionSitting, Displaced
from surveyapp.manage.record_changes import Change, changes
from surveyapp.manage.record_lines import Eyes, Line, lines
from surveyapp.manage.sight import Speaker
from surveyapp.questionnaires import partition
from surveyapp.questionnaires.answers import Answers
from surveyapp.questionnaires.definition import Calculation, Question, Questionnaire
from surveyapp.questionnaires.interview import Interview
from surveyapp.submissions.correcting import answers_of
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.models import Submission
from surveyapp.submissions.opening import identity_of
from surveyapp.submissions.refusals import NothingNew


@dataclass(frozen=True, slots=True)
class Part:
    """A section or an instance of a roster in the table of contents."""

    heading: Wording
    caption: str
    address: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What would be saved."""

    changes: Sequence[Change]
    problems: Sequence[Problem]
    #: rules broken by answers that are not shown
    hidden_problems: int
    #: answers that could not be put together
    is_displaced: bool = False


def notice(draft: OpenDraft) -> str:
    """Something to tell once."""
    found = NOTICES.get(draft.state.notice)
    return str(found) if found else ""


def parts(presenter: CorrectionPresenter) -> list[Part]:
    """The sections that are asked now, each with the address of its first page."""
    pages = presenter.sitting.walk.open_pages()
    found = []
    for _key, run in groupby(pages, lambda page: (presenter.heading(page).text, page.positions)):
        first = next(run)
        found.append(
            Part(presenter.heading(first), presenter.caption(first), presenter.address(first.key))
        )
    return found


def summary(found: Submission, sitting: CorrectionSitting, presenter: CorrectionPresenter) -> Summary:
    """What differs from the revision that was begun with. Raises as `correcting.answers_of`."""
    problems = [problem for error in sitting.problems() for problem in presenter.problems_at(error)]
    before = begun_with(found, sitting)
    try:
        after = sitting.corrected(before)
    except Displaced:
        return Summary((), problems, sitting.hidden_problems(), is_displaced=True)
    return Summary(_changes(sitting, before, after), problems, sitting.hidden_problems())


def begun_with(found: Submission, sitting: CorrectionSitting) -> Answers:
    """The answers of the revision that is corrected, also when it is a former one by now."""
    revision = correction_drafts.revision_of(sitting.draft)
    if found.revision == revision:
        return answers_of(found, sitting.questionnaire)
    former = record_queries.revision(found, revision)
    identity = identity_of(keys_of(), former)
    return partition.join_identity(sitting.questionnaire, former.answers, identity)


def _changes(sitting: CorrectionSitting, before: Answers, after: Answers) -> list[Change]:
    differing = _differing(sitting.questionnaire, before, after)
    return changes(told(sitting, before), told(sitting, after), differing.__contains__)


def told(sitting: CorrectionSitting, answers: Answers) -> list[Line]:
    """Answers as lines, as far as the person who corrects may see them."""
    definition, sight = sitting.questionnaire, sitting.sight
    parted = partition.split_identity(definition, answers)
    interview = Interview(definition, answers, language=sitting.language, now=sitting.now)
    eyes = Eyes(
        sitting.language,
        sight.sensitive,
        parted.identity if sight.identity else None,
        speaker=Speaker(interview, sight),
    )
    return lines(definition, parted.open_answers, eyes)


def _differing(definition: Questionnaire, before: Answers, after: Answers) -> set[str]:
    ours = {path: value for path, _item, value in partition.leaves(definition, before)}
    theirs = {path: value for path, _item, value in partition.leaves(definition, after)}
    nowhere = object()
    return {
        path
        for path in ours.keys() | theirs.keys()
        if ours.get(path, nowhere) != theirs.get(path, nowhere)
    }


def refuse_unchanged(
    found: Submission, definition: Questionnaire, before: Answers, after: Answers
) -> None:
    """Raise `NothingNew` when nobody changed anything, whatever was calculated anew."""
    kept = (_typed(definition, before), _typed(definition, after))
    if kept[0] == kept[1]:
        raise NothingNew(found.id)


def _typed(definition: Questionnaire, answers: Answers) -> dict[str, object]:
    return {
        path: value
        for path, item, value in partition.leaves(definition, answers)
        if not isinstance(item, Calculation) and not (isinstance(item, Question) and item.calculation)
    }


def languages(sitting: CorrectionSitting, answers: Answers, language: str) -> dict[str, str]:
    """The answers that were given in another language than the submission's."""
    there = {path for path, _item, _value in partition.leaves(sitting.questionnaire, answers)}
    return {
        path: each
        for path, each in sitting.state.languages.items()
        if each != language and path in there
    }
