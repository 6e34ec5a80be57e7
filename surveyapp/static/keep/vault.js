/**
 * What the PIN locks: the drafts of the people who share this phone.
 *
 * Each person has a random data key. It lies here only wrapped, under a key that follows from the PIN
 * (PBKDF2) *and* from a key of this browser that no script can read out (HMAC): a copy of what is stored
 * is worthless without the browser's key, and the browser is worthless without the PIN. While somebody
 * works, a second wrapping lies under a secret that only this tab has, so that a page that is loaded anew
 * (or killed while the camera is open) asks for no PIN; it ends when the tab does, by locking, and after
 * a quarter of an hour without work.
 */

import { base64Of, fromBase64 } from "./bytes.js";
import { AES, browserKeys, decrypted, encrypted, ROUNDS, stretched } from "./ciphers.js";
import { KeepError } from "./failures.js";
import { changeSetting, readSetting } from "./settings.js";

export const SHORTEST_PIN = 6;
export const IDLE_MINUTES = 15;
/** After so many wrong PINs each further one must wait, twice as long each time. */
const FREE_TRIES = 5;
/** Tabs in which one person's drafts may be open at the same time. */
const MOST_TABS = 4;
const TAB = "surveyapp.open";

export class Vault {
  #database;
  #person;
  #key;

  constructor(database) {
    this.#database = database;
  }

  /** Whose drafts are open: a person's id; undefined while all is locked. */
  get person() {
    return this.#person;
  }

