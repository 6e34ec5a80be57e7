"""What the templates show of a question: one view of it, made for one page in one language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from surveyapp.channels.pages import photos
from surveyapp.channels.pages.fields import Raw, date_parts, ends_of_range
from surveyapp.channels.pages.paging import is_heading
from surveyapp.channels.pages.phrases import Wording
from surveyapp.channels.pages.pictures import AddressOf, MediumView, media_of
from surveyapp.channels.pages.shown_answers import file_size, shown_answer
from surveyapp.channels.pages.sitting import Sitting
from surveyapp.messages import sentence
from surveyapp.questionnaires.answers import AnswerError
from surveyapp.questionnaires.definition import (
    ATTACHMENT_TYPES,
    SELECT_TYPES,
    Choice,
    DataType,
    Item,
    Note,
    Question,
    Text,
)

#: a list longer than this is a drop-down list
MOST_ROWS = 12
#: steps of a scale that still fits two rows of buttons
MOST_STEPS = 12
#: appearances of the rows of a table of answers
ROWS_OF_TABLES = frozenset({"list-nolabel", "list", "likert"})
#: answers beside each other beyond which a column of a table is too narrow for a word
MOST_COLUMNS = 7
#: answers that are none: shown last and apart, whatever their place in the list
APART = frozenset({"dk", "ref", "na", "nobody"})
#: “none of these” ends a list of things to tick, but may begin a scale (“not difficult”, “a little” …),
#: whose order must stay: it is moved only where it stands at the end anyway
NONE = "none"

_ENDS = re.compile(r"\b0\s*[=—–]\s*(?P<low>[^,;.]+)[,;]\s*(?P<top>[0-9]+)\s*[=—–]\s*(?P<high>[^,;.]+)")
NOTHING = Wording("", "")


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """One answer to choose."""

    name: str
    label: Wording
    chosen: bool
    #: the first one carries the question's id, where links from the list of problems lead
    first: bool = False
    media: tuple[MediumView, ...] = ()


@dataclass(frozen=True, slots=True)
class PartView:
    """One of several fields of a question."""

    name: str
    label: str
    inputmode: str = "numeric"


@dataclass(frozen=True, slots=True)
class FileView:
    """The file that was added already."""

    size: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionView:
    """A question (or a note) as a page shows it; `control` names the macro of questions.html."""

    control: str
    name: str
    id: str
    label: Wording
    media: tuple[MediumView, ...] = ()
    hint: Wording = NOTHING
    guidance: Wording = NOTHING
    advice: str = ""
    raw: Raw = field(default_factory=dict)
    choices: tuple[ChoiceView, ...] = ()
    apart: tuple[ChoiceView, ...] = ()
    ends: tuple[str, str] | None = None
    parts: tuple[PartView, ...] = ()
    answer: str = ""
    file: FileView | None = None
    accept: str = ""
    capture: bool = False
    error: str = ""
    warning: str = ""
    conflict: str = ""
    #: what the rows of one table have in common; empty: it is no row of any
    table: tuple[str, ...] = ()

    def typed(self, part: str) -> str:
        """What stands in one of its fields."""
        return (self.raw.get(part) or [""])[0]

    @property
    def described_by(self) -> str:
        """The ids of the remarks that a screen reader reads with the field."""
        remarks = {
            "hint": self.hint.text,
            "advice": self.advice,
            "bad": self.error,
            "unsure": self.warning,
            "conflict": self.conflict,
        }
        return " ".join(f"{self.id}-{name}" for name, there in remarks.items() if there)


@dataclass(frozen=True, slots=True)
class Remarks:
    """What a page says about its answers: node path → finding."""

    errors: dict[str, AnswerError]
    doubts: dict[str, AnswerError]


def field_id(path: str) -> str:
    """The id of a question's (first) field, fit for addresses: `child[2]/c_age` → `child-2.c_age`.

    Outside of sections it gets a dot, `next` → `next.`: the page's own ids have none.
    """
    found = path.replace("[", "-").replace("]", "").replace("/", ".")
    return found if "." in found else f"{found}."


class QuestionViews:
    """Makes the views of one sitting's questions; `files` as in `pictures.media_of`."""

    def __init__(self, sitting: Sitting, files: AddressOf | None = None) -> None:
        self.sitting = sitting
        self._files = files

    def view(self, path: str, item: Item, remarks: Remarks) -> QuestionView:
        """The view of one item."""
        if not isinstance(item, Question) or is_heading(item):
            return self._base(path, item, "note" if isinstance(item, Note) else "heading")
        if self.sitting.interview.read_only(path):
            return self._base(path, item, "given", answer=shown_answer(self.sitting, path))
        return self._question(path, item, remarks)

    def _base(self, path: str, item: Item, control: str, answer: str = "") -> QuestionView:
        return QuestionView(
            control=control,
            name=path,
            id=field_id(path),
            label=self.phrase(item.label, path),
            media=self._media(item.label),
            hint=self.phrase(item.hint, path),
            guidance=self.phrase(item.guidance, path),
            answer=answer,
        )

    def _question(self, path: str, question: Question, remarks: Remarks) -> QuestionView:
        raw = self.sitting.shown(path)
        choices, apart = self._choices(path, question, raw)
        label = self.phrase(question.label, path)
        kept = self.sitting.state.files.get(path)
        return QuestionView(
            control=control_of(question, len(choices) + len(apart)),
            name=path,
            id=field_id(path),
            label=label,
            media=self._media(question.label),
            hint=self.phrase(question.hint, path),
            guidance=self.phrase(question.guidance, path),
            advice=_advice_of(question),
            raw=raw,
            choices=choices,
            apart=apart,
            ends=ends_of(label.text),
            parts=parts_of(question),
            file=FileView(file_size(kept["size"], self.sitting.language)) if kept else None,
            accept=photos.accepted(question.type) if question.type in ATTACHMENT_TYPES else "",
            capture=question.type is DataType.IMAGE,
            error=self.message(remarks.errors.get(path)),
            warning=self.message(remarks.doubts.get(path)),
            conflict=self._conflict(path),
            table=table_of(question, (*choices, *apart)),
        )

    def phrase(self, text: Text, path: str) -> Wording:
        """A text of the questionnaire in the nearest language that it has."""
        if not text:
            return NOTHING
        phrase = self.sitting.interview.text(text, path)
        return Wording(phrase.text, phrase.language)

    def _media(self, text: Text) -> tuple[MediumView, ...]:
        if not text.media:
            return ()
        return media_of(text, self.sitting.questionnaire, self.sitting.language, self._files)

    def message(self, error: AnswerError | None) -> str:
        """The sentence for a finding: its author's own, with its values filled in, or ours."""
        if error is None:
            return ""
        own = self.phrase(error.message, error.path)
        return own.text or sentence(error, self.sitting.language)

    def _conflict(self, path: str) -> str:
        if path not in self.sitting.state.conflicts:
            return ""
        answer = shown_answer(self.sitting, path)
        return str(
            _(
                "Saved in another window: %(answer)s. The field shows what was entered here.",
                answer=answer or "–",
            )
        )

    def _choices(
        self, path: str, question: Question, raw: Raw
    ) -> tuple[tuple[ChoiceView, ...], tuple[ChoiceView, ...]]:
        if is_scale(question):
            return tuple(_steps(question, raw)), ()
        if question.type not in SELECT_TYPES:
            return (), ()
        # a roster's instance that nobody has named yet cannot be chosen
        named = tuple(each for each in self.sitting.interview.choices(path) if each.name)
        offered, apart = in_order(question, named)
        chosen = set(raw.get("", ()))
        views = [
            ChoiceView(
                choice.name,
                self.phrase(choice.label, path),
                choice.name in chosen,
                place == 0,
                self._media(choice.label),
            )
            for place, choice in enumerate([*offered, *apart])
        ]
        return tuple(views[: len(offered)]), tuple(views[len(offered) :])


