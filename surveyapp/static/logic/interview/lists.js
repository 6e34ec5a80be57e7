/**
 * Secondary instances as expressions see them: `instance('district')/root/item`. Nodes of a table are made
 * when they are asked for; they never change.
 */

import { toText } from "../expressions/values.js";

/** What nodes of an instance have, whatever they are. */
const fixed = (name, parent, position, text = "") => ({ name, parent, position, relevant: true, value: () => text });
const NOTHING = [];

/** The node above an instance's root element. */
export const holderOf = ({ element, columns = [], cells = [], root = "root", row = "item" }) => {
  const holder = fixed("instance", null, 1);
  const below = element ? nodeOf(element, holder, 1) : tableOf(columns, cells, row, fixed(root, holder, 1));
  holder.children = (name) => (name === below.name || name === "*" ? [below] : NOTHING);
  return holder;
};

const nodeOf = ([name, text, elements], parent, position) => {
  const node = fixed(name, parent, position, text);
  const counts = {};
  const all = elements.map((each) => nodeOf(each, node, (counts[each[0]] = (counts[each[0]] ?? 0) + 1)));
  // by name, as a branch of the answers has them
  const names = [...new Set(all.map((each) => each.name))];
  node.children = (wanted) => names.flatMap((each) => (wanted === each || wanted === "*" ? all.filter((one) => one.name === each) : []));
  return node;
};

/** A table's root, whose rows are looked up by the texts of a column. */
const tableOf = (columns, cells, row, root) => {
  const rows = (cells[0] ?? NOTHING).map((_, index) => {
    const node = fixed(row, root, index + 1);
    node.children = (name) => {
      if (name === "*") return columns.flatMap(node.children);
      const text = cells[columns.indexOf(name)]?.[index] ?? null;
      return text === null ? NOTHING : [{ ...fixed(name, node, 1, text), children: () => NOTHING }];
    };
    return node;
  });
  const indices = new Map();
  root.children = (name) => (name === row || name === "*" ? rows : NOTHING);
  /** All rows whose cell may equal a value, in order; undefined if only trying can tell. */
  root.matching = (column, value) => {
    if (/^(boolean|number)$/.test(typeof value)) return undefined;
    if (!indices.has(column)) indices.set(column, indexed(rows, cells[columns.indexOf(column)] ?? NOTHING));
    return indices.get(column).get(toText(value)) ?? NOTHING;
  };
  return root;
};

/** The rows by their text in one column. */
const indexed = (rows, texts) => {
  const found = new Map();
  rows.forEach((row, index) => {
    const text = texts[index] ?? "";
    found.set(text, [...(found.get(text) ?? NOTHING), row]);
  });
  return found;
};

/** The text at a path of names below a node; empty if it leads nowhere. */
export const textAt = (node, path) =>
  toText(
    path
      .replace(/^\.\//, "")
      .split("/")
      .reduce((found, step) => found?.children(step)[0], node)
      ?.value() ?? "",
  );
