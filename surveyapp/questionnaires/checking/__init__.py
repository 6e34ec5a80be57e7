"""Everything that is wrong with a questionnaire, at once, each with its place.

    report = check(content, "school.xlsx")
    report.problems, report.weight

A workbook is looked at three times. Our own passes over its sheets (`naming`, `choices`, `cells`,
`wordings`, and the checks that compiling has) find what is wrong in the cells. Then pyxform converts a
copy in which those mistakes are mended (`repair`), so that it gets to the next ones, which it never
reaches otherwise. Then the definition that came out is read (`meaning`): comparisons that mean something
else, cycles, conditions that are never true, patterns that run for ever. Of an XForm only the last is
looked at, and the place is the node's path.
"""

from __future__ import annotations

from surveyapp.questionnaires.checking.report import Report, check
from surveyapp.questionnaires.checking.weight import Weight

__all__ = ["Report", "Weight", "check"]
