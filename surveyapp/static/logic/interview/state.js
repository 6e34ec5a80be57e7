/**
 * The answers of one interview and what follows from them: relevance, calculations, counted rosters. It
 * does what `questionnaires/interview/state.py` does, in the same order.
 */

import { compiled } from "../expressions/evaluator.js";
import { FUNCTIONS } from "../expressions/functions.js";
import { dayText, fail, toBoolean, toNumber } from "../expressions/values.js";
import { EVERYTHING, changeOf, followingFrom, redraws, resizing } from "./changes.js";
import { Branch, leavesOf } from "./nodes.js";
import { Scope } from "./scope.js";
import { fromResult, fromText, momentText, retyped, storageText, typed } from "./storage.js";

/** A count may look into the roster that it counts, and so grow as its instances appear. */
const MAX_GROWTHS = 50;
/** Instances that one count, and that all counts together may ask for. */
const MAX_COUNTED = 1000;
const MAX_COUNTED_IN_ALL = 5000;
/** Assignments that one change may set off. */
const MAX_ASSIGNMENTS = 200;

export class State {
  constructor(plan, options) {
    this.plan = plan;
    this.root = new Branch(plan.root, null);
    this.scope = new Scope(plan, this.root, options);
    this.room = MAX_COUNTED_IN_ALL;
    this.branchesOf = new Map();
    this.waitingDefaults = [];
    this.waitingAssignments = [];
    /** items whose nodes may look different since this was last emptied */
    this.touched = new Set();
  }

  /** All branches of a container. @returns {Branch[]} */
  branches(container) {
    if (!container.container) return [this.root];
    if (!this.branchesOf.has(container)) {
      const found = this.branches(container.container).flatMap((branch) => branch.children(container.name));
      this.branchesOf.set(container, found);
    }
    return this.branchesOf.get(container);
  }

  /** The nodes of an item; of a roster also those for it as a whole. */
  nodes(item) {
    const branches = this.branches(item.container);
    return branches[1] ? branches.flatMap((branch) => nodesBelow(item, branch)) : branches[0] ? nodesBelow(item, branches[0]) : [];
  }

  /** The node of a path; a roster without a position is the roster as a whole. */
  find(path) {
    return path ? path.split("/").reduce((node, step) => node && stepDown(node, step), this.root) : this.root;
  }

  /** Begin a new form: defaults, what the device fills in, an instance of uncounted rosters. */
  begin(counted) {
    this.root.grow(true, counted);
    this.stamp("start");
    this.preload("date", "today", dayText(this.scope.now.day));
    this.preload("uid", undefined, () => `uuid:${FUNCTIONS.uuid(this)}`);
    this.putDefaults(this.root, true);
    const { load, prefilled } = this.plan.form;
    if (load[0]) this.waitingDefaults = [];
    for (const [path, given] of [...prefilled, ...load]) {
      const leaf = this.find(path);
      if (leaf) this.put(leaf, given);
    }
    this.putWaitingDefaults();
    this.recompute(EVERYTHING);
  }

  /** Fill in when the form was finished. */
  finish() {
    this.stamp("end");
    this.recompute(EVERYTHING);
  }

  stamp(parameter) {
    this.preload("timestamp", parameter, momentText(this.scope.now, this.scope.offset));
  }

  /** Fill in what the device knows; without a parameter whatever theirs is. */
  preload(kind, parameter, value) {
    for (const leaf of leavesOf(this.root)) {
      const [named, theirs] = leaf.item.preload ?? [];
      if (named === kind && (parameter ?? theirs) === theirs) this.keep(leaf, typeof value === "string" ? value : value());
    }
  }

  // ---------------------------------------------------------------- values

  /** Give a leaf its JSON value; nothing follows yet. */
  keep(leaf, value) {
    const { kind, type } = leaf.item;
    leaf.typed = typed(type, value, this.scope.offset);
    if (kind === "calculation" && typeof leaf.typed === "string") leaf.typed = retyped(leaf.typed, this.scope.offset);
    leaf.stored = leaf.typed === "" ? null : value;
    leaf.evaluated = leaf.stored !== null;
  }

