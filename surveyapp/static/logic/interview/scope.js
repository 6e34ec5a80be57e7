/** What all expressions of one interview share: the answers, the clock, the lists and the language. */

import { compiled } from "../expressions/evaluator.js";
import { parseMoment } from "../expressions/moments.js";
import { EvaluationError, toBoolean, toText, unpack } from "../expressions/values.js";

export class Scope {
  /** @param {Plan} plan @param {Branch} root */
  constructor(plan, root, { language, now, random }) {
    this.plan = plan;
    this.root = root;
    this.language = language;
    this.random = random;
    this.faults = new Map();
    this.setClock(now);
  }

  /** @param {string} now  the moment with the device's offset, `2026-09-01T14:03:07.000+05:00` */
  setClock(now) {
    const utc = parseMoment(now, 0, 6);
    const here = parseMoment(now.replace(/(Z|[+-][\d:]+)$/, ""), 0, 6);
    this.offset ??= Math.round((here.day - utc.day) * 1440 + (here.clock - utc.clock) / 6e7);
    this.now = parseMoment(now, this.offset, 6);
  }

  instance(name) {
    return this.plan.list(name)?.holder;
  }

  matcher(source) {
    return this.plan.matcher(source);
  }

  /** A choice's label in the interview's language; `''` if there is no such choice. */
  choiceLabel(question, value) {
    const source = question.item?.choices;
    if (source?.roster) return value; // pyxform makes an instance's name and label of the same answer
    const row = source && this.plan.list(source.list)?.rows.find(({ name }) => name === value);
    return row ? this.phrase(row.label, question) : "";
  }

  /** The value of a tree at a node; null, and a fault, if it has none. */
  evaluate(tree, node, attribute, current = node) {
    try {
      return unpack(compiled(tree)({ scope: this, node, current }));
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      const { path } = current;
      this.faults.set(`${path} ${attribute}`, { path, attribute, code: error.code });
      return null;
    }
  }

  /** Whether a condition is true at a node; `otherwise` if there is none or it has no value. */
  holds(tree, node, attribute, otherwise) {
    const value = tree ? this.evaluate(tree, node, attribute) : null;
    return value === null ? otherwise : toBoolean(value);
  }

  /** A text filled in, in the language asked for or the nearest that it has. */
  phrase(text, node, language = this.language) {
    const wordings = text ?? {};
    const wording = [language, this.plan.document.default_language, ...Object.keys(wordings)]
      .map((each) => wordings[each])
      .find((each) => each?.length);
    if (typeof wording === "string") return wording;
    return (wording ?? [])
      .map((piece) => (typeof piece === "string" ? piece : this.evaluate(piece, node, "label") ?? ""))
      .map(toText)
      .join("");
  }
}
