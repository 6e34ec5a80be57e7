/** The logic for replays: that of the phone, and what only they need. */

import "./logic.js";

export { FORMS, compile } from "./expressions/evaluator.js";
export { FUNCTIONS } from "./expressions/functions.js";
export { fail, toNumber, toText, unpack } from "./expressions/values.js";
export { ReplayedInterview } from "./interview/collect.js";
export { Within } from "./interview/nodes.js";
export { Plan } from "./interview/plan.js";
export { FROM_TEXT, TYPED } from "./interview/storage.js";
