"""A correction that was overtaken, put onto the newer revision: what both changed, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from surveyapp.channels.pages import drafts
from surveyapp.extensions import db
from surveyapp.manage import correction_drafts, correction_views, record_queries
from surveyapp.manage.correction_sitting import CorrectionSitting
from surveyapp.manage.record_changes import Change, changes
from surveyapp.manage.record_lines import Kept, Line, above
from surveyapp.questionnaires import partition, paths
from surveyapp.questionnaires.answers import Answers
from surveyapp.questionnaires.definition import ATTACHMENT_TYPES, Roster
from surveyapp.questionnaires.interview import Interview
from surveyapp.submissions import joining, merging
from surveyapp.submissions.correcting import answers_of
from surveyapp.submissions.joining import Joining, State
from surveyapp.submissions.merging import Side
from surveyapp.submissions.models import Submission
from surveyapp.submissions.refusals import Refused


class OtherVersion(Refused):
    """The newer revision answers another version of the questionnaire: nothing can be held beside it."""

    def __init__(self) -> None:
        super().__init__("The newer revision answers another version of the questionnaire.")


class FileGone(Refused):
    """The joined answers name a file that neither the newer revision nor the correction has."""

    def __init__(self) -> None:
        super().__init__("It names a file that is not there any more.")


@dataclass(frozen=True, slots=True)
class Clash:
    """A piece that both changed: the lines of the newer revision, and of the correction."""

    path: str
    trail: tuple[str, ...]
    label: str
    #: of a roster all its lines, of a question one; none: it is not there
    held: Sequence[Line]
    waiting: Sequence[Line]
    is_roster: bool


@dataclass(frozen=True, slots=True)
class View:
    """What the page shows: what both changed, what only the newer revision did, or the correction."""

    clashes: Sequence[Clash]
    theirs: Sequence[Change]
    own: Sequence[Change]


def joining_for(found: Submission, sitting: CorrectionSitting) -> Joining:
    """The correction held against the current revision.

    Raises `OtherVersion`, and as `correcting.answers_of` and `Interview` do.
    """
    if found.version != sitting.state.version:
        raise OtherVersion
    base = correction_views.begun_with(found, sitting)
    first = merging.files_of(found, correction_drafts.revision_of(sitting.draft))
    before = _state(sitting, base, {name: file.sha256 for name, file in first.items()})
    now = {name: file.sha256 for name, file in merging.files_of(found).items()}
    current = _state(sitting, answers_of(found, sitting.questionnaire), now)
    mine = sitting.interview.snapshot()
    own_files = _digests(sitting, mine, {name: file.sha256 for name, file in first.items()})
    own_files |= {path: file["sha256"] for path, file in sitting.state.files.items()}
    return joining.joining_of(sitting.questionnaire, before, current, State(mine, own_files))


def _state(sitting: CorrectionSitting, answers: Answers, digests: Mapping[str, str]) -> State:
    """Answers as the correction's own interview would keep them."""
    kept = _kept(sitting, answers)
    return State(kept, _digests(sitting, kept, digests))


def _kept(sitting: CorrectionSitting, answers: Answers) -> Answers:
    definition, language = sitting.questionnaire, sitting.language
    return Interview(definition, answers, language=language, now=sitting.now).snapshot()


def _digests(sitting: CorrectionSitting, answers: Answers, digests: Mapping[str, str]) -> dict[str, str]:
    found = partition.leaves(sitting.questionnaire, answers, lambda i: i.type in ATTACHMENT_TYPES)
    return {path: digests[name] for path, _item, name in found if name in digests}


def put_onto(
    found: Submission,
    sitting: CorrectionSitting,
    sides: Mapping[str, Side],
    rest: Side | None,
) -> None:
    """Let the correction go on from the current revision; saves the draft.

    Raises as `joining_for`, `Unsettled`, `NoDifference`, `FileGone`, `drafts.DraftMoved`.
    """
    joined, state = joining_for(found, sitting), sitting.state
    answers = joined.answers(sides, rest)
    own = joined.own | joined.kept(sides, rest)
    files = {path: file for path, file in state.files.items() if _is_within(path, own)}
    names = {file["name"] for file in files.values()} | set(merging.files_of(found))
    before = {name for _path, name in partition.file_names(sitting.questionnaire, joined.held.answers)}
    after = {name for _path, name in partition.file_names(sitting.questionnaire, answers)}
    if after - before - names:
        raise FileGone
    dropped = [file["id"] for path, file in state.files.items() if path not in files]
    moment = record_queries.ended(found.finished_at or found.received_at, found.utc_offset)
    mine = {path: each for path, each in state.languages.items() if _is_within(path, own)}
    state.languages = dict(found.answer_languages) | mine
    state.files, state.snapshot = files, _kept(sitting, answers)
    theirs = joined.theirs | (frozenset(joined.both) - own)
    state.raw = {path: typed for path, typed in state.raw.items() if not _is_within(path, theirs)}
    state.refused = {path: why for path, why in state.refused.items() if not _is_within(path, theirs)}
    state.conflicts, state.asked = {}, {}
    state.finished_at = moment.isoformat()
    # a page that is open in another window holds answers of the former revision
    state.changed = {
        page.key: sitting.draft.revision + 1 for page in sitting.walk.open_pages()
    } | dict.fromkeys(state.changed, sitting.draft.revision + 1)
    state.correcting = (state.correcting or {}) | {"revision": found.revision}
    drafts.save(sitting.draft)
    for file_id in dropped:  # only now: a draft that was saved elsewhere meanwhile names them still
        drafts.drop_file(sitting.draft, file_id)
    db.session.commit()


def _is_within(path: str, pieces: frozenset[str]) -> bool:
    return any(_lies_in(path, piece) for piece in pieces)


def view_of(found: Submission, sitting: CorrectionSitting, joined: Joining) -> View:
    """What the page shows of it, as far as the person may see it."""
    before = correction_views.told(sitting, correction_views.begun_with(found, sitting))
    held = correction_views.told(sitting, answers_of(found, sitting.questionnaire))
    waiting = correction_views.told(sitting, sitting.interview.answers())
    return View(
        clashes=[_clash(sitting, piece, held, waiting) for piece in joined.both],
        theirs=changes(before, held, lambda path: _is_within(path, joined.theirs)),
        own=changes(before, waiting, lambda path: _is_within(path, joined.own)),
    )


def _clash(
    sitting: CorrectionSitting, piece: str, held: Sequence[Line], waiting: Sequence[Line]
) -> Clash:
    item = next(i for i in sitting.questionnaire.walk() if i.path == paths.item_path(piece))
    is_roster, trails = isinstance(item, Roster), above(waiting) | above(held)
    around = [line for line in (*held, *waiting) if _lies_in(line.path, piece)]
    sides = [[line for line in told if _is_of(line, piece)] for told in (held, waiting)]
    trail = next((trails[line.path] for line in around if line.path in trails), ())
    return Clash(
        piece,
        trail[: len(trail) - 1] if is_roster else trail,
        around[0].label if around else item.name,
        sides[0],
        sides[1],
        is_roster,
    )


def _lies_in(path: str, piece: str) -> bool:
    return path == piece or path.startswith(f"{piece}[")


def _is_of(line: Line, piece: str) -> bool:
    return line.kept is not None and line.kept is not Kept.NOT_ASKED and _lies_in(line.path, piece)
