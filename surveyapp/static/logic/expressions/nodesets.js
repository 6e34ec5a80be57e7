/** Functions of what a path leads to, and of chance. */

import { FUNCTIONS } from "./functions.js";
import { nodeset, toIndex, toNumber } from "./values.js";

const GUID = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** No identifier needs to be longer. */
const LONGEST_GUID = 1000;

const characters = (count, of, scope) => Array.from({ length: count }, () => of[Math.trunc(scope.random() * of.length)]).join("");

/** A random UUID, version 4. */
const uuid = (scope) =>
  characters(32, "0123456789abcdef", scope).replace(
    /^(.{8})(.{4}).(.{3}).(.{3})/,
    (_, first, second, third, fourth) => `${first}-${second}-4${third}-${characters(1, "89ab", scope)}${fourth}-`,
  );

Object.assign(FUNCTIONS, {
  count: (_, value) => nodeset(value).length,
  "count-non-empty": (_, value) =>
    nodeset(value).filter((node) => node.value() !== "" || node.children("*").length).length,
  position: (context, value) => {
    if (value === undefined) return context.position ?? context.node.position;
    return nodeset(value)[0]?.position ?? 0;
  },
  random: ({ scope }) => scope.random(),
  sum: (_, value) =>
    nodeset(value)
      .map((node) => toNumber(node.value()))
      .reduce((sum, number) => (Number.isNaN(number) ? sum : sum + number), 0),
  uuid: ({ scope }, length) =>
    length === undefined
      ? uuid(scope)
      : characters(Math.max(0, Math.min(toIndex(length), LONGEST_GUID)), GUID, scope),
});
