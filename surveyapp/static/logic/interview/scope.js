/** What all expressions of one interview share: the answers, the clock, the lists and the language. */

import { compiled } from "../expressions/evaluator.js";
import { offsetOf, parseMoment } from "../expressions/moments.js";
import { EvaluationError, isNodes, toBoolean, toText, unpack } from "../expressions/values.js";
import { offeredRow } from "./choices.js";

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

  /** A choice's label in the interview's language; `''` if a question does not offer it. */
  choiceLabel(question, value) {
    const source = question.item?.choices;
    // a filter may ask for the name of what it filters
    if (!source || question.naming) return "";
    question.naming = true;
    const row = offeredRow(this, source, question, value);
    question.naming = false;
    return this.phrase(row?.label, question);
  }

  /** The value of a tree at a node; null, and a fault, if it has none. */
  evaluate(tree, node, attribute, current) {
    return this.attempt(unpack, tree, node, attribute, current) ?? null;
  }

  /** The nodes that a tree leads to from a node; none, and a fault, if it leads nowhere. */
  nodes(tree, node, attribute) {
    const found = this.attempt((value) => value, tree, node, attribute);
    return isNodes(found) ? found : [];
  }

  attempt(take, tree, node, attribute, current = node) {
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

  /** A text filled in, in the interview's language or the nearest that it has. */
  phrase(text, node) {
    const languages = [this.language, this.plan.form.default_language, ...Object.keys(text ?? {})];
    const wording = typeof text === "string" ? text : languages.map((each) => text?.[each]).find((each) => each?.length);
    return [wording ?? []]
      .flat()
      .map((piece) => toText(typeof piece === "string" ? piece : this.evaluate(piece, node, "label") ?? ""))
      .join("");
  }
}
