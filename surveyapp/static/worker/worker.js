/**
 * The service worker: answers from copies, so that everything but the first visit works without a network,
 * and sends what waits when the browser wakes it up. `self.PROGRAM` (the program's pages by language, and
 * its files, under their marks) stands before this, put there by the server.
 */

import { Database } from "../keep/database.js";
import { sendAll } from "../keep/sending.js";
import { readSetting } from "../keep/settings.js";
import { anyCopy, copyAll, forget, isOurs, needed, PROGRAM_COPIES, QUESTIONNAIRE_COPIES, START_COPIES } from "./keeping.js";

const { pages, files } = self.PROGRAM;
const LANGUAGES = Object.keys(pages);
const START = /^\/(\w\w\/(q\/[^/]+)?)?$/;
const WHOLE_PAGE = /^\/(\w\w)\/q\/[^/]+\/[^/]+\/[^/]+$/;
const MARKED = /^\/(static|scripts)\/|\/launcher\//;
const CONTENT = /^\/(\w\w\/)?(logic|lists)\/|^\/media\/[^/]+\/[^/]+\/./;

const program = () => [...files, ...Object.values(pages)];

self.addEventListener("install", (event) => {
  // a family's phone has no copy of the field's program, and needs none
  const update = async () => {
    if (await caches.has(PROGRAM_COPIES)) await copyAll(PROGRAM_COPIES, program());
    await self.skipWaiting();
  };
  event.waitUntil(update());
});

self.addEventListener("activate", (event) => {
  const begin = async () => {
    await self.clients.claim();
    if (!(await caches.has(PROGRAM_COPIES))) return;
    const database = await Database.open();
    await forget(database, PROGRAM_COPIES, [...program(), ...(await needed(database))]);
  };
  event.waitUntil(begin());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  const answer = answerTo(url, request);
  if (answer) event.respondWith(answer);
});

/** @returns {Promise<Response> | undefined} undefined: the network's business */
const answerTo = (url, request) => {
  const { pathname } = url;
  if (pathname === "/field") return programPage(request);
  const [, language] = /^\/(\w\w)\/field$/.exec(pathname) ?? [];
  if (language) return programPage(request, language);
  if (START.test(pathname) && request.mode === "navigate") return startPage(pathname, request);
  if (WHOLE_PAGE.test(pathname)) return questionnairePage(url, request);
  const isMarked = (MARKED.test(pathname) && url.searchParams.has("v")) || CONTENT.test(pathname);
  return isMarked ? copyOrNetwork(request) : undefined;
};

/** What leads to a questionnaire is fresh wherever there is a network. */
const startPage = async (pathname, request) => {
  try {
    return await fetch(request);
  } catch (error) {
    const copy = (await caches.has(START_COPIES)) && (await (await caches.open(START_COPIES)).match(pathname));
    if (copy) return copy;
    throw error;
  }
};

/** The program's page, from the copy that belongs to this worker. */
const programPage = async (request, wanted) => {
  const language = wanted ?? (await chosenLanguage());
  const copy = await caches.match(pages[language]);
  return copy ?? (await anyCopy((url) => url.pathname === `/${language}/field`)) ?? fetch(request);
};

const chosenLanguage = async () => {
  const chosen = await readSetting(await Database.open(), "language").catch(() => undefined);
  const asked = [chosen, ...navigator.languages.map((each) => each.slice(0, 2))];
  return asked.find((each) => LANGUAGES.includes(each)) ?? LANGUAGES[0];
};

/** A version's page never changes; a copy under another mark is better than none where there is no network. */
const questionnairePage = async (url, request) => {
  const copy = await caches.match(url.pathname);
  if (copy) return copy;
  try {
    return await copiedFromNetwork(request);
  } catch (error) {
    const version = url.pathname.slice(0, url.pathname.lastIndexOf("/") + 1);
    const other = await anyCopy(({ pathname }) => pathname.startsWith(version));
    if (other) return other;
    throw error;
  }
};

const copyOrNetwork = async (request) => {
  const copy = await caches.match(request.url);
  return copy ? pieceOf(copy, request.headers.get("Range")) : copiedFromNetwork(request);
};

/** Of sounds and films browsers ask for pieces: `bytes=0-`; some play nothing else. */
const pieceOf = async (copy, range) => {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
  if (!from) return copy;
  const whole = await copy.blob();
  const end = Math.min(whole.size, to ? Number(to) + 1 : whole.size);
  const headers = { "Content-Type": whole.type, "Content-Range": `bytes ${from}-${end - 1}/${whole.size}` };
  return new Response(whole.slice(Number(from), end), { status: 206, headers });
};

const copiedFromNetwork = async (request) => {
  const response = await fetch(request);
  if (isOurs(response)) {
    const copy = response.clone();
    caches.open(QUESTIONNAIRE_COPIES).then((copies) => copies.put(request.url, copy)).catch(() => undefined);
  }
  return response;
};

/** A page asks for copies: `{keep: "program"}`, or `{keep: "questionnaires", addresses}`; answered on the port. */
self.addEventListener("message", (event) => {
  const { keep, addresses } = event.data ?? {};
  if (!keep) return;
  const kept = keep === "program" ? copyAll(PROGRAM_COPIES, program()) : keepQuestionnaires(addresses);
  const told = kept.then(
    () => event.ports[0]?.postMessage({ kept: true }),
    () => event.ports[0]?.postMessage({ kept: false }),
  );
  event.waitUntil(told);
});

const keepQuestionnaires = async (addresses) => {
  await copyAll(QUESTIONNAIRE_COPIES, addresses);
  const database = await Database.open();
  await forget(database, QUESTIONNAIRE_COPIES, [...addresses, ...(await needed(database))]);
};

/** The browser says that there is a network. */
const send = async () => {
  const outcome = await sendAll(await Database.open(), { isBack: true });
  // the browser tries again later by itself when this fails
  if (outcome.busy) throw new TypeError("a page is sending, which may be closed meanwhile");
  if (outcome.waiting > outcome.attention) throw new TypeError("some still wait");
};

self.addEventListener("sync", (event) => event.waitUntil(send()));
self.addEventListener("periodicsync", (event) => event.waitUntil(send()));
