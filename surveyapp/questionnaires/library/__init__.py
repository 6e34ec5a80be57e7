"""The questionnaires that come with the product, and the places of Kazakhstan.

The questionnaires are XLSForm workbooks in Markdown. `geography.csv` is the KATO classifier, edition
NK RK 11-2025: regions (no parent), districts and city administrations, boroughs of Astana, Almaty
and Shymkent. English names are our own transliteration.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

#: Edition of the classifier in `geography.csv`; codes change between editions.
GEOGRAPHY_EDITION = "NK RK 11-2025"


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A questionnaire that comes with the product; `access` is who may answer it to begin with."""

    id: str
    file: str
    access: str


BUILT_IN: tuple[BuiltIn, ...] = (
    BuiltIn("household_baseline", "household_baseline.md", "staff"),
    BuiltIn("family_survey", "family_survey.md", "public"),
    BuiltIn("adolescent_selfreport", "adolescent_selfreport.md", "invitation"),
    BuiltIn("site_safety", "site_safety.md", "staff"),
)

_FILES = {built_in.id: built_in.file for built_in in BUILT_IN}


def workbook(questionnaire_id: str) -> bytes:
    """A built-in questionnaire's workbook as its author wrote it; KeyError for any other id."""
    return read(_FILES[questionnaire_id])


def read(file: str) -> bytes:
    """A file of the library, also from within a wheel."""
    return resources.files(__name__).joinpath(file).read_bytes()
