"""Measure a choice file of many rows: `python -m tests.performance.choice_files --rows 15000`.

A cascade over the file, a cell found by `instance()` and one by `pulldata`; with `--scan` as if no row
could be looked up, for comparison.
"""

from __future__ import annotations

import argparse
import csv
import io
import time
import tracemalloc
from collections.abc import Callable
from unittest.mock import patch

from surveyapp.questionnaires import xform
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.interview import Interview
from surveyapp.questionnaires.interview.tables import RootNode
from surveyapp.questionnaires.xlsform import compile_workbook
from tests.questionnaires.forms import MOMENT

WORKBOOK = """
| survey |
| | type | name | label | choice_filter | calculation |
| | text | region | Region | | |
| | text | district | District | | |
| | select_one_from_file villages.csv | village | Village | region = ${region} and district = ${district} | |
| | calculate | label | | | instance('villages')/root/item[name = ${village}]/label |
| | calculate | people | | | pulldata('villages', 'people', 'name', ${village}) |
"""
ROUNDS = 50


def villages(rows: int) -> bytes:
    """A file of villages in 20 regions with 15 districts each."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(("name", "label", "region", "district", "people"))
    for number in range(rows):
        region, district = number % 20, number % 300
        table.writerow((f"v{number}", f"Village {number}", f"r{region}", f"d{district}", number))
    return written.getvalue().encode()


def milliseconds(act: Callable[[int], object]) -> float:
    """How long one of some rounds takes."""
    begun = time.perf_counter()
    for round_ in range(ROUNDS):
        act(round_)
    return (time.perf_counter() - begun) * 1000 / ROUNDS


def choose(filled: Interview, round_: int) -> None:
    """Take another district and look what it offers."""
    filled.set("region", "r5")
    filled.set("district", f"d{5 + 20 * (round_ % 15)}")
    if not filled.choices("village"):
        raise AssertionError("a district without a village")


def measure(form: bytes, files: dict[str, bytes]) -> None:
    """Print the figures of one way."""
    begun = time.perf_counter()
    definition: Questionnaire = xform.parse(form, files)
    print(f"parse form and file  {(time.perf_counter() - begun) * 1000:8.1f} ms")
    filled = Interview(definition, language="default", now=MOMENT)
    begun = time.perf_counter()
    choose(filled, 0)
    print(f"first choices        {(time.perf_counter() - begun) * 1000:8.1f} ms")
    print(f"another district     {milliseconds(lambda r: choose(filled, r)):8.2f} ms")
    print(f"another village      {milliseconds(lambda r: filled.set('village', f'v{r}')):8.2f} ms")


def memory(form: bytes, files: dict[str, bytes]) -> None:
    """Print what a definition keeps once its rows have been looked up."""
    tracemalloc.start()
    definition = xform.parse(form, files)
    choose(Interview(definition, language="default", now=MOMENT), 0)
    print(f"memory kept          {tracemalloc.get_traced_memory()[0] / 2**20:8.1f} MiB")
    tracemalloc.stop()


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=15_000)
    parser.add_argument("--scan", action="store_true", help="try each row instead of looking rows up")
    arguments = parser.parse_args()
    form = compile_workbook(WORKBOOK.encode(), "villages.md").xform
    files = {"villages.csv": villages(arguments.rows)}
    print(f"{arguments.rows} rows, {len(files['villages.csv'])} bytes")
    if arguments.scan:
        with patch.object(RootNode, "matching", lambda *_: None):
            measure(form, files)
    else:
        measure(form, files)
        memory(form, files)


if __name__ == "__main__":
    main()
