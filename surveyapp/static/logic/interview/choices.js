/** The choices that a question offers: its list after the author's filter, or a roster's instances. */

import { randomize } from "../expressions/nodesets.js";
import { toBoolean, toText } from "../expressions/values.js";

/**
 * The rows that a question offers now.
 * @returns {{name: string, label?: object | string, node: Node}[]}
 */
export const offered = (scope, leaf) => {
  const source = leaf.item.choices;
  if (!source) return [];
  const rows = allRows(scope, source).filter((row) => passes(scope, source, row, leaf));
  return source.randomize ? shuffled(rows, scope, source, leaf) : rows;
};

/** The names in a question's answer that it does not offer (any more). @returns {string[]} */
export const unoffered = (scope, leaf) => {
  const source = leaf.item.choices;
  if (!source || scope.plan.list(source.list)?.external) return [];
  const rows = chosen(leaf).length ? allRows(scope, source) : [];
  const isOffered = (name) => rows.some((row) => row.name === name && passes(scope, source, row, leaf));
  return chosen(leaf).filter((name) => !isOffered(name));
};

/** The names of the choices that a question's answer has. @returns {string[]} */
export const chosen = ({ stored }) => (stored === null ? [] : [stored].flat());

const allRows = (scope, source) =>
  source.roster ? rowsOfRoster(scope, source) : scope.plan.list(source.list)?.rows ?? [];

/** A row for each relevant instance that has a name. */
const rowsOfRoster = (scope, { roster: [path, name, label] }) =>
  path
    .split("/")
    .reduce((nodes, step) => nodes.flatMap((node) => node.children(step)), [scope.root])
    .map((node) => ({ name: textAt(node, name), label: textAt(node, label), node }))
    .filter((row) => row.name && row.node.relevant);

const textAt = (instance, path) => {
  const steps = path.replace(/^(\.\/)+/, "").split("/");
  return toText(steps.reduce((node, step) => node?.children(step)[0], instance)?.value() ?? "");
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
  return randomize({ scope }, rows.map(({ node }) => node), given).map((node) => row.get(node));
};
