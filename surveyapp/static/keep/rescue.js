/**
 * The emergency file: all that is on the phone, in envelopes that only the server opens
 * (`channels/field/importing.py` reads it). One JSON object in each line.
 */

import { browserKeys, decrypted } from "./ciphers.js";
import { resultOf } from "./database.js";
import { draftLines, fileLine } from "./lines.js";
import { localTime } from "./moments.js";
import { saveFile } from "./saving.js";
import { sealed } from "./sealing.js";
import { readSetting, settingsNamed } from "./settings.js";

/** Save it. @param {Keeper} keeper */
export const saveRescued = async (keeper) => saveFile(await rescued(keeper), "rescue");

/** @param {Keeper} keeper  of the field: its drafts are taken along if they are open @returns {Promise<Blob>} */
export const rescued = async (keeper) => {
  const { database, vault } = keeper;
  const serverKey = await readSetting(database, "sealing_key");
  const head = { format: "surveyapp rescue 1", made_at: localTime() };
  const lines = [head, ...(await outboxLines(database, serverKey)), ...(await parcelLines(database))];
  if (vault?.person) for (const { id } of await keeper.drafts()) lines.push(...(await draftLines(keeper, serverKey, id)));
  return new Blob([lines.map((line) => `${JSON.stringify(line)}\n`).join("")], { type: "application/octet-stream" });
};

/** What was handed over on this phone, and which the colleague has not opened. */
const parcelLines = async (database) => (await settingsNamed(database, "parcel")).flatMap(({ office }) => office ?? []);

const outboxLines = async (database, serverKey) => {
  const rows = await database.look(["outbox"], ({ outbox }) => resultOf(outbox.getAll()));
  const lines = [];
  for (const { id, owner, body, files } of rows) {
    const content = body.sealed ?? (await sealed(serverKey, id, JSON.stringify(body.record)));
    for (const { sha256 } of files) lines.push(await waitingFile(database, serverKey, id, sha256));
    lines.push({ id, device: owner, sealed: content });
  }
  return lines;
};

const waitingFile = async (database, serverKey, id, sha256) => {
  const { waiting } = await browserKeys(database);
  const row = await database.look(["outgoing"], ({ outgoing }) => resultOf(outgoing.get([id, sha256])));
  return fileLine(serverKey, id, sha256, await decrypted(waiting, `${id} ${sha256}`, row));
};
