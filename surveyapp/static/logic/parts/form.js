/** What a form says of itself: its translations and its version. A part for questionnaires that ask. */

/** Where a translation has a value. */
const OUTPUT = /\$\{(\d{1,6})\}/g;
/** Values within values; JavaRosa goes as deep. */
const MOST_OUTPUTS = 10;

/** Add the functions to the logic. */
export const install = ({ FUNCTIONS, toText }) => {
  /** The translation of an id; undefined if there is none. */
  const translation = ({ plan: { form }, language }, id) => {
    const languages = [form.itexts?.[language], form.itexts?.[form.default_language]];
    return languages.map((texts) => new Map(Object.entries(texts ?? {})).get(id)).find((text) => text !== undefined);
  };

  FUNCTIONS["jr:itext"] = ({ scope }, id) => {
    const named = toText(id);
    // of a form that the text has not got, the text itself
    return translation(scope, named) ?? translation(scope, named.split(";")[0]) ?? `[itext:${named}]`;
  };

  /** A translation with its values put in, as JavaRosa does wherever a text is shown. */
  FUNCTIONS["outputs filled"] = ({ scope, node }, value) => {
    const { outputs = [] } = scope.plan.form;
    const put = (text) =>
      text.replace(OUTPUT, (mark, number) =>
        +number < outputs.length ? toText(scope.evaluate(outputs[+number], node, "label") ?? "") : mark,
      );
    let text = toText(value);
    for (let left = MOST_OUTPUTS; left && put(text) !== text; left--) text = put(text);
    return text;
  };

  /** In a predicate on the rows of another instance, which has no version, it is empty. */
  FUNCTIONS.version = ({ scope, node }) => {
    while (node.parent) node = node.parent;
    return node === scope.root ? scope.plan.form.version : "";
  };
};
