"""What an OData service refuses, with the option that is wrong and a sentence for people."""

from __future__ import annotations

from http import HTTPStatus

from flask_babel import LazyString


class ODataRefused(Exception):
    """An option of the address is wrong (400), or not offered here (501)."""

    def __init__(self, target: str, sentence: LazyString, status: int = HTTPStatus.BAD_REQUEST) -> None:
        self.target = target
        self.sentence = sentence
        self.status = status
        super().__init__(target)
