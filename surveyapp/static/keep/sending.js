/**
 * Sending what waits: answers first, in batches; files afterwards, resumed at the byte. A record leaves the
 * phone only when the server has signed that it holds everything (`complete`).
 *
 * @typedef {object} Outcome
 * @property {boolean} busy  somebody else (another tab, the service worker) is sending at the moment
 * @property {Receipt[]} received  records that have left the phone just now
 * @property {number} waiting  records that still wait
 * @property {number} attention  of these, those that somebody must look at
 * @property {string} [reason]  why the first of them waits
 * @property {number} [next_try]  when the next one is due, milliseconds of the phone's clock
 */

import { packed, bytesOf } from "./bytes.js";
import { resultOf, startingWith } from "./database.js";
import { askForJson, Refused } from "./exchange.js";
import { localTime } from "./moments.js";
import { senderName, senderOf } from "./senders.js";
import { sendFiles } from "./uploading.js";

const SUBMISSIONS = "/api/v1/submissions";
const LOCK = "surveyapp sending";
/** Told when the outbox changes, to every tab. */
export const CHANNEL = "surveyapp outbox";
const MOST_RECORDS = 20;
/** A batch must get through within the patience for one request, at 50 kbit/s too. */
const MOST_LETTERS = 150_000;
/** Failures of single records in a row after which it is the server that fails. */
const MOST_FAILURES = 3;
const FIRST_PAUSE = 30_000;
const LONGEST_PAUSE = 3_600_000;

/**
 * Send what is due; with `isBack`, what waits for a network too; with `all`, everything, whatever it waits for. Never twice at the same time: with `all`
 * it is this one's turn when another tab or the service worker has done, otherwise that one's work is enough.
 * @param {Database} database
 * @param {{all?: boolean, isBack?: boolean, onProgress?: (progress: object) => void}} options
 * @returns {Promise<Outcome>}
 */
export const sendAll = async (database, { all = false, isBack = false, onProgress } = {}) => {
  const isWanted = (row) => all || isDue(row) || (isBack && FOR_A_NETWORK.has(row.reason));
  const work = () => new Sending(database, onProgress).run(isWanted);
  if (!navigator.locks) return work();
  const nobody = { busy: true, received: [], waiting: 0, attention: 0 };
  return navigator.locks.request(LOCK, { ifAvailable: !all }, (lock) => (lock ? work() : nobody));
};

class Sending {
  #database;
  #onProgress;
  #channel = globalThis.BroadcastChannel && new BroadcastChannel(CHANNEL);
  #received = [];

  constructor(database, onProgress) {
    this.#database = database;
    this.#onProgress = onProgress;
  }

  async run(isWanted) {
    const due = (await this.#rows()).filter(isWanted);
    for (const rows of bySender(due)) await this.#sendOf(rows);
    this.#tell();
    this.#channel?.close();
    return this.#outcome();
  }

  async #rows() {
    const rows = await this.#database.look(["outbox"], ({ outbox }) => resultOf(outbox.getAll()));
    return rows.sort((one, other) => one.added_at - other.added_at);
  }

