"""The definition of a questionnaire: our frozen, parsed form of an XForm.

Every part of the program works on these classes and on nothing else: pages render them, the interview
judges by them, exports make columns of them. A definition is built once per version (`xform.parse`),
is never changed afterwards and may be shared between threads.

Names of items are the XForm's element names; a *path* is the names from the root, joined by `/`,
without the root itself: `visit/a_region`, `child/c_age`. The path of one node of an interview carries
the 1-based position of each roster instance: `child[2]/c_age` (`questionnaires.paths`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

#: JSON tree of an expression: `["op", arg, …]`, see `expressions/__init__.py`.
Tree: TypeAlias = list[Any]


@dataclass(frozen=True, slots=True)
class Expression:
    """An XPath expression as its author wrote it, and as our parser understood it."""

    source: str
    tree: Tree = field(compare=False, hash=False)


class DataType(StrEnum):
    """The type of an answer; the values are XLSForm's names."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    TIME = "time"
    DATETIME = "dateTime"
    SELECT_ONE = "select_one"
    SELECT_MULTIPLE = "select_multiple"
    RANK = "rank"
    GEOPOINT = "geopoint"
    GEOTRACE = "geotrace"
    GEOSHAPE = "geoshape"
    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    FILE = "file"
    BARCODE = "barcode"
    ACKNOWLEDGE = "acknowledge"
    #: no XLSForm has it, but hand-made XForms do; the answer is the text `1` or `0`
    BOOLEAN = "boolean"


ATTACHMENT_TYPES = frozenset({DataType.IMAGE, DataType.AUDIO, DataType.VIDEO, DataType.FILE})
#: lists whose choice `agree` is somebody's consent, as in the built-in questionnaires
CONSENT_LISTS = frozenset({"consent", "assent"})
CONSENT_GIVEN = "agree"
SELECT_TYPES = frozenset({DataType.SELECT_ONE, DataType.SELECT_MULTIPLE, DataType.RANK})

#: Files that may go with a text (XLSForm `media::image`); the big image shows when the image is touched.
MEDIA_KINDS = ("image", "big-image", "audio", "video")

