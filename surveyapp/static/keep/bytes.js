/** Bytes, texts and digests. */

/** @returns {Uint8Array<ArrayBuffer>} */
export const bytesOf = (text) => new TextEncoder().encode(text);

/** @returns {Uint8Array<ArrayBuffer>} */
export const joinedBytes = (...parts) => {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(new Uint8Array(part.buffer ?? part, part.byteOffset ?? 0, part.byteLength), at);
    at += part.byteLength;
  }
  return whole;
};

/** Base64 as it stands in headers. Piece by piece, since a call takes only so many arguments. */
export const base64Of = (bytes) => {
  const view = new Uint8Array(bytes);
  let text = "";
  for (let at = 0; at < view.length; at += 8192) text += String.fromCharCode(...view.subarray(at, at + 8192));
  return btoa(text);
};

/** Base64 as it stands in addresses, without `=`. */
export const base64urlOf = (bytes) =>
  base64Of(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** @returns {Uint8Array<ArrayBuffer>} */
export const fromBase64 = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

/** The SHA-256 of bytes as 64 hexadecimal digits. @returns {Promise<string>} */
export const sha256Of = async (bytes) =>
  [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");

/** The bytes packed by gzip, where the browser can; otherwise as they are. */
export const packed = async (bytes) => {
  if (!globalThis.CompressionStream) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
};
