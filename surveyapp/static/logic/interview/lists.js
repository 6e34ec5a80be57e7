/**
 * Secondary instances as expressions see them: `instance('district')/root/item`. Nodes of a table are made
 * when they are asked for; they never change.
 */

import { FUNCTIONS } from "../expressions/functions.js";
import { TOLERANCE, fail, toNumber, toText } from "../expressions/values.js";

/** An instance that is no table is a part of its own; no expression can call it. */
const ELEMENTS = "instance elements";

/** Digits behind the point that numbers are looked up by; closer ones are compared all the same. */
const DIGITS = 1e9;

const rounded = (number) => Math.round(number * DIGITS);

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
    if (typeof value === "boolean") return undefined;
    if (!indices.has(column)) indices.set(column, indexed(rows, cells[columns.indexOf(column)] ?? NOTHING));
    const keys = typeof value === "number" ? [value - TOLERANCE, value + TOLERANCE].map(rounded) : [toText(value)];
    const found = [...new Set(keys)].flatMap((key) => indices.get(column).get(key) ?? NOTHING);
    return found.sort((left, right) => left.position - right.position);
  };
  return root;
};

/** The rows by their text in one column, and by its number. */
const indexed = (rows, texts) => {
  const found = new Map();
  rows.forEach((row, index) => {
    const text = texts[index] ?? "";
    for (const key of [text, rounded(toNumber(text))]) {
      if (!found.has(key)) found.set(key, []);
      found.get(key).push(row);
    }
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
