/**
 * The act of filling a questionnaire: its logic + answers → what is asked, required, valid, computed.
 * Node paths are those of `questionnaires/paths.py`: `child[2]/c_age`.
 *
 *     const interview = new Interview(plan, { language: "kk", now: "2026-09-01T14:03:07.000+05:00" });
 *     const changed = interview.set("child[1]/c_age", 7);  // { "child[1]/c_school": ["relevant"], … }
 *
 * @typedef {Record<string, string[]>} Changed  by node path, what is to be looked at again: `relevant`,
 *   `value`, `instances` (of a roster as a whole), and of what was asked for before: `required`,
 *   `readOnly`, `choices`, and the texts by their names
 */

import { EVERYTHING } from "./changes.js";
import { errorOf, isReadOnly, isRequired, warningOf } from "./checks.js";
import { offered, unoffered } from "./choices.js";
import { leavesOf } from "./nodes.js";
import { State } from "./state.js";
import { answersOf, fill, snapshotOf } from "./transfer.js";

const drawn = () => crypto.getRandomValues(new Uint32Array(1))[0] / 2 ** 32;

/** Begins the message of a `RangeError` where instances follow a count; the others are but a path. */
const COUNTED = "counted ";

const isWhole = (node) => node.item.kind === "roster" && !node.isInstance;

/** Every look at a node that can differ after an answer elsewhere. */
const LOOKS = {
  relevant: (_, node) => node.relevant,
  value: (_, { item, relevant, stored }) => (item.kind === "calculation" && !relevant ? null : stored),
  instances: (_, node) => node.parent.children(node.name).length,
  required: isRequired,
  readOnly: isReadOnly,
  choices: (scope, leaf) =>
    offered(scope, leaf).map(({ name, label }) => ({ name, label: scope.phrase(label, leaf) })),
};

export class Interview {
  /**
   * Begin a new form, or go on with answers as they were submitted or with a `snapshot()`.
   * @param {Plan} plan
   * @param {{language: string, now: string, answers?: object, random?: () => number, counted?: typeof State}}
   *   options  with `counted`, a class of states, a new form has an instance of each counted roster
   */
  constructor(plan, { answers, counted, ...options }) {
    this.state = new (counted ?? State)(plan, { random: drawn, ...options });
    if (answers) {
      this.state.root.grow(false);
      fill(this.state.root, answers, (leaf, value) => this.state.keep(leaf, value));
      this.state.recompute(EVERYTHING);
    } else this.state.begin(counted);
    /** by node, what its looks were when they were last taken */
    this.seen = new WeakMap();
    this.changed();
  }

  /** The answers as submitted, with calculations; what is irrelevant is absent. */
  answers() {
    return answersOf(this.state.root);
  }

  /** Everything, also irrelevant answers that are kept; from it the same interview is made. */
  snapshot() {
    return snapshotOf(this.state.root);
  }

  /** Go on in another language. @param {string} language */
  speak(language) {
    this.state.scope.language = language;
  }

  /** The clock moved on. @param {string} now */
  setClock(now) {
    this.state.scope.setClock(now);
  }

  /** Note the moment as that of finishing. @returns {Changed} */
  finish() {
    this.state.finish();
    return this.changed();
  }

  // ---------------------------------------------------------------- one answer

  /** Give a node its JSON value, null for no answer. @param {string} path @returns {Changed} */
  set(path, value) {
    this.state.assign(this.leaf(path), value);
    return this.changed();
  }

  /** The JSON value at a node; an irrelevant answer is still there, a calculation is not. */
  value(path) {
    return this.look(this.leaf(path), "value");
  }

  relevant(path) {
    return this.look(this.node(path), "relevant");
  }

  required(path) {
    return this.look(this.leaf(path), "required");
  }

  readOnly(path) {
    return this.look(this.leaf(path), "readOnly");
  }

  /** What a question offers now, after the author's filter. @returns {{name: string, label: string}[]} */
  choices(path) {
    return this.look(this.leaf(path), "choices");
  }

  /** One of the texts of the item at a node (`label`, `hint`, `guidance` …), its values filled in. */
  text(path, name) {
    return this.look(this.node(path), name);
  }

  // ---------------------------------------------------------------- judgement

  /** What is wrong with the relevant answers below a node. @returns {{path, code, message}[]} */
  errors(under = "") {
    return this.findings(errorOf, under);
  }