  async #outcome() {
    const left = await this.#rows();
    return {
      busy: false,
      received: this.#received,
      waiting: left.length,
      attention: left.filter((row) => row.state === "attention").length,
      reason: left.find((row) => row.reason)?.reason,
      next_try: left.length ? Math.min(...left.map((row) => row.next_try)) : undefined,
    };
  }

  /** One sender's records: answers, files, and once more the answers of those whose files are sent now. */
  async #sendOf(rows) {
    const sender = senderOf(this.#database, rows[0]);
    const lacking = await this.#post(sender, rows);
    const whole = [];
    for (const row of lacking) {
      if (await this.#sendFiles(sender, row)) whole.push(row);
    }
    const still = whole.length ? await this.#post(sender, whole) : [];
    for (const row of still) await this.#wait(row, { reason: "server" });
  }

  /** Send answers. @returns {Promise<object[]>} rows whose files the server still wants */
  async #post(sender, rows) {
    const [queue, lacking] = [[...rows], []];
    let [most, failures] = [MOST_RECORDS, 0];
    while (queue.length) {
      const batch = batchOf(queue, most);
      try {
        const results = await this.#postBatch(sender, batch);
        for (const row of batch) if (await this.#settle(row, results)) lacking.push(row);
        failures = 0;
      } catch (refused) {
        if (!(refused instanceof Refused)) throw refused;
        if (mayBeOneRecord(refused) && batch.length > 1) {
          most = Math.ceil(batch.length / 2);
          continue;
        }
        failures += 1;
        const alone = mayBeOneRecord(refused) && failures < MOST_FAILURES;
        for (const row of alone ? batch : queue) await this.#wait(row, refused);
        if (!alone) return lacking;
      }
      queue.splice(0, batch.length);
    }
    return lacking;
  }

  async #postBatch(sender, batch, again = true) {
    try {
      for (const row of batch) this.#show(row, "sending");
      const body = bytesOf(`{"device_time":"${localTime()}","submissions":[${batch.map(itemOf).join(",")}]}`);
      const small = await packed(body);
      const headers = { "Content-Type": "application/json", ...(await sender.headers()) };
      if (small !== body) headers["Content-Encoding"] = "gzip";
      const isOurs = (answer) => Array.isArray(answer.results) && typeof answer.server_time === "string";
      const answer = await askForJson(SUBMISSIONS, { method: "POST", headers, body: small }, isOurs);
      return { at: answer.server_time, byId: new Map(answer.results.map((result) => [result.id, result])) };
    } catch (refused) {
      if (!again || refused.reason !== "signed_out" || !(await sender.renew())) throw refused;
      return this.#postBatch(sender, batch, false);
    }
  }

  /** Take a verdict in. @returns {Promise<boolean>} whether files are wanted */
  async #settle(row, { at, byId }) {
    const result = byId.get(row.id);
    if (result?.status === "malformed") {
      await this.#change(row, { state: "attention", reason: "malformed", errors: result.errors.map(sentenceOf) });
    } else if (result?.receipt && result.complete) {
      await this.#release(row, result, at);
    } else if (result?.receipt) {
      const missing = new Set(result.missing_attachments);
      const files = row.files.map((file) => (missing.has(file.sha256) ? file : { ...file, sent: file.size }));
      await this.#change(row, { state: "files", reason: undefined, files });
      return true;
    } else await this.#wait(row, { reason: "server" });
    return false;
  }

  /** The server holds everything: in one transaction the record goes and its receipt stays. */
  async #release(row, result, at) {
    const receipt = {
      id: row.id,
      door: row.door,
      owner: row.owner,
      questionnaire: row.questionnaire,
      version: row.version,
      finished_at: row.finished_at,
      received_at: at,
      status: result.status,
      revision: result.revision,
      receipt: result.receipt,
      complete: result.complete,
      code: result.receipt_code,
    };
    await this.#database.change(["outbox", "outgoing", "receipts"], ({ outbox, outgoing, receipts }) => {
      receipts.put(receipt);
      outbox.delete(row.id);
      outgoing.delete(startingWith(row.id));
    });
    this.#received.push(receipt);
    this.#show(row, "received");
  }

  async #sendFiles(sender, row) {
    try {
      await sendFiles(this.#database, sender, row, (files) => this.#change(row, { files }));
      return true;
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      await this.#wait(row, refused);
      return false;
    }
  }

  /** It was not taken: later again, or somebody must look at it. */
  async #wait(row, { reason, wait = 0, sentence }) {
    const tries = row.tries + 1;
    const pause = Math.min(FIRST_PAUSE * 2 ** row.tries, LONGEST_PAUSE) * (0.5 + Math.random());
    const next_try = Date.now() + Math.max(pause, wait * 1000);
    const state = NEEDS_SOMEBODY.has(reason) ? "attention" : "waiting";
    await this.#change(row, { state, reason, tries, next_try, errors: sentence ? [sentence] : undefined });
  }

  async #change(row, changes) {
    Object.assign(row, changes);
    await this.#database.change(["outbox"], async ({ outbox }) => {
      if (await resultOf(outbox.getKey(row.id))) outbox.put(row);
    });
    this.#show(row, row.state);
  }

  #show(row, state) {
    const [size, sent] = ["size", "sent"].map((part) => row.files.reduce((total, file) => total + file[part], 0));
    const progress = { id: row.id, state, reason: row.reason, size, sent };
    this.#onProgress?.(progress);
    this.#channel?.postMessage(progress);
  }

  #tell() {
    this.#channel?.postMessage({ id: undefined, state: "done" });
  }
}

/** Trying again changes nothing about these, but it does no harm. */
const NEEDS_SOMEBODY = new Set(["signed_out", "forbidden", "too_large", "malformed", "unknown"]);

const FOR_A_NETWORK = new Set(["network", "portal"]);

/** A clock that was set back must not keep a record waiting for longer than the longest pause. */
const isDue = (row) => {
  const left = row.next_try - Date.now();
  return left <= 0 || left > 2 * LONGEST_PAUSE;
};

const mayBeOneRecord = ({ reason }) => reason === "too_large" || reason === "server";

const bySender = (rows) => {
  const groups = new Map();
  for (const row of rows) groups.set(senderName(row), [...(groups.get(senderName(row)) ?? []), row]);
  return groups.values();
};

const batchOf = (queue, most) => {
  let letters = 0;
  const fits = (row, index) => index === 0 || (index < most && (letters += itemOf(row).length) <= MOST_LETTERS);
  const end = queue.findIndex((row, index) => !fits(row, index));
  return end < 0 ? [...queue] : queue.slice(0, end);
};

const itemOf = ({ id, body }) => JSON.stringify(body.sealed ? { id, sealed: body.sealed } : body.record);

const sentenceOf = ({ path, message }) => (path ? `${path}: ${message}` : message);
