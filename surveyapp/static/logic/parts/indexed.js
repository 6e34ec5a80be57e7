/** `indexed-repeat`: a part beside the logic, for questionnaires that use it. */

/** The node and all above it, the root first. */
const lineOf = (node) => (node ? [...lineOf(node.parent), node] : []);

/** The context's own position at each level, as far as its line goes along with the names. */
const ownPositions = (names, node) => {
  const line = lineOf(node);
  const apart = names.findIndex((name, level) => line[level]?.name !== name);
  return line.slice(0, apart < 0 ? names.length : apart).map((each) => each.position);
};

/** The relevant nodes at the end of absolute names, each level bound to its position, if it has one. */
const nodesAt = ({ root }, names, positions) => {
  let nodes = names[0] === root.name ? [root] : [];
  for (let level = 1; level < names.length; level++)
    nodes = nodes
      .flatMap((node) => node.children(names[level]))
      .filter((node) => [undefined, node.position].includes(positions[level]));
  return nodes.filter((node) => node.relevant);
};

/** Add the function to the logic. */
export const install = ({ FORMS, compile, fail, toNumber }) => {
  const climb = (node, levels) => {
    for (; levels; levels--) node = node.parent ?? fail("above_root");
    return node;
  };

  /** The names from the root to where a plain path leads from its context. */
  const pathNames = ([kind, ...trees], { node, current }) => {
    if (!/^(absolute|relative|current)$/.test(kind)) fail("indexed_repeat");
    const names = trees.map((step) => step[0]).filter((name) => name !== ".");
    if (kind === "absolute") return names;
    const ups = names.filter((name) => name === "..").length;
    const start = climb(kind === "relative" ? node : current, ups);
    return [...lineOf(start).map((each) => each.name), ...names.slice(ups)];
  };

  /** The path bound to these instances of its rosters; an index below 1 means the first. */
  FORMS["indexed-repeat"] = ([target, ...pairs]) => {
    const rosters = pairs.filter((_, index) => index % 2 === 0);
    const indices = pairs.filter((_, index) => index % 2).map(compile);
    return (context) => {
      const names = pathNames(target, context);
      const positions = ownPositions(names, context.node);
      rosters.forEach((roster, number) => {
        const above = pathNames(roster, context);
        if (above.length >= names.length || above.some((name, level) => name !== names[level])) fail("indexed_repeat");
        const index = toNumber(indices[number](context)) || 0;
        positions[above.length - 1] = Math.trunc(Math.max(1, Math.min(index, 2 ** 31 - 1)));
      });
      return nodesAt(context.scope, names, positions);
    };
  };
};
