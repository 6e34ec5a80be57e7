/**
 * What this browser keeps, in one IndexedDB database of the origin.
 *
 * | store    | key        | one row is |
 * |----------|------------|------------|
 * | drafts   | id         | an interview under way |
 * | files    | draft+path | what is known of a file in an interview under way |
 * | contents | draft+path | its bytes, apart, since lists of drafts want none |
 * | copies   | id         | a finished interview of the field, as its draft was, in case it is returned |
 * | outbox   | id         | a finished record that the server does not hold for certain |
 * | outgoing | id+sha256  | a file of such a record |
 * | receipts | id         | the server's word that it holds a record |
 * | settings | name       | keys, who uses this phone, what the server told |
 *
 * A page that is open while a newer edition of the program comes goes on with this database: stores are
 * only ever added, and an older edition opens whatever is there.
 */

import { inOurWords, KeepError } from "./failures.js";

export const DATABASE = "surveyapp";
const VERSION = 1;
const STORES = {
  drafts: "id",
  files: ["draft", "path"],
  contents: ["draft", "path"],
  copies: "id",
  outbox: "id",
  outgoing: ["id", "sha256"],
  receipts: "id",
  settings: "name",
};

/** A request's result. @returns {Promise<any>} */
export const resultOf = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** The rows of a store whose key begins with a word. */
export const startingWith = (word) => IDBKeyRange.bound([word], [word, []]);

/** A connection that is made anew when it is lost. */
export class Database {
  #opening;

  /** Rejects with `KeepError("unavailable")` where nothing can be kept. @returns {Promise<Database>} */
  static async open() {
    const database = new Database();
    await database.#connection();
    return database;
  }

  /**
   * Do some work in one transaction; what `work` returns, once it is on disk. `work` gets the stores by
   * name and awaits nothing but requests; when it throws, nothing has changed.
   * @param {string[]} names
   */
  async change(names, work) {
    return this.#run(names, "readwrite", work);
  }

  /** Look something up in one transaction. @param {string[]} names */
  async look(names, work) {
    return this.#run(names, "readonly", work);
  }

  async #run(names, mode, work) {
    try {
      return await this.#once(await this.#connection(), names, mode, work);
    } catch (error) {
      if (error?.name !== "InvalidStateError") throw inOurWords(error);
    }
    this.#opening = undefined; // the browser closed it: storage was cleared, or another edition came
    try {
      return await this.#once(await this.#connection(), names, mode, work);
    } catch (error) {
      throw inOurWords(error);
    }
  }

  #once(connection, names, mode, work) {
    return new Promise((resolve, reject) => {
      // `strict`: told of only when it is on disk, so that a dead battery loses nothing that was told
      const transaction = connection.transaction(names, mode, { durability: "strict" });
      let result, failure;
      transaction.oncomplete = () => resolve(result);
      transaction.onerror = (event) => (failure ??= event.target.error);
      transaction.onabort = () => reject(failure ?? transaction.error ?? new KeepError("unavailable"));
      const stores = Object.fromEntries(names.map((name) => [name, transaction.objectStore(name)]));
      Promise.resolve(work(stores)).then(
        (value) => {
          result = value;
          // a page that is being left hears of nothing any more, so it could not let the browser commit
          tryTo(() => transaction.commit());
        },
        (error) => {
          failure ??= error;
          if (!transaction.error) tryTo(() => transaction.abort());
        },
      );
    });
  }

  #connection() {
    this.#opening ??= connect(VERSION).catch((error) => {
      if (error?.name === "VersionError") return connect();
      throw error;
    });
    return this.#opening.then(
      (connection) => {
        connection.onversionchange = connection.onclose = () => {
          connection.close();
          this.#opening = undefined;
        };
        return connection;
      },
      (error) => {
        this.#opening = undefined;
        throw inOurWords(error);
      },
    );
  }
}

const connect = (version) =>
  new Promise((resolve, reject) => {
    if (!globalThis.indexedDB) throw new KeepError("unavailable");
    const request = indexedDB.open(DATABASE, version);
    request.onupgradeneeded = () => addStores(request.result);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const addStores = (connection) => {
  for (const [name, keyPath] of Object.entries(STORES)) {
    if (!connection.objectStoreNames.contains(name)) connection.createObjectStore(name, { keyPath });
  }
};

const tryTo = (work) => {
  try {
    work();
  } catch {
    // the transaction was over already
  }
};
