/** The answers' tree as expressions see it: a leaf for each value, a branch for each container. */

export class Within {
  /** @param {Item} item @param {Branch | null} parent */
  constructor(item, parent, position) {
    this.item = item;
    this.name = item.name;
    this.parent = parent;
    this.position = position;
    /** what the item's own condition said last */
    this.asked = true;
  }

  /** Whether it and every branch above it is relevant. */
  get relevant() {
    return this.asked && (!this.parent || this.parent.relevant);
  }

  /** @param {string} name  `*` for all */
  children(name) {
    return this.below?.get(name) ?? (name === "*" && this.below ? [...this.below.values()].flat() : []);
  }

  /** The node path: `child[2]/c_age`. */
  get path() {
    if (!this.parent) return "";
    const above = this.parent.path;
    const step = this.isInstance ? `${this.name}[${this.position}]` : this.name;
    return above ? `${above}/${step}` : step;
  }
}

/** `stored` is the JSON value (null: no answer), `typed` what expressions reckon with. */
export class Leaf extends Within {
  constructor(item, parent) {
    super(item, parent, 1);
    /** tells a calculation that came out empty from one that was never evaluated */
    this.evaluated = false;
    this.stored = null;
    this.typed = "";
  }

  value() {
    return this.relevant ? this.typed : "";
  }
}

/**
 * The node of a section, of one instance of a roster, or the root. `whole` has, for each roster directly
 * below, a branch that is in no list of children: it stands for the roster as a whole.
 */
export class Branch extends Within {
  constructor(item, parent, position = 0) {
    super(item, parent, position || 1);
    this.isInstance = position > 0;
    /** @type {Map<string, Branch>} */
    this.whole = new Map();
    this.below = new Map();
  }

  /** Whether neither it nor a branch above it is a further instance of a roster. */
  get isFirst() {
    return this.position === 1 && (!this.parent || this.parent.isFirst);
  }

  value() {
    return "";
  }

  /**
   * Grow the nodes of all items of its own item below it. With `first` each uncounted roster, with
   * `counted` also each counted one, gets an instance: so begins a new form, but not a further instance of
   * a roster around it, unless the form says so.
   */
  grow(first, counted) {
    for (const item of this.item.items) {
      if (item.kind === "roster") {
        this.below.set(item.name, []);
        this.whole.set(item.name, new Branch(item, this));
        const beginning = first ? item.initial ?? 1 : item.initial_later ?? 0;
        if (counted || !item.count)
          for (let missing = beginning; missing; missing--) this.addInstance(item, first, counted);
      } else {
        const child = item.items ? new Branch(item, this) : new Leaf(item, this);
        this.below.set(item.name, [child]);
        if (item.items) child.grow(first, counted);
      }
    }
    return this;
  }

  /** Append an instance to one of its rosters. */
  addInstance(roster, first, counted) {
    const siblings = this.below.get(roster.name);
    const instance = new Branch(roster, this, siblings.length + 1);
    siblings.push(instance);
    return instance.grow(first, counted);
  }

  /** Take an instance of a roster away; those after it move up. */
  remove(instance) {
    const left = this.below.get(instance.name).filter((sibling) => sibling !== instance);
    left.forEach((sibling, index) => (sibling.position = index + 1));
    this.below.set(instance.name, left);
  }
}

/** The leaves at or below a node, in document order. @returns {Leaf[]} */
export const leavesOf = (node, found = []) => {
  if (!node.whole) found.push(node);
  else for (const siblings of node.below.values()) for (const child of siblings) leavesOf(child, found);
  return found;
};

/** The roster instances that a node stands in, the innermost first. @returns {Branch[]} */
export const instancesAround = ({ parent }) =>
  parent ? [...(parent.isInstance ? [parent] : []), ...instancesAround(parent)] : [];
