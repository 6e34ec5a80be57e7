/** How this phone is, in words. */

import { changeSetting, readSetting } from "../keep/settings.js";
import { freeRoom } from "../keep/room.js";
import { APP } from "../keep/reporting.js";
import { element, filledIn, locale, spoken, words } from "./screen.js";

const WRONG_CLOCK = 5 * 60_000;

/** Show it. @param {Keeper} keeper @param {object} told  by the office */
export const showHealth = async (keeper, told) => {
  const { database, vault } = keeper;
  const person = await readSetting(database, `person ${vault.person}`);
  element("named").textContent = person?.name ?? "";
  element("room").textContent = await room();
  element("lasting").textContent = (await navigator.storage?.persisted?.()) ? words.lasting : words.not_lasting;
  element("clock").textContent = clock(told.ahead || 0);
  element("contact").textContent = told.asked ? spoken(told.asked) : "–";
  element("program").textContent = APP;
  await noteBattery(database);
};

const room = async () => {
  const free = await freeRoom();
  return free === undefined ? "–" : filledIn(words.bytes_free, { free: inMegabytes(free) });
};

const inMegabytes = (bytes) =>
  new Intl.NumberFormat(locale, { style: "unit", unit: "megabyte" }).format(Math.floor(bytes / 1_000_000));

/** Say while there is little room, with what can be done about it. @param {number} [free] */
export const warnOfRoom = async (free) => {
  element("low").hidden = free === undefined;
  if (free === undefined) return;
  const lasts = await navigator.storage.persisted?.();
  const sentences = [filledIn(words.low_room, { free: inMegabytes(free) }), lasts ? "" : words.not_lasting];
  element("low").querySelector("p").textContent = sentences.join(" ").trim();
};

const clock = (ahead) => {
  if (Math.abs(ahead) < WRONG_CLOCK) return words.clock_right;
  return filledIn(words.clock_wrong, { minutes: Math.round(Math.abs(ahead) / 60_000) });
};

/** A service worker reports the battery as the page saw it last. */
const noteBattery = async (database) => {
  const battery = await navigator.getBattery?.().catch(() => undefined);
  if (battery) await changeSetting(database, "battery", () => ({ percent: Math.round(battery.level * 100) }));
};
