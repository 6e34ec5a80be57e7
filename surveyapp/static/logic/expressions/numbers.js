/** Functions of numbers; Java's NaN and infinities are JavaScript's. */

import { FUNCTIONS } from "./functions.js";
import { Moment, digitsOf, fractionOfDay, spread, toIndex, toNumber } from "./values.js";

/** JavaRosa rounds to no more places than this. */
const MOST_PLACES = 30;

/** A moment given directly keeps its clock. */
const fractional = (value) => toNumber(value) + (value instanceof Moment && value.day !== null ? fractionOfDay(value) : 0);

for (const name of "abs acos asin atan atan2 cos exp log log10 pow sin sqrt tan".split(" "))
  FUNCTIONS[name] = (_, ...values) => Math[name](...values.map(fractional));

/** Rounded in decimal, as written: `1.005` to two places is `1.01`; halves go up (-2.5 to -2). */
const round = (_, value, places = 0) => {
  const number = toNumber(value);
  const count = toIndex(places);
  if (!Number.isFinite(number)) return number;
  if (Math.abs(count) > MOST_PLACES) return NaN;
  const digits = digitsOf(number);
  if (count < 0) return roundLeft(digits, count);
  const [whole, fraction = ""] = digits.split(".");
  if (fraction.length <= count) return number;
  const rest = fraction.slice(count);
  const cut = BigInt(whole.replace("-", "") + fraction.slice(0, count));
  const rounded = +`${cut + BigInt(number < 0 ? rest > "5" : rest >= "5")}e-${count}`;
  return number < 0 ? -rounded : rounded;
};

/** To tens, hundreds …: like JavaRosa add a half and cut, also below zero. */
const roundLeft = (digits, count) => {
  const scaled = Math.trunc(+(digits + "e" + count) + 0.5);
  return +`${BigInt(scaled)}e${-count}`;
};

/** @param {(...numbers: number[]) => number} choose */
const extreme = (choose) => (_, ...values) => {
  const numbers = spread(values).map(toNumber).filter((number) => !Number.isNaN(number));
  return numbers.length ? numbers.reduce((left, right) => choose(left, right), numbers[0]) : NaN;
};

Object.assign(FUNCTIONS, {
  // no zero below zero: dividing by it would tell
  ceiling: (_, value) => Math.ceil(fractional(value)) + 0,
  exp10: (_, value) => 10 ** fractional(value),
  floor: (_, value) => Math.floor(fractional(value)) + 0,
  int: (_, value) => Math.trunc(toNumber(value)) + 0,
  // JavaRosa begins with the smallest number above 0, and so ends there if all are below
  max: extreme((left, right) => Math.max(left, right, Number.MIN_VALUE)),
  min: extreme(Math.min),
  number: (_, value) => toNumber(value),
  pi: () => Math.PI,
  round,
});
