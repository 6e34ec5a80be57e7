/** Encryption of what lies on this phone, and the keys that only this browser has. */

import { bytesOf } from "./bytes.js";
import { changeSetting, readSetting } from "./settings.js";

/** @typedef {{iv: Uint8Array<ArrayBuffer>, sealed: ArrayBuffer}} Cipher */

export const AES = { name: "AES-GCM", length: 256 };

/** OWASP's figure for PBKDF2 with SHA-256; about a second on a cheap phone. */
export const ROUNDS = 600_000;

/** 32 bytes that follow, slowly, from what a person typed. @returns {Promise<ArrayBuffer>} */
export const stretched = async (typed, salt, iterations) => {
  const secret = await crypto.subtle.importKey("raw", bytesOf(typed), "PBKDF2", false, ["deriveBits"]);
  return crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations }, secret, 256);
};

/** `name` is authenticated: what was encrypted as one thing is not taken for another. @returns {Promise<Cipher>} */
export const encrypted = async (key, name, bytes) => {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const how = { name: "AES-GCM", iv, additionalData: bytesOf(name) };
  return { iv, sealed: await crypto.subtle.encrypt(how, key, bytes) };
};

/** @returns {Promise<ArrayBuffer>} */
export const decrypted = (key, name, { iv, sealed }) =>
  crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: bytesOf(name) }, key, sealed);

/**
 * This browser's own keys, which no script can read out: `mine` (HMAC) stretches PINs, `waiting` (AES) lies
 * over what must be sent without a PIN. Of two tabs that make some at once, one's count.
 * @returns {Promise<{mine: CryptoKey, waiting: CryptoKey}>}
 */
export const browserKeys = async (database) => {
  const found = await readSetting(database, "browser_keys");
  if (found) return found;
  const mine = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const waiting = await crypto.subtle.generateKey(AES, false, ["encrypt", "decrypt"]);
  return changeSetting(database, "browser_keys", (former) => former ?? { mine, waiting });
};
