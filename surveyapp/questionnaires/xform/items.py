"""The items of an XForm, in the order and nesting of its primary instance."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from lxml import etree

from surveyapp.questionnaires.definition import (
    Assignment,
    Calculation,
    Element,
    Hidden,
    Item,
    Metadata,
    Note,
    Question,
    Roster,
    Section,
    Valued,
    walk,
)
from surveyapp.questionnaires.expressions import is_volatile
from surveyapp.questionnaires.paths import join
from surveyapp.questionnaires.xform.document import JAVAROSA, children, elements, local_name
from surveyapp.questionnaires.xform.errors import XFormError
from surveyapp.questionnaires.xform.form import Form
from surveyapp.questionnaires.xform.places import Place
from surveyapp.questionnaires.xform.tabular import attributes_of, element_of

META = "meta"
#: what a submission's envelope says instead of its answers; an entity belongs to ODK Central
_ENVELOPE = frozenset({"instanceID", "deprecatedID", "entity"})
#: the log that ODK Collect writes while a form is filled; it has neither control nor preload
_AUDIT = "audit"
_TEMPLATE = f"{{{JAVAROSA}}}template"


def read_items(form: Form) -> Section:
    """The section that holds all items."""
    root = Place(form, form.document.data, "")
    _refuse_unbound(form)
    attributes = attributes_of(root.element, form.document.attributes_read)
    return Section(name="", path="", items=tuple(_items(root)), attributes=attributes)


def read_first_load(form: Form, root: Section) -> tuple[Assignment, ...]:
    """What a new form sets, if that is more than each default in the order of the items."""
    places = {item.path: place for place, item in enumerate(walk(root)) if isinstance(item, Valued)}
    actions = [action for action in form.document.first_load() if action.target in places]
    order = [places[action.target] for action in actions]
    if all(before < after for before, after in pairwise(order)):
        return ()
    found = (
        (action.target, form.express(action.target, "default", action.source)) for action in actions
    )
    return tuple(Assignment(target, value) for target, value in found if value)


def _refuse_unbound(form: Form) -> None:
    """Refuse what asks for an answer that has no place, as ODK Collect does."""
    document = form.document
    for path in (*document.controls, *document.repeats):
        if path not in document.paths:
            raise XFormError("unbound", path=path)


def _items(container: Place) -> Iterator[Item]:
    for element in _each_once(container):
        place = Place(container.form, element, _path(container, element), container)
        item = _meta(place) if place.path == META else _item(place)
        if item is not None:
            yield item


def _path(container: Place, element: etree._Element) -> str:
    return join(container.path, local_name(element))


def _each_once(container: Place) -> Iterator[etree._Element]:
    """The elements of a container; of a roster's instances only its template, or else the first."""
    seen: set[str] = set()
    for element in elements(container.element):
        path = _path(container, element)
        if path not in seen:
            yield element
        elif path not in container.form.document.repeats:
            raise XFormError("duplicate", path=path)
        seen.add(path)


def _item(place: Place) -> Item:
    if place.repeat is not None:
        return _roster(place, place.repeat)
    if len(place.element) or place.group is not None:
        return Section(**place.common(), items=tuple(_items(place)))
    if place.control is None:
        return _unasked(place)
    return Note(**place.common()) if place.is_note else _question(place, place.control)


def _roster(place: Place, repeat: etree._Element) -> Roster:
    count = place.express("repeat_count", repeat.get(f"{{{JAVAROSA}}}count"))
    return Roster(
        **place.common(),
        items=tuple(_items(place)),
        count=count,
        initial=_initial(place),
        initial_later=_initial_later(place.element),
        assignments=place.assignments(place.form.document.new_instance_actions(repeat)),
    )


def _initial(place: Place) -> tuple[Element, ...] | None:
    """The roster's instances in a new form; None if it is the usual one, like the template."""
    instances = place.form.document.instances(place.path)
    if instances is None:
        return None
    found = tuple(map(element_of, instances))
    if len(found) != 1:
        return found
    usual = _is_empty(found[0]) if place.emptied else found[0] == element_of(place.element)
    return None if usual else found


def _is_empty(element: Element) -> bool:
    return not element.text and all(map(_is_empty, element.children))


def _initial_later(element: etree._Element) -> int:
    """The instances beside a roster's template within the template of a roster around it."""
    if not any(_TEMPLATE in around.attrib for around in element.iterancestors()):
        return 0
    siblings = element.getparent()
    same = () if siblings is None else children(siblings, local_name(element))
    return sum(_TEMPLATE not in each.attrib for each in same)


def _question(place: Place, control: etree._Element) -> Question:
    calculation = place.bound("calculate")
    return Question(
        **place.valued(),
        **place.asked(control),
        calculation=calculation,
        volatile=calculation is not None and is_volatile(calculation.tree),
    )


def _unasked(place: Place) -> Item:
    """An item without a control: computed, filled in by the device, or merely there."""
    calculation = place.bound("calculate")
    if calculation is not None:
        volatile = is_volatile(calculation.tree)
        return Calculation(**place.valued(), calculation=calculation, volatile=volatile)
    if place.preload:
        parameter = place.javarosa("preloadParams") or ""
        return Metadata(**place.valued(), preload=place.preload, preload_parameter=parameter)
    return Hidden(**place.valued())


def _meta(place: Place) -> Section | None:
    """The `meta` block without what the envelope has; None if nothing is left."""
    items = tuple(
        _unasked_meta(Place(place.form, element, _path(place, element)))
        for element in elements(place.element)
        if local_name(element) not in _ENVELOPE
    )
    if not items:
        return None
    attributes = attributes_of(place.element, place.form.document.attributes_read)
    return Section(name=META, path=META, items=items, attributes=attributes)


def _unasked_meta(place: Place) -> Item:
    if place.path == f"{META}/{_AUDIT}":
        return Metadata(**place.valued(), preload=_AUDIT)
    return _unasked(place)
