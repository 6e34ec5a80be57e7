"""The Marshmallow schema of an envelope, strict about JSON's types.

None of Marshmallow's own wordings is used: a field refuses by a `Defect`, a code with its params, which
the edge renders in the reader's language. What OpenAPI says of the envelope is made of this schema.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import INCLUDE, Schema, ValidationError, fields, post_load, validates

from surveyapp.questionnaires.answer_fields import Defect, refusal

#: years that a phone's clock can show, however wrong it goes; all of them can be read back everywhere
YEARS = range(1900, 3000)
LONGEST_ID = 100
LONGEST_WORD = 200
LONGEST_NAME = 255
LARGEST_FILE = 2**40
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
#: a name of XML without a colon: what XLSForm takes as the id of a form
_QUESTIONNAIRE = re.compile(r"[^\W\d][\w.-]*")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
FILE_NAME = re.compile(r"[^/\\\x00-\x1f\x7f]*[^/\\\x00-\x1f\x7f.\s][^/\\\x00-\x1f\x7f]*")


def _codes(code: str) -> Any:
    """The field's own errors as defects; Marshmallow puts any object through, its types say strings."""
    missing = [Defect("missing")]
    return {"required": missing, "null": missing, "invalid": [Defect(code)]}


class Identifier(fields.UUID):
    """A UUID in its usual spelling; neither braces nor a URN, which other readers may not take."""

    default_error_messages = _codes("uuid")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> UUID:
        if not isinstance(value, str) or not _UUID.fullmatch(value):
            raise refusal("uuid")
        return UUID(value)


class Word(fields.String):
    """A short text, in the shape of a pattern if it has one."""

    default_error_messages = _codes("text")

    def __init__(self, *, longest: int, pattern: re.Pattern[str] | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.longest = longest
        self.pattern = pattern

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise refusal("text")
        if len(value) > self.longest:
            raise refusal("too_long", max=self.longest)
        if self.pattern and not self.pattern.fullmatch(value):
            raise refusal("invalid")
        return value


class Moment(fields.AwareDateTime):
    """A moment with its offset, `2026-09-05T14:30:00+05:00`; it keeps the offset."""

    default_error_messages = _codes("dateTime")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            moment = super()._deserialize(value, attr, data, **kwargs)
        except ValidationError:
            raise refusal("dateTime") from None
        if moment.year not in YEARS:
            raise refusal("dateTime")
        return moment


class Whole(fields.Integer):
    """A whole number within bounds; neither a boolean nor a text."""

    default_error_messages = _codes("integer")

    def __init__(self, *, most: int, **options: Any) -> None:
        super().__init__(strict=True, **options)
        self.most = most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise refusal("integer")
        if not 0 <= value <= self.most:
            raise refusal("range", min=0, max=self.most)
        return value


class Group(fields.Dict):
    """A JSON object, as it came."""

    default_error_messages = _codes("object")


class StrictSchema(Schema):
    """What all schemas of the envelope share: unknown fields are kept, errors are defects."""

    class Meta:
        unknown = INCLUDE

    error_messages = {"type": Defect("object")}  # type: ignore[dict-item]  # noqa: RUF012  # see `_codes`


class FileName(Word):
    """The name of a file, never a path; normalised to NFC, as the answer that names it is."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return unicodedata.normalize("NFC", super()._deserialize(value, attr, data, **kwargs))


class Hash(Word):
    """A SHA-256 in hex, kept in lower case."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return super()._deserialize(value, attr, data, **kwargs).lower()


class FileSchema(StrictSchema):
    """A file that the answers name; its bytes come apart."""

    name = FileName(longest=LONGEST_NAME, pattern=FILE_NAME, required=True)
    sha256 = Hash(longest=64, pattern=_SHA256, required=True)
    size = Whole(most=LARGEST_FILE, required=True)
    type = Word(longest=LONGEST_NAME, required=True)


class ConsentSchema(StrictSchema):
    """Which consent text was shown or read, in which language, when and how."""

    text_version = Word(longest=LONGEST_WORD, allow_none=True)
    language = Word(longest=LONGEST_ID, allow_none=True)
    at = Moment(allow_none=True)
    how = Word(longest=LONGEST_WORD, allow_none=True)

    @post_load
    def for_storing(self, loaded: dict[str, Any], **_options: Any) -> dict[str, Any]:
        """The moment as a text again: consent is kept as JSON."""
        at = loaded.get("at")
        return loaded | ({"at": at.isoformat()} if at else {})


class EnvelopeSchema(StrictSchema):
    """One filled questionnaire."""

    id = Identifier(required=True)
    questionnaire = Word(longest=LONGEST_ID, pattern=_QUESTIONNAIRE, required=True)
    version = Word(longest=LONGEST_ID, required=True)
    language = Word(longest=LONGEST_ID, pattern=_LANGUAGE, required=True)
    answers = Group(required=True)
    started_at = Moment(allow_none=True)
    finished_at = Moment(allow_none=True)
    base_revision = Whole(most=2**31 - 1, allow_none=True)
    app = Word(longest=LONGEST_WORD, allow_none=True)
    assignment = Word(longest=LONGEST_WORD, allow_none=True)
    invitation = Word(longest=LONGEST_WORD, allow_none=True)
    answer_languages = Group(allow_none=True)
    paradata = Group(allow_none=True)
    consent = fields.Nested(ConsentSchema, allow_none=True, error_messages=_codes("object"))
    attachments = fields.List(
        fields.Nested(FileSchema, error_messages={"null": [Defect("object")]}),
        allow_none=True,
        error_messages=_codes("list"),
    )

    @validates("attachments")
    def one_name_one_file(self, files: list[dict[str, Any]] | None, data_key: str) -> None:
        """Refuse two files of one name: which of them an answer means could not be told."""
        names = [file["name"] for file in files or () if "name" in file]
        if len(set(names)) < len(names):
            raise refusal("repeated")


class SealedEnvelopeSchema(StrictSchema):
    """An envelope encrypted on the phone: nothing of it can be read but its id."""

    id = Identifier(required=True)
    sealed = fields.String(required=True, error_messages=_codes("text"))
