/** The review and what comes after it: loaded while the first questions are answered. */

export { finish, recall, warnOfRoom } from "../finishing.js";
export { prefill } from "../prefilling.js";
export { forPaper, putReview } from "../review.js";
