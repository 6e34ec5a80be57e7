/** Trees to closures: each tree is turned once into a function of the context, and evaluated often. */

import { FUNCTIONS } from "./functions.js";
import { compileAbsolute, compileCurrent, compileInstance, compileRelative } from "./paths.js";
import { equals, fail, isEmpty, isNodes, toBoolean, toNumber, toText } from "./values.js";

/** @param {any[]} tree @returns {Compiled} */
export const compile = (tree) => COMPILERS[tree[0]](tree, compile);

const kept = new WeakMap();

/** The closure of a tree, compiled when it is first asked for. */
export const compiled = (tree) => {
  if (!kept.has(tree)) kept.set(tree, compile(tree));
  return kept.get(tree);
};

const literal = ([, value]) => () => value;

/** Compiles a chain of operands, computed from left to right. */
const binary = (operate) => ([, ...trees]) => {
  const [first, second, ...others] = trees.map(compile);
  if (!others.length) return (context) => operate(first(context), second(context));
  return (context) =>
    others.reduce((result, other) => operate(result, other(context)), operate(first(context), second(context)));
};

const ofNumbers = (operate) => binary((left, right) => operate(toNumber(left), toNumber(right)));

/** Compiles operands of which the first that is `decisive` decides; those after it are left out. */
const until = (decisive) => ([, ...trees]) => {
  const operands = trees.map(compile);
  return (context) => operands.some((operand) => toBoolean(operand(context)) === decisive) === decisive;
};

const call = ([, name, ...trees]) => {
  if (FORMS[name]) return FORMS[name](trees);
  const [first, second, ...others] = trees.map(compile);
  const apply = (...given) => (FUNCTIONS[name] ?? fail("function"))(...given);
  if (others.length)
    return (context) => apply(context, first(context), second(context), ...others.map((each) => each(context)));
  if (second) return (context) => apply(context, first(context), second(context));
  return first ? (context) => apply(context, first(context)) : (context) => apply(context);
};

/** Functions of which not all arguments are computed; a part adds its own. */
export const FORMS = {
  __proto__: null,
  if: (trees) => {
    const [condition, then, otherwise] = trees.map(compile);
    return (context) => (toBoolean(condition(context)) ? then : otherwise)(context);
  },
  coalesce: (trees) => {
    const [first, second] = trees.map(compile);
    return (context) => {
      const value = first(context);
      return isEmpty(value) ? second(context) : value;
    };
  },
  "jr:choice-name": (trees) => {
    const [choice, question] = trees.map(compile);
    return (context) => {
      const nodes = question(context);
      const name = toText(choice(context));
      return name && isNodes(nodes) && nodes.length ? context.scope.choiceLabel(nodes[0], name) : "";
    };
  },
};

const COMPILERS = {
  number: literal,
  string: literal,
  negative: ([, tree]) => {
    const operand = compile(tree);
    return (context) => -toNumber(operand(context));
  },
  or: until(true),
  and: until(false),
  "=": binary(equals),
  "!=": binary((left, right) => !equals(left, right)),
  "<": ofNumbers((left, right) => left < right),
  "<=": ofNumbers((left, right) => left <= right),
  ">": ofNumbers((left, right) => left > right),
  ">=": ofNumbers((left, right) => left >= right),
  "+": ofNumbers((left, right) => left + right),
  "-": ofNumbers((left, right) => left - right),
  "*": ofNumbers((left, right) => left * right),
  div: ofNumbers((left, right) => left / right),
  mod: ofNumbers((left, right) => left % right),
  call,
  absolute: compileAbsolute,
  relative: compileRelative,
  current: compileCurrent,
  instance: compileInstance,
};
