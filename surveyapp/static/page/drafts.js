/** The draft that the page works on: what is remembered of the interview, and when it is written down. */

import { byId, form, language, localTime, words } from "./frame.js";

/** Milliseconds that writing waits for more; an answer must be kept within 300. */
const PAUSE = 120;

export class Draft {
  /** @param {Keeper} keeper @param {object} kept  what the keeper has of it; no `id` until something is answered */
  constructor(keeper, kept) {
    this.keeper = keeper;
    this.kept = kept;
    this.waiting = undefined;
    this.work = Promise.resolve();
  }

  /** Write down soon. @param {() => object} current  what is to be kept */
  note(current) {
    this.current = current;
    // whoever answers without a pause must not keep it from being written
    this.waiting ??= setTimeout(() => this.flush(), PAUSE);
  }

  /** Write down now what is noted. @returns {Promise<void>} when it is kept, or could not be */
  flush() {
    this.rest();
    // what could not be kept is tried again
    if (this.isStopped || (!this.current && !this.isUnkept)) return this.work;
    Object.assign(this.kept, this.current?.());
    this.current = undefined;
    // at once, whatever is being written still: a page that is being left hears of nothing any more
    const written = this.write();
    this.work = this.work.then(() => written);
    return this.work;
  }

  rest() {
    clearTimeout(this.waiting);
    this.waiting = undefined;
  }

  async write() {
    try {
      if (this.kept.id) await this.keeper.save(this.kept);
      else {
        this.newId ??= crypto.randomUUID();
        const { id, started_at } = await this.keeper.begin({ ...this.kept, id: this.newId });
        Object.assign(this.kept, { id, started_at });
        await this.keeper.hold(id, () => this.onTaken());
        this.show();
      }
      told(words.saved);
      this.isUnkept = false;
    } catch (error) {
      // what another tab works on now is kept there
      this.isUnkept = error?.code !== "gone";
      this.failed(error);
    }
  }

  /** Say that something could not be kept. */
  failed(error) {
    if (this.isStopped) return;
    if (error?.code === "gone") this.onTaken?.();
    told(error?.code === "full" ? words.full : words.not_saved, true);
  }

  /** Write nothing down any more. @returns {Promise<void>} when nothing is being written */
  stop() {
    this.rest();
    this.current = undefined;
    this.isStopped = true;
    this.note = () => undefined;
    return this.work;
  }

  /** Let the address name the draft, here and in the other languages. */
  show() {
    const fragment = `${this.kept.door === "field" ? "field/" : ""}${this.kept.id}`;
    history.replaceState(history.state, "", `#${fragment}`);
    for (const link of document.querySelectorAll(".languages a")) link.hash = fragment;
  }
}

/** What has become of the answers; only when that is news. */
const told = (sentence, isBad) => {
  const line = byId("kept");
  // the quick exit has emptied the page
  if (!line) return;
  if (line.textContent !== sentence) line.textContent = sentence;
  line.classList.toggle("bad", Boolean(isBad));
};

/** The draft that the address names, or a new one; undefined: it is not here any more. */
export const openDraft = async (keeper, door, id) => {
  const { questionnaire, version } = form.dataset;
  if (!id) return new Draft(keeper, { door, questionnaire, version, language, started_at: localTime() });
  const kept = await keeper.read(id);
  return kept && new Draft(keeper, { ...kept, language });
};

/** Door and id in the address's fragment: `#3f0c…` of a family, `#field/3f0c…`, `#field` of an interviewer. */
export const addressed = () => {
  const [, field, id] = /^#(field\/?)?([0-9a-f-]*)/.exec(location.hash) ?? [];
  return { door: field ? "field" : "web", id };
};
