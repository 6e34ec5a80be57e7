/** What all expressions of one interview share: the answers, the clock, the lists and the language. */

import { compiled } from "../expressions/evaluator.js";
import { offsetOf, parseMoment } from "../expressions/moments.js";
import { EvaluationError, isNodes, toBoolean, toText, unpack } from "../expressions/values.js";
import { namedRows } from "./choices.js";

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
    // the interview keeps the offset that it began in
    this.offset ??= offsetOf(now.slice(now.search(/(Z|[+-]\d\d:\d\d)$/)));
    this.now = parseMoment(now, this.offset, 6);
  }

  instance(name) {
    return this.plan.instance(name);
  }

  matcher(source) {
    return this.plan.matcher(source);
  }

  /** A choice's label in the interview's language; `''` if there is no such choice. */
  choiceLabel(question, value) {
    const source = question.item?.choices;
    if (source?.roster) return value; // pyxform makes an instance's name and label of the same answer
    const row = source && namedRows(this, source, value)[0];
    return row ? this.phrase(row.label, question) : "";
  }

  /** The value of a tree at a node; null, and a fault, if it has none. */
  evaluate(tree, node, attribute, current = node) {
    return this.attempt((value) => unpack(value), tree, node, attribute, current) ?? null;
  }

  /** The nodes that a tree leads to from a node; none, and a fault, if it leads nowhere. */
  nodes(tree, node, attribute) {
    const found = this.attempt((value) => value, tree, node, attribute, node);
    return isNodes(found) ? found : [];
  }

  attempt(take, tree, node, attribute, current) {
    try {
      return take(compiled(tree)({ scope: this, node, current }));
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      const { path } = current;
      this.faults.set(`${path} ${attribute}`, { path, attribute, code: error.code });
      return undefined;
    }
  }

  /** Whether a condition is true at a node; `otherwise` if there is none or it has no value. */
  holds(tree, node, attribute, otherwise) {
    const value = tree ? this.evaluate(tree, node, attribute) : null;
    return value === null ? otherwise : toBoolean(value);
  }

  /** A text filled in, in the language asked for or the nearest that it has. */
  phrase(text, node, language = this.language) {
    if (typeof text === "string") return text;
    const wordings = text ?? {};
    const wording = [language, this.plan.form.default_language, ...Object.keys(wordings)]
      .map((each) => wordings[each])
      .find((each) => each?.length);
    if (typeof wording === "string") return wording;
    return (wording ?? [])
      .map((piece) => (typeof piece === "string" ? piece : this.evaluate(piece, node, "label") ?? ""))
      .map(toText)
      .join("");
  }
}
