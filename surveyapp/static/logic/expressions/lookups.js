/**
 * Equalities in a predicate that rows of a table can be looked up by, instead of trying each of them:
 * `[region = /data/a_region and kind != 'x']` can be true only for rows whose `region` equals one value,
 * which does not depend on the row.
 */

import { unpack } from "./values.js";

/** What depends on the row, in a tree as JSON; a text that only looks like it costs nothing but time. */
const OF_THE_ROW = /\["relative"|"(now|once|position|random|randomize|today|uuid)"/;

/** The column and the tree of its value; undefined if a predicate says no such thing. */
const equality = ([operator, ...operands]) => {
  if (operator === "and") return operands.map(equality).find(Boolean);
  if (operator !== "=" || operands.length > 2) return undefined;
  const sides = [operands, [...operands].reverse()];
  return sides.find(([[kind, ...steps], value]) => {
    const column = steps.length === 1 && steps[0].length === 1 && steps[0][0];
    return kind === "relative" && column && !/^(\.\.?|\*)$/.test(column) && !OF_THE_ROW.test(JSON.stringify(value));
  });
};

/**
 * Finds the children of a node for which a predicate may be true; with doubt, all of them.
 * @returns {(parent: Node, name: string, context: Context) => Node[]}
 */
export const lookupOf = (predicate, compile) => {
  const found = predicate && equality(predicate);
  if (!found) return (parent, name) => parent.children(name);
  const column = found[0][1][0];
  const value = compile(found[1]);
  return (parent, name, { scope, current }) => {
    const children = parent.children(name);
    if (!parent.matching || !children.length || children[0].name !== name) return children;
    return parent.matching(column, unpack(value({ scope, node: children[0], current }))) ?? children;
  };
};
