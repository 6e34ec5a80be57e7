/**
 * Secondary instances as expressions see them: `instance('district')/root/item`. Nodes of a table are made
 * when they are asked for; they never change.
 */

import { FUNCTIONS } from "../expressions/functions.js";
import { fail, toText } from "../expressions/values.js";

/** An instance that is no table is a part of its own; no expression can call it. */
const ELEMENTS = "instance elements";

/** What nodes of an instance have, whatever they are. */
const fixed = (name, parent, position, text = "") => ({ name, parent, position, relevant: true, value: () => text });
const NOTHING = [];

/** The node above an instance's root element. */
export const holderOf = ({ element, columns = [], cells = [], root = "root", row = "item" }) => {
  const holder = fixed("instance", null, 1);
  const below = element
    ? (FUNCTIONS[ELEMENTS] ?? (() => fail("instance")))(element, holder)
    : tableOf(columns, cells, row, fixed(root, holder, 1));
  holder.children = (name) => (name === below.name || name === "*" ? [below] : NOTHING);
  return holder;
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
    if (!found.has(text)) found.set(text, []);
    found.get(text).push(row);
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
