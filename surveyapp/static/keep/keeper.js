/**
 * What a page keeps on the phone: interviews under way, their files, and what is finished and waits to be
 * sent. Nothing here is told of as kept before it is on disk.
 *
 * @typedef {object} Draft
 * @property {string} id  also the id of the submission that it becomes
 * @property {"field" | "web"} door
 * @property {string} questionnaire
 * @property {string} version
 * @property {string} language
 * @property {string} [name]  what its owner calls it
 * @property {boolean} [practice]  never sent
 * @property {string} started_at  and `changed_at`: ISO 8601 with the phone's offset
 * @property {string} changed_at
 * @property {object} [place]  where the page goes on
 * @property {object} [snapshot]  of the interview
 * @property {object} [typed]  what was typed and is no answer yet
 * @property {Record<string, string>} [answer_languages]
 * @property {Record<string, number>} [seconds]
 * @property {object} [consent]
 * @property {string} [invitation]
 * @property {string} [assignment]  the visit that it is for
 * @property {object} [prefill]  what the office knew beforehand, by node path
 * @property {number} [base_revision]  the draft mends this revision of a submission
 * @property {Record<string, string>} [comments]  what the office says of it, by node path, in sentences
 * @property {Record<string, {name: string, type: string, size: number}>} files  by path; changed by `addFile` and
 *   `removeFile` alone: what `save` is given here counts for nothing
 *
 * @typedef {object} Summary  a draft in a list
 * @property {string} id
 * @property {string} questionnaire
 * @property {string} version
 * @property {string} language
 * @property {string} [name]
 * @property {boolean} practice
 * @property {string} started_at
 * @property {string} changed_at
 * @property {number} [base_revision]
 * @property {string} [handed_at]  when it was put into a file for a colleague
 * @property {boolean} answered  whether deleting it loses answers
 *
 * @typedef {object} Entry  a finished record in the outbox
 * @property {string} id
 * @property {string} questionnaire
 * @property {string} version
 * @property {string} [name]  only while its owner's drafts are open
 * @property {string} finished_at
 * @property {"ready" | "waiting" | "sending" | "files" | "attention"} state  `waiting`: until `next_try`; `files`: the
 *   server holds the answers and still wants files
 * @property {string} [reason]  why it waits, or needs attention: `network`, `server`, `signed_out`, `too_large` …
 * @property {string[]} [errors]  the server's sentences about it
 * @property {number} next_try  milliseconds of the phone's clock
 * @property {number} size  bytes of its files, of which `sent` are with the server
 * @property {number} sent
 *
 * @typedef {object} Receipt  what stays of a record that has left the phone
 * @property {string} id
 * @property {string} questionnaire
 * @property {string} version
 * @property {string} finished_at
 * @property {string} received_at  by the server's clock
 * @property {"stored" | "duplicate" | "quarantined"} status
 * @property {number} revision
 * @property {string} receipt
 * @property {string} complete
 * @property {string} code
 */

import { bytesOf } from "./bytes.js";
import { Database, resultOf, startingWith } from "./database.js";
import { inOurWords, KeepError } from "./failures.js";
import { forgetLeft, leaveBehind, takeUp } from "./left.js";
import { localTime } from "./moments.js";
import { changeSetting } from "./settings.js";

/**
 * `sealingKey`: the server's public key (JSON Web Key), where the page tells it; it is remembered.
 * `onLocked`: called when the PIN is to be asked for; without it the field's program opens, which does that and
 * comes back.
 * @param {{door: "field" | "web", sealingKey?: JsonWebKey, onLocked?: () => void}} options
 * @returns {Promise<Keeper>}
 */
export const openKeeper = async ({ door, sealingKey, onLocked = askForPin }) => {
  if (!globalThis.crypto?.subtle) throw new KeepError("unavailable");
  const database = await Database.open().catch((error) => {
    throw new KeepError("unavailable", error);
  });
  // no page waits for a phone's disk; what reads the key later gets it, since transactions keep their order
  if (sealingKey) changeSetting(database, "sealing_key", () => sealingKey).catch(() => undefined);
  if (door !== "field") {
    // on a full phone it waits for another time
    await takeUp(database).catch(() => undefined);
    return new Keeper(database, door);
  }
  const [{ Vault }, { keeperThatParts }] = await Promise.all([import("./vault.js"), import("./parting.js")]);
  const vault = new Vault(database);
  await vault.restore();
  guard(vault, onLocked);
  return new (keeperThatParts(Keeper))(database, door, vault);
};

