"""A short way through judging, for questionnaires and records as most of them are.

The general way (`instance_xml`, `schema`, `interview`) makes a node of each item and can answer for all
that a form can say. Most questions have no rule at all, and most rules look at an answer or two. For
these a plan is made once for each definition: readers of single values (`reading`), and closures that
look at nothing but the answers (`conditions`, `judging`). The same answers get the same judgement on
both ways (tests/questionnaires/test_swift.py).

The short way is left whenever something is not of the plain kind: a definition with calculations,
filters of choices, counts, rosters within rosters or expressions that look around (`NotPlain`, once for
each definition), or a record with a part that nobody knows, a value that does not read, elements in
another order (`Unusual`, for this record). It says nothing of them: the general way does.
"""

from __future__ import annotations

from surveyapp.questionnaires.swift.elements import Elements, Unusual, elements_of
from surveyapp.questionnaires.swift.judging import plain_rules
from surveyapp.questionnaires.swift.reading import instance_reader

__all__ = ["Elements", "Unusual", "elements_of", "instance_reader", "plain_rules"]
