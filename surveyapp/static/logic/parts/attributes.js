/** Attributes of the answers' elements: a part beside the logic, for questionnaires that read them. */

const NOTHING = [];

/** The node of an attribute, `@id`, as the form gives it; nothing if the element has none of this name. */
const attributeOf = (owner, name) => {
  const text = new Map(Object.entries(owner.item.attributes ?? {})).get(name.slice(1));
  if (text === undefined) return NOTHING;
  const node = { name, parent: owner, position: 1, relevant: owner.relevant, children: () => NOTHING };
  node.value = () => (owner.relevant ? text : "");
  return [node];
};

/** Add the attributes to the nodes of answers. */
export const install = ({ Within: { prototype } }) => {
  const { children } = prototype;
  prototype.children = function (name) {
    return name?.startsWith("@") ? attributeOf(this, name) : children.call(this, name);
  };
};
