/**
 * Digests and base64, and the seed of a text: a part beside the logic, for questionnaires that need it.
 * Nothing of it keeps a secret: it is here because forms make identifiers of answers with it.
 */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const MASK = 0xffffffffn;

/** The UTF-8 octets of a text; half a character is a question mark. @returns {number[]} */
const octetsOf = (text) =>
  [...text].flatMap((character) => {
    const code = character.codePointAt(0);
    if (code < 0x80) return code;
    if (code >= 0xd800 && code < 0xe000) return 63;
    const count = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    const tail = Array.from({ length: count }, (_, index) => 0x80 | ((code >> (6 * (count - 1 - index))) & 63));
    return [(0xf80 >> count) & 0xff | (code >> (6 * count)), ...tail];
  });

const FOLLOWED = "[\\x80-\\xbf]";
/** Whole characters in UTF-8, one char for each octet, and the longest beginnings of some. */
const UTF8 = new RegExp(
  `([\\0-\\x7f]|[\\xc2-\\xdf]${FOLLOWED}|\\xe0[\\xa0-\\xbf]${FOLLOWED}|[\\xe1-\\xec\\xee\\xef]${FOLLOWED}{2}|` +
    `\\xed[\\x80-\\x9f]${FOLLOWED}|\\xf0[\\x90-\\xbf]${FOLLOWED}{2}|[\\xf1-\\xf3]${FOLLOWED}{3}|` +
    `\\xf4[\\x80-\\x8f]${FOLLOWED}{2})|\\xe0[\\xa0-\\xbf]|[\\xe1-\\xec\\xee\\xef]${FOLLOWED}|\\xed[\\x80-\\x9f]|` +
    `\\xf0[\\x90-\\xbf]${FOLLOWED}?|[\\xf1-\\xf3]${FOLLOWED}{1,2}|\\xf4[\\x80-\\x8f]${FOLLOWED}?|[^]`,
  "g",
);

const textOf = (octets) =>
  String.fromCharCode(...octets).replace(UTF8, (octets, whole) =>
    whole === undefined
      ? "\ufffd"
      : decodeURIComponent([...octets].map((each) => `%${hex([each.codePointAt(0)])}`).join("")),
  );

const hex = (octets) => octets.map((octet) => octet.toString(16).padStart(2, "0")).join("");

const base64 = (octets) => {
  const bits = octets.map((octet) => octet.toString(2).padStart(8, "0")).join("");
  const letters = (bits.match(/.{1,6}/g) ?? []).map((six) => ALPHABET[parseInt(six.padEnd(6, "0"), 2)]);
  return letters.join("") + "=".repeat(-letters.length & 3);
};

/** What is encoded; `''` for what is no base64. Strangers among the letters are left out. */
const decoded = (text) => {
  let bits = "";
  let padding = 0;
  for (const letter of text) {
    const six = ALPHABET.indexOf(letter);
    const place = (bits.length / 6) & 3;
    if (letter === "=" && place > 1 && place + ++padding > 3) return textOf(octetsIn(bits));
    if (six >= 0) {
      padding = 0;
      bits += six.toString(2).padStart(6, "0");
    }
  }
  return (bits.length / 6) & 3 ? "" : textOf(octetsIn(bits));
};

const octetsIn = (bits) => (bits.match(/.{8}/g) ?? []).map((octet) => parseInt(octet, 2));

// ---------------------------------------------------------------- words of 32 or 64 bits, as BigInt

const PRIMES = Array.from({ length: 410 }, (_, number) => number).filter(
  (number) => number > 1 && !Array.from({ length: number }, (_, by) => by).some((by) => by > 1 && number % by === 0),
);

/** The first `bits` bits behind the point of a prime's root of this degree. */
const rootBits = (prime, degree, bits) => {
  const target = BigInt(prime) << (BigInt(bits) * degree);
  let root = 0n;
  for (let bit = 1n << BigInt(bits + 5); bit; bit >>= 1n) if ((root | bit) ** degree <= target) root |= bit;
  return root & ((1n << BigInt(bits)) - 1n);
};

/** The message padded to whole blocks, in words. @param {boolean} little  which end comes first */
const wordsOf = (octets, size, little) => {
  const length = [...(octets.length * 8).toString(16).padStart(size * 4, "0").matchAll(/../g)].map(([two]) => parseInt(two, 16));
  const block = size * 16;
  const zeros = new Array((2 * block - 1 - (octets.length % block) - length.length) % block).fill(0);
  const all = [...octets, 0x80, ...zeros, ...(little ? length.reverse() : length)];
  return Array.from({ length: all.length / size }, (_, index) => {
    const word = all.slice(index * size, index * size + size);
    return BigInt(`0x${hex(little ? word.reverse() : word)}`);
  });
};

const octetsOfWords = (words, size, little) =>
  words.flatMap((word) => {
    const octets = [...word.toString(16).padStart(size * 2, "0").matchAll(/../g)].map(([two]) => parseInt(two, 16));
    return little ? octets.reverse() : octets;
  });

