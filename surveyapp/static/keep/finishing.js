/** A finished record as it waits in the outbox: sealed, with its files. */

import { bytesOf, sha256Of } from "./bytes.js";
import { browserKeys, encrypted } from "./ciphers.js";
import { sealed } from "./sealing.js";
import { readSetting } from "./settings.js";

/**
 * The rows that a finished draft leaves behind.
 * @param {Keeper} keeper @param {Draft} draft @param {object} record
 * @returns {Promise<{entry: object, outgoing: object[]}>}
 */
export const rowsOf = async (keeper, draft, record) => {
  const { database, vault } = keeper;
  const files = await namedFiles(keeper, draft, record.answers);
  const whole = { ...record, id: draft.id, attachments: files.map(({ content, ...about }) => about) };
  const entry = {
    id: draft.id,
    door: draft.door,
    owner: vault?.person,
    questionnaire: draft.questionnaire,
    version: draft.version,
    finished_at: record.finished_at,
    added_at: Date.now(),
    state: "ready",
    tries: 0,
    next_try: 0,
    body: await bodyOf(database, whole),
    label: vault && draft.name ? await vault.encrypt(`${draft.id} name`, bytesOf(draft.name)) : undefined,
    name: vault ? undefined : draft.name,
    files: once(files).map(({ sha256, size }) => ({ sha256, size, sent: 0 })),
  };
  return { entry, outgoing: await Promise.all(once(files).map((file) => outgoingRow(database, draft.id, file))) };
};

/** To the server's key if it is known: then nobody reads it on this phone any more. */
const bodyOf = async (database, record) => {
  const serverKey = await readSetting(database, "sealing_key");
  if (!serverKey) return { record };
  return { sealed: await sealed(serverKey, record.id, JSON.stringify(record)) };
};

/** The draft's files that answers name; one under a question that is no longer asked stays behind. */
const namedFiles = async (keeper, draft, answers) => {
  const named = new Set(textsIn(answers));
  const contents = new Map((await keeper.filesOf(draft.id)).map(({ path, content }) => [path, content]));
  const wanted = Object.entries(draft.files).filter(([path, { name }]) => named.has(name) && contents.has(path));
  const found = wanted.map(async ([path, { name, type }]) => {
    const content = contents.get(path);
    return { name, type, size: content.byteLength, sha256: await sha256Of(content), content };
  });
  // a name stands once in a record
  return [...new Map((await Promise.all(found)).map((file) => [file.name, file])).values()];
};

const textsIn = (value) => {
  if (typeof value === "string") return [value];
  return value && typeof value === "object" ? Object.values(value).flatMap(textsIn) : [];
};

/** Files by content: the same picture under two questions is sent once. */
const once = (files) => [...new Map(files.map((file) => [file.sha256, file])).values()];

/**
 * Files are sent as they are, so they cannot be sealed to the server; until then they lie under a key of
 * this browser, since the queue is sent without a PIN.
 */
const outgoingRow = async (database, id, { sha256, content }) => {
  const { waiting } = await browserKeys(database);
  return { id, sha256, ...(await encrypted(waiting, `${id} ${sha256}`, content)) };
};
