/** `pulldata`: one cell of a file. A part beside the logic, for questionnaires that use it. */

/** Add the function to the logic. */
export const install = ({ FUNCTIONS, fail, toText }) => {
  /** The first row with a text in a column, looked up if that can be. */
  const rowWith = (root, column, text) => {
    const rows = root.matching?.(column, text) ?? root.children("item");
    return rows.find((row) => row.name === "item" && toText(row.children(column)) === text);
  };

  FUNCTIONS.pulldata = ({ scope }, source, column, keyColumn, key) => {
    const holder = scope.instance(toText(source).replace(/\.csv$/, "")) ?? fail("instance");
    const [where, wanted] = [keyColumn, key].map(toText);
    const row = holder.children("root").map((root) => rowWith(root, where, wanted)).find(Boolean);
    return row ? toText(row.children(toText(column))) : "";
  };
};
