/** Who works with this phone: devices of the server, each with a token, a PIN and drafts of their own. */

import { browserKeys, encrypted } from "../keep/ciphers.js";
import { bytesOf } from "../keep/bytes.js";
import { askForJson } from "../keep/exchange.js";
import { changeSetting, readSetting, settingsNamed } from "../keep/settings.js";

const REDEEM = "/api/v1/enrolments/redeem";

/** @returns {Promise<{id: string, name: string, questionnaires: string[] | null}[]>} */
export const people = (database) => settingsNamed(database, "person");

/** The code in the link that the office prints, or in its fragment. @returns {string | undefined} */
export const codeIn = (link) => /#enrol=([\w -]+)$/.exec(link)?.[1];

/**
 * Become the device that a code was made for. A lost answer costs nothing: the same code is asked for with
 * the same key. Raises `Refused` with the server's sentence. @returns {Promise<string>} the person's id
 */
export const enrol = async (database, code) => {
  const asked = await changeSetting(database, "enrolling", (former) =>
    former?.code === code ? former : { code, retry_key: crypto.randomUUID() },
  );
  const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(asked) };
  const { token, device } = await askForJson(REDEEM, options, (answer) => Boolean(answer.token && answer.device));
  const id = String(device.id);
  const { waiting } = await browserKeys(database);
  const kept = { ...device, id, token: await encrypted(waiting, `token ${id}`, bytesOf(token)) };
  await changeSetting(database, `person ${id}`, () => kept);
  await changeSetting(database, "enrolling", () => undefined);
  return id;
};

/** Whose turn it was last. */
export const lastPerson = (database) => readSetting(database, "last_person");

export const rememberPerson = (database, id) => changeSetting(database, "last_person", () => id);

export const SHORTEST_PIN = 6;

/** Six digits or more, and none that everybody tries first. @returns {string | undefined} the word for what is wrong */
export const wrongWithPin = (pin, again) => {
  if (!/^\d{6,32}$/.test(pin)) return "pin_short";
  if (isEasy(pin)) return "pin_easy";
  return pin === again ? undefined : "pin_differs";
};

const isEasy = (pin) => {
  const steps = new Set([...pin].slice(1).map((digit, at) => (Number(digit) - Number(pin[at]) + 10) % 10));
  return (steps.size === 1 && [0, 1, 9].includes([...steps][0])) || /^(\d{1,3})\1+$/.test(pin);
};
