/**
 * Java's regular expressions read on the phone: a part beside the logic, for questionnaires that put a
 * pattern together from answers. It reads what `questionnaires/expressions/patterns/syntax.py` reads, and
 * makes the trees of `expressions/patterns.js`; a class of characters is a function here.
 */

/** As many states as the server allows, and levels of groups. */
const MOST_STATES = 5000;
const DEEPEST = 60;

const one = (body) => {
  const pattern = new RegExp(`[${body}]`, "u");
  return (character) => pattern.test(character);
};
const only = (character) => Object.assign((other) => other === character, { code: character.codePointAt(0) });
const not = (members) => (character) => !members(character);

const POSIX = {
  "Lower": "a-z",
  "Upper": "A-Z",
  "ASCII": "\\0-\\x7f",
  "Alpha": "a-zA-Z",
  "Digit": "0-9",
  "Alnum": "a-zA-Z0-9",
  "Punct": "!-\\/:-@\\[-`{-~",
  "Graph": "!-~",
  "Print": " -~",
  "Blank": " \\t",
  "Cntrl": "\\0-\\x1f\\x7f",
  "XDigit": "0-9a-fA-F",
  "Space": " \\t\\n\\v\\f\\r",
};
const CLASSES = {
  d: "0-9",
  w: "a-zA-Z0-9_",
  s: " \\t\\n\\v\\f\\r",
  h: " \\t\\xa0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000",
  v: "\\n\\v\\f\\r\\x85\\u2028\\u2029",
};
const LINE_ENDS = "\\n\\r\\x85\\u2028\\u2029";
const CATEGORY = /^([LMNPSZC]|L[ultmo]|M[nce]|N[dlo]|P[cdseifo]|S[mcko]|Z[slp]|C[cfson])$/;
const BINARY = { "ALPHABETIC": "\\p{L}\\p{Nl}", "LETTER": "\\p{L}", "UPPERCASE": "\\p{Lu}", "LOWERCASE": "\\p{Ll}", "DIGIT": "\\p{Nd}", "PUNCTUATION": "\\p{P}" };
const SCRIPTS = { "CYRILLIC": "\\p{Script=Cyrillic}", "LATIN": "\\p{Script=Latin}" };
const BLOCKS = { "CYRILLIC": "\\u0400-\\u04ff", "BASICLATIN": "\\0-\\x7f" };
const CONTROLS = { t: "\t", n: "\n", r: "\r", f: "\f", a: "\x07", e: "\x1b" };
const ANCHORS = { "^": "start", $: "end", b: "word", B: "no word", A: "start", Z: "end", z: "very end" };
const QUANTIFIERS = { "*": [0, null], "+": [1, null], "?": [0, 1] };

const category = (name) => (CATEGORY.test(name) ? `\\p{${name}}` : undefined);

/** The class that `\p{name}` means; undefined if it is not known. */
const named = (name) => {
  const [, prefix, value] = /^(?:([^]*)=)?([^]*)$/.exec(name);
  if (prefix !== undefined) {
    if (/^(script|sc)$/i.test(prefix)) return SCRIPTS[value.toUpperCase()];
    return /^(general_category|gc)$/i.test(prefix) ? category(value) : undefined;
  }
  if (POSIX[name]) return POSIX[name];
  const rest = name.slice(2);
  if (name.startsWith("In")) return BLOCKS[rest.toUpperCase().replace(/[_ ]/g, "")];
  if (!name.startsWith("Is")) return category(name);
  return SCRIPTS[rest.toUpperCase()] ?? BINARY[rest.toUpperCase()] ?? category(rest);
};

/** With the other case of ASCII letters. */
const otherCase = (character) =>
  /[a-z]/.test(character) ? character.toUpperCase() : /[A-Z]/.test(character) ? character.toLowerCase() : character;

class Reader {
  constructor(source, fail) {
    this.text = [...source];
    this.at = 0;
    this.flags = "";
    this.depth = 0;
    this.refuse = () => fail("pattern");
  }

  ended() {
    return this.at >= this.text.length;
  }

  peek(length = 1) {
    return this.text.slice(this.at, this.at + length).join("");
  }

  take() {
    return this.ended() ? this.refuse() : this.text[this.at++];
  }

  skip(mark) {
    if (this.peek([...mark].length) !== mark) return false;
    this.at += [...mark].length;
    return true;
  }

  until(mark) {
    let text = "";
    while (!this.skip(mark)) text += this.take();
    return text;
  }

  deeper(read) {
    if (++this.depth > DEEPEST) this.refuse();
    const found = read();
    this.depth--;
    return found;
  }

  whole() {
    const pattern = this.either();
    return this.ended() ? pattern : this.refuse();
  }

  either() {
    const { flags } = this;
    return this.deeper(() => {
      const branches = [this.sequence()];
      while (this.skip("|")) branches.push(this.sequence());
      this.flags = flags;
      return branches.length > 1 ? ["|", ...branches] : branches[0];
    });
  }

