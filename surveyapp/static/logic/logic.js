/**
 * The logic of questionnaires on the phone: no page, no network, no storage; `questionnaires/logic.py`
 * makes the documents that it runs.
 */

import "./expressions/dates.js";
import "./expressions/nodesets.js";
import "./expressions/numbers.js";
import "./expressions/strings.js";

export { FORMS, compile } from "./expressions/evaluator.js";
export { FUNCTIONS } from "./expressions/functions.js";
export { Interview } from "./interview/interview.js";
export { Within } from "./interview/nodes.js";
export { Plan } from "./interview/plan.js";
export { FROM_TEXT, TYPED } from "./interview/storage.js";
export { fail, toNumber, toText } from "./expressions/values.js";
