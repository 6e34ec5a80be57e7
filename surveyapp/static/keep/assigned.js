/**
 * Visits that the office has given out: what is known of them, and which interview was begun for which. Both may tell
 * whom a visit is to, so they lie under the PIN.
 */

import { bytesOf } from "./bytes.js";
import { changeSetting, readSetting } from "./settings.js";

const TOLD = "assignments";
const BEGUN = "begun";

/** @param {Keeper} keeper @param {object[]} told  as the office tells them */
export const keepAssignments = async (keeper, told) => {
  await keep(keeper, TOLD, told);
  const known = new Set(told.map(({ id }) => id));
  const begun = Object.entries(await interviewsBegun(keeper)).filter(([id]) => known.has(id));
  await keep(keeper, BEGUN, Object.fromEntries(begun));
};

/** @returns {Promise<object[]>} */
export const assignments = async (keeper) => (await kept(keeper, TOLD)) ?? [];

/** Assignment → id of the interview that was begun for it here. @returns {Promise<Record<string, string>>} */
export const interviewsBegun = async (keeper) => (await kept(keeper, BEGUN)) ?? {};

export const noteBegun = async (keeper, assignment, draft) =>
  keep(keeper, BEGUN, { ...(await interviewsBegun(keeper)), [assignment]: draft });

const keep = async ({ database, vault }, what, value) => {
  const sealed = await vault.encrypt(what, bytesOf(JSON.stringify(value)));
  await changeSetting(database, `${what} ${vault.person}`, () => sealed);
};

const kept = async ({ database, vault }, what) => {
  const sealed = await readSetting(database, `${what} ${vault.person}`);
  return sealed && JSON.parse(new TextDecoder().decode(await vault.decrypt(what, sealed)));
};
