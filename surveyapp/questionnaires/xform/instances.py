"""Secondary instances: choice lists and data within an XForm, and those in files beside it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from lxml import etree

from surveyapp.questionnaires.definition import Element, Instance
from surveyapp.questionnaires.xform.choice_files import read_file
from surveyapp.questionnaires.xform.document import Document, elements, file_name
from surveyapp.questionnaires.xform.tabular import instance_of

#: the answers of the last form that a phone sent: a server has none
LAST_SAVED = "jr://instance/last-saved"

#: where a form says that a CSV file lies
CSV_ADDRESS = "jr://file-csv/"

#: an instance without content
EMPTY = Element("")


def read_instances(document: Document) -> dict[str, Instance]:
    """What the secondary instances within the form hold."""
    own = ((name, each) for name, each in document.secondary_instances() if not _address(each))
    roots = ((name, next(elements(each), None)) for name, each in own)
    read = document.attributes_read
    return {name: EMPTY if root is None else instance_of(root, read) for name, root in roots}


def external_addresses(document: Document) -> dict[str, str]:
    """The instances whose content is a file: name → address (`jr://file-csv/places.csv`)."""
    instances = document.secondary_instances()
    return {name: address for name, each in instances if (address := _address(each))}


def read_external(
    addresses: Mapping[str, str], files: Mapping[str, bytes], attributes: Collection[str] = ()
) -> dict[str, Instance]:
    """What the instances hold whose file is among `files`. Raises `XFormError`."""
    wanted = {name: file_name(address) for name, address in addresses.items()}
    given = {file for file in wanted.values() if file in files}
    contents = {file: read_file(file, files[file], attributes) for file in given}
    found = {name: contents[file] for name, file in wanted.items() if file in contents}
    return found | {name: EMPTY for name, each in addresses.items() if each == LAST_SAVED}


def _address(instance: etree._Element) -> str:
    return instance.get("src", "").strip()