const LOOK_AGAIN = 20_000;

/** Whoever comes back to a phone after a while is asked for the PIN; so is a page that was never opened by one. */
const guard = (vault, onLocked) => {
  const look = () => !document.hidden && vault.isStale && onLocked();
  look();
  document.addEventListener("visibilitychange", look);
  setInterval(look, LOOK_AGAIN);
};

/** The program at the page's language, which leads back to the draft that the address names. */
const askForPin = () => {
  const [, language] = location.pathname.split("/");
  location.replace(`/${language}/field#open/${location.hash.replace(/^#field\/?/, "")}`);
};

/** Keeps drafts of one door. Everything rejects with `KeepError`. */
export class Keeper {
  #database;
  #door;
  #vault;
  #held = new Map();
  #taken = new Set();
  #saving = new Map();

  /** `openKeeper` makes one. */
  constructor(database, door, vault) {
    this.#database = database;
    this.#door = door;
    this.#vault = vault;
  }

  /** The lock of the door `field`; none on families' phones. */
  get vault() {
    return this.#vault;
  }

  get database() {
    return this.#database;
  }

  /**
   * Begin a draft. One that names its `id` keeps it: to mend a submission, or to put back what the browser
   * threw away under an open page. @returns {Promise<Draft>}
   */
  async begin(fields) {
    const now = localTime();
    const draft = {
      files: {},
      started_at: now,
      changed_at: now,
      ...fields,
      id: fields.id ?? crypto.randomUUID(),
      door: this.#door,
    };
    this.#taken.delete(draft.id);
    this.#leave(draft, true);
    const row = await this.#row(draft);
    // first of all: a page that is being left has no time to ask for anything before
    await this.#database.change(["drafts"], ({ drafts }) => void drafts.put(row));
    forgetLeft(draft.id, draft.changed_at);
    askForLastingStorage().catch(() => undefined);
    return draft;
  }

  /** Give a draft another name. */
  async rename(id, name) {
    const draft = await this.read(id);
    if (!draft) throw new KeepError("gone");
    await this.save({ ...draft, name });
  }

  /**
   * Open a finished interview again that was returned, to make its next revision; undefined when this
   * phone has no copy of it. One that is open already goes on. @param {Draft["comments"]} [comments]
   * @returns {Promise<Draft | undefined>}
   */
  async mend(id, revision, comments) {
    const open = await this.read(id);
    if (open) return open;
    const row = await this.#database.look(["copies"], ({ copies }) => resultOf(copies.get(id)));
    if (!row || !this.#isMine(row)) return undefined;
    return this.begin({ ...(await this.#opened(row)), base_revision: revision, comments, place: undefined });
  }

  /** Delete copies of finished interviews: of these, and of all that were finished before a moment but for `kept`. */
  async forget(ids, before, kept = []) {
    await this.#database.change(["drafts", "copies", "files", "contents"], async (stores) => {
      for (const row of await resultOf(stores.copies.getAll())) {
        if (!ids.includes(row.id) && (row.copied_at >= before || kept.includes(row.id))) continue;
        stores.copies.delete(row.id);
        if (!(await resultOf(stores.drafts.getKey(row.id)))) deleteFiles(stores, row.id);
      }
    });
  }

  /** @returns {Promise<Draft | undefined>} */
  async read(id) {
    const row = await this.#database.look(["drafts"], ({ drafts }) => resultOf(drafts.get(id)));
    return row && this.#isMine(row) ? this.#opened(row) : undefined;
  }

  /**
   * Write a draft down; of several calls for one draft the last one stands. Rejects with `full` when the
   * phone has no room, `gone` when the draft was finished, deleted or taken over meanwhile, `locked` when
   * the PIN is asked for again.
   * @param {Draft} draft
   */
  async save(draft) {
    const before = this.#saving.get(draft.id);
    const text = JSON.stringify({ ...draft, changed_at: localTime() }); // as it is now, whatever the page does next
    this.#leave(JSON.parse(text));
    const save = () => this.#save(JSON.parse(text));
    // only ciphers may overtake each other; a page that is being left waits for nothing
    const saved = this.#vault && before ? before.then(save) : save();
    this.#saving.set(draft.id, saved.catch(() => undefined));
    return saved;
  }

  /** Keep a file of a draft at a path, instead of the one that was there; `read` tells of it. */
  async addFile(id, path, blob, name) {
    const content = await blob.arrayBuffer().catch((error) => {
      throw inOurWords(error);
    });
    const about = { name, type: blob.type, size: content.byteLength };
    const rows = await this.#fileRows(id, path, bytesOf(JSON.stringify(about)), content);
    await this.#database.change(["drafts", "files", "contents"], async ({ drafts, files, contents }) => {
      if (!(await resultOf(drafts.getKey(id)))) throw new KeepError("gone");
      files.put(rows[0]);
      contents.put(rows[1]);
    });
    this.#vault?.touch();
  }

