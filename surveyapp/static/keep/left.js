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

/**
 * Leave a row of `drafts` behind, at once, if this may be the last turn. `isNew`: the database has none of this draft.
 * @returns {string | undefined} what was left
 */
export const leaveBehind = (row, isNew) => {
  if (!mayBeLast()) return undefined;
  const left = JSON.stringify({ row, isNew });
  try {
    localStorage.setItem(LEFT + row.id, left);
  } catch {
    // no room is left: what is being written to the database is all there is
  }
  return left;
};

/** It is in the database, or is to be nowhere. @param {string} [left]  only if nothing was left after this */
export const forgetLeft = (id, left) => {
  if (left === undefined || localStorage.getItem(LEFT + id) === left) localStorage.removeItem(LEFT + id);
};

/** Put into the database what was left behind; of a draft that was deleted or finished meanwhile, nothing. */
export const takeUp = async (database) => {
  const ids = Object.keys(localStorage).flatMap((key) => (key.startsWith(LEFT) ? [key.slice(LEFT.length)] : []));
  if (!ids.length) return;
  await database.change(["drafts"], async ({ drafts }) => {
    for (const id of ids) {
      const isThere = await resultOf(drafts.getKey(id));
      // another tab, which is hidden, may have written it down by now
      const { row, isNew } = JSON.parse(localStorage.getItem(LEFT + id)) ?? {};
      if (row && (isThere || isNew)) drafts.put(row);
    }
  });
  for (const id of ids) forgetLeft(id);
};
