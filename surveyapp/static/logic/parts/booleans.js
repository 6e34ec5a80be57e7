/** Answers that are true or false (`type="boolean"`), which no XLSForm has: a part beside the logic. */

/** Add their type to the logic; as texts they are `1` and `0`, and to JavaRosa no other text is true. */
export const install = ({ FROM_TEXT, FUNCTIONS, TYPED }) => {
  TYPED.boolean = (value) => FUNCTIONS["boolean-from-string"](null, value);
  FROM_TEXT.boolean = (text, result = text === "1") => (FUNCTIONS.boolean(null, result) ? "1" : "0");
};
