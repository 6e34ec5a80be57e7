/**
 * An interview that leaves stale what ODK Collect leaves stale (`interview/triggers.py` says what JavaRosa
 * evaluates after a change). Only replays need it: no phone gets this module.
 */

import { compiled } from "../expressions/evaluator.js";
import { fail } from "../expressions/values.js";
import { EVERYTHING, changeOf } from "./changes.js";
import { offered } from "./choices.js";
import { Interview } from "./interview.js";
import { instancesAround } from "./nodes.js";
import { State, nodesBelow } from "./state.js";

/** The roster instances that a branch stands in, itself included. */
const instancesFrom = (branch) => [...(branch.isInstance ? [branch] : []), ...instancesAround(branch)];

/** Items changed in a roster's instance, or in what stands around one. */
const around = (branch, items, more) => ({ items: new Set(items), instances: new Set(instancesFrom(branch)), ...more });

/** Whether a branch stands in the roster instances of what changed, where both are in one. */
const isNear = ({ instances = new Set() }, branch) => {
  const rosters = new Set([...instances].map((instance) => instance.item));
  return instancesFrom(branch).every((instance) => !rosters.has(instance.item) || instances.has(instance));
};

export class CollectState extends State {
  /** Whether JavaRosa evaluates an expression that items trigger, at an item. */
  setsOff(change, triggers, item) {
    if (change.after?.some((each) => this.setsOff(each, triggers, item))) return false;
    if (change.begun && this.plan.within(change.begun).includes(item)) return true;
    return change === EVERYTHING || triggers.some((index) => change.items.has(this.plan.items[index]));
  }

  constructor(...given) {
    super(...given);
    const { scope } = this;
    const { attempt } = scope;
    // JavaRosa stops where an assignment has no value, and nothing follows
    scope.attempt = (take, tree, node, attribute, current = node) =>
      /^(default|setvalue)$/.test(attribute)
        ? take(compiled(tree)({ scope, node, current }))
        : attempt.call(scope, take, tree, node, attribute, current);
  }

  settle(change) {
    try {
      super.settle(change);
    } finally {
      this.waitingAssignments = [];
    }
  }

  carryOutWaiting() {
    this.assigning = true;
    try {
      return super.carryOutWaiting();
    } finally {
      this.assigning = false;
    }
  }

  counterparts(node, item) {
    const found = super.counterparts(node, item);
    return this.assigning && found.length > 1 ? fail("repeated") : found;
  }

  followAll(change) {
    const { relevance, calculation } = this.plan.form.collect;
    this.plan.items.forEach((item) => this.touched.add(item));
    for (const item of this.plan.rules) {
      const judged = item.relevant && this.setsOff(change, relevance[item.index], item);
      const computed = item.calculation && this.setsOff(change, calculation[item.index], item);
      if (judged || computed)
        for (const branch of this.branches(item.container).filter((each) => isNear(change, each)))
          for (const node of nodesBelow(item, branch)) {
            if (judged) this.judge(node);
            if (computed) this.compute(node, change);
          }
    }
  }

  addInstance(container, roster, first) {
    const isWithin = container.isInstance || instancesAround(container).length;
    if (!container.children(roster.name).length && isWithin) {
      container.late = [...(container.late ?? []).filter((name) => name !== roster.name), roster.name];
    }
    return super.addInstance(container, roster, first);
  }

  addCounted(container, roster) {
    this.settleInstance(this.addInstance(container, roster));
  }

  settleNew(container, roster, instance) {
    if (instance) this.settleInstance(instance);
  }

  settleInstance(instance) {
    const { item, parent } = instance;
    const counted = around(parent, [item], { resized: new Set([item]) });
    const computed = this.plan.form.collect.computed[item.index].map((index) => this.plan.items[index]);
    const begun = around(instance, computed, { begun: item });
    for (const change of [counted, begun, around(instance, item.items, { after: [counted, begun] })]) this.settle(change);
  }

  settleRemoved(container, removed) {
    const { item } = removed;
    this.settle(around(container, [item], { resized: new Set([item]) }));
    // JavaRosa goes on with the place where it was, and so with the instance that moved up
    const place = container.children(item.name)[removed.position - 1] ?? removed;
    this.settle(around(place, item.items));
    this.recompute();
  }

  /** JavaRosa evaluates what was left stale when the same answer is given again. */
  assign(leaf, value) {
    const again = leaf.stored !== null;
    if (this.change(leaf, value) || again) this.recompute(changeOf([leaf]));
  }

  keep(leaf, value) {
    super.keep(leaf, value);
    leaf.emptied = Array.isArray(value) && !value.length;
  }
}

/** An interview with what only a replay asks for. */
export class ReplayedInterview extends Interview {
  constructor(plan, options) {
    super(plan, { ...options, counted: CollectState });
  }

  /** The JSON value at a node, relevant or not; `[]` where all chosen names were dropped. */
  kept(path) {
    const leaf = this.leaf(path);
    return leaf.emptied ? [] : leaf.stored;
  }

  /** As on a phone, but that a choice without a label has null, which is not an empty one. */
  choices(path) {
    const leaf = this.leaf(path);
    const { scope } = this.state;
    const worded = (label) => typeof label === "string" || Object.keys(label).length;
    return offered(scope, leaf).map(({ name, label }) => ({
      name,
      label: worded(label) ? scope.phrase(label, leaf) : null,
    }));
  }

  /** The rosters below a section or instance whose first instances came after all else. */
  late(path) {
    return this.node(path).late ?? [];
  }

  /** Leave less of an answer; sets off no assignment. */
  drop(path, value) {
    this.state.drop(this.leaf(path), value);
    return this.changed();
  }
}