#: One language's wording: literal pieces and expressions whose value is put in (XForms `output`).
Wording: TypeAlias = tuple[str | Expression, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A wording in one or more languages, keyed by language code (`kk`, `ru`, `en`).

    A text that the workbook gives without a language stands under the questionnaire's default language.
    `media` has the files that go with it: kind (one of `MEDIA_KINDS`) → language → file name.
    """

    wordings: Mapping[str, Wording]
    media: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any(self.wordings.values()) or bool(self.media)


NO_TEXT = Text({})


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a list; `extra` holds the list's further columns (`parent` of a cascade)."""

    name: str
    label: Text
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RosterChoices:
    """Choices that are the instances of a roster of the questionnaire itself (`select_one ${c_name}`).

    `path` is the roster's, `name` and `label` are the items of an instance that stand for the choice.
    """

    path: str
    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Search:
    """`search()` in an appearance: ODK Collect's choices out of the rows of a file.

    `file` names an instance; `arguments` are none, or kind of match, columns and text, or these with
    the filter's column and value. A choice of the question's own list that is no whole number stands
    for all rows found: its name is the column of names, its label the columns of labels.
    """

    file: str
    arguments: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class ChoiceSource:
    """Where a question's choices come from: a list of the questionnaire, and the author's filter.

    The filter is evaluated once for each choice with the choice's columns as its context node.
    With `randomize` the choices are shuffled, by the `seed` if there is one. `value` and `label` are
    the columns of a choice's name and label in the instance of the same name as the list (a list that
    is a second view of an instance is called `instance?value=…&label=…`). `nodes`, if there is one,
    leads to the choices wherever else they stand.
    """

    list_name: str
    filter: Expression | None = None
    roster: RosterChoices | None = None
    randomize: bool = False
    seed: Expression | None = None
    value: str = "name"
    label: str = "label"
    nodes: Expression | None = None
    search: Search | None = None

    @property
    def instance(self) -> str:
        """The name of the instance that the list is a view of."""
        return self.list_name.partition("?")[0]


@dataclass(frozen=True, slots=True)
class Table:
    """A secondary instance whose rows are alike: elements called `row`, with a cell for each column.

    Cells are texts; None is a cell that the row has not got. A column `@id` has the rows' attribute.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    root: str = "root"
    row: str = "item"


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a secondary instance of any other shape; attributes are children called `@id`."""

    name: str
    text: str = ""
    children: tuple[Element, ...] = ()


Instance: TypeAlias = Table | Element


@dataclass(frozen=True, slots=True)
class SoftCheck:
    """`survey:warning`: true means the page asks “is this right?”, and does not block."""

    condition: Expression
    message: Text


@dataclass(frozen=True, slots=True)
class Disclosure:
    """`survey:disclosure`: true means a safeguarding case of this level (`amber`, `red`)."""

    condition: Expression
    level: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a change of one answer sets elsewhere (XForms `setvalue`); `target` is an item's path.

    The expression is evaluated at the target, in the roster instance of the answer that changed.
    """

    target: str
    value: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What every item has. `relevant` is the item's own condition; parents' conditions add to it."""

    name: str
    path: str
    relevant: Expression | None = None
    label: Text = NO_TEXT
    hint: Text = NO_TEXT
    #: longer explanation, folded away on the page (XLSForm `guidance_hint`)
    guidance: Text = NO_TEXT
    appearance: frozenset[str] = frozenset()
    #: those of its element that expressions read, as the form has them: name → text
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section(Item):
    """An XLSForm group."""

    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster(Item):
    """An XLSForm repeat. With a `count` its instances follow the expression; else people add them."""

    items: tuple[Item, ...] = ()
    count: Expression | None = None
    #: the instances of a new form, if they are not one that is filled as every other is
    initial: tuple[Element, ...] | None = None
    #: how many instances there are in each further instance of a roster around it
    initial_later: int = 0
    #: what a new instance sets outside of itself
    assignments: tuple[Assignment, ...] = ()


#: why an answer may be none: it was refused, or whoever was asked did not know
REFUSED, DONT_KNOW = "refused", "dont_know"
NO_ANSWERS = frozenset({REFUSED, DONT_KNOW})
#: types of which such answers can be declared; of choices their names tell
CODED_TYPES = frozenset({DataType.INTEGER, DataType.DECIMAL, DataType.DATE})
#: as many as SPSS can declare missing
MOST_CODES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Valued(Item):
    """An item that holds a value in the answers."""

    type: DataType
    #: points at a person: sealed apart from the other answers (`survey:identity`)
    identity: bool = False
    #: not shown in lists, previews or logs; dropped from the default export (`survey:sensitive`)
    sensitive: bool = False
    #: `region`, `area`, `sex`, `age`, `disability` or `wealth` (`survey:breakdown`)
    breakdown: str | None = None
    #: free text that a person reads for signs of danger (`survey:reading`)
    reading: bool = False
    #: points at nobody as it is, says its author: comes whole into every export (`survey:releasable`)
    releasable: bool = False
    #: answers that are none (`survey:missing`): a number or day as XForms write it → one of `NO_ANSWERS`
    missing: Mapping[str, str] = field(default_factory=dict)
    default: str | Expression | None = None
    #: the text that stands in a new form where the default is an expression that does not hold there
    text_default: str | None = None
    #: whether the default holds when a form begins, and in roster instances that are added later
    default_held: tuple[bool, bool] = (True, True)
    read_only: Expression | None = None
    required: Expression | None = None
    required_message: Text = NO_TEXT
    constraint: Expression | None = None
    constraint_message: Text = NO_TEXT
    disclosure: Disclosure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Valued):
    """Something a person answers.

    One with a `calculation` shows what the form computes: as in ODK Collect, whatever was typed is
    computed anew, so it is always read-only here. `volatile` is said of it as of a Calculation.
    """

    choices: ChoiceSource | None = None
    calculation: Expression | None = None
    volatile: bool = False
    assignments: tuple[Assignment, ...] = ()
    #: checklist item without which a site cannot meet the minimum (`survey:critical`)
    critical: bool = False
    #: holds the invitation's code, which is cut out on receipt (`survey:invitation`)
    invitation: bool = False
    warning: SoftCheck | None = None
    #: a geopoint is rounded to a grid of this many metres before it is kept (`survey:coarsen`)
    coarsen: int | None = None
    #: the places in a picture's metadata are asked for, and kept (`survey:keep_place`)
    keeps_place: bool = False
    #: names the household, or site, that a record is about: two of one are shown together
    #: (`survey:household`); several such questions name it together, none in a roster does
    household: bool = False
    #: range questions: `start`, `end`, `step`; images: `max-pixels`
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Item):
    """Text to read, without an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calculation(Valued):
    """A value the form computes; `volatile` when it depends on `random()`, `uuid()` or the clock."""

    calculation: Expression
    volatile: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata(Valued):
    """A value the device fills in (`start`, `end`, `today`, `deviceid` …), named by its preload."""

    preload: str
    preload_parameter: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden(Valued):
    """A value that nobody is asked and nothing computes: a default, or what an Assignment sets."""


Container: TypeAlias = Section | Roster


# Compared by identity: a version is parsed once, and what is compiled of it is kept under it.
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Questionnaire:
    """One version of a questionnaire, parsed.

    `root` is a Section without name or path; `choice_lists` holds every list whole, unfiltered.
    `audience` (`field`, `family`, `adolescent` or none) and `minutes` come from `survey:` attributes
    on the workbook's first row (docs/decisions), `hash` is the SHA-256 of the XForm's bytes in hex.
    """

    id: str
    version: str
    title: Text
    languages: tuple[str, ...]
    default_language: str
    root: Section
    choice_lists: Mapping[str, tuple[Choice, ...]]
    hash: str
    audience: str | None = None
    minutes: str | None = None
    #: name of the XForm's root element (`data` unless the author says otherwise)
    root_name: str = "data"
    #: instances whose content is in a file of their own, not in the XForm: name → its address there
    external_lists: Mapping[str, str] = field(default_factory=dict)
    #: what `instance('name')` reads; an external one only if its file was given
    instances: Mapping[str, Instance] = field(default_factory=dict)
    #: names of the attributes that expressions read, of whatever instance
    attributes_read: tuple[str, ...] = ()
    #: what `jr:itext()` can read, if an expression calls it: language → id (`id;short`) → text
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    #: what stands for `${0}`, `${1}` … in these
    outputs: tuple[Expression, ...] = ()
    #: what a new form sets, in this order, where that is not each default in the order of the items
    first_load: tuple[Assignment, ...] = ()
    #: what a parent agrees to before an invitation is given out (`survey:permission_kk` …)
    permission: Text = NO_TEXT
    #: the words of the setting `style`: `pages` asks one question a screen
    style: frozenset[str] = frozenset()

    def walk(self) -> Iterator[Item]:
        """Every item in document order, containers before what they contain; the root left out."""
        return walk(self.root)


def walk(container: Container) -> Iterator[Item]:
    """Every item below a container in document order, containers before what they contain."""
    for item in container.items:
        yield item
        if isinstance(item, Section | Roster):
            yield from walk(item)