  sequence() {
    const parts = [];
    while (!this.ended() && !/^[|)]$/.test(this.peek())) {
      if (this.skip("\\Q")) {
        while (!this.ended() && !this.skip("\\E")) parts.push(this.cased(only(this.take())));
        if (parts.length) parts.push(this.quantified(parts.pop()));
      } else parts.push(this.quantified(this.atom()));
    }
    return ["&", ...parts];
  }

  atom() {
    const character = this.take();
    if (/^[*+?{]$/.test(character)) this.refuse();
    if (character === ".") return one(this.flags.includes("s") ? "^" : `^${LINE_ENDS}`);
    if (ANCHORS[character] && /^[$^]$/.test(character)) return ["@", ANCHORS[character]];
    if (character === "(") return this.group();
    if (character === "[") return this.members();
    return character === "\\" ? this.escape() : this.cased(only(character));
  }

  cased(members) {
    return this.flags.includes("i") ? (character) => members(character) || members(otherCase(character)) : members;
  }

  quantified(atom) {
    const bounds = this.bounds();
    if (!bounds) return atom;
    if (this.skip("+")) this.refuse();
    this.skip("?");
    return /^[*+?{]$/.test(this.peek()) ? this.refuse() : ["*", atom, ...bounds];
  }

  bounds() {
    if (!this.skip("{")) {
      const bounds = QUANTIFIERS[this.peek()];
      this.at += bounds ? 1 : 0;
      return bounds;
    }
    const [, least, comma, most] = /^(\d{1,4})(,)?(\d{1,4})?$/.exec(this.until("}")) ?? this.refuse();
    if (most === undefined) return [+least, comma ? null : +least];
    return comma && +most >= +least ? [+least, +most] : this.refuse();
  }

  group() {
    if (this.skip("?=")) return ["?", this.body(), true];
    if (this.skip("?!")) return ["?", this.body(), false];
    if (["?<=", "?<!", "?>"].some((mark) => this.skip(mark))) this.refuse();
    if (this.skip("?<")) this.until(">");
    else if (this.skip("?")) return this.flagged();
    return this.body();
  }

  body() {
    const body = this.either();
    return this.skip(")") ? body : this.refuse();
  }

  flagged() {
    const outer = this.flags;
    let setting = true;
    for (;;) {
      const flag = this.take();
      if (flag === ")") return ["&"];
      if (flag === ":") break;
      if (flag === "-") setting = false;
      else if (!/^[is]$/.test(flag)) this.refuse();
      else this.flags = this.flags.replace(flag, "") + (setting ? flag : "");
    }
    const body = this.body();
    this.flags = outer;
    return body;
  }

  escape() {
    const letter = this.peek();
    if (/^[bBAZz]$/.test(letter)) return ["@", ANCHORS[this.take()]];
    if (this.skip("R")) return ["|", ["&", only("\r"), only("\n")], one(CLASSES.v)];
    if (/^[k1-9]$/.test(letter)) this.refuse();
    return this.cased(this.escaped());
  }

  escaped() {
    const letter = this.take();
    const members = CLASSES[letter.toLowerCase()];
    if (members) return one(/[a-z]/.test(letter) ? members : `^${members}`);
    if (/^[pP]$/.test(letter)) {
      const found = named(this.skip("{") ? this.until("}") : this.take()) ?? this.refuse();
      return one(letter === "p" ? found : `^${found}`);
    }
    if (letter === "x") return this.code(this.skip("{") ? this.until("}") : this.take() + this.take(), 16);
    if (letter === "u") return this.code(this.take() + this.take() + this.take() + this.take(), 16);
    if (letter === "0") return this.octal();
    if (letter === "c") return only(String.fromCodePoint(this.take().codePointAt(0) ^ 64));
    if (CONTROLS[letter]) return only(CONTROLS[letter]);
    return /[a-zA-Z0-9]/.test(letter) ? this.refuse() : only(letter);
  }

  octal() {
    let digits = "";
    while (digits.length < 3 && /^[0-7]$/.test(this.peek())) digits += this.take();
    return this.code(digits, 8);
  }

  code(digits, base) {
    const code = /^[0-9a-fA-F]{1,6}$/.test(digits) ? parseInt(digits, base) : this.refuse();
    return code < 0x110000 ? only(String.fromCodePoint(code)) : this.refuse();
  }

  /** A class, its opening bracket read already. */
  members() {
    return this.deeper(() => {
      const negated = this.skip("^");
      let members = this.union(true);
      while (this.skip("&&")) {
        const [left, right] = [members, this.union(false)];
        members = (character) => left(character) && right(character);
      }
      if (!this.skip("]")) this.refuse();
      return negated ? not(members) : members;
    });
  }

  union(first) {
    const all = [];
    for (; (first || this.peek() !== "]") && this.peek(2) !== "&&"; first = false) all.push(this.member());
    return this.cased((character) => all.some((each) => each(character)));
  }

  member() {
    if (this.skip("[")) return this.members();
    const low = this.classCharacter();
    if (low.code === undefined || this.peek() !== "-" || /^-[\][]?$/.test(this.peek(2))) return low;
    this.take();
    const high = this.classCharacter();
    if (high.code === undefined || high.code < low.code) this.refuse();
    return (character) => low.code <= character.codePointAt(0) && character.codePointAt(0) <= high.code;
  }

  classCharacter() {
    const character = this.take();
    return character === "\\" ? this.escaped() : only(character);
  }
}

/** How many states a pattern needs, counted as the server counts them. */
const sizeOf = (pattern) => {
  if (typeof pattern === "function") return 1;
  const [kind, ...parts] = pattern;
  const inner = () => sizeOf(parts[0]);
  if (kind === "@" || kind === "?") return kind === "?" && inner() > MOST_STATES ? Infinity : 1;
  if (kind === "&") return parts.reduce((sum, part) => sum + sizeOf(part), 0);
  if (kind === "|") return parts.reduce((sum, part) => sum + sizeOf(part) + 1, 1);
  const [, least, most] = parts;
  if (!inner()) return most === null || most > least ? (most === null ? 2 : most - least) : 0;
  return least * inner() + (most === null ? inner() + 2 : (most - least) * (inner() + 1));
};

/** Add the reader to the logic. */
export const install = ({ FUNCTIONS, fail }) => {
  FUNCTIONS["regex pattern"] = (source) => {
    const pattern = new Reader(source, fail).whole();
    return sizeOf(pattern) > MOST_STATES ? fail("pattern") : pattern;
  };
};
