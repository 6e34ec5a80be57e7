/**
 * One request to the server, and what its answer means. A network that is not the server (a hotel's or an
 * operator's sign-in page) answers too, often with 200: only what has our own form counts as an answer.
 *
 * @typedef {object} Refusal
 * @property {"network" | "portal" | "server" | "busy" | "signed_out" | "forbidden" | "too_large" | "unknown"} reason
 * @property {number} status  0: there was no answer
 * @property {number} [wait]  seconds that the server asks for
 * @property {string} [code]  and `sentence`: of the server's problem document
 * @property {string} [sentence]
 */

const PATIENCE = 120_000;

/** The request was not taken. */
export class Refused extends Error {
  /** @param {Refusal} refusal */
  constructor(refusal) {
    super(refusal.reason);
    Object.assign(this, refusal);
  }
}

/**
 * Ask for JSON. Raises `Refused`. `look` sees the headers of an answer of ours.
 * @param {string} address @param {RequestInit} options @param {(answer: any) => boolean} isOurs
 */
export const askForJson = async (address, options, isOurs, look) => {
  const { response, answer } = await asked(address, options);
  if (response.ok && answer && isOurs(answer)) {
    look?.(response.headers);
    return answer;
  }
  throw refusalOf(response, response.ok ? undefined : answer);
};

/** Ask by tus; the answer's headers. Raises `Refused`. @returns {Promise<Headers>} */
export const askByTus = async (address, options) => {
  const headers = { ...options.headers, "Tus-Resumable": "1.0.0" };
  const { response, answer: problem } = await asked(address, { ...options, headers });
  if (response.headers.get("Tus-Resumable") !== "1.0.0") throw refusalOf(response);
  if (response.ok) return response.headers;
  throw refusalOf(response, { status: response.status, ...problem }); // an answer to HEAD has no body
};

/** An answer with its JSON. One that trickles and never ends holds nobody up: all of it must come in time. */
const asked = async (address, options) => {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), PATIENCE);
  const rules = { cache: "no-store", credentials: "same-origin", redirect: "manual", signal: giveUp.signal };
  // the server's sentences are for whoever reads this page
  const language = globalThis.document?.documentElement.lang;
  const headers = { ...(language && { "Accept-Language": language }), ...options.headers };
  try {
    const response = await fetch(address, { ...rules, ...options, headers });
    return { response, answer: isJson(response) ? jsonIn(await response.text()) : undefined };
  } catch {
    throw new Refused({ reason: "network", status: 0 });
  } finally {
    clearTimeout(timer);
  }
};

const isJson = (response) => /^application\/(problem\+)?json\b/.test(response.headers.get("Content-Type") ?? "");

const jsonIn = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const refusalOf = (response, problem) =>
  new Refused({
    reason: reasonOf(response, problem),
    status: response.status,
    wait: Number(response.headers.get("Retry-After")) || undefined,
    code: problem?.code,
    sentence: problem?.detail ?? problem?.title,
  });

const REASONS = { 401: "signed_out", 403: "forbidden", 413: "too_large", 429: "busy", 503: "busy", 507: "busy" };

const reasonOf = (response, problem) => {
  const { status, type } = response;
  // a sign-in page may answer anything; a proxy before the server has 413 and 5xx of its own
  const isOurs = Boolean(problem?.status) || status === 413 || (status >= 500 && status !== 511);
  if (type === "opaqueredirect" || response.ok || !isOurs) return "portal";
  return REASONS[status] ?? (status >= 500 ? "server" : "unknown");
};