  /** The soft checks below a node that ask “is this right?”. */
  warnings(under = "") {
    return this.findings(warningOf, under);
  }

  /** Expressions that had no value for the answers: the author's mistakes. */
  faults() {
    return [...this.state.scope.faults.values()];
  }

  findings(find, under) {
    const { scope } = this.state;
    return this.leaves(under).flatMap((leaf) => {
      const code = find(scope, leaf);
      return code ? { path: leaf.path, code, message: scope.phrase(leaf.item.texts?.[code], leaf) } : [];
    });
  }

  /** Take away the choices that relevant questions do not offer any more. @returns {Changed} */
  dropUnoffered(under = "") {
    for (const leaf of this.leaves(under)) {
      const gone = leaf.relevant ? unoffered(this.state.scope, leaf) : [];
      const left = Array.isArray(leaf.stored) ? leaf.stored.filter((name) => !gone.includes(name)) : null;
      if (gone.length) this.state.drop(leaf, left);
    }
    return this.changed();
  }

  /**
   * The value of a tree at a node; a candidate stands for the node's own value, as in a constraint. Throws
   * an `EvaluationError` if it has none. @returns {Value}
   */
  evaluate(tree, path, candidate) {
    return this.state.evaluate(tree, this.node(path), candidate);
  }

  // ---------------------------------------------------------------- rosters

  /** How many instances a roster has: `child`, `child[2]/toy`. */
  instances(path) {
    return this.look(this.whole(path), "instances");
  }

  /** Append an instance with its defaults, unless they follow a count. @returns {Changed} */
  addInstance(path) {
    const { item, parent } = this.whole(path);
    if (item.count) throw new RangeError(COUNTED + path);
    this.state.settleNew(parent, item, this.state.addInstance(parent, item));
    this.state.recompute();
    return this.changed();
  }

  /** Take an instance away; of a counted roster only while it has a surplus, or by force. @returns {Changed} */
  removeInstance(path, force) {
    const instance = this.node(path);
    const { item, parent } = instance;
    if (!instance.isInstance) throw new RangeError(path);
    if (!force && item.count && !this.state.surplus(item, parent)) throw new RangeError(COUNTED + path);
    this.state.removeInstance(parent, instance);
    this.state.settleRemoved(parent, instance);
    return this.changed();
  }

  /** How many instances a counted roster has beyond its count: they are kept, and they count. */
  surplus(path) {
    const { item, parent } = this.whole(path);
    return this.state.surplus(item, parent);
  }

  // ---------------------------------------------------------------- nodes

  node(path) {
    const node = this.state.find(path);
    if (!node) throw new RangeError(path);
    return node;
  }

  leaf(path) {
    const node = this.node(path);
    if (node.whole || node.item.kind === "note") throw new RangeError(path);
    return node;
  }

  /** A roster as a whole. */
  whole(path) {
    const node = this.node(path);
    if (!isWhole(node)) throw new RangeError(path);
    return node;
  }

  leaves(under) {
    const node = this.node(under);
    if (isWhole(node)) return node.parent.children(node.name).flatMap(leavesOf);
    return leavesOf(node);
  }

  // ---------------------------------------------------------------- what is seen

  /** Look at a node, and remember what was seen. */
  look(node, name) {
    const { scope } = this.state;
    const found = LOOKS[name] ? LOOKS[name](scope, node) : scope.phrase(node.item.texts?.[name], node);
    if (!this.seen.has(node)) this.seen.set(node, {});
    this.seen.get(node)[name] = found !== null && typeof found === "object" ? JSON.stringify(found) : found;
    return found;
  }

  /** What looks different since it was last looked at. @returns {Changed} */
  changed() {
    const { plan, touched } = this.state;
    const changed = { __proto__: null };
    const items = new Set([...touched].flatMap((item) => [item, ...(plan.watchers.get(item) ?? [])]));
    touched.clear();
    for (const item of items)
      for (const node of this.state.nodes(item)) {
        const before = this.seen.get(node);
        const differing = (before ? Object.keys(before) : basics(node)).filter((name) => {
          const known = before?.[name];
          this.look(node, name);
          return before && known !== this.seen.get(node)[name];
        });
        if (differing.length) changed[node.path] = differing;
      }
    return changed;
  }
}

/** What is always looked at. */
const basics = (node) => ["relevant", ...(node.whole ? [] : ["value"]), ...(isWhole(node) ? ["instances"] : [])];