  /** The value of a tree at a node; a candidate stands for the node's own value. */
  evaluate(tree, node, candidate) {
    const { scope } = this;
    const before = node.typed;
    if (candidate !== undefined && !node.whole) node.typed = typed(node.item.type, candidate, scope.offset);
    try {
      return compiled(tree)({ scope, node, current: node });
    } finally {
      node.typed = before;
    }
  }

  /** Change an answer, and work out what follows. */
  assign(leaf, value) {
    if (this.change(leaf, value)) this.recompute(changeOf([leaf]));
  }

  /** Leave less of an answer and work out what follows; as in JavaRosa no assignment does. */
  drop(leaf, value) {
    this.keep(leaf, value);
    this.recompute(changeOf([leaf]));
  }

  change(leaf, value) {
    const before = JSON.stringify(leaf.stored);
    this.keep(leaf, value);
    if (JSON.stringify(leaf.stored) === before) return false;
    this.setOff(leaf);
    return true;
  }

  /** Have the assignments of a node carried out when all else is worked out. */
  setOff(node) {
    for (const assignment of node.item.assignments ?? []) this.waitingAssignments.push([node, assignment]);
  }

  changeToResult(leaf, tree, attribute) {
    const { offset } = this.scope;
    const { type } = leaf.item;
    const stored = (result) => fromResult(type, result, offset) ?? (storageText(result, type, offset) && fail("cast"));
    const value = this.scope.attempt(stored, tree, leaf, attribute);
    return value !== undefined && this.change(leaf, value);
  }

  // ---------------------------------------------------------------- roster instances

  /** Append an instance with its defaults; nothing else follows yet. */
  addInstance(container, roster, first = false) {
    const instance = container.addInstance(roster, first);
    this.branchesOf.clear();
    this.putDefaults(instance, first);
    this.putWaitingDefaults();
    if (!first) this.setOff(instance);
    return instance;
  }

  /** Take an instance away; nothing else follows yet. */
  removeInstance(container, instance) {
    container.remove(instance);
    this.branchesOf.clear();
  }

  /** How many instances a roster has beyond its count; none if it has no count. */
  surplus(roster, container) {
    if (!roster.count) return 0;
    return Math.max(0, container.children(roster.name).length - this.wanted(roster, container));
  }

  /** How many instances a roster's count asks for. */
  wanted(roster, container) {
    const { count, counted_by: path } = roster;
    const found = path === undefined ? [] : this.counterparts(container, this.plan.items[path]);
    const result =
      path === undefined
        ? this.scope.evaluate(count, container.whole.get(roster.name), "repeat_count")
        : found.length === 1 && found[0].typed; // JavaRosa looks at what is stored, relevant or not
    const number = toNumber(result || 0);
    return Number.isFinite(number) ? Math.max(0, Math.floor(number)) : 0;
  }

  // ---------------------------------------------------------------- what follows

  /** Evaluate what follows from changes, and what follows from that. @param {...Change} changes */
  recompute(...changes) {
    changes.forEach((change) => this.settle(change));
    for (let growths = MAX_GROWTHS; growths && this.extendCounted(); ) growths--;
  }

  /** Evaluate what follows from a change, and carry out the assignments that it sets off. */
  settle(change) {
    for (let left = MAX_ASSIGNMENTS; change; left--) {
      this.followAll(change);
      change = left && this.carryOutWaiting();
    }
    this.waitingAssignments = [];
  }

  followAll(change) {
    const following = followingFrom(this.plan, change) ?? new Set(this.plan.items);
    following.forEach((item) => this.touched.add(item));
    for (const item of this.plan.rules)
      if (following.has(item))
        for (const node of this.nodes(item)) {
          this.judge(node);
          this.compute(node, change);
        }
  }

  judge(node) {
    const { relevant } = node.item;
    // a question whose condition cannot be evaluated is rather asked than lost
    if (relevant) node.asked = this.scope.holds(relevant, node, "relevant", true);
  }

