/** What a field phone tells of itself with every request (`people/contacts.py` has the form). */

import { resultOf } from "./database.js";
import { readSetting } from "./settings.js";

export const APP = "field/1.0";

/** @returns {Promise<string>} */
export const reportOf = async (database, person) => {
  const rows = await database.look(["outbox"], ({ outbox }) => resultOf(outbox.getAll()));
  const mine = rows.filter((row) => row.owner === person);
  const now = Date.now();
  const told = {
    app: `"${APP}"`,
    unsent: mine.length,
    "oldest-unsent": mine.length ? secondsSince(Math.min(...mine.map((row) => row.added_at)), now) : undefined,
    "free-storage": await freeBytes(),
    battery: await batteryPercent(database),
    time: `@${Math.floor(now / 1000)}`,
  };
  const members = Object.entries(told).filter(([, value]) => value !== undefined);
  return members.map(([name, value]) => `${name}=${value}`).join(", ");
};

const secondsSince = (then, now) => Math.max(0, Math.floor((now - then) / 1000));

const freeBytes = async () => {
  const { quota, usage } = (await globalThis.navigator?.storage?.estimate?.().catch(() => undefined)) ?? {};
  return quota === undefined ? undefined : Math.max(0, Math.floor(quota - (usage ?? 0)));
};

/** A service worker cannot ask for the battery: it tells what the page saw last. */
const batteryPercent = async (database) => {
  const battery = await globalThis.navigator?.getBattery?.().catch(() => undefined);
  return battery ? Math.round(battery.level * 100) : (await readSetting(database, "battery"))?.percent;
};
