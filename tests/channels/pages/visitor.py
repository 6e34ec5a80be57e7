"""A visitor without scripts: reads forms as a browser does, fills them in and presses buttons."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from lxml import etree, html
from werkzeug.test import Cookie, TestResponse

from surveyapp.extensions import db

#: question name (`b_age`) or field name → what to type, choose or tick; bytes are a file
Wishes: TypeAlias = Mapping[str, Any]
Fields: TypeAlias = dict[str, list[Any]]


class Visitor:
    """One browser on one page."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.response: TestResponse
        self.address = ""
        self.fragment = ""
        self.visited: list[str] = []

    # ------------------------------------------------------------ looking

    def open(self, address: str) -> Visitor:
        """Follow a link."""
        return self._arrive(self.request("GET", address), address)

    def request(self, method: str, address: str, **more: Any) -> TestResponse:
        """One request in a context of its own, as a server has it: nothing of the last one is left."""
        db.session.remove()  # the test's own reading must not hold the database
        with self.client.application.app_context():
            return self.client.open(address, method=method, **more)

    def _arrive(self, response: TestResponse, address: str) -> Visitor:
        while response.status_code in {301, 302, 303, 307, 308}:
            address = response.headers["Location"]
            response = self.request("GET", urlsplit(address)._replace(fragment="").geturl())
        self.response, self.address = response, urlsplit(address).path
        self.fragment = urlsplit(address).fragment
        self.visited.append(self.address)
        return self

    @property
    def page(self) -> html.HtmlElement:
        """The page's document."""
        return html.document_fromstring(self.response.get_data(as_text=True))

    def all(self, xpath: str) -> list[html.HtmlElement]:
        """All elements that fit."""
        return list(self.page.xpath(xpath))

    def text(self, xpath: str = "//body") -> str:
        """The words of the first element that fits, blanks folded; empty without one."""
        return next((words(element) for element in self.all(xpath)), "")

    def boxes(self, kind: str) -> list[str]:
        """The words of each box of a kind: `wrong`, `look`, `help`."""
        return [words(box) for box in self.all(f"//*[{has_class('box')} and {has_class(kind)}]")]

    @property
    def heading(self) -> str:
        """The page's h1."""
        return self.text("//h1")

    @property
    def title(self) -> str:
        """The page's title."""
        return self.text("//title")

    def cookies(self) -> list[Cookie]:
        """Every cookie that the browser holds."""
        return list((self.client._cookies or {}).values())

    # ------------------------------------------------------------ answering

    @property
    def form(self) -> html.FormElement:
        """The page's one form."""
        [form] = self.page.forms
        return form

    def fields(self) -> Fields:
        """What the form would send as it stands, buttons apart."""
        return fields_of(self.form)

    def press(self, button: str, wishes: Wishes | None = None, **more: Any) -> Visitor:
        """Fill in what is wished for and press the button of that value (`next`, `back` …)."""
        fields = self.filled(dict(wishes or {}) | more) | {"@go": [button]}
        self.last_fields = fields
        return self.send(fields)

    def next(self, wishes: Wishes | None = None, **more: Any) -> Visitor:
        """Press the forward button."""
        return self.press("next", wishes, **more)

    def send(self, fields: Fields) -> Visitor:
        """Send the form with these fields."""
        action = self.form.get("action") or self.address
        return self._arrive(self.request("POST", action, data=_sendable(fields)), action)

    def filled(self, wishes: Wishes) -> Fields:
        """The form's fields after the wishes that the page has fields for."""
        fields = self.fields()
        offered = {control.get("name") for control in self.form.xpath(".//*[@name]")}
        for name in offered:
            wish = wishes.get(name, wishes.get(question_name(name), _NO_WISH))
            if wish is not _NO_WISH:
                fields[name] = wish if isinstance(wish, list) else [wish]
        return fields

    def questions(self) -> set[str]:
        """Names of the questions that the page has fields for."""
        names = {control.get("name") for control in self.form.xpath(".//*[@name]")}
        return {question_name(name) for name in names} - {"@revision", "@go"}

    def walk(self, wishes: Wishes, *, most: int = 100) -> Visitor:
        """Press the forward button, with the wishes, until the review; soft checks are confirmed."""
        for _step in range(most):
            if self.address.endswith("/review"):
                return self
            before = self.address
            self.next(wishes)
            if self.address == before:
                assert not self.boxes("wrong"), self.boxes("wrong")
        raise AssertionError(f"no end after {most} pages: {self.visited[-5:]}")


_NO_WISH = object()


def words(element: html.HtmlElement) -> str:
    """What an element says to a reader, blanks folded: nothing that is hidden."""
    return " ".join("".join(_read(element)).split())


def _read(element: html.HtmlElement) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.get("hidden") is None and child.tag not in ("template", etree.Comment):
            yield from _read(child)
        yield child.tail or ""


def has_class(name: str) -> str:
    """The XPath condition that an element has a class."""
    return f"contains(concat(' ', @class, ' '), ' {name} ')"


def question_name(field: str) -> str:
    """`child[2]/c_age` → `c_age`; the part of a date stays: `site/k_date@day` → `k_date@day`."""
    return field.rpartition("/")[2]


def fields_of(form: html.FormElement) -> Fields:
    """The successful controls of a form, as the HTML standard has it, buttons and files left out."""
    fields: Fields = {}
    for control in form.xpath(".//input | .//select | .//textarea"):
        name = control.get("name")
        for text in _texts(control) if name else ():
            fields.setdefault(name, []).append(text)
    return fields


def _texts(control: html.HtmlElement) -> Iterator[str]:
    kind = control.get("type", "text")
    if control.tag == "textarea":
        yield re.sub(r"^\n", "", control.text or "")
    elif control.tag == "select":
        chosen = control.xpath(".//option[@selected]") or control.xpath(".//option")[:1]
        yield from (option.get("value", option.text_content()) for option in chosen)
    elif kind in {"radio", "checkbox"}:
        if control.get("checked") is not None:
            yield control.get("value", "on")
    elif kind != "file":
        yield control.get("value", "")


def _sendable(fields: Fields) -> dict[str, Any]:
    return {
        name: [
            (BytesIO(value), "IMG_Aigerim.jpg") if isinstance(value, bytes) else value
            for value in values
        ]
        for name, values in fields.items()
    }