  /** Go on as this tab was before it was loaded anew. @returns {Promise<boolean>} whether it is open */
  async restore() {
    const tab = readTab();
    if (!tab || !isFresh(tab.until)) return this.#locked();
    const row = await this.#setting(openName(tab.person));
    const wrapped = row?.[tab.tab];
    if (!wrapped) return this.#locked();
    const wrapping = await this.#wrappingKey(fromBase64(tab.secret));
    return this.#openWith(tab.person, wrapped, wrapping).then(
      () => true,
      () => this.#locked(),
    );
  }

  /** Close the drafts in this tab. @returns {Promise<void>} */
  async lock() {
    const tab = readTab();
    this.#locked();
    if (tab) await this.#changeSetting(openName(tab.person), () => ({}));
  }

  /**
   * Open a person's drafts.
   * @returns {Promise<{open: boolean, wait: number}>} `wait`: seconds until another try is taken
   */
  async unlock(person, pin) {
    const row = await this.#setting(pinName(person));
    if (!row) throw new KeepError("gone");
    const wait = waitOf(row);
    if (wait) {
      // a clock that was set back makes nobody wait longer than one pause, nor less
      const from = Math.min(row.tried_at, Date.now());
      await this.#changeSetting(pinName(person), (now) => ({ ...now, tried_at: from }));
      return { open: false, wait };
    }
    // counted before it is tried: pulling the battery must not give tries away
    await this.#changeSetting(pinName(person), (now) => ({ ...now, tries: now.tries + 1, tried_at: Date.now() }));
    const wrapping = await this.#wrappingKey(await stretched(pin, row.salt, row.rounds));
    try {
      await this.#openWith(person, row.wrapped, wrapping, true);
    } catch {
      return { open: false, wait: waitOf(await this.#setting(pinName(person))) };
    }
    await this.#changeSetting(pinName(person), (now) => ({ ...now, tries: 0, tried_at: 0 }));
    return { open: true, wait: 0 };
  }

  /** Give a person a data key of their own under a PIN, and open it. Replaces what they had. */
  async admit(person, pin) {
    const raw = crypto.getRandomValues(new Uint8Array(32));
    await this.#wrap(person, pin, raw);
    await this.#keepOpen(person, raw);
  }

  /** Another PIN for whoever is open. @returns {Promise<boolean>} whether the former PIN was right */
  async changePin(former, pin) {
    const person = this.#person;
    if (!person) throw new KeepError("locked");
    const row = await this.#setting(pinName(person));
    const wrapping = await this.#wrappingKey(await stretched(former, row.salt, row.rounds));
    const raw = await unwrapped(row.wrapped, wrapping, person).catch(() => undefined);
    if (raw) await this.#wrap(person, pin, raw);
    return Boolean(raw);
  }

  /** Whether a person has a PIN here. */
  async knows(person) {
    return Boolean(await this.#setting(pinName(person)));
  }

  /**
   * Encrypt what only this person may read here; also when the time without work is over, since what an
   * open page still holds must not be lost by waiting. @returns {Promise<Cipher>}
   */
  async encrypt(name, bytes) {
    if (!this.#key) throw new KeepError("locked");
    return encrypted(this.#key, name, bytes);
  }

  /** @returns {Promise<ArrayBuffer>} */
  async decrypt(name, row) {
    if (this.isStale) this.#locked();
    if (!this.#key) throw new KeepError("locked");
    return decrypted(this.#key, name, row);
  }

  /** Whether nobody has worked for so long that the PIN is to be asked for. */
  get isStale() {
    const tab = readTab();
    return !this.#key || !tab || !isFresh(tab.until);
  }

  /** Somebody is at work: the time without work begins anew. */
  touch() {
    const tab = readTab();
    if (tab && this.#key) writeTab({ ...tab, until: Date.now() + IDLE_MINUTES * 60_000 });
  }

  #locked() {
    this.#key = this.#person = undefined;
    writeTab(undefined);
    return false;
  }

  async #wrap(person, pin, raw) {
    const salt = crypto.getRandomValues(new Uint8Array(16));
    const wrapping = await this.#wrappingKey(await stretched(pin, salt, ROUNDS));
    const wrapped = await encrypted(wrapping, person, raw);
    await this.#changeSetting(pinName(person), () => ({ salt, rounds: ROUNDS, wrapped, tries: 0, tried_at: 0 }));
  }

  async #openWith(person, wrapped, wrapping, anew = false) {
    const raw = await unwrapped(wrapped, wrapping, person);
    if (anew) await this.#keepOpen(person, raw);
    else await this.#take(person, raw);
    this.touch();
  }

  /** Open, and stay so when this tab is loaded anew. */
  async #keepOpen(person, raw) {
    const [tab, secret] = [crypto.randomUUID(), crypto.getRandomValues(new Uint8Array(32))];
    const wrapped = await encrypted(await this.#wrappingKey(secret), person, raw);
    const tabs = (now) => Object.fromEntries([...Object.entries(now ?? {}), [tab, wrapped]].slice(-MOST_TABS));
    await this.#changeSetting(openName(person), tabs);
    writeTab({ person, tab, secret: base64Of(secret), until: Date.now() + IDLE_MINUTES * 60_000 });
    await this.#take(person, raw);
  }

  async #take(person, raw) {
    this.#key = await crypto.subtle.importKey("raw", raw, AES, false, ["encrypt", "decrypt"]);
    this.#person = person;
    new Uint8Array(raw.buffer ?? raw).fill(0);
  }

  /** A key that follows from a secret and from this browser's own. @returns {Promise<CryptoKey>} */
  async #wrappingKey(secret) {
    const { mine } = await browserKeys(this.#database);
    const bits = await crypto.subtle.sign("HMAC", mine, secret);
    return crypto.subtle.importKey("raw", bits, AES, false, ["encrypt", "decrypt"]);
  }

  #setting(name) {
    return readSetting(this.#database, name);
  }

  #changeSetting(name, change) {
    return changeSetting(this.#database, name, change);
  }
}

const unwrapped = async (wrapped, wrapping, person) => new Uint8Array(await decrypted(wrapping, person, wrapped));

const waitOf = ({ tries, tried_at }) => {
  if (tries < FREE_TRIES) return 0;
  const pause = 30_000 * 2 ** Math.min(tries - FREE_TRIES, 7);
  const passed = Math.max(0, Date.now() - tried_at);
  return Math.max(0, Math.ceil((pause - passed) / 1000));
};

const isFresh = (until) => {
  const left = until - Date.now();
  return left > 0 && left <= IDLE_MINUTES * 60_000;
};

const pinName = (person) => `pin ${person}`;
const openName = (person) => `open ${person}`;

const readTab = () => {
  try {
    return JSON.parse(sessionStorage.getItem(TAB) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
};

const writeTab = (value) => {
  if (value) sessionStorage.setItem(TAB, JSON.stringify(value));
  else sessionStorage.removeItem(TAB);
};
