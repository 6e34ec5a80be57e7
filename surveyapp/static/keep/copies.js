/** The service worker, and what it keeps so that pages open without a network. */

import { goOnSending } from "./rounds.js";

const WORKER = "/sw.js";
/** Told by a request, and by its answer: it is the same for everybody. */
const FOR_NOBODY = "Survey-For-Nobody";
/** Where the worker looks for them (`worker/keeping.js`). */
const START_COPIES = "surveyapp starts";
const COPIED = /^\/(\w\w\/)?(static|scripts|logic|lists)\//;
const NAMED = /["'](\/(?:\w\w\/)?(?:static|scripts|logic|lists)\/[^"'<>\s]+)["']/g;

/** Keep the field's program and its questionnaires. @returns {Promise<boolean>} whether all are here */
export const keepCopies = async (offers) => {
  const addresses = offers.flatMap(({ pages, files }) => [...Object.values(pages), ...files]);
  return askWorker({ keep: "program" }, { keep: "questionnaires", addresses: [...new Set(addresses)] });
};

/** A family's page is open: it is kept, and what was finished here before is sent. */
export const settleDown = async (keeper) => {
  goOnSending(keeper).catch(() => undefined);
  await import("./rescue.js"); // there may be no network when it is wanted
  return keepThisPage();
};

/**
 * Keep the page of a questionnaire that is open, in all its languages, with what they name and what was loaded. The
 * browser's own cache has the same; but it answers only until somebody loads the page anew.
 */
const keepThisPage = async () => {
  const loaded = performance.getEntriesByType("resource").map(({ name }) => new URL(name));
  const ours = loaded.filter((each) => each.origin === location.origin && COPIED.test(each.pathname));
  const others = [...document.querySelectorAll(".languages a")].map((link) => link.pathname);
  const pages = [...new Set([location.pathname, ...others])];
  const texts = [...pages.map(textOf), ...pages.flatMap(startsOf).map(keptStart)];
  const named = (await Promise.all(texts)).map(addressesIn);
  // heavier media are kept once they were seen
  const media = document.querySelector("[data-media]")?.dataset.media.split(" ") ?? [];
  const addresses = [...pages, ...named.flat(), ...media, ...ours.map((each) => each.pathname + each.search)];
  return askWorker({ keep: "questionnaires", addresses: [...new Set(addresses)] });
};

const textOf = async (page) => (await fetch(page)).text();

/** What a page names of scripts, styles and logic. */
const addressesIn = (text) => [...text.matchAll(NAMED)].map(([, address]) => address);

/** The ways to a page: `/kk/q/toys/1/3f0c…` → `/kk/q/toys`, `/kk/`, `/`. */
const startsOf = (page) => {
  const [, language, , questionnaire] = page.split("/");
  return [`/${language}/q/${questionnaire}`, `/${language}/`, ...(page === location.pathname ? ["/"] : [])];
};

/**
 * Keep a page that leads here, for when there is no network. The server makes it for nobody in particular, and says
 * so; a sign-in page of some network does not. @returns {Promise<string>} its text, empty: it is not kept
 */
const keptStart = async (address) => {
  const response = await fetch(address, { credentials: "omit", cache: "no-store", headers: { [FOR_NOBODY]: "yes" } });
  if (!response.ok || response.headers.get(FOR_NOBODY) !== "yes") return "";
  const copies = await caches.open(START_COPIES);
  await copies.put(address, response.clone());
  return response.text();
};

const askWorker = async (...messages) => {
  if (!navigator.serviceWorker) return false;
  await navigator.serviceWorker.register(WORKER);
  const { active } = await navigator.serviceWorker.ready;
  const kept = await Promise.all(messages.map((message) => answerTo(active, message)));
  return kept.every(Boolean);
};

const answerTo = (worker, message) =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data.kept);
    worker.postMessage(message, [port2]);
  });
