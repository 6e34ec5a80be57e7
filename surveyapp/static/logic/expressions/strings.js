/** Functions of text, of chosen choices (names joined by blanks), and of truth. */

import { FUNCTIONS } from "./functions.js";
import {
  spread,
  toBoolean,
  toIndex,
  toNumber,
  toText,
  trim,
  unpack,
} from "./values.js";

const joinValues = (separator, values) => spread(values).map(toText).join(separator);

/** A place in a text; a negative one counts from its end. */
const bounded = (index, length) => Math.min(Math.max(0, index < 0 ? index + length : index), length);

/** Rounded to the nearest whole number, halves up. */
const halfUp = (number) => (Number.isFinite(number) ? Math.floor(number + 0.5) : number);

const namesIn = (choices) => toText(choices).split(" ").filter(Boolean);

const selected = (_, choices, choice) => ` ${toText(choices)} `.includes(` ${trim(toText(choice))} `);

Object.assign(FUNCTIONS, {
  boolean: (_, value) => toBoolean(value),
  "boolean-from-string": (_, value) => /^(1|true)$/i.test(toText(value)),
  concat: (_, ...values) => joinValues("", values),
  contains: (_, text, part) => toText(text).includes(toText(part)),
  "count-selected": (_, choices) => namesIn(choices).length,
  depend: (_, value) => value,
  "ends-with": (_, text, part) => toText(text).endsWith(toText(part)),
  false: () => false,
  "is-selected": selected,
  join: (_, separator, ...values) => joinValues(toText(separator), values),
  "lower-case": (_, text) => toText(text).toLowerCase(),
  "normalize-space": ({ node }, value = node.value()) => trim(toText(value)).replace(/[ \t\n\v\f\r]+/g, " "),
  not: (_, value) => !toBoolean(value),
  once: ({ node }, value) => (node.value() === "" ? unpack(value) : node.value()),
  regex: ({ scope }, text, pattern) => scope.matcher(toText(pattern))(toText(text)),
  replace: (_, text, old, replacement) => {
    const [whole, gone, put] = [text, old, replacement].map(toText);
    return whole.replaceAll(gone, () => put);
  },
  selected,
  "selected-at": (_, choices, index) => namesIn(choices)[toIndex(index)] ?? "",
  "starts-with": (_, text, part) => toText(text).startsWith(toText(part)),
  string: (_, value) => toText(value),
  "string-length": ({ node }, value = node.value()) => toText(value).length,
  substr: (_, text, start, end = Infinity) => {
    const whole = toText(text);
    const [first, last] = [start, end].map((index) => bounded(toIndex(index), whole.length));
    // half a character is none
    return whole.slice(first, last).replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, "");
  },
  substring: (_, text, start, length = Infinity) => {
    const first = halfUp(toNumber(start));
    const last = first + halfUp(toNumber(length));
    return [...toText(text)].filter((_, index) => first <= index + 1 && index + 1 < last).join("");
  },
  "substring-after": (_, text, mark) => {
    const [whole, part] = [text, mark].map(toText);
    return whole.includes(part) ? whole.slice(whole.indexOf(part) + part.length) : "";
  },
  "substring-before": (_, text, mark) => {
    const [whole, part] = [text, mark].map(toText);
    return whole.slice(0, Math.max(whole.indexOf(part), 0));
  },
  translate: (_, text, characters, replacements) => {
    const [whole, sources, targets] = [text, characters, replacements].map((each) => [...toText(each)]);
    const translated = (character) => {
      const index = sources.indexOf(character);
      return index < 0 ? character : targets[index] ?? "";
    };
    return whole.map(translated).join("");
  },
  true: () => true,
  "upper-case": (_, text) => toText(text).toUpperCase(),
});
