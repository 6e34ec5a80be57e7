/**
 * What is typed in the moment in which a page is left. Encrypting takes a turn of the browser that such a page does not
 * get any more. So random bytes are made ahead, and lie encrypted on disk: what is typed last is added to them (each of
 * them is used once), which takes no turn, and the sum waits in `localStorage` until the draft is opened again.
 */

import { base64Of, bytesOf, fromBase64 } from "./bytes.js";
import { resultOf } from "./database.js";
import { mayBeLast } from "./left.js";
import { localTime } from "./moments.js";
import { readSetting } from "./settings.js";

/** As many as a browser makes at once; a draft is far smaller. */
const PAD_BYTES = 65_536;
const WAITING = "surveyapp.parting";
const PADS = "pad ";

/** The keeper of drafts that are encrypted. @param {typeof Keeper} Keeper */
export const keeperThatParts = (Keeper) =>
  class extends Keeper {
    #pad;

    /** With what was typed when its page was left. @returns {Promise<Draft | undefined>} */
    async read(id) {
      const draft = await super.read(id);
      const last = draft && (await this.#last(draft));
      if (!last) return draft;
      await this.save(last).then(
        () => forget(id),
        () => undefined,
      );
      return { ...last, files: draft.files };
    }

    async save(draft) {
      const at = localTime();
      if (mayBeLast()) this.#part(draft, at);
      await super.save(draft);
      if (waitingOf(draft.id)?.at !== at) return;
      forget(draft.id);
      if (this.#pad?.used > PAD_BYTES / 2) await this.#prepare(draft.id);
    }

    async hold(id, onTaken) {
      const isHeld = await super.hold(id, onTaken);
      if (isHeld) this.#prepare(id).catch(() => undefined);
      return isHeld;
    }

    async take(id, onTaken) {
      const isHeld = await super.take(id, onTaken);
      this.#prepare(id).catch(() => undefined);
      return isHeld;
    }

    /** Lay bytes ready for a draft; those of drafts that are gone go. */
    async #prepare(id) {
      const bytes = crypto.getRandomValues(new Uint8Array(PAD_BYTES));
      const mark = crypto.randomUUID();
      const value = { mark, ...(await this.vault.encrypt(mark, bytes)) };
      await this.database.change(["drafts", "settings"], async ({ drafts, settings }) => {
        settings.put({ name: PADS + id, value });
        for (const name of await resultOf(settings.getAllKeys(IDBKeyRange.bound(PADS, `${PADS}~`)))) {
          const whose = name.slice(PADS.length);
          if (await resultOf(drafts.getKey(whose))) continue;
          settings.delete(name);
          forget(whose);
        }
      });
      this.#pad = { id, mark, bytes, used: 0 };
    }

    /** Leave a draft behind, at once. */
    #part(draft, at) {
      const text = bytesOf(JSON.stringify({ ...draft, files: undefined }));
      const pad = this.#pad;
      if (pad?.id !== draft.id || pad.used + text.length > PAD_BYTES || !this.vault.person) return;
      const from = pad.used;
      pad.used += text.length;
      const sealed = base64Of(sumOf(text, pad.bytes.subarray(from, pad.used)));
      pad.bytes.fill(0, from, pad.used);
      try {
        localStorage.setItem(`${WAITING} ${draft.id}`, JSON.stringify({ at, mark: pad.mark, from, sealed }));
      } catch {
        // no room is left: what is being written to the database is all there is
      }
    }

    /** What was left behind, if nothing was kept after it. */
    async #last({ id, changed_at }) {
      const waiting = waitingOf(id);
      const pad = waiting && (await readSetting(this.database, PADS + id));
      if (!pad || pad.mark !== waiting.mark || waiting.at < changed_at) return forget(id);
      const bytes = new Uint8Array(await this.vault.decrypt(pad.mark, pad)).subarray(waiting.from);
      return JSON.parse(new TextDecoder().decode(sumOf(fromBase64(waiting.sealed), bytes)));
    }
  };

const sumOf = (one, other) => one.map((byte, at) => byte ^ other[at]);

const waitingOf = (id) => JSON.parse(localStorage.getItem(`${WAITING} ${id}`) ?? "null") ?? undefined;

const forget = (id) => localStorage.removeItem(`${WAITING} ${id}`);
