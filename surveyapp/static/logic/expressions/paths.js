/**
 * Paths: the nodes that they lead to from a context; `questionnaires/expressions/paths.py` says how an
 * absolute path is bound to the roster instances of its context.
 *
 * @typedef {(context: Context) => Value} Compiled
 * @typedef {{name: string, predicates: Compiled[]}} Step
 */

import { lookupOf } from "./lookups.js";
import { fail } from "./values.js";

/** @param {any[]} trees @returns {Step[]} */
const compileSteps = (trees, compile) =>
  trees.map(([name, ...predicates]) => ({ name, predicates: predicates.map(compile) }));

/** A path from the root of the answers. */
export const compileAbsolute = ([, ...trees], compile) => {
  const [root, ...steps] = compileSteps(trees, compile).filter((step) => step.name !== ".");
  const isRoot = (node) => root.name === node.name;
  const evaluate = (context) => {
    const start = context.scope.root;
    if (!isRoot(start) && root.name !== "*") return [];
    return relevant(descend(filtered([start], root.predicates, context), steps, context, true));
  };
  const start = ({ scope }) => (isRoot(scope.root) && !root.predicates.length ? scope.root : null);
  return straight(start, steps, evaluate);
};

/** A path from the context node. */
export const compileRelative = (tree, compile) => from((context) => context.node, tree, compile);

/** A path from the node that the whole expression stands in. */
export const compileCurrent = (tree, compile) => from((context) => context.current, tree, compile);

const from = (origin, [, ...trees], compile) => {
  const path = compileSteps(trees, compile);
  const ups = path.filter((step) => step.name === "..").length;
  const steps = path.filter((step) => !/^\.\.?$/.test(step.name));
  const start = (context) => climb(origin(context), ups);
  return straight(start, steps, (context) => relevant(descend([start(context)], steps, context)));
};

/** The way of most paths, one node at every step, so that nothing is to be filtered or bound. */
const straight = (start, steps, otherwise) => {
  if (steps.some((step) => step.predicates.length)) return otherwise;
  return (context) => {
    let node = start(context);
    if (!node) return otherwise(context);
    for (const { name } of steps) {
      const nodes = node.children(name);
      if (nodes.length !== 1) return otherwise(context);
      node = nodes[0];
    }
    return node.relevant ? [node] : [];
  };
};

/** A path into a secondary instance (a choice list, a file). */
export const compileInstance = ([, name, ...trees], compile) => {
  const steps = trees
    .filter((step) => step[0] !== ".")
    .map((step) => ({ ...compileSteps([step], compile)[0], find: lookupOf(step[1], compile) }));
  return (context) => descend([context.scope.instance(name) ?? fail("instance")], steps, context);
};

/** The node and all above it, the root first. */
const lineOf = (node) => (node ? [...lineOf(node.parent), node] : []);

const relevant = (nodes) => nodes.filter((node) => node.relevant);

const descend = (nodes, steps, context, bound) => {
  const line = bound && lineOf(context.node);
  // how many levels the path goes along with the context's own line
  let along = line && line[0].name === context.scope.root.name ? 1 : -1;
  let predicated = false;
  for (const { name, predicates, find } of steps) {
    nodes = nodes.flatMap((node) => (find ? find(node, name, context) : node.children(name)));
    if (along > 0) along = line[along]?.name === name ? along + 1 : -1;
    if (predicates.length) {
      nodes = filtered(nodes, predicates, context);
      predicated = true;
    } else if (along > 0 && (predicated || nodes.length > 1)) {
      const { position } = line[along - 1];
      nodes = nodes.filter((node) => node.position === position);
    }
  }
  return nodes;
};

/** The nodes for which every predicate is true; a number or a text selects nothing (JavaRosa). */
const filtered = (nodes, predicates, { scope, current }) =>
  predicates.reduce(
    (left, predicate, number) =>
      left.filter((node, index) => {
        const position = number ? index + 1 : node.position;
        return predicate({ scope, node, current, position }) === true;
      }),
    nodes,
  );

const climb = (node, levels) => {
  for (; levels; levels--) node = node.parent ?? fail("above_root");
  return node;
};
