/** The choices that a question offers: its list after the author's filter, or a roster's instances. */

import { compiled } from "../expressions/evaluator.js";
import { FUNCTIONS } from "../expressions/functions.js";
import { lookupOf } from "../expressions/lookups.js";
import { fail, toBoolean } from "../expressions/values.js";
import { textAt } from "./lists.js";

/** `search()` in an appearance is a part of its own; no expression can call it. */
const SEARCH = "search choices";

/** @typedef {{name: string, label?: object | string, node: Node}} Row */

/** The rows that a question offers now. @returns {Row[]} */
export const offered = (scope, leaf) => {
  const source = leaf.item.choices;
  if (!source) return [];
  const rows = filteredRows(scope, source, leaf);
  return source.randomize ? shuffled(rows, scope, source, leaf) : rows;
};

/** The names in a question's answer that it does not offer (any more). @returns {string[]} */
export const unoffered = (scope, leaf) => {
  const source = leaf.item.choices;
  if (!source || isMissing(scope, source)) return [];
  return chosen(leaf).filter((name) => !offeredRow(scope, source, leaf, name));
};

/** What a question offers under a name. @returns {Row | undefined} */
export const offeredRow = (scope, source, leaf, name) => {
  const { roster, nodes, search } = source;
  return (
    roster || nodes || search
      ? filteredRows(scope, source, leaf)
      : namedRows(scope, source, name).filter((row) => passes(scope, source, row, leaf))
  ).find((row) => row.name === name);
};

/** Whether the file of the choices is. */
const isMissing = ({ plan }, { list, instance = list, search = [instance] }) => {
  const file = plan.form.instances[search[0]];
  return file && !file.columns && !file.element;
};

/** The names of the choices that a question's answer has. @returns {string[]} */
export const chosen = ({ stored }) => (stored === null ? [] : [stored].flat());

/** The rows that may have a name; a list may have it twice, under different parents of a cascade. */
const namedRows = ({ plan }, source, name) => {
  const { root, rows, value } = plan.list(source);
  return root?.matching?.(value, name)?.map((node) => rows.get(node)) ?? plan.rows(source);
};

const filteredRows = (scope, source, leaf) => {
  if (source.search) return (FUNCTIONS[SEARCH] ?? (() => fail("function")))(scope, source, leaf);
  return candidates(scope, source, leaf).filter((row) => passes(scope, source, row, leaf));
};

/** The rows that the filter may let through. @returns {Row[]} */
const candidates = (scope, source, leaf) => {
  const { roster, nodes, value = "name", label = "label" } = source;
  if (nodes) return rowsAt(scope.nodes(nodes, leaf, "itemset"), value, label);
  if (roster) return rowsOfRoster(scope, roster);
  const { root, rows } = scope.plan.list(source);
  if (source.filter && root?.children("*").length)
    try {
      const find = lookupOf(source.filter, compiled);
      return find(root, root.children("*")[0].name, { scope, current: leaf }).map((node) => rows.get(node));
    } catch {
      // each row is tried then, and the fault noted
    }
  return scope.plan.rows(source);
};

/** A row for each node; as in JavaRosa, for one whose name is empty too. */
const rowsAt = (nodes, name, label) =>
  nodes.map((node) => ({ name: textAt(node, name), label: textAt(node, label), node }));

/** A row for each relevant instance. */
const rowsOfRoster = ({ root }, [path, name, label]) => {
  const instances = path.split("/").reduce((nodes, step) => nodes.flatMap((node) => node.children(step)), [root]);
  return rowsAt(instances.filter((node) => node.relevant), name, label);
};

const passes = (scope, source, { node }, leaf) => {
  if (!source.filter) return true;
  const result = scope.evaluate(source.filter, node, "choice_filter", leaf);
  // a filter that cannot be evaluated rather offers too much than makes a question unanswerable
  return result === null || toBoolean(result);
};

/** The rows in the order that `randomize` gives their nodes. */
const shuffled = (rows, scope, { seed }, leaf) => {
  const row = new Map(rows.map((each) => [each.node, each]));
  const given = seed && (scope.evaluate(seed, leaf, "randomize") || "");
  return FUNCTIONS.randomize({ scope }, [...row.keys()], given).map((node) => row.get(node));
};
