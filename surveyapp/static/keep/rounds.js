/** Sending again and again while a page is open, where no service worker does it. */

const SHORTEST = 5_000;
const LONGEST = 3_600_000;

/**
 * Send what waits: now, whenever there is a network again, and when the next record is due, which is later every
 * time (`sending.js`). `told` is called after every round.
 * @param {Keeper} keeper @param {() => void} told @returns {Promise<void>} when the first round is over
 */
export const goOnSending = (keeper, told = () => undefined) => {
  let timer;
  const round = async (options) => {
    clearTimeout(timer);
    if (!(await keeper.outbox()).length) return;
    const { next_try } = await keeper.sendAll(options).catch(() => ({}));
    await told();
    timer = setTimeout(() => round({}), pauseUntil(next_try));
  };
  addEventListener("online", () => round({ isBack: true }));
  return round({ isBack: true });
};

/** Whatever the clock says; somebody else who sends just now is looked after in a minute. */
const pauseUntil = (moment = Date.now() + 60_000) => Math.min(LONGEST, Math.max(SHORTEST, moment - Date.now()));
