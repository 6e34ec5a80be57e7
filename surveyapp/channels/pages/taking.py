"""What a form brings, put into the interview and the draft: answers, what is none, and files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from surveyapp.channels.pages import drafts, fields, photos
from surveyapp.channels.pages.fields import Raw, Unreadable
from surveyapp.channels.pages.paging import Page
from surveyapp.channels.pages.sitting import Sitting
from surveyapp.questionnaires.definition import (
    ATTACHMENT_TYPES,
    CONSENT_GIVEN,
    CONSENT_LISTS,
    Question,
)

#: field name → texts, as `request.form.to_dict(flat=False)` has it
Form: TypeAlias = Mapping[str, list[str]]


class Upload(Protocol):
    """An uploaded file, as Werkzeug has it."""

    def read(self, size: int = -1, /) -> bytes:
        """At most that many bytes of it."""


@dataclass(frozen=True, slots=True)
class Taker:
    """Takes forms into one sitting."""

    sitting: Sitting

    def take(self, page: Page, form: Form, files: Mapping[str, Upload]) -> None:
        """Take everything that a page's form holds; what cannot be understood is kept as typed."""
        for path in self.sitting.walk.asked(page):
            self.sitting.state.conflicts.pop(path, None)
            if self.sitting.walk.question(path).type in ATTACHMENT_TYPES:
                self._take_file(path, form, files)
            else:
                self._take_raw(path, fields.raw_from(form, path))
        self.sitting.note_change(page)

    def merge(self, page: Page, form: Form, files: Mapping[str, Upload]) -> bool:
        """Take from a form that is older than the answers; returns whether they contradict it.

        What is not answered yet is taken. Where the form says something else than the answer, the
        answer stays and what was typed is kept beside it, as a conflict for the person to decide.
        """
        contradicted = [self._merge(path, form, files) for path in self.sitting.walk.asked(page)]
        self.sitting.note_change(page)
        return any(contradicted)

    def _merge(self, path: str, form: Form, files: Mapping[str, Upload]) -> bool:
        if self.sitting.walk.question(path).type in ATTACHMENT_TYPES:
            self._take_file(path, form, files)
            return False
        typed, shown = fields.raw_from(form, path), self.sitting.shown(path)
        if fields.is_blank(typed) or self._means_the_same(path, typed, shown):
            return False
        if fields.is_blank(shown):
            self._take_raw(path, typed)
            return False
        self.sitting.state.conflicts[path] = self._cut(typed)
        return True

    def _take_raw(self, path: str, raw: Raw) -> None:
        raws = self.sitting.state.raw
        if self._is_as_shown(path, raw):
            raws.pop(path, None)
            return
        try:
            value = self.sitting.value_of(path, raw)
        except Unreadable:
            raws[path] = self._cut(raw)
            value = None
        else:
            raws.pop(path, None)
        self._set(path, value)

    def _is_as_shown(self, path: str, raw: Raw) -> bool:
        """Whether the fields hold what they show of the answer that is there.

        It stays as it is then: fields do not show a place's accuracy, or a time's seconds.
        """
        return path not in self.sitting.state.raw and _plainly(raw) == _plainly(self.sitting.held(path))

    def _means_the_same(self, path: str, one: Raw, other: Raw) -> bool:
        try:
            return bool(self.sitting.value_of(path, one) == self.sitting.value_of(path, other))
        except Unreadable:
            return one == other

    def _cut(self, raw: Raw) -> Raw:
        """What is kept of what cannot be understood: not more than an answer may be long."""
        longest = self.sitting.settings.max_text_length
        return {part: [text[:longest] for text in texts] for part, texts in raw.items()}

    def _set(self, path: str, value: Any) -> None:
        interview, state = self.sitting.interview, self.sitting.state
        if value == interview.value(path):
            return
        interview.set(path, value)
        state.languages.pop(path, None)
        state.asked.pop(path, None)
        if value is not None:
            state.languages[path] = self.sitting.language
        if _asks_for_consent(self.sitting.walk.question(path)):
            state.consent = self._consent() if value == CONSENT_GIVEN else None

    def _consent(self) -> dict[str, Any]:
        """What was agreed to, in which language, when and how (Law No. 94-V, article 8)."""
        return {
            "text_version": self.sitting.state.version,
            "language": self.sitting.language,
            "at": self.sitting.now.isoformat(timespec="seconds"),
            "how": "web page",
        }

    # ------------------------------------------------------------ files

    def _take_file(self, path: str, form: Form, files: Mapping[str, Upload]) -> None:
        self.sitting.state.refused.pop(path, None)
        upload = files.get(path)
        content = upload.read(self._largest + 1) if upload else b""
        if content:
            self._keep_file(path, content)
        elif form.get(fields.field_name(path, "remove")):
            drop_file(self.sitting, path)
            self._set(path, None)

    @property
    def _largest(self) -> int:
        return self.sitting.settings.max_photo_bytes

    def _keep_file(self, path: str, content: bytes) -> None:
        state, question = self.sitting.state, self.sitting.walk.question(path)
        try:
            file = photos.check(content, question.type, question.name, largest=self._largest)
        except photos.WrongFile as wrong:
            state.refused[path] = {"code": wrong.code, "params": wrong.params}
            return
        drop_file(self.sitting, path)
        state.files[path] = {
            "id": drafts.keep_file(self.sitting.draft, file.content),
            "name": file.name,
            "sha256": file.sha256,
            "size": len(file.content),
            "type": file.type,
        }
        self._set(path, file.name)


def drop_file(sitting: Sitting, path: str) -> None:
    """Forget the file at a node, if there is one."""
    kept = sitting.state.files.pop(path, None)
    if kept:
        drafts.drop_file(sitting.draft, kept["id"])


def _plainly(raw: Raw) -> dict[str, list[str]]:
    """What stands in fields, in whichever order and with whichever line ends browsers send it."""
    texts = {part: sorted("\n".join(text.splitlines()).strip() for text in raw[part]) for part in raw}
    return {part: kept for part in texts if (kept := [text for text in texts[part] if text])}


def _asks_for_consent(question: Question) -> bool:
    return question.choices is not None and question.choices.list_name in CONSENT_LISTS
