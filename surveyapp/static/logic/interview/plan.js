/**
 * What is made of a questionnaire's logic once (`questionnaires/logic.py` describes the document) and
 * shared by all its interviews: the items as a tree, their order, and what follows from what.
 */

import { fail } from "../expressions/values.js";
import { matcherOf } from "../expressions/patterns.js";
import { FUNCTIONS } from "../expressions/functions.js";
import { holderOf, textAt } from "./lists.js";

/** A pattern that is not in the document is read by a part of its own; no expression can call it. */
export const PATTERN = "regex pattern";

export class Plan {
  /** @param {object} form  the document of its logic */
  constructor(form) {
    this.form = form;
    this.root = { name: form.root, path: "", items: [], attributes: form.attributes };
    this.items = form.items.map((item) => ({ ...item }));
    this.items.forEach((item, index) => {
      const container = this.items[item.in] ?? this.root;
      item.index = index;
      item.path = container.path ? `${container.path}/${item.name}` : item.name;
      item.container = container;
      if (/^(section|roster)$/.test(item.kind)) item.items = [];
      container.items.push(item);
    });
    this.rules = form.order.map((index) => this.items[index]).filter((item) => item.relevant || item.calculation);
    this.counted = this.items.filter((item) => item.count);
    this.dependants = inverted(this.items, "before");
    this.watchers = inverted(this.items, "watches");
    this.followers = new Map();
    this.instances = new Map();
    this.lists = new Map();
    this.matchers = new Map();
  }

  /** The items that follow from one, itself among them. @returns {Set<Item>} */
  following(item) {
    if (!this.followers.has(item)) {
      const found = new Set([item]);
      for (const each of found) this.dependants.get(each)?.forEach((next) => found.add(next));
      this.followers.set(item, found);
    }
    return this.followers.get(item);
  }

  /** An item and all that it contains. @returns {Item[]} */
  within(item) {
    return [item, ...(item.items ?? []).flatMap((inner) => this.within(inner))];
  }

  /** The node above a secondary instance's root; undefined if there is no such instance. */
  instance(name) {
    if (!this.instances.has(name) && this.form.instances[name])
      this.instances.set(name, holderOf(this.form.instances[name]));
    return this.instances.get(name);
  }

  /** The choices of a list: its root, and by the node that stands for each in expressions its row. */
  list({ list, instance = list, value = "name", label = "label" }) {
    if (!this.lists.has(list)) {
      const labels = this.form.lists[list];
      const [root] = this.instance(instance)?.children("*") ?? [];
      const rows = (root?.children("*") ?? []).map((node, index) => [
        node,
        { name: textAt(node, value), label: labels ? labels[index] : textAt(node, label), node },
      ]);
      this.lists.set(list, { root, rows: new Map(rows), value });
    }
    return this.lists.get(list);
  }

  /** All choices of a list in order. */
  rows(source) {
    return [...this.list(source).rows.values()];
  }

  /** The test of a whole text that `regex()` makes; patterns are never backtracked. */
  matcher(source) {
    if (!this.matchers.has(source)) {
      const pattern = this.form.patterns[source] ?? (FUNCTIONS[PATTERN] ?? (() => fail("pattern")))(source);
      this.matchers.set(source, matcherOf(pattern));
    }
    return this.matchers.get(source);
  }
}

/** For each item those that name it in one of their lists of indices. @returns {Map<Item, Item[]>} */
const inverted = (items, key) => {
  const found = new Map();
  for (const item of items)
    for (const index of item[key] ?? []) {
      const other = items[index];
      if (!found.has(other)) found.set(other, []);
      found.get(other).push(item);
    }
  return found;
};
