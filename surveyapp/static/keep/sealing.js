/**
 * Envelopes that only the server opens (their form: `submissions/sealed_envelopes.py`). Nothing on the
 * phone, the PIN included, opens them again.
 */

import { base64urlOf, bytesOf, joinedBytes, packed } from "./bytes.js";

const INFO = "surveyapp sealed envelope 1";
export const CURVE = { name: "ECDH", namedCurve: "P-256" };

/**
 * A text, sealed to the server's key under an id that is authenticated with it.
 * @param {JsonWebKey} serverKey @param {string} id @param {string} text @returns {Promise<string>}
 */
export const sealed = async (serverKey, id, text) =>
  base64urlOf(await sealedBytes(serverKey, id, await packed(bytesOf(text))));

/** The same for bytes. @returns {Promise<Uint8Array<ArrayBuffer>>} */
export const sealedBytes = async (serverKey, id, content) => {
  const server = await crypto.subtle.importKey("jwk", serverKey, CURVE, true, []);
  const once = await crypto.subtle.generateKey(CURVE, true, ["deriveBits"]);
  const [ours, theirs] = await Promise.all([once.publicKey, server].map(pointOf));
  const key = await drawnKey(server, once.privateKey, joinedBytes(ours, theirs));
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const how = { name: "AES-GCM", iv: nonce, additionalData: bytesOf(id.toLowerCase()) };
  return joinedBytes(ours, nonce, await crypto.subtle.encrypt(how, key, content));
};

export const pointOf = async (key) => new Uint8Array(await crypto.subtle.exportKey("raw", key));

/** The key of an envelope, from one's own private key and the other's public one. */
export const drawnKey = async (other, mine, salt) => {
  const secret = await crypto.subtle.deriveBits({ name: "ECDH", public: other }, mine, 256);
  const drawn = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt, info: bytesOf(INFO) };
  return crypto.subtle.deriveKey(how, drawn, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
};
