/** As whom a record is sent: the person of a field phone who finished it, or a family's page. */

import { decrypted, browserKeys } from "./ciphers.js";
import { askForJson, Refused } from "./exchange.js";
import { reportOf } from "./reporting.js";
import { changeSetting, readSetting } from "./settings.js";

const STARTS = "/api/v1/starts";

/**
 * @typedef {object} Sender
 * @property {() => Promise<Record<string, string>>} headers  raises `Refused`
 * @property {() => Promise<boolean>} renew  after 401: whether another try is worth it
 */

/** Records with the same name have the same sender. */
export const senderName = (row) => (row.door === "field" ? `person ${row.owner}` : `start ${row.questionnaire}`);

/** @returns {Sender} */
export const senderOf = (database, row) =>
  row.door === "field" ? person(database, row.owner) : family(database, row.questionnaire);

const person = (database, id) => ({
  headers: async () => {
    const known = await readSetting(database, `person ${id}`);
    if (!known?.token) throw new Refused({ reason: "signed_out", status: 401 });
    return { Authorization: `Bearer ${await tokenOf(database, known)}`, "Survey-Device": await reportOf(database, id) };
  },
  renew: async () => false,
});

/** The token of a person's phone, from under this browser's key. */
export const tokenOf = async (database, { id, token }) => {
  const { waiting } = await browserKeys(database);
  return new TextDecoder().decode(await decrypted(waiting, `token ${id}`, token));
};

/** No account: the server signs a start token for one questionnaire, by which it counts what comes. */
const family = (database, questionnaire) => {
  const name = `start ${questionnaire}`;
  const begin = async () => {
    const options = {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ questionnaire }),
    };
    const isOurs = (answer) => typeof answer.token === "string" && Boolean(answer.sealing_key);
    const { token, sealing_key } = await askForJson(STARTS, options, isOurs);
    await changeSetting(database, "sealing_key", () => sealing_key);
    return changeSetting(database, name, () => ({ token }));
  };
  return {
    headers: async () => {
      const { token } = (await readSetting(database, name)) ?? (await begin());
      return { Authorization: `Bearer ${token}` };
    },
    renew: async () => {
      await changeSetting(database, name, () => undefined);
      return true;
    },
  };
};
