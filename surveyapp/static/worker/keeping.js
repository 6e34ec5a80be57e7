/**
 * Copies of pages and files on this phone. Every address names its content by a mark, so two editions lie
 * side by side, and a page that is open while an update comes finds all that it was made of.
 */

import { resultOf } from "../keep/database.js";
import { changeSetting, settingsNamed } from "../keep/settings.js";

/** Copies of the program, and of questionnaires. */
export const PROGRAM_COPIES = "surveyapp program";
export const QUESTIONNAIRE_COPIES = "surveyapp questionnaires";
/** Pages that lead to questionnaires, put there by `keep/copies.js`: only for when there is no network. */
export const START_COPIES = "surveyapp starts";
/** Days after which a copy that nothing names any more is deleted. */
const KEPT_DAYS = 120;
const DAY = 86_400_000;
const TOGETHER = 4;
/** Pages and scripts, and how they name others: `"/scripts/page.js?v=…"`, `import("./ending.js?v=…")`. */
const TEXTS = /\/q\/|\/scripts\//;
const NAMES = /(["'])(\.?\/[^"'<>\s]+)\1/g;

/**
 * Only the server says of an answer that it never changes, and only under its right mark: a sign-in page
 * of some network does not, whatever else it claims.
 */
export const isOurs = (response) =>
  response.ok && !response.redirected && /immutable/.test(response.headers.get("Cache-Control") ?? "");

/** Copy what is not here yet. Rejects when something cannot be had; what came stays. */
export const copyAll = async (name, addresses) => {
  const copies = await caches.open(name);
  const wanted = [];
  for (const address of addresses) if (!(await caches.match(address))) wanted.push(address);
  const work = async () => {
    for (let address = wanted.shift(); address; address = wanted.shift()) await copyOne(copies, address);
  };
  await Promise.all(Array.from({ length: TOGETHER }, work));
};

const copyOne = async (copies, address) => {
  const response = await fetch(address, { credentials: "same-origin" });
  if (!isOurs(response)) throw new TypeError(`no copy of ${new URL(address, location.origin).pathname}`);
  await copies.put(address, response);
};

/**
 * Delete copies that `wanted` does not name, and has not named for long. When that was is written down here: the
 * date that a copy came with says nothing of what is begun on it.
 */
export const forget = async (database, name, wanted, now = Date.now()) => {
  const copies = await caches.open(name);
  const named = new Set(wanted.map((address) => new URL(address, location.origin).href));
  const urls = (await copies.keys()).map(({ url }) => url);
  const times = await changeSetting(database, `named ${name}`, (before = {}) =>
    Object.fromEntries(urls.map((url) => [url, named.has(url) ? now : Math.min(before[url] ?? now, now)])),
  );
  await Promise.all(urls.filter((url) => now - times[url] > KEPT_DAYS * DAY).map((url) => copies.delete(url)));
};

/**
 * What must stay here whatever is offered now: what each person's phone was told to keep, and the versions of all
 * that was begun here, is returned, or waits. @returns {Promise<string[]>} addresses
 */
export const needed = async (database) => {
  const offers = (await settingsNamed(database, "office")).flatMap(({ questionnaires }) => questionnaires);
  const [drafts, outbox] = await database.look(["drafts", "outbox"], (stores) =>
    Promise.all([stores.drafts, stores.outbox].map((store) => resultOf(store.getAll()))),
  );
  const told = (await settingsNamed(database, "needs")).flat();
  // a draft of the field is closed to this worker: the program tells which versions it needs
  const begun = drafts.flatMap(({ draft }) => draft ?? []);
  return [
    ...offers.flatMap(({ pages, files }) => [...Object.values(pages), ...files]),
    ...(await addressesOf([...told, ...begun, ...outbox])),
  ];
};

/** The copies of versions' pages, and all that these name. */
const addressesOf = async (versions) => {
  const copies = await caches.open(QUESTIONNAIRE_COPIES);
  const starts = versions.map(({ questionnaire, version }) => [questionnaire, version].map(encodeURIComponent).join("/"));
  const parts = new Set(starts.map((each) => `/${each}/`));
  const urls = (await copies.keys()).map(({ url }) => url);
  const found = new Set(urls.filter((url) => [...parts].some((part) => url.includes(part))));
  for (const url of found) {
    if (!TEXTS.test(url)) continue;
    const text = (await (await caches.match(url))?.text()) ?? "";
    for (const [, , address] of text.matchAll(NAMES)) found.add(new URL(address, url).href);
  }
  return [...found];
};

/** The copy of a page at an address, of whatever mark: what is open must not depend on the network. */
export const anyCopy = async (matches) => {
  for (const name of [QUESTIONNAIRE_COPIES, PROGRAM_COPIES]) {
    if (!(await caches.has(name))) continue;
    const copies = await caches.open(name);
    const requests = (await copies.keys()).filter((request) => matches(new URL(request.url)));
    if (requests.length) return copies.match(requests[requests.length - 1]);
  }
  return undefined;
};