/** A digest: the state after each block of sixteen words. */
const digested = (octets, size, little, state, step) => {
  const words = wordsOf(octets, size, little);
  const mask = (1n << BigInt(size * 8)) - 1n;
  for (let start = 0; start < words.length; start += 16)
    state = step(words.slice(start, start + 16), state).map((word, index) => (word + state[index]) & mask);
  return octetsOfWords(state, size, little);
};

const turnedLeft = (word, by) => ((word << BigInt(by)) | (word >> BigInt(32 - by))) & MASK;

const sha2 = (size, first, kept, turns) => (octets) => {
  const bits = size * 8;
  const mask = (1n << BigInt(bits)) - 1n;
  const rounds = size === 4 ? 64 : 80;
  const constants = PRIMES.slice(0, rounds).map((prime) => rootBits(prime, 3n, bits));
  const turned = (word, by) => ((word >> BigInt(by)) | (word << BigInt(bits - by))) & mask;
  const mixed = (word, [one, two, three], cut) =>
    turned(word, one) ^ turned(word, two) ^ (cut ? word >> BigInt(three) : turned(word, three));
  const step = (words, state) => {
    for (let index = 16; index < rounds; index++)
      words[index] =
        (mixed(words[index - 2], turns[3], true) + words[index - 7] + mixed(words[index - 15], turns[2], true) + words[index - 16]) & mask;
    return words.reduce(([a, b, c, d, e, f, g, h], word, index) => {
      const given = h + mixed(e, turns[1]) + ((e & f) ^ (~e & mask & g)) + constants[index] + word;
      return [(given + mixed(a, turns[0]) + ((a & b) ^ (a & c) ^ (b & c))) & mask, a, b, c, (d + given) & mask, e, f, g];
    }, state);
  };
  const state = PRIMES.slice(first, first + 8).map((prime) => rootBits(prime, 2n, bits));
  return digested(octets, size, false, state, step).slice(0, kept);
};

const TURNS32 = [[2, 13, 22], [6, 11, 25], [7, 18, 3], [17, 19, 10]];
const TURNS64 = [[28, 34, 39], [14, 18, 41], [1, 8, 7], [19, 61, 6]];
const START = [0x67452301n, 0xefcdab89n, 0x98badcfen, 0x10325476n];

const sha1 = (octets) =>
  digested(octets, 4, false, [...START, 0xc3d2e1f0n], (words, state) => {
    for (let index = 16; index < 80; index++)
      words[index] = turnedLeft(words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16], 1);
    return words.reduce(([a, b, c, d, e], word, index) => {
      const part = Math.trunc(index / 20);
      const choice = part === 0 ? (b & c) | (~b & MASK & d) : part === 2 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
      const constant = [0x5a827999n, 0x6ed9eba1n, 0x8f1bbcdcn, 0xca62c1d6n][part];
      return [(turnedLeft(a, 5) + choice + e + constant + word) & MASK, a, turnedLeft(b, 30), c, d];
    }, state);
  });

const MD5_TURNS = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

const md5 = (octets) =>
  digested(octets, 4, true, START, (words, state) => {
    let [a, b, c, d] = state;
    for (let index = 0; index < 64; index++) {
      const part = index >> 4;
      const choice = [(b & c) | (~b & MASK & d), (d & b) | (~d & MASK & c), b ^ c ^ d, c ^ (b | (~d & MASK))][part];
      const place = [index, 5 * index + 1, 3 * index + 5, 7 * index][part] % 16;
      const constant = BigInt(Math.floor(Math.abs(Math.sin(index + 1)) * 2 ** 32));
      const sum = (a + choice + constant + words[place]) & MASK;
      [a, b, c, d] = [d, (b + turnedLeft(sum, MD5_TURNS[part][index % 4])) & MASK, b, c];
    }
    return [a, b, c, d];
  });

const DIGESTS = new Map([
  ["md5", md5],
  ["sha1", sha1],
  ["sha256", sha2(4, 0, 32, TURNS32)],
  ["sha384", sha2(8, 8, 48, TURNS64)],
  ["sha512", sha2(8, 0, 64, TURNS64)],
]);

const ENCODINGS = new Map([
  ["base64", base64],
  ["hex", hex],
]);

/** Add the functions to the logic. */
export const install = ({ FUNCTIONS, fail, toText }) => {
  FUNCTIONS["base64-decode"] = (_, text) => decoded(toText(text));
  FUNCTIONS.digest = (_, text, algorithm, encoding = "base64") => {
    const digest = DIGESTS.get(toText(algorithm).toLowerCase().replaceAll("-", ""));
    const encode = ENCODINGS.get(toText(encoding).toLowerCase());
    return digest && encode ? encode(digest(octetsOf(toText(text)))) : fail("digest");
  };
  /** The first 64 bits of the text's SHA-256, with their sign. */
  FUNCTIONS["randomize seed"] = (text) => {
    const octets = DIGESTS.get("sha256")(octetsOf(text)).slice(0, 8);
    return BigInt.asIntN(64, BigInt(`0x${hex(octets)}`));
  };
};
