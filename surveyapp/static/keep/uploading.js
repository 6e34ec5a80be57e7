/** The files of a record, by tus 1.0: what the server has acknowledged is never sent again. */

import { base64Of, bytesOf } from "./bytes.js";
import { browserKeys, decrypted } from "./ciphers.js";
import { resultOf } from "./database.js";
import { askByTus, Refused } from "./exchange.js";

const UPLOADS = "/api/v1/uploads";
const FIRST_PIECE = 64 * 1024;
const LARGEST_PIECE = 1024 * 1024;
/** A piece is as long as the network carries in about so many milliseconds: progress moves, little is repeated. */
const PIECE_TIME = 4000;
/** Answers that contradict each other, before a file is left for later. */
const MOST_TURNS = 5;

/**
 * Send those files of a row that are not whole yet. `note(files)` writes down how far they are. Raises
 * `Refused`.
 */
export const sendFiles = async (database, sender, row, note) => {
  for (let index = 0; index < row.files.length; index += 1) {
    const file = row.files[index];
    if (file.sent >= file.size) continue;
    const noteOne = (changes) => note(row.files.map((each, at) => (at === index ? { ...each, ...changes } : each)));
    await sendFile(await contentOf(database, row.id, file.sha256), sender, file, noteOne);
  }
};

const contentOf = async (database, id, sha256) => {
  const row = await database.look(["outgoing"], ({ outgoing }) => resultOf(outgoing.get([id, sha256])));
  if (!row) throw new Refused({ reason: "unknown", status: 0 });
  const { waiting } = await browserKeys(database);
  return new Uint8Array(await decrypted(waiting, `${id} ${sha256}`, row));
};

const sendFile = async (content, sender, file, note) => {
  let { address, offset } = await whereToGoOn(sender, file);
  await note({ url: address, sent: offset });
  for (let [turns, piece] = [0, FIRST_PIECE]; offset < content.length; ) {
    const begun = Date.now();
    try {
      offset = await append(sender, address, content.subarray(offset, offset + piece), offset);
      piece = Math.min(LARGEST_PIECE, Math.max(FIRST_PIECE, (piece * PIECE_TIME) / Math.max(1, Date.now() - begun)));
      piece = Math.floor(piece);
      await note({ url: address, sent: offset });
    } catch (refused) {
      turns += 1;
      if (turns >= MOST_TURNS || !ASK_AGAIN.has(refused.status)) throw refused;
      ({ address, offset } = await whereToGoOn(sender, { ...file, url: address }));
    }
  }
};

/** Another offset; over or unknown; wrong checksum: the server says where to go on. */
const ASK_AGAIN = new Set([404, 409, 410, 460]);

const append = async (sender, address, piece, offset) => {
  const checksum = base64Of(await crypto.subtle.digest("SHA-256", piece));
  const headers = {
    ...(await sender.headers()),
    "Content-Type": "application/offset+octet-stream",
    "Upload-Offset": String(offset),
    "Upload-Checksum": `sha256 ${checksum}`,
  };
  return offsetIn(await askByTus(address, { method: "PATCH", headers, body: piece }));
};

/** Where the server is with a file, begun anew if it knows nothing of it (any more). */
const whereToGoOn = async (sender, { url, sha256, size }) => {
  if (url) {
    try {
      const answer = await askByTus(url, { method: "HEAD", headers: await sender.headers() });
      return { address: url, offset: offsetIn(answer) };
    } catch (refused) {
      if (refused.status !== 404 && refused.status !== 410) throw refused;
    }
  }
  const headers = {
    ...(await sender.headers()),
    "Upload-Length": String(size),
    "Upload-Metadata": `sha256 ${base64Of(bytesOf(sha256))}`,
  };
  const answer = await askByTus(UPLOADS, { method: "POST", headers });
  return { address: new URL(answer.get("Location"), location.origin).pathname, offset: offsetIn(answer) };
};

const offsetIn = (headers) => Number(headers.get("Upload-Offset"));
