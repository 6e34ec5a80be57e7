/**
 * What keeps and sends the answers of a trial version, or of a paper sheet: this tab alone, until it is closed, and
 * the address of the page's form. It stands where `keeper.js` stands on a real page, and never touches what that one keeps.
 */

import { localTime } from "./moments.js";

const PREFIX = "trial ";
/** Of a copy without questions: one called `action` would answer. */
const addressOfForm = () => document.importNode(document.querySelector("[data-words]").parentNode).action;

export const openKeeper = async () => new TrialKeeper();

class TrialKeeper {
  /** by draft and path `{about, blob}`; they do not outlive the page */
  #files = new Map();
  #rows = rowsOfTab();
  #received = [];

  async begin(fields) {
    const now = localTime();
    const draft = { files: {}, started_at: now, changed_at: now, ...fields, id: fields.id ?? crypto.randomUUID(), door: "web" };
    this.#rows.setItem(PREFIX + draft.id, JSON.stringify(draft));
    return draft;
  }

  async read(id) {
    const row = this.#rows.getItem(PREFIX + id);
    return row ? { ...JSON.parse(row), files: this.#aboutFiles(id) } : undefined;
  }

  async save(draft) {
    this.#rows.setItem(PREFIX + draft.id, JSON.stringify({ ...draft, changed_at: localTime() }));
  }

  async addFile(id, path, blob, name) {
    this.#files.set(`${id} ${path}`, { about: { name, type: blob.type, size: blob.size }, blob });
  }

  async file(id, path) {
    return this.#files.get(`${id} ${path}`)?.blob;
  }

  async moveFiles(id, moves) {
    const moved = moves.map(([from, to]) => [to, this.#files.get(`${id} ${from}`)]);
    for (const [from] of moves) this.#files.delete(`${id} ${from}`);
    for (const [to, file] of moved) if (to && file) this.#files.set(`${id} ${to}`, file);
  }

  async removeFile(id, path) {
    this.#files.delete(`${id} ${path}`);
  }

  async remove(id) {
    this.#rows.removeItem(PREFIX + id);
  }

  async hold() {
    return true;
  }

  async take() {
    return true;
  }

  release() {}

  /** Send it to the draft area; files are named, not sent. */
  async finish(id, record) {
    const attachments = await Promise.all(Object.values(this.#aboutFiles(id)).map(named));
    const body = JSON.stringify({ ...record, attachments });
    const headers = { "Content-Type": "application/json", ...csrf() };
    const answer = await fetch(addressOfForm(), { method: "POST", headers, body });
    const told = await answer.json();
    if (!answer.ok) throw new Error(told.message);
    this.#received.push({ id, door: "web", code: String(told.number), status: told.faults ? "quarantined" : "stored" });
    await this.remove(id);
  }

  async outbox() {
    return [];
  }

  async receipts() {
    return this.#received;
  }

  async sendAll() {
    return { received: [], waiting: 0, attention: 0 };
  }

  async prepare() {}

  async watchRoom() {}

  #aboutFiles(id) {
    const own = [...this.#files].filter(([key]) => key.startsWith(`${id} `));
    return Object.fromEntries(own.map(([key, { about }]) => [key.slice(id.length + 1), about]));
  }
}

/** Of the office's own forms, which are sent by whoever is signed in. */
const csrf = () => {
  const token = document.querySelector("meta[name=csrf-token]")?.content;
  return token ? { "X-CSRFToken": token } : {};
};

/** As an item of a submission names a file; its content stays here, so its hash says nothing. */
const named = async ({ name, type, size }) => ({ name, type: type || "application/octet-stream", size, sha256: "0".repeat(64) });

/** The tab's own storage, or this page's memory where there is none. */
const rowsOfTab = () => {
  try {
    sessionStorage.getItem(PREFIX);
    return sessionStorage;
  } catch {
    const rows = new Map();
    return { getItem: (key) => rows.get(key), setItem: (key, row) => void rows.set(key, row), removeItem: (key) => void rows.delete(key) };
  }
};
