/** What the office tells a phone: questionnaires, visits, what was returned, and whether it may still work. */

import { keepAssignments } from "../keep/assigned.js";
import { askForJson } from "../keep/exchange.js";
import { bytesOf } from "../keep/bytes.js";
import { senderOf } from "../keep/senders.js";
import { changeSetting, readSetting } from "../keep/settings.js";

const INBOX = "/api/v1/inbox";
const OFFERS = "/field/questionnaires";
/** Of `Thu, 26 Nov 2026 15:18:53 GMT`. */
const DATE_LETTERS = 29;
const DAY = 86_400_000;
/** A copy of a finished interview waits so long for the office to return it. */
const COPY_DAYS = 60;
const SETTLED = new Set(["accepted", "deleted", "erased"]);

/**
 * Ask the office. Raises `Refused`; what was known before stays.
 * @param {Keeper} keeper @returns {Promise<void>}
 */
export const askOffice = async (keeper) => {
  const { database, vault } = keeper;
  const person = vault.person;
  const headers = await senderOf(database, { door: "field", owner: person }).headers();
  const isInbox = (answer) => Array.isArray(answer.submissions) && Boolean(answer.settings);
  const before = (await readSetting(database, `office ${person}`)) ?? {};
  let ahead;
  // some servers and proxies each put a date of their own there
  const lookAtClock = (told) => (ahead = Date.now() - Date.parse((told.get("Date") ?? "").slice(0, DATE_LETTERS)));
  const inbox = await askForJson(INBOX, { headers }, isInbox, lookAtClock);
  const revoked = inbox.device?.revoked_at ? inbox.device.may_send_until : undefined;
  await changeSetting(database, "sealing_key", () => inbox.settings.sealing_key);
  await keepReturned(keeper, inbox.submissions);
  await keepAssignments(keeper, (inbox.assignments ?? []).filter(({ state }) => state !== "cancelled"));
  await forgetSettled(keeper, before.cursor, headers, Date.now() - (ahead || 0) - COPY_DAYS * DAY);
  const isOffers = (answer) => Array.isArray(answer.questionnaires);
  const offers = revoked ? { questionnaires: [] } : await askForJson(OFFERS, { headers }, isOffers);
  await changeSetting(database, `office ${person}`, () => ({
    questionnaires: offers.questionnaires,
    cursor: inbox.cursor,
    revoked,
    asked: Date.now(),
    ahead,
  }));
};

/** What the office told last. @returns {Promise<object>} */
export const toldByOffice = async ({ database, vault }) =>
  (await readSetting(database, `office ${vault.person}`)) ?? { questionnaires: [] };

/** The reviewers' comments may name a person: they lie under the PIN. */
const keepReturned = async ({ database, vault }, submissions) => {
  const text = JSON.stringify(submissions.filter((each) => each.state === "returned"));
  const kept = await vault.encrypt("returned", bytesOf(text));
  await changeSetting(database, `returned ${vault.person}`, () => kept);
};

/** @returns {Promise<object[]>} submissions that were returned */
export const returnedWork = async ({ database, vault }) => {
  const kept = await readSetting(database, `returned ${vault.person}`);
  return kept ? JSON.parse(new TextDecoder().decode(await vault.decrypt("returned", kept))) : [];
};

/**
 * What the office rejected is told apart, with the reason: nobody is asked to mend it. One that gets another verdict
 * leaves. Reasons may name a person: they lie under the PIN.
 */
const keepRejected = async (keeper, news) => {
  if (!news.length) return;
  const rejected = ({ state }) => state === "rejected";
  const apart = news.filter(rejected).map(({ id, questionnaire, version, comments }) => ({ id, questionnaire, version, comments }));
  const told = new Set(news.map(({ id }) => id));
  const all = [...(await rejectedWork(keeper)).filter(({ id }) => !told.has(id)), ...apart];
  const kept = await keeper.vault.encrypt("rejected", bytesOf(JSON.stringify(all)));
  await changeSetting(keeper.database, `rejected ${keeper.vault.person}`, () => kept);
};

/** What an earlier edition of the program kept was a bare list. @returns {Promise<object[]>} submissions that were rejected */
export const rejectedWork = async ({ database, vault }) => {
  const kept = (await readSetting(database, `rejected ${vault.person}`)) ?? [];
  return Array.isArray(kept) ? kept : JSON.parse(new TextDecoder().decode(await vault.decrypt("rejected", kept)));
};

/** What the office has accepted, or deleted, needs no copy here any more. */
const forgetSettled = async (keeper, cursor, headers, before) => {
  const settled = [];
  const isInbox = (answer) => Array.isArray(answer.submissions);
  if (cursor) {
    const news = await askForJson(`${INBOX}?since=${encodeURIComponent(cursor)}`, { headers }, isInbox).catch((refused) => {
      if (refused.status === 410) return { submissions: [] }; // the office restored a backup: from the start again
      throw refused;
    });
    await keepRejected(keeper, news.submissions);
    settled.push(...news.submissions.filter((each) => SETTLED.has(each.state)).map((each) => each.id));
  }
  const returned = (await returnedWork(keeper)).map(({ id }) => id);
  await keeper.forget(settled, before, returned);
};

/** Write down which versions this person's work needs: the service worker keeps them, and cannot look into drafts. */
export const noteNeeds = async (keeper) => {
  const work = [...(await keeper.drafts()), ...(await returnedWork(keeper))];
  const needs = work.map(({ questionnaire, version }) => ({ questionnaire, version }));
  await changeSetting(keeper.database, `needs ${keeper.vault.person}`, () => needs);
};

/** The page of a version in a language; of one that is no longer offered, whatever the phone has of it. */
export const pageOf = (offers, { questionnaire, version }, language) => {
  const offer = offers.find((each) => each.id === questionnaire && each.version === version);
  const [id, edition] = [questionnaire, version].map(encodeURIComponent);
  return offer?.pages[language] ?? `/${language}/q/${id}/${edition}/-`;
};
