/**
 * `search()` in an appearance: choices out of the rows of a file, as ODK Collect finds them
 * (`questionnaires/interview/searches.py`). A part beside the logic, for questionnaires that use it.
 */

/** Kind of match → what SQLite's LIKE is asked for; an unknown kind means the first. */
const PATTERNS = new Map([
  ["contains", ["%", "%"]],
  ["startswith", ["", "%"]],
  ["endswith", ["%", ""]],
  ["matches", ["", ""]],
]);

const escaped = (character) => character.replace(/[\\^$.*+?()[\]{}|\/-]/u, "\\$&");

/** One character, ASCII letters in either case. */
const letter = (character) =>
  /[a-z]/i.test(character) ? `[${character.toLowerCase()}${character.toUpperCase()}]` : escaped(character);

/** What SQLite's LIKE matches: `%` any text, `_` any character. */
const like = (pattern) => {
  const parts = [...pattern].map((each) => (each === "%" ? "[^]*" : each === "_" ? "[^]" : letter(each)));
  return new RegExp(`^(?:${parts.join("")})$`, "u");
};

/** Names separated by commas, or by blanks where there is no comma. */
const namesOf = (columns) =>
  (columns.includes(",") ? columns.split(",") : columns.split(/\s+/)).map((name) => name.trim()).filter(Boolean);

const safe = (name) => name.trim().replace(/[^A-Za-z0-9_]/gu, "_").toLowerCase();

/** The column that a simplified name means; the name itself if there is none. */
const columnOf = (file, name) =>
  file.columns.includes(name) ? name : file.columns.find((column) => safe(column) === safe(name)) ?? name;

/** Add the search to the logic. */
export const install = ({ FUNCTIONS, toNumber, toText }) => {
  const cell = (row, column) => toText(row.children(column)[0]?.value() ?? "");

  const sorted = (file, rows) => {
    const column = columnOf(file, "sortby");
    if (!file.columns.includes(column)) return rows;
    const place = (row) => {
      const number = toNumber(cell(row, column));
      return Number.isNaN(number) ? Infinity : number;
    };
    return [...rows].sort((left, right) => (place(left) === place(right) ? 0 : place(left) - place(right)));
  };

  const found = (scope, file, root, trees, leaf) => {
    const texts = trees.map((tree) => toText(scope.evaluate(tree, leaf, "search") || ""));
    const [kind = "", columns = "", text = "", condition, wanted] = texts;
    let rows = root.children("*");
    if (condition !== undefined) rows = root.matching(columnOf(file, condition), wanted);
    const queried = namesOf(columns).map((name) => columnOf(file, name));
    const [before, after] = PATTERNS.get(kind.toLowerCase()) ?? PATTERNS.get("contains");
    const pattern = like(before + text + after);
    return sorted(file, queried.length ? rows.filter((row) => queried.some((each) => pattern.test(cell(row, each)))) : rows);
  };

  /** `Almaty`, and further columns behind it: `Almaty (oblys: Zhetysu)`. */
  const labelOf = (file, row, [first, ...others]) => {
    const texts = [first, ...others].filter((name) => name !== undefined).map((name) => cell(row, columnOf(file, name)));
    if (!texts.some(Boolean)) return "";
    return [texts[0], ...others.map((name, index) => `(${name}: ${texts[index + 1]})`)].join(" ");
  };

  FUNCTIONS["search choices"] = (scope, source, leaf) => {
    const [name, ...trees] = source.search;
    const file = scope.plan.form.instances[name] ?? {};
    const root = scope.instance(name)?.children("*")[0];
    const rows = root?.matching && file.columns ? found(scope, file, root, trees, leaf) : [];
    return scope.plan.rows(source).flatMap((choice) => {
      if (/^\s*[+-]?[0-9]{1,10}\s*$/.test(choice.name)) return choice;
      const seen = new Set();
      const label = namesOf(scope.phrase(choice.label, leaf));
      const made = rows.map((node) => {
        const name = cell(node, columnOf(file, choice.name));
        return { name, label: labelOf(file, node, label) || name, node };
      });
      return made.filter((row) => !seen.has(row.name) && seen.add(row.name));
    });
  };
};
