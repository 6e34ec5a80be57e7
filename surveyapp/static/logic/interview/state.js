/**
 * The answers of one interview and what follows from them: relevance, calculations, counted rosters. It
 * does what `questionnaires/interview/state.py` does, in the same order.
 */

import { compiled } from "../expressions/evaluator.js";
import { dayText, toBoolean, toNumber } from "../expressions/values.js";
import { EVERYTHING, changeOf, followingFrom, redraws, resizing } from "./changes.js";
import { Branch, leavesOf } from "./nodes.js";
import { Scope } from "./scope.js";
import { fromResult, fromText, momentText, retyped, typed } from "./storage.js";

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
    this.waitingDefaults = new Map();
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
    return this.branches(item.container).flatMap((branch) => nodesBelow(item, branch));
  }

  /** The node of a path; a roster without a position is the roster as a whole. */
  find(path) {
    return path ? path.split("/").reduce((node, step) => node && stepDown(node, step), this.root) : this.root;
  }

  /** Begin a new form: defaults, what the device fills in, an instance of uncounted rosters. */
  begin(counted) {
    this.root.grow(true, counted);
    this.preload("timestamp", "start", this.moment());
    this.preload("date", "today", dayText(this.scope.now.day));
    this.putDefaults(this.root, true);
    for (const [path, text] of this.plan.form.prefilled ?? []) {
      const leaf = this.find(path);
      if (leaf) this.keep(leaf, fromText(leaf.item.type, text));
    }
    this.recompute(EVERYTHING);
  }

  /** Fill in when the form was finished. */
  finish() {
    this.preload("timestamp", "end", this.moment());
    this.recompute(EVERYTHING);
  }

  moment() {
    return momentText(this.scope.now, this.scope.offset);
  }

  preload(...given) {
    for (const leaf of leavesOf(this.root))
      if (leaf.item.preload?.every((word, index) => word === given[index])) this.keep(leaf, given[2]);
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

  /**
   * The value of a tree at a node; a candidate stands for the node's own value, relevant or not, also for
   * those who look at it by its path.
   */
  evaluate(tree, node, candidate) {
    const { scope } = this;
    const before = node.typed;
    let trial = node;
    if (candidate !== undefined && !node.whole) {
      node.typed = typed(node.item.type, candidate, scope.offset);
      trial = Object.create(node, { relevant: { value: true } });
    }
    try {
      return compiled(tree)({ scope, node: trial, current: trial });
    } finally {
      node.typed = before;
    }
  }

  /** Change an answer, and work out what follows. */
  assign(leaf, value) {
    if (this.change(leaf, value)) this.recompute(changeOf([leaf]));
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
    const result = this.scope.evaluate(tree, leaf, attribute);
    return result !== null && this.change(leaf, fromResult(leaf.item.type, result, this.scope.offset));
  }

  // ---------------------------------------------------------------- roster instances

  /** Append an instance with its defaults; nothing else follows yet. */
  addInstance(container, roster, first = false) {
    const instance = container.addInstance(roster, first);
    this.branchesOf.clear();
    this.putDefaults(instance, first);
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
    const number = toNumber(this.scope.evaluate(roster.count, container.whole.get(roster.name), "repeat_count") || 0);
    return Number.isFinite(number) ? Math.max(0, Math.trunc(number)) : 0;
  }

  // ---------------------------------------------------------------- what follows

  /** Evaluate what follows from a change, and what follows from that. */
  recompute(change) {
    let growths = 0;
    let assignments = 0;
    for (let next; change; change = next) {
      const following = followingFrom(this.plan, change) ?? new Set(this.plan.items);
      following.forEach((item) => this.touched.add(item));
      for (const item of this.plan.rules) if (following.has(item)) this.follow(item, change);
      if (growths < MAX_GROWTHS && (next = this.extendCounted())) growths++;
      else if (!(next = this.putWaitingDefaults()) && assignments < MAX_ASSIGNMENTS && (next = this.carryOutWaiting()))
        assignments++;
    }
    this.waitingAssignments = [];
  }

  follow(item, change) {
    for (const branch of this.branches(item.container))
      if (branch.relevant) for (const node of nodesBelow(item, branch)) this.followAt(node, change);
  }

  followAt(node, change) {
    const { item } = node;
    if (item.relevant)
      // a question whose condition cannot be evaluated is rather asked than lost
      node.asked = this.scope.holds(item.relevant, node, "relevant", true);
    if (item.calculation && node.asked && !(item.volatile && node.evaluated && !redraws(this.plan, change, node)))
      this.calculate(node);
  }

  calculate(leaf) {
    const { calculation, type, volatile } = leaf.item;
    const result = this.scope.evaluate(calculation, leaf, "calculate");
    const value = fromResult(type, result ?? "", this.scope.offset);
    this.keep(leaf, value);
    leaf.evaluated = true;
    // until it is stored and read again, JavaRosa reckons with what came out
    if (type === "text" && !volatile && value !== null) leaf.typed = result ?? value;
  }

  /** Add the instances that counts ask for. They never take any away, as in JavaRosa. */
  extendCounted() {
    const grown = this.plan.counted.filter((roster) => {
      const containers = this.branches(roster.container).filter((each) => each.whole.get(roster.name).relevant);
      return containers.map((container) => this.extend(roster, container)).some(Boolean);
    });
    return grown.length ? resizing(this.plan, grown) : null;
  }

  extend(roster, container) {
    const there = container.children(roster.name).length;
    const wanted = Math.min(this.wanted(roster, container), MAX_COUNTED) - there;
    const missing = Math.max(0, Math.min(wanted, this.room));
    this.room -= missing;
    // the very first instance is the one that a new form has in JavaRosa from the start
    for (let place = there; place < there + missing; place++)
      this.addInstance(container, roster, !place && container.isFirst);
    return missing > 0;
  }

  /**
   * Give new leaves their defaults; expressions wait until all else is worked out. `first` tells the leaves
   * of a new form from those of an instance that came later.
   */
  putDefaults(branch, first) {
    for (const leaf of leavesOf(branch)) {
      const { item } = leaf;
      const given = first || item.default_later === undefined ? item.default : item.default_later;
      if (Array.isArray(given)) {
        if (!this.waitingDefaults.has(item)) this.waitingDefaults.set(item, [given]);
        this.waitingDefaults.get(item).push(leaf);
      } else if (given) this.keep(leaf, fromText(item.type, given));
    }
  }

  /** Evaluate the defaults of one item, at all its new leaves. */
  putWaitingDefaults() {
    for (const [item, [tree, ...leaves]] of this.waitingDefaults) {
      this.waitingDefaults.delete(item);
      const changed = leaves.filter((leaf) => this.changeToResult(leaf, tree, "default"));
      if (changed.length) return changeOf(changed);
    }
    return null;
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

const nodesBelow = (item, branch) => {
  const nodes = branch.children(item.name);
  return item.kind === "roster" ? [branch.whole.get(item.name), ...nodes] : nodes;
};

const stepDown = (node, step) => {
  const [, name, position] = /^([^/[\]\s]+)(?:\[([1-9]\d{0,8})\])?$/.exec(step) ?? [];
  const whole = node.whole?.get(name);
  if (whole ? !position : position || !node.whole) return whole;
  return node.children(name)[(position ?? 1) - 1];
};