def in_order(question: Question, choices: tuple[Choice, ...]) -> tuple[list[Choice], list[Choice]]:
    """The choices as they are shown: the answers, and after them, apart, those that are none."""
    apart = [choice for choice in choices if choice.name in APART]
    answers = [choice for choice in choices if choice.name not in APART]
    moved = question.type is DataType.SELECT_MULTIPLE or _ends_with_none(answers)
    nones = [choice for choice in answers if choice.name == NONE] if moved else []
    return [choice for choice in answers if choice not in nones], [*nones, *apart]


def _ends_with_none(answers: list[Choice]) -> bool:
    return bool(answers) and answers[-1].name == NONE


def is_scale(question: Question) -> bool:
    """Whether a whole number is chosen from a row of buttons (appearance `scale`, or a short range)."""
    if question.type is not DataType.INTEGER:
        return False
    return "scale" in question.appearance or 1 < len(_range(question)) <= MOST_STEPS


def _range(question: Question) -> range:
    given = question.parameters
    if "scale" in question.appearance and "end" not in given:
        return range(11)
    try:
        start, end, step = (int(given.get(name, "1")) for name in ("start", "end", "step"))
        return range(start, end + 1, step) if "end" in given else range(0)
    except ValueError:
        return range(0)


def _steps(question: Question, raw: Raw) -> Iterator[ChoiceView]:
    chosen = (raw.get("") or [""])[0]
    for place, number in enumerate(_range(question)):
        name = str(number)
        yield ChoiceView(name, Wording(name, ""), name == chosen, place == 0)


