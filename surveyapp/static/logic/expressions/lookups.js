/**
 * Equalities in a predicate that rows of a table can be looked up by, instead of trying each of them:
 * `[region = /data/a_region and kind != 'x']` can be true only for rows whose `region` equals one value,
 * which does not depend on the row.
 */

import { unpack } from "./values.js";

/** What depends on the row, in a tree as JSON; a text that only looks like it costs nothing but time. */
const OF_THE_ROW = /\["relative"|"(now|once|position|random|randomize|today|uuid)"/;

/** The columns and the trees of their values that a predicate compares. @returns {[string, any[]][]} */
const equalities = ([operator, ...operands]) => {
  if (operator === "and") return operands.flatMap(equalities);
  if (operator !== "=" || operands.length > 2) return [];
  const sides = [operands, [...operands].reverse()];
  return sides
    .map(([[kind, ...steps], value]) => [kind === "relative" && steps.length === 1 && steps[0].length === 1 && steps[0][0], value])
    .filter(([column, value]) => column && !/^(\.\.?|\*)$/.test(column) && !OF_THE_ROW.test(JSON.stringify(value)))
    .slice(0, 1);
};

/**
 * Finds the children of a node for which a predicate may be true; with doubt, all of them. It throws where
 * the first comparison has no value: so would trying each child.
 * @returns {(parent: Node, name: string, context: Context) => Node[]}
 */
export const lookupOf = (predicate, compile) => {
  const keys = (predicate ? equalities(predicate) : []).map(([column, value]) => [column, compile(value)]);
  return (parent, name, { scope, current }) => {
    const children = parent.children(name);
    if (!keys.length || !parent.matching || !children.length || children[0].name !== name) return children;
    const inside = { scope, node: children[0], current };
    return keys.reduce((fewest, [column, value], index) => {
      try {
        const found = parent.matching(column, unpack(value(inside))) ?? fewest;
        return found.length < fewest.length ? found : fewest;
      } catch (error) {
        // what stands behind the first is evaluated only where that is true
        if (index) return fewest;
        throw error;
      }
    }, children);
  };
};
