"""What can be wrong with an XForm."""

from __future__ import annotations

from typing import Any


class XFormError(ValueError):
    """An XForm that cannot be used: `code` is one of `CODES`, `params` says where and what."""

    CODES = frozenset(
        {
            "too_large",  # bytes, limit
            "too_deep",  # limit
            "not_xml",  # line, column
            "doctype",
            "not_xform",  # element: the part that is missing
            "no_form_id",
            "duplicate",  # path
            "expression",  # path, attribute, source; reason, position, details as in ExpressionError
            "extension",  # path, attribute, value
            "choices",  # path, source
            "search_arguments",  # path, source
            "unbound",  # path: of a control whose node is missing
            "media_type",  # file
            "media_large",  # file, limit: bytes
            "media_rows",  # file, limit
            "media_columns",  # file, limit
            "media_encoding",  # file, position: the first byte that is no UTF-8
            "media_broken",  # file, detail
            "media_json",  # file, line
            "media_geojson",  # file: something else than a collection of features
            "media_feature",  # file, number: of the feature without a point, line or area
            "media_xml",  # file
            "language",  # language: two names with one code
            "cycle",  # paths: the items that depend on each other, first and last the same
        }
    )

    def __init__(self, code: str, **params: Any) -> None:
        self.code = code
        self.params = params
        super().__init__(f"{code}: {params}" if params else code)
