/** Functions of what a path leads to, and of chance. */

import { FUNCTIONS } from "./functions.js";
import { fail, nodeset, toIndex, toNumber, toText } from "./values.js";

/** Park and Miller's generator, which every XForms client shuffles with. */
const MODULUS = 2147483647n;
const MULTIPLIER = 16807n;
const GUID = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** A text's seed, from the part with the digests; no expression can call it. */
const SEED = "randomize seed";
/** No identifier needs to be longer. */
const LONGEST_GUID = 1000;

/** Numbers from 0 to below 1, always the same for a seed. @param {bigint} seed */
const parkMiller = (seed) => () => {
  seed = (seed * MULTIPLIER) % MODULUS;
  return Number(seed - 1n) / Number(MODULUS - 1n);
};

/** The seed of a number, or of a text that is none. */
const seedOf = (value, scope) => {
  const number = toNumber(value);
  const text = toText(value);
  let whole = 0n;
  if (!Number.isNaN(number)) whole = BigInt(Math.trunc(Math.max(-(2 ** 63), Math.min(number, 2 ** 63 - 1024))));
  else if (text && text !== "NaN") whole = (FUNCTIONS[SEED] ?? fail("function"))(text);
  whole %= MODULUS;
  return whole > 0n ? whole : whole + MODULUS - 1n;
};

/** The nodes in another order; the same order for the same seed (Fisher and Yates, inside out). */
export const randomize = ({ scope }, value, seed) => {
  const random = seed === undefined ? () => scope.random() : parkMiller(seedOf(seed, scope));
  const shuffled = [];
  nodeset(value).forEach((node, last) => {
    // the first node has but one place
    const place = last || seed !== undefined ? Math.trunc(random() * (last + 1)) : 0;
    shuffled.push(shuffled[place] ?? node);
    shuffled[place] = node;
  });
  return shuffled;
};

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
  pulldata: ({ scope }, source, column, keyColumn, key) => {
    const holder = scope.instance(toText(source).replace(/\.csv$/, "")) ?? fail("instance");
    const rows = holder.children("root").flatMap((root) => root.children("item"));
    const [where, wanted] = [keyColumn, key].map(toText);
    const found = rows.find((row) => toText(row.children(where)) === wanted);
    return found ? toText(found.children(toText(column))) : "";
  },
  random: ({ scope }) => scope.random(),
  randomize,
  sum: (_, value) =>
    nodeset(value)
      .map((node) => toNumber(node.value()))
      .reduce((sum, number) => (Number.isNaN(number) ? sum : sum + number), 0),
  uuid: ({ scope }, length) =>
    length === undefined
      ? uuid(scope)
      : characters(Math.max(0, Math.min(toIndex(length), LONGEST_GUID)), GUID, scope),
});
