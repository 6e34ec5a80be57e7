/** Single values that this browser keeps, by name. */

import { resultOf } from "./database.js";

/** @returns {Promise<any>} */
export const readSetting = async (database, name) =>
  (await database.look(["settings"], ({ settings }) => resultOf(settings.get(name))))?.value;

/** Change a value in one transaction; `undefined` takes it away. @returns {Promise<any>} the new one */
export const changeSetting = (database, name, change) =>
  database.change(["settings"], async ({ settings }) => {
    const value = change((await resultOf(settings.get(name)))?.value);
    if (value === undefined) settings.delete(name);
    else settings.put({ name, value });
    return value;
  });

/** All values whose names begin with a word and a blank. @returns {Promise<any[]>} */
export const settingsNamed = async (database, word) => {
  const range = IDBKeyRange.bound(`${word} `, `${word}!`);
  const rows = await database.look(["settings"], ({ settings }) => resultOf(settings.getAll(range)));
  return rows.map((row) => row.value);
};
