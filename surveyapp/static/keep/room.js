/**
 * How much this browser may still keep, to say so before it is full. Newer browsers tell every page about the same
 * figure, so a trial tells whether there is room for another photo.
 */

/** Bytes: a dozen photos, or many hundred interviews. */
const LITTLE = 50_000_000;
/** Bytes of the trial: a large photo. */
const TRIAL = 4_000_000;
/** A browser fills so many random bytes at once. */
const AT_ONCE = 65_536;
const LOOK_AGAIN_FOR_ROOM = 60_000;

/** Bytes that may still be kept; undefined where the browser does not tell. @returns {Promise<number | undefined>} */
export const freeRoom = async () => {
  const { quota, usage = 0 } = (await navigator.storage?.estimate?.().catch(() => undefined)) ?? {};
  return quota === undefined ? undefined : Math.max(0, quota - usage);
};

/**
 * Call `tell` with the bytes that are left while there is little room, with nothing while there is enough.
 * @param {Database} database @param {(free?: number) => void} tell
 */
export const watchRoom = async (database, tell) => {
  const isFull = await hasNoRoom(database);
  const look = async () => {
    const free = isFull ? 0 : await freeRoom();
    tell(free < LITTLE ? free : undefined);
  };
  setInterval(look, LOOK_AGAIN_FOR_ROOM);
  await look();
};

/** Whether a photo cannot be kept any more. */
const hasNoRoom = async (database) => {
  const value = new Uint8Array(TRIAL);
  for (let at = 0; at < TRIAL; at += AT_ONCE) crypto.getRandomValues(value.subarray(at, at + AT_ONCE));
  try {
    await database.change(["settings"], ({ settings }) => void settings.put({ name: "trial", value }));
  } catch (error) {
    return error?.code === "full";
  }
  await database.change(["settings"], ({ settings }) => void settings.delete("trial"));
  return false;
};
