/**
 * What families type in the moment in which a page is left. The browser may throw away what it was just told to write
 * into the database; so the draft lies in `localStorage` too until that is done, or until a page is opened again.
 */

import { resultOf } from "./database.js";

const LEFT = "surveyapp.left ";

let isLeaving = false;
addEventListener("pagehide", () => (isLeaving = true));
addEventListener("pageshow", () => (isLeaving = false));

/** Whether this page may get no further turn of the browser. */
export const mayBeLast = () => isLeaving || document.hidden;

/** Leave a row of `drafts` behind, at once, if this may be the last turn. `isNew`: the database has none of this draft. */
export const leaveBehind = (row, isNew) => {
  if (!mayBeLast()) return;
  // what was begun in this very turn is not in the database yet, however often it is saved in it
  const left = JSON.stringify({ row, isNew: isNew || leftOf(row.id)?.isNew });
  try {
    localStorage.setItem(LEFT + row.id, left);
  } catch {
    // no room is left: what is being written to the database is all there is
  }
};

/** It is in the database, or is to be nowhere. @param {string} [changedAt]  only what was left by then */
export const forgetLeft = (id, changedAt) => {
  const left = leftOf(id);
  if (left && !(left.row.changed_at > changedAt)) localStorage.removeItem(LEFT + id);
};

/**
 * Put into the database what was left behind; of a draft that was deleted or finished meanwhile, nothing, and nothing over
 * what was written down later.
 */
export const takeUp = async (database) => {
  const ids = Object.keys(localStorage).flatMap((key) => (key.startsWith(LEFT) ? [key.slice(LEFT.length)] : []));
  if (!ids.length) return;
  const taken = {};
  await database.change(["drafts"], async ({ drafts }) => {
    for (const id of ids) {
      const kept = await resultOf(drafts.get(id));
      // another tab, which is hidden, may have written it down by now
      const left = leftOf(id);
      if (left && (kept ? kept.changed_at <= left.row.changed_at : left.isNew)) drafts.put(left.row);
      taken[id] = left?.row.changed_at ?? "";
    }
  });
  for (const id of ids) forgetLeft(id, taken[id]);
};

// some in-app browsers have no such storage
const leftOf = (id) => JSON.parse(globalThis.localStorage?.getItem(LEFT + id) ?? null);
