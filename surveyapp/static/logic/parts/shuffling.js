/**
 * `randomize`: nodes in another order, the same order for the same seed on every client. A part beside the
 * logic, for questionnaires that use it. The seed of a text needs the part `encodings` too.
 */

/** Park and Miller's generator, which every XForms client shuffles with. */
const MODULUS = 2147483647n;
const MULTIPLIER = 16807n;
/** A text's seed, from the part with the digests; no expression can call it. */
const SEED = "randomize seed";

/** Numbers from 0 to below 1, always the same for a seed. @param {bigint} seed */
const parkMiller = (seed) => () => {
  seed = (seed * MULTIPLIER) % MODULUS;
  return Number(seed - 1n) / Number(MODULUS - 1n);
};

const whole = (number) => BigInt(Math.trunc(Math.max(-(2 ** 63), Math.min(number, 2 ** 63 - 1024))));

/** Add the function to the logic. */
export const install = ({ FUNCTIONS, fail, toNumber, toText }) => {
  /** The seed of a number, or of a text that is none. */
  const seedOf = (value) => {
    const [number, text] = [toNumber(value), toText(value)];
    const isText = Number.isNaN(number) && text && text !== "NaN";
    const seed = (isText ? (FUNCTIONS[SEED] ?? fail)(text) : whole(number || 0)) % MODULUS;
    return seed > 0n ? seed : seed + MODULUS - 1n;
  };

  /** Fisher and Yates, inside out. */
  FUNCTIONS.randomize = ({ scope }, value, seed) => {
    const random = seed === undefined ? () => scope.random() : parkMiller(seedOf(seed));
    const shuffled = [];
    (Array.isArray(value) ? value : fail("nodeset")).forEach((node, last) => {
      // without a seed the first node, which has but one place, draws none
      const place = last || seed !== undefined ? Math.trunc(random() * (last + 1)) : 0;
      shuffled.push(shuffled[place] ?? node);
      shuffled[place] = node;
    });
    return shuffled;
  };
};
