/**
 * Regular expressions in Java's dialect, matched whole and in time linear in the text: a set of states,
 * never any backtracking. The server parses a pattern (`questionnaires/expressions/patterns`); its tree:
 *
 * - `"0-9"`: one character of a class, written as between the brackets of a class of this language
 * - `["&", part, …]` one after the other, `["|", branch, …]` any of them
 * - `["*", body, least, most]` so many times, `most` null: any number
 * - `["@", place]`: `start`, `end`, `very end`, `word`, `no word`
 * - `["?", body, wanted]`: ahead the body matches, or does not
 * - a function of a character: one for which it is true (`parts/patterns.js`)
 *
 * @typedef {string | Function | any[]} Pattern
 * @typedef {{test?: (character: string) => boolean, when?: (text: string[], at: number) => boolean,
 *   to: State[]}} State  without `to` it is the end
 */

const inWord = (character) => /[\p{L}\p{N}_]/u.test(character ?? " ");
const atWordEdge = (text, at) => inWord(text[at - 1]) !== inWord(text[at]);
const atVeryEnd = (text, at) => at === text.length;

const PLACES = {
  start: (_, at) => at === 0,
  end: (text, at) => /^(\r\n|[\n\r\x85\u2028\u2029]?)$/.test(text.slice(at, at + 3).join("")),
  "very end": atVeryEnd,
  word: atWordEdge,
  "no word": (text, at) => !atWordEdge(text, at),
};

/** The state in which a pattern begins that goes on at another one. */
const build = (pattern, next) => {
  if (typeof pattern === "function") return { test: pattern, to: [next] };
  if (typeof pattern === "string") {
    const members = new RegExp(`[${pattern}]`, "u");
    return build((character) => members.test(character), next);
  }
  return BUILDERS[pattern[0]](pattern, next);
};

const BUILDERS = {
  "&": ([, ...parts], next) => parts.reduceRight((after, part) => build(part, after), next),
  "|": ([, ...branches], next) => ({ to: branches.map((branch) => build(branch, next)) }),
  "*": ([, body, least, most], next) => {
    if (most === null) {
      const loop = { to: [next] };
      loop.to.unshift(build(body, loop));
      next = loop;
    }
    const end = next;
    for (let count = least; count < most; count++) next = { to: [build(body, next), end] };
    for (let count = 0; count < least; count++) next = build(body, next);
    return next;
  },
  "@": ([, place], next) => ({ when: PLACES[place], to: [next] }),
  "?": ([, body, wanted], next) => {
    const start = build(body, {});
    return { when: (text, at) => run(start, text, at, false) === wanted, to: [next] };
  },
};

/** The states in which a character is awaited, or the end, from these without reading on. */
const reached = (starts, text, at) => {
  const seen = new Set(starts);
  for (const state of seen)
    if (!state.test && (!state.when || state.when(text, at))) state.to?.forEach((next) => seen.add(next));
  return [...seen].filter((state) => state.test || !state.to);
};

/** Whether what begins at a place matches: the whole rest, or some of it. */
const run = (start, text, at, whole) => {
  for (let states = [start]; ; at++) {
    states = reached(states, text, at);
    const ended = states.some((state) => !state.to);
    if (at === text.length || !states.length || (ended && !whole)) return ended && (!whole || atVeryEnd(text, at));
    states = states.filter((state) => state.test?.(text[at])).flatMap((state) => state.to);
  }
};

/** A test of whole texts. @param {Pattern} pattern @returns {(text: string) => boolean} */
export const matcherOf = (pattern) => {
  const start = build(pattern, {});
  return (text) => run(start, [...text], 0, true);
};
