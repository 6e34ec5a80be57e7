"""The choices of an export as fields of a form: what each is called, what it offers, what was chosen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from surveyapp.exports import choices
from surveyapp.exports.choices import CHOICES, GROUP, NO, YES, Choice
from surveyapp.exports.formats import FORMATS
from surveyapp.exports.request import Profile
from surveyapp.manage.export_words import WORDS
from surveyapp.manage.groups import group_choices
from surveyapp.manage.regions import region_names
from surveyapp.questionnaires.definition import Questionnaire

#: kinds of which several may be ticked
SEVERAL = frozenset({"words", "list"})
#: what only a full export has
_GUARDED = tuple(each for each in choices.MORE if each.name != "profile")


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that can be chosen."""

    value: str
    words: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Field:
    """One field; `shape` is `one` (a list to choose from), `several`, `tick`, `day` or `line`."""

    name: str
    label: str
    shape: str
    options: Sequence[Option] = ()
    value: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together."""

    name: str
    title: str
    fields: Sequence[Field]

    @property
    def is_open(self) -> bool:
        """Whether something in it is chosen or wrong, so that it must be seen."""
        return any(field.error or _is_chosen(field) for field in self.fields)


def _is_chosen(field: Field) -> bool:
    """Whether it is not as it is when nothing was touched."""
    known = CHOICES.get(field.name)
    if field.shape == "tick":
        return known is not None and field.value != known.default
    if field.shape in {"one", "several"}:
        default = known.default if known else ""
        return any(option.chosen and option.value != default for option in field.options)
    return bool(field.value)


def asked_in(form: MultiDict[str, str]) -> dict[str, str]:
    """The choices that a form was sent with, or an address, as plain strings; what else it has is not
    looked at."""
    asked = {}
    for name in form:
        values = [value.strip() for value in form.getlist(name) if value.strip()]
        known = CHOICES.get(name)
        if values and (known is not None or name.startswith(GROUP)):
            several = known is not None and known.kind in SEVERAL
            asked[name] = ",".join(values) if several else values[-1]
    return asked


def _shape(choice: Choice) -> str:
    if set(choice.words) == {YES, NO}:
        return "tick"
    if choice.kind in SEVERAL:
        return "several"
    if choice.words or choice.name == "format":
        return "one"
    return "day" if choice.kind == "time" else "line"


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the fields of a questionnaire's export."""

    newest: Questionnaire
    versions: Sequence[str]
    #: names of the columns that can be chosen
    columns: Sequence[str]
    language: str
    asked: Mapping[str, str]
    errors: Mapping[str, LazyString]
    #: whether names and sensitive answers are offered
    confidential: bool
    #: who has sent something, as the choice takes them, with their names
    collectors: Mapping[str, str]

    def what(self) -> Group:
        """Which format, bare or with everything, and how much of people; always seen."""
        some = [*choices.WHAT, CHOICES["profile"]]
        return Group("what", _("What"), [self._field(choice) for choice in some])

    def groups(self) -> Iterator[Group]:
        """The other choices, in parts."""
        which = [self._field(choice) for choice in choices.WHICH if self._is_offered(choice)]
        yield Group("which", _("Which submissions"), [*which, *self._breakdowns()])
        yield Group("how", _("How answers are told"), self._fields(choices.HOW))
        yield Group("csv", _("How the file is written"), self._fields(choices.CSV))
        if self.confidential:
            title = _("Names, addresses and sensitive answers")
            yield Group("more", title, self._fields(_GUARDED))

    def unknown(self) -> list[str]:
        """Sentences about what is wrong and has no field here."""
        shown = {f.name for group in (self.what(), *self.groups()) for f in group.fields}
        return [f"{name}: {error}" for name, error in self.errors.items() if name not in shown]

    def _fields(self, some: Sequence[Choice]) -> list[Field]:
        return [self._field(choice) for choice in some if self._is_offered(choice)]

    def _is_offered(self, choice: Choice) -> bool:
        return choice.kind != "list" or bool(self._listed(choice.name))

    def _listed(self, name: str) -> Mapping[str, str]:
        """What a list can hold, and how it is called."""
        if name == "region":
            return region_names(self.newest, self.language)
        if name == "collector":
            return self.collectors
        names = {"versions": self.versions, "columns": self.columns}.get(name, ())
        return {each: each for each in names}

    def _field(self, choice: Choice) -> Field:
        value = self.asked.get(choice.name, choice.default)
        if choice.name == "profile" and value not in self._words(choice):
            value = choice.default
        shape = _shape(choice)
        offered: Sequence[Option] = ()
        if shape == "one":
            offered = self._options(choice, self._words(choice), value)
        elif shape == "several":
            offered = self._several(choice, value)
        error = str(self.errors.get(choice.name, ""))
        return Field(choice.name, str(choice.meaning), shape, offered, value, error)

    def _words(self, choice: Choice) -> Sequence[str]:
        if choice.name == "format":
            return tuple(FORMATS)
        if choice.name == "profile" and not self.confidential:
            return tuple(word for word in choice.words if word != Profile.FULL)
        return choice.words

    def _options(self, choice: Choice, words: Sequence[str], value: str) -> list[Option]:
        said = WORDS.get(choice.name, {})
        anything = [] if choice.default else [Option("", _("all"), not value)]
        return anything + [Option(word, str(said.get(word, word)), word == value) for word in words]

    def _several(self, choice: Choice, value: str) -> list[Option]:
        said = WORDS.get(choice.name, {})
        offered = {word: str(said.get(word, word)) for word in choice.words} or self._listed(choice.name)
        chosen = {part.strip() for part in value.split(",")}
        return [Option(word, words, word in chosen) for word, words in offered.items()]

    def _breakdowns(self) -> Iterator[Field]:
        for group in group_choices(self.newest, self.language):
            name = f"{GROUP}{group.name}"
            value = self.asked.get(name, "")
            options = [Option(code, words, code == value) for code, words in group.choices.items()]
            yield Field(
                name=name,
                label=group.label,
                shape="one",
                options=[Option("", _("all"), not value), *options],
                error=str(self.errors.get(name, "")),
            )
