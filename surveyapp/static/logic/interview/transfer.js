/** Answers in JSON ↔ the tree of an interview. */

/** What is submitted: what is relevant; null where something was asked and left empty. */
export const answersOf = (branch) => {
  const found = {};
  for (const item of branch.item.items) {
    const [child] = branch.children(item.name);
    if (item.kind === "roster") {
      if (branch.whole.get(item.name).relevant)
        found[item.name] = branch.children(item.name).filter((row) => row.relevant).map(answersOf);
    } else if (child.relevant) {
      const value = item.items ? answersOf(child) : child.stored;
      if (item.items ? Object.keys(value).length : isSubmitted(child)) found[item.name] = value;
    }
  }
  return found;
};

/** What nobody is asked is left out while it has no value. */
const isSubmitted = ({ item, stored }) =>
  item.kind !== "note" && (stored !== null || !/^(metadata|hidden)$/.test(item.kind));

/** Everything that is kept, the irrelevant too; without what is empty, but with every instance. */
export const snapshotOf = (branch) => {
  const found = {};
  for (const item of branch.item.items) {
    const children = branch.children(item.name);
    if (item.kind === "roster") found[item.name] = children.map(snapshotOf);
    else {
      const kept = item.items ? snapshotOf(children[0]) : children[0].stored;
      if (kept !== null && !(item.items && !Object.keys(kept).length)) found[item.name] = kept;
    }
  }
  return found;
};

/** Put answers, or a snapshot, into a tree that is still empty; unknown names are left out. */
export const fill = (branch, answers, keep) => {
  // a question called `constructor` has no answer by that alone
  const given = { __proto__: null, ...answers };
  for (const item of branch.item.items) {
    const value = given[item.name] ?? null;
    if (item.kind === "roster") {
      // a further instance of a roster around it may have begun with some
      branch.below.set(item.name, []);
      for (const row of value ?? []) fill(branch.addInstance(item, false), row, keep);
    } else if (value !== null) {
      const [child] = branch.children(item.name);
      if (item.items) fill(child, value, keep);
      else if (item.kind !== "note") keep(child, value);
    }
  }
};