  compute(leaf, change) {
    const { calculation, type, volatile } = leaf.item;
    if (!calculation || (volatile && leaf.evaluated && !redraws(this.plan, change, leaf))) return;
    const result = this.scope.evaluate(calculation, leaf, "calculate");
    const value = fromResult(type, result ?? "", this.scope.offset);
    this.keep(leaf, value);
    leaf.evaluated = true;
    // until it is stored and read again, JavaRosa reckons with what came out
    if (type === "text" && !volatile && value !== null) leaf.typed = result ?? value;
  }

  /** Add the instances that counts ask for. They never take any away, as in JavaRosa. */
  extendCounted() {
    let grown = false;
    for (const roster of this.plan.counted)
      for (const container of [...this.branches(roster.container)])
        if (container.whole.get(roster.name).relevant && this.extend(roster, container)) grown = true;
    return grown;
  }

  extend(roster, container) {
    const there = container.children(roster.name).length;
    const wanted = Math.min(this.wanted(roster, container), MAX_COUNTED) - there;
    const missing = Math.max(0, Math.min(wanted, this.room));
    this.room -= missing;
    for (let place = there; place < there + missing; place++) this.addCounted(container, roster, place);
    if (missing) this.settleNew(container, roster);
    return missing > 0;
  }

  /** Append an instance to a counted roster. */
  addCounted(container, roster, place) {
    // the very first instance is the one that a new form has in JavaRosa from the start
    this.addInstance(container, roster, !place && container.isFirst);
  }

  /** Evaluate what follows from instances that came or went. */
  settleNew(container, roster) {
    this.settle(resizing(this.plan, [roster]));
  }

  settleRemoved(container, removed) {
    this.settleNew(container, removed.item);
    this.recompute();
  }

  /**
   * Give new leaves their defaults; expressions wait until all texts are there. `first` tells the leaves of
   * a new form from those of an instance that came later.
   */
  putDefaults(branch, first) {
    for (const leaf of leavesOf(branch)) {
      const { item } = leaf;
      this.put(leaf, first || item.default_later === undefined ? item.default : item.default_later);
    }
  }

  put(leaf, given) {
    if (Array.isArray(given)) this.waitingDefaults.push([leaf, given]);
    else if (typeof given === "string") this.keep(leaf, fromText(leaf.item.type, given));
  }

  /** Evaluate the defaults of new leaves, before their relevance is known, as in JavaRosa. */
  putWaitingDefaults() {
    while (this.waitingDefaults.length) {
      const [leaf, tree] = this.waitingDefaults.shift();
      // what depends on it follows at once, so that the next one sees it
      if (this.changeToResult(leaf, tree, "default")) this.settle(changeOf([leaf]));
    }
  }

  /** Carry out waiting assignments until one changes something. */
  carryOutWaiting() {
    while (this.waitingAssignments.length) {
      const [node, [target, tree]] = this.waitingAssignments.shift();
      const found = this.counterparts(node, this.plan.items[target]);
      if (found.length === 1 && !found[0].whole && this.changeToResult(found[0], tree, "setvalue")) return changeOf(found);
    }
    return null;
  }

  /** The leaves of another item in the same roster instances. */
  counterparts(node, item) {
    const around = (each) => (this.plan.within(each.item).includes(item) ? each : each.parent && around(each.parent));
    const down = (container) =>
      container === branch.item ? [branch] : down(container.container).flatMap((node) => node.children(container.name));
    const branch = around(node.whole ? node : node.parent) ?? this.root;
    return down(item);
  }
}

/** The nodes of an item below one branch; of a roster also the one for it as a whole. */
export const nodesBelow = (item, branch) => {
  const nodes = branch.children(item.name);
  return item.kind === "roster" ? [branch.whole.get(item.name), ...nodes] : nodes;
};

const stepDown = (node, step) => {
  const [, name, position] = /^([^/[\]\s]+)(?:\[([1-9]\d{0,8})\])?$/.exec(step) ?? [];
  const whole = node.whole?.get(name);
  if (whole ? !position : position || !node.whole) return whole;
  return node.children(name)[(position ?? 1) - 1];
};