def ends_of(label: str) -> tuple[str, str] | None:
    """The words for both ends of a scale, where its label has them: “0 = very bad, 10 = very good”."""
    match = _ENDS.search(label)
    if match is None:
        return None
    return f"0 – {match['low'].strip()}", f"{match['top']} – {match['high'].strip()}"


def parts_of(question: Question) -> tuple[PartView, ...]:
    """The fields of a question that has several."""
    names = _PARTS.get(question.type)
    if names is None:
        return ()
    return tuple(
        PartView(name, str(_PART_WORDS[name]), _INPUT_MODES.get(name, "numeric"))
        for name in names(question)
    )


_PARTS: dict[DataType, Callable[[Question], tuple[str, ...]]] = {
    DataType.DATE: date_parts,
    DataType.DATETIME: lambda _question: ("day", "month", "year", "time"),
    DataType.GEOPOINT: lambda _question: ("lat", "lon"),
}
_PART_WORDS: dict[str, LazyString] = {
    "day": _l("Day"),
    "month": _l("Month"),
    "year": _l("Year"),
    "time": _l("Time"),
    "lat": _l("Latitude"),
    "lon": _l("Longitude"),
}
#: a minus sign and a decimal sign are not on every numeric keypad
_INPUT_MODES = {"lat": "text", "lon": "text", "time": "text"}

_ADVICE: dict[DataType, LazyString] = {
    DataType.SELECT_MULTIPLE: _l("You can choose more than one"),
    DataType.DATE: _l("In numbers, for example 5 9 2026"),
    DataType.DATETIME: _l("In numbers, for example 5 9 2026 and 14:30"),
    DataType.TIME: _l("For example 14:30"),
    DataType.RANK: _l("Give every answer a place: 1 is the first"),
    DataType.GEOPOINT: _l("In degrees, for example 43.25 and 76.95"),
    DataType.GEOTRACE: _l("One place on each line: latitude, a space, longitude"),
    DataType.GEOSHAPE: _l(
        "One place on each line: latitude, a space, longitude; the last is the first again"
    ),
}


_SHORTER_DATES: dict[tuple[str, ...], LazyString] = {
    ("month", "year"): _l("In numbers, for example 9 2026"),
    ("year",): _l("In numbers, for example 2026"),
}


def _advice_of(question: Question) -> str:
    """How a question is answered, where its field does not say it."""
    ends = ends_of_range(question)
    if ends and not is_scale(question):
        return str(_("From %(min)s to %(max)s", min=ends[0], max=ends[1]))
    if question.type is DataType.DATE and (shorter := _SHORTER_DATES.get(date_parts(question))):
        return str(shorter)
    return str(_ADVICE.get(question.type, ""))


def table_of(question: Question, choices: tuple[ChoiceView, ...]) -> tuple[str, ...]:
    """What a question has in common with the other rows of its table; empty if it is no row."""
    is_row = question.appearance & ROWS_OF_TABLES and not question.appearance & {"minimal"}
    fits = question.type is not DataType.RANK and 1 < len(choices) <= MOST_COLUMNS
    if not (is_row and fits) or any(each.media for each in choices):
        return ()
    look = "likert" if "likert" in question.appearance else "list"
    return (look, question.type.value, *(f"{each.name} {each.label.text}" for each in choices))


def control_of(question: Question, choices: int) -> str:
    """The macro that shows a question."""
    if question.type is DataType.SELECT_ONE:
        long = choices > MOST_ROWS or "minimal" in question.appearance
        return "dropdown" if long else "radios"
    if is_scale(question):
        return "scale"
    if question.type is DataType.TEXT:
        return "lines" if "multiline" in question.appearance else "line"
    return _CONTROLS[question.type]


_CONTROLS: dict[DataType, str] = {
    DataType.INTEGER: "whole",
    DataType.DECIMAL: "number",
    DataType.DATE: "parts",
    DataType.TIME: "clock",
    DataType.DATETIME: "parts",
    DataType.SELECT_MULTIPLE: "checkboxes",
    DataType.RANK: "ranking",
    DataType.GEOPOINT: "parts",
    DataType.GEOTRACE: "lines",
    DataType.GEOSHAPE: "lines",
    DataType.BARCODE: "line",
    DataType.ACKNOWLEDGE: "tick",
    DataType.BOOLEAN: "line",
} | dict.fromkeys(ATTACHMENT_TYPES, "upload")
