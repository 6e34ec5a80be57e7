"""Expressions evaluated by the phone's evaluator over the test world (`expressions/world.py`)."""

from __future__ import annotations

import json
import math
from datetime import date, datetime, time, timedelta
from typing import Any

from surveyapp.questionnaires.definition import DataType, Tree
from surveyapp.questionnaires.expressions import Scalar, storage_text, to_boolean, to_number, to_string
from surveyapp.questionnaires.expressions.patterns import PatternError
from surveyapp.questionnaires.expressions.patterns.portable import portable_pattern
from surveyapp.questionnaires.expressions.trees import walk
from surveyapp.questionnaires.javascript import Engine
from tests.questionnaires.expressions.world import Element, World

_WORLD = """
{
const { Moment, unpack, toText, toNumber, toBoolean, storageText, matcherOf, fail } = internals;
const scalar = (value) => {
  if (value === null || typeof value !== "object") return value;
  if ("number" in value) return Number(value.number);
  return new Moment(value.day, value.clock);
};
const element = ([name, own, position, hidden, below], parent) => {
  const node = { name, parent, position, get relevant() { return !hidden && (!parent || parent.relevant); } };
  const all = below.map((each) => element(each, node));
  node.below = all;
  node.children = (wanted) => (wanted === "*" ? all : all.filter((each) => each.name === wanted));
  node.value = () => (node.relevant ? scalar(own) : "");
  return node;
};
const number = (value) => (Number.isFinite(value) ? value : String(value));
const described = (value, offset, types) => ({
  type: value instanceof Moment ? (value.day === null ? "time" : value.clock === null ? "date" : "datetime") : typeof value,
  text: toText(value),
  number: number(toNumber(value)),
  truth: toBoolean(value),
  stored: Object.fromEntries(types.map((type) => [type, storageText(value, type, offset)])),
});
let world = null;
globalThis.world = {
  make: (given) => {
    const instances = Object.fromEntries(given.instances.map(([name, tree]) => [name, element(tree, null)]));
    world = {
      root: element(given.root, null),
      now: scalar(given.now),
      offset: given.offset,
      instance: (name) => (Object.hasOwn(instances, name) ? instances[name] : undefined),
      choiceLabel: (node, value) => given.labels[`${node.name} ${value}`] ?? "",
      random: () => 0.5,
      matcher: (source) => matcherOf(given.patterns[source] ?? fail("pattern")),
    };
  },
  evaluate: (tree, line, types, patterns) => {
    const node = line.reduce((node, [name, place]) => node.children(name)[place], world.root);
    const scope = { ...world, matcher: (source) => matcherOf(patterns[source] ?? (logic.FUNCTIONS["regex pattern"] ?? (() => fail("pattern")))(source)) };
    try {
      return described(unpack(logic.compile(tree)({ scope, node, current: node })), world.offset, types);
    } catch (error) {
      if (!error.code) throw error;
      return { error: error.code };
    }
  },
};
}
"""