  /** @returns {Promise<Blob | undefined>} */
  async file(id, path) {
    const [about, content] = await this.#database.look(["files", "contents"], ({ files, contents }) =>
      Promise.all([files, contents].map((store) => resultOf(store.get([id, path])))),
    );
    if (!content) return undefined;
    const { type } = jsonOf(await this.#unlocked(`${id} ${path} about`, about));
    return new Blob([await this.#unlocked(`${id} ${path}`, content)], { type });
  }

  /**
   * Rename files of a draft by their paths, all at once or none; without a new path one is removed.
   * @param {[string, string | undefined][]} moves
   */
  async moveFiles(id, moves) {
    const moved = await Promise.all(moves.filter(([, path]) => path).map((move) => this.#movedRows(id, ...move)));
    await this.#database.change(["files", "contents"], ({ files, contents }) => {
      for (const store of [files, contents]) for (const [path] of moves) store.delete([id, path]);
      for (const rows of moved) for (const [at, store] of [files, contents].entries()) store.put(rows[at]);
    });
  }

  async removeFile(id, path) {
    await this.#database.change(["files", "contents"], ({ files, contents }) => {
      for (const store of [files, contents]) store.delete([id, path]);
    });
  }

  /** This door's drafts, those of whoever opened it, newest first. @returns {Promise<Summary[]>} */
  async drafts() {
    const rows = await this.#database.look(["drafts"], ({ drafts }) => resultOf(drafts.getAll()));
    const found = await Promise.all(rows.filter((row) => this.#isMine(row)).map((row) => this.#opened(row)));
    return found.map(summaryOf).sort((one, other) => (one.changed_at < other.changed_at ? 1 : -1));
  }

  /** Delete a draft with its files; a tab that holds it is told. */
  async remove(id) {
    if (this.#held.has(id)) this.#taken.add(id);
    else navigator.locks?.request(`draft ${id}`, { steal: true }, () => undefined).catch(() => undefined);
    forgetLeft(id);
    await this.#database.change(["drafts", "files", "contents"], (stores) => deleteDraft(stores, id));
  }

  /**
   * Hold a draft in this tab, so that no other tab writes over it; false when another one holds it.
   * `onTaken` is called when another tab takes it over (`take`).
   */
  async hold(id, onTaken) {
    return this.#hold(id, onTaken, { ifAvailable: true });
  }

  /** Hold a draft although another tab holds it; that one is told, and can save nothing more. */
  async take(id, onTaken) {
    return this.#hold(id, onTaken, { steal: true });
  }

  /** Let go of a draft that this tab holds. */
  release(id) {
    this.#held.get(id)?.();
    this.#held.delete(id);
  }

  /**
   * Finish a draft: in one transaction it leaves the drafts and waits in the outbox, sealed to the server's
   * key where that is known. What is finished already stays as it is. The record's `attachments` are made
   * here, of the files that its answers name. A draft for practice is only deleted.
   * @param {object} record  an item of `POST /api/v1/submissions`
   */
  async finish(id, record) {
    await this.#saving.get(id);
    const draft = await this.read(id);
    if (!draft) return this.#mustBeFinished(id);
    if (draft.practice) return this.remove(id);
    const { rowsOf } = await import("./finishing.js");
    const { entry, outgoing } = await rowsOf(this, draft, record);
    const names = ["drafts", "files", "contents", "copies", "outbox", "outgoing"];
    this.#taken.add(id);
    forgetLeft(id); // what was saved lies in the database by now
    const finished = this.#database.change(names, async (stores) => {
      const row = await resultOf(stores.drafts.get(id));
      if (!row) return;
      // in the field what is returned is mended from a copy, which only the PIN opens
      if (this.#vault) stores.copies.put({ ...row, copied_at: Date.now() });
      else deleteFiles(stores, id);
      stores.drafts.delete(id);
      stores.outgoing.delete(startingWith(id));
      stores.outbox.put(entry);
      for (const file of outgoing) stores.outgoing.put(file);
    });
    await finished.catch((error) => {
      this.#taken.delete(id);
      throw error;
    });
    wakeWorker();
  }

  /** What waits to be sent, oldest first, whoever's it is. @returns {Promise<Entry[]>} */
  async outbox() {
    const { entriesIn } = await import("./outbox.js");
    return entriesIn(this.#database, this.#vault);
  }

  /** What the server has confirmed, newest first. @returns {Promise<Receipt[]>} */
  async receipts() {
    const rows = await this.#database.look(["receipts"], ({ receipts }) => resultOf(receipts.getAll()));
    return rows.sort((one, other) => (one.received_at < other.received_at ? 1 : -1));
  }

  /** Send what waits. @returns {Promise<Outcome>} of `sending.js` */
  async sendAll(options = {}) {
    const { sendAll } = await import("./sending.js");
    return sendAll(this.#database, options);
  }

  /**
   * Load what finishing and sending need while there is a network, and keep a family's page on its phone; the
   * field's program keeps all of its pages itself.
   */
  async prepare() {
    await Promise.all([import("./finishing.js"), import("./outbox.js"), import("./sending.js")]);
    if (this.#vault) return;
    const { settleDown } = await import("./copies.js");
    await settleDown(this);
  }

  /** Have it told while little room is left (`room.js`). */
  async watchRoom(tell) {
    const { watchRoom } = await import("./room.js");
    return watchRoom(this.#database, tell);
  }

  // ------------------------------------------------------------ rows

  async #save(draft) {
    const row = await this.#row(draft);
    await this.#database.change(["drafts"], async ({ drafts }) => {
      if (this.#taken.has(draft.id)) throw new KeepError("gone");
      // what this tab holds nobody else takes away without its knowing: a page that is being left hears no answer
      if (!this.#held.has(draft.id) && !(await resultOf(drafts.getKey(draft.id)))) throw new KeepError("gone");
      drafts.put(row);
    });
    forgetLeft(draft.id, draft.changed_at);
    this.#vault?.touch();
  }

  /** Families' drafts lie open here anyway; those of the field are left behind by `parting.js`. */
  #leave(draft, isNew) {
    if (!this.#vault && !this.#taken.has(draft.id)) leaveBehind(openRow(draft), isNew);
  }

  async #row(draft) {
    const row = openRow(draft);
    if (!this.#vault) return row;
    const { id, door, changed_at } = row;
    const owner = this.#vault.person;
    return { id, door, changed_at, owner, ...(await this.#vault.encrypt(id, bytesOf(JSON.stringify(row.draft)))) };
  }

  async #opened(row) {
    const draft = this.#vault ? jsonOf(await this.#vault.decrypt(row.id, row)) : row.draft;
    return { ...draft, files: await this.#aboutFiles(row.id) };
  }

  #isMine(row) {
    if (row.door !== this.#door) return false;
    if (this.#vault && !this.#vault.person) throw new KeepError("locked");
    return !this.#vault || row.owner === this.#vault.person;
  }

  async #fileRows(id, path, about, content) {
    const key = { draft: id, path };
    return [
      { ...key, ...(await this.#lockedIn(`${id} ${path} about`, about)) },
      { ...key, ...(await this.#lockedIn(`${id} ${path}`, content)) },
    ];
  }

  /** A file's rows under another path: what is encrypted is bound to its path. */
  async #movedRows(id, from, to) {
    const [about, content] = await this.#database.look(["files", "contents"], ({ files, contents }) =>
      Promise.all([files, contents].map((store) => resultOf(store.get([id, from])))),
    );
    return this.#fileRows(id, to, await this.#unlocked(`${id} ${from} about`, about), await this.#unlocked(`${id} ${from}`, content));
  }

  /** Bytes as they lie here: encrypted where there is a lock. */
  async #lockedIn(name, content) {
    return this.#vault ? this.#vault.encrypt(name, content) : { content };
  }

  async #unlocked(name, row) {
    return this.#vault ? this.#vault.decrypt(name, row) : row.content;
  }

  /** What is known of a draft's files, by path. */
  async #aboutFiles(id) {
    const rows = await this.#database.look(["files"], ({ files }) => resultOf(files.getAll(startingWith(id))));
    const found = rows.map(async (row) => [row.path, jsonOf(await this.#unlocked(`${id} ${row.path} about`, row))]);
    return Object.fromEntries(await Promise.all(found));
  }

  /** The bytes of a draft's files. @returns {Promise<{path: string, content: ArrayBuffer}[]>} */
  async filesOf(id) {
    const range = startingWith(id);
    const rows = await this.#database.look(["contents"], ({ contents }) => resultOf(contents.getAll(range)));
    const opened = async (row) => ({ path: row.path, content: await this.#unlocked(`${id} ${row.path}`, row) });
    return Promise.all(rows.map(opened));
  }

  async #mustBeFinished(id) {
    const there = await this.#database.look(["outbox", "receipts"], async ({ outbox, receipts }) => [
      await resultOf(outbox.getKey(id)),
      await resultOf(receipts.getKey(id)),
    ]);
    if (!there.some(Boolean)) throw new KeepError("gone");
  }

  // ------------------------------------------------------------ tabs

  #hold(id, onTaken, how) {
    if (!navigator.locks || this.#held.has(id)) return Promise.resolve(true);
    return new Promise((resolve) => {
      const until = new Promise((release) => this.#held.set(id, release));
      const held = (lock) => {
        resolve(Boolean(lock));
        if (!lock) this.#held.delete(id);
        else this.#taken.delete(id);
        return lock ? until : undefined;
      };
      navigator.locks.request(`draft ${id}`, how, held).catch(() => {
        this.#taken.add(id);
        this.#held.delete(id);
        onTaken?.();
      });
    });
  }
}

const openRow = ({ files: _kept_apart, ...draft }) => ({ id: draft.id, door: draft.door, changed_at: draft.changed_at, draft });

const deleteDraft = (stores, id) => {
  stores.drafts.delete(id);
  deleteFiles(stores, id);
};

const deleteFiles = ({ files, contents }, id) => {
  for (const store of [files, contents]) store.delete(startingWith(id));
};

/** Let the browser start the service worker when there is a network, even after this page is closed. */
const wakeWorker = () =>
  navigator.serviceWorker
    ?.getRegistration()
    .then((registration) => registration?.sync?.register("send"))
    .catch(() => undefined);

const jsonOf = (bytes) => JSON.parse(new TextDecoder().decode(bytes));

const summaryOf = (draft) => ({
  id: draft.id,
  questionnaire: draft.questionnaire,
  version: draft.version,
  language: draft.language,
  name: draft.name,
  practice: Boolean(draft.practice),
  started_at: draft.started_at,
  changed_at: draft.changed_at,
  base_revision: draft.base_revision,
  handed_at: draft.handed_at,
  answered: [draft.answer_languages, draft.typed, draft.files].some((each) => Object.keys(each ?? {}).length > 0),
});

/** Ask that nothing be thrown away when room is short; browsers grant it or not, and never late. */
const askForLastingStorage = async () => {
  const lasts = (await navigator.storage?.persisted?.().catch(() => true)) ?? true;
  if (!lasts) navigator.storage.persist().catch(() => undefined);
};
