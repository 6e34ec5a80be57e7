/** Files whose content is no table (XML of any shape): a part beside the logic, for questionnaires with one. */

const NOTHING = [];

/** The node of an element, `[name, text, [element, …]]`, and those below it. */
const nodeOf = ([name, text, elements], parent, position = 1) => {
  const node = { name, parent, position, relevant: true, value: () => text };
  /** by name, as a branch of the answers has its children */
  const below = new Map();
  for (const each of elements) {
    const siblings = below.get(each[0]) ?? [];
    below.set(each[0], [...siblings, nodeOf(each, node, siblings.length + 1)]);
  }
  node.children = (wanted) => wanted === "*" ? [...below.values()].flat().filter((each) => each.name[0] !== "@") : below.get(wanted) ?? NOTHING;
  return node;
};

/** Add the reader of elements to the logic. */
export const install = ({ FUNCTIONS }) => {
  FUNCTIONS["instance elements"] = (element, holder) => nodeOf(element, holder);
};
