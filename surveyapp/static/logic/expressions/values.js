/**
 * Values and how one kind becomes another, as JavaRosa converts them; the same rules as in
 * `questionnaires/expressions/conversions.py`.
 *
 * @typedef {string | number | boolean | Moment} Scalar  `''` is no answer
 * @typedef {Scalar | Node[]} Value  one scalar, or the nodes that a path leads to
 * @typedef {object} Node  a node of the answers or of a choice list
 * @property {string} name
 * @property {Node | null} parent
 * @property {number} position  1-based, among the siblings of the same name
 * @property {boolean} relevant
 * @property {(name: string) => Node[]} children  `*` for all of them
 * @property {() => Scalar} value
 * @typedef {object} Context
 * @property {object} scope  root, now, instance(), choiceLabel(), random(), matcher()
 * @property {Node} node  what `.` is
 * @property {Node} current  what `current()` is
 * @property {number} [position]  what `position()` is inside a predicate
 */

/** Numbers closer than this are equal; smaller ones are nothing. */
export const TOLERANCE = 1e-12;
const SECONDS_A_DAY = 86400;

/** An expression that was understood but has no value for these answers; codes as in Python. */
export class EvaluationError extends Error {
  /** @param {string} code */
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/** @param {string} code @returns {never} */
export const fail = (code) => {
  throw new EvaluationError(code);
};

/** A date (`clock` null), a time (`day` null) or a moment, in the interview's own offset. */
export class Moment {
  /**
   * @param {number | null} day  whole days since 1970-01-01
   * @param {number | null} clock  microseconds since midnight
   */
  constructor(day, clock = null) {
    this.day = day;
    this.clock = clock;
  }
}

/** @param {Value} value */
export const isNodes = (value) => Array.isArray(value);

/** The value itself, or that of a nodeset's only node. @param {Value} value @returns {Scalar} */
export const unpack = (value) => {
  if (!isNodes(value)) return value;
  if (value.length > 1) fail("repeated");
  return value.length ? value[0].value() : "";
};

/** @param {Value} value @returns {number} */
export const toNumber = (value) => {
  value = unpack(value);
  if (typeof value === "number") return value;
  if (typeof value === "string") return numberOfText(value);
  if (typeof value === "boolean") return +value;
  return value.day ?? fractionOfDay(value);
};

const numberOfText = (text) => {
  // some keyboards write a comma
  const plain = trim(text).replace(/,/g, ".");
  return /^-?(\d+\.?\d*|\.\d+)$/.test(plain) ? +plain : NaN;
};

/** Without what Java's `String.trim` takes away. @param {string} text */
// eslint-disable-next-line no-control-regex
export const trim = (text) => text.replace(/^[\0- ]+|[\0- ]+$/g, "");

/** How much of its day has passed, from 0 to 1. @param {Moment} moment */
export const fractionOfDay = (moment) => {
  const whole = Math.floor(moment.clock / 1e6);
  return (whole + (moment.clock % 1e6) / 1e6) / SECONDS_A_DAY;
};

/** A whole number within 32 bits, 0 if it is none (Java's `intValue`). @param {Value} value */
export const toIndex = (value) =>
  Math.trunc(Math.max(-(2 ** 31), Math.min(toNumber(value), 2 ** 31 - 1))) || 0;

/** False for `''`, 0, NaN and false. @param {Value} value */
export const toBoolean = (value) => {
  value = unpack(value);
  if (typeof value === "number") return Math.abs(value) > TOLERANCE;
  return value !== "" && value !== false;
};

/** @param {Value} value @returns {string} */
export const toText = (value) => {
  value = unpack(value);
  if (typeof value === "number") return numberText(value, TOLERANCE);
  if (value instanceof Moment) return value.day === null ? clockText(value.clock, 8) : dayText(value.day);
  return String(value);
};

/** Plain digits, without a point if nothing above `tolerance` stands behind it. */
export const numberText = (number, tolerance) => {
  if (!Number.isFinite(number)) return String(number);
  const whole = Math.trunc(number);
  return Math.abs(number - whole) < tolerance ? String(BigInt(whole)) : digitsOf(number);
};

/** The shortest digits that mean the number, without an exponent. @param {number} number */
export const digitsOf = (number) => {
  if (Number.isInteger(number)) return String(BigInt(number));
  const [digits, exponent] = String(number).split("e-");
  if (!exponent) return digits;
  const plain = "0." + "0".repeat(exponent - 1) + digits.replace(/[-.]/g, "");
  return (number < 0 ? "-" : "") + plain;
};

/** `2024-02-29`. @param {number} day */
export const dayText = (day) => new Date(day * 864e5).toISOString().slice(0, 10);

/** `06:30:00.000`, cut to so many characters. @param {number} clock @param {number} length */
export const clockText = (clock, length) =>
  new Date(Math.floor(clock / 1e3)).toISOString().slice(11, 11 + length);

/** `''` or NaN. @param {Value} value */
export const isEmpty = (value) => {
  value = unpack(value);
  return value === "" || Number.isNaN(value);
};

/** As booleans if a side is one, else as numbers if a side is one, else as texts. */
export const equals = (left, right) => {
  left = unpack(left);
  right = unpack(right);
  if (typeof left === "boolean" || typeof right === "boolean") return toBoolean(left) === toBoolean(right);
  if (typeof left === "number" || typeof right === "number")
    return Math.abs(toNumber(left) - toNumber(right)) < TOLERANCE;
  return toText(left) === toText(right);
};

/** @param {Node[]} nodes */
export const valuesOf = (nodes) => nodes.map((node) => node.value());

/** The values of a nodeset's nodes if it is the only argument, else the arguments. */
export const spread = (values) =>
  values.length === 1 && isNodes(values[0]) ? valuesOf(values[0]) : values;

/** The value as nodes. @param {Value} value @returns {Node[]} */
export const nodeset = (value) => (isNodes(value) ? value : fail("nodeset"));
