/** What is answered on the page, on its way into the interview and the draft. */

import { rawOf } from "./controls.js";
import { form, language, localTime } from "./frame.js";
import { Unreadable } from "./values.js";

/** Choice of lists of consent that is somebody's consent, as in the built-in questionnaires. */
const AGREED = "agree";
/** Milliseconds after which a text that is being typed is taken. */
const TYPING_PAUSE = 120;

export class Answers {
  constructor({ interview, sheet, draft, typed }) {
    this.interview = interview;
    this.sheet = sheet;
    this.draft = draft;
    /** what was typed and is no answer, by path */
    this.typed = typed;
    this.languages = draft.kept.answer_languages ?? {};
    this.consent = draft.kept.consent;
    /** the answers about which “is this right?” was asked already, by path */
    this.asked = { __proto__: null };
    /** why a file was not taken, by path */
    this.refused = { __proto__: null };
    this.waiting = new Map();
    /** @type {(changed: Changed, source?: string) => void} */
    this.onChange = () => undefined;
  }

  /** Take what is being typed, when nothing more comes for a while. */
  soon(path) {
    clearTimeout(this.waiting.get(path));
    this.waiting.set(path, setTimeout(() => this.take(path), TYPING_PAUSE));
  }

  /** Take what was chosen, once the choice itself is painted: what follows from it comes a frame later. */
  painted(path) {
    this.waiting.set(path, undefined);
    requestAnimationFrame(() => setTimeout(() => this.waiting.has(path) && this.take(path)));
  }

  /** Take all that is being typed or chosen. */
  settle() {
    for (const path of [...this.waiting.keys()]) this.take(path);
  }

  /** Take the answer that stands in a question's fields. */
  take(path) {
    clearTimeout(this.waiting.get(path));
    this.waiting.delete(path);
    const wrapper = this.sheet.wrappers.get(path);
    // its roster instance may have been taken away meanwhile
    if (!wrapper) return;
    const { value, raw } = this.understood(path, wrapper);
    if (raw) this.typed[path] = raw;
    else delete this.typed[path];
    this.set(path, value, path);
  }

  understood(path, wrapper) {
    try {
      return { value: adjusted(this.sheet.read(path), wrapper) };
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      return { value: null, raw: rawOf(wrapper, path) };
    }
  }

  /** Give a question an answer. @param {string} [source]  where it was typed: what stands there stays */
  set(path, value, source) {
    const before = this.interview.value(path);
    if (JSON.stringify(value) !== JSON.stringify(before)) {
      delete this.asked[path];
      delete this.languages[path];
      if (value !== null) this.languages[path] = language;
      if (this.sheet.wrappers.get(path)?.dataset.consent) this.consent = value === AGREED ? consentNow(this.draft.kept.door) : null;
      this.onChange(this.interview.set(path, value), source);
    } else this.onChange({}, source);
  }

  /** A place that the phone found, on its grid. */
  place(path, found) {
    const place = adjusted(found, this.sheet.wrappers.get(path));
    delete this.typed[path];
    this.set(path, place);
    return place;
  }

  /** Why what stands in a question's fields is no answer. @returns {Finding | undefined} */
  unreadable(path) {
    if (this.refused[path]) return { path, ...this.refused[path] };
    if (!this.typed[path]) return undefined;
    try {
      this.sheet.read(path);
      return undefined;
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      return { path, code: error.code, params: error.params };
    }
  }

  /** An instance was taken away: what is kept about those after it moves up. */
  moveUp(instance) {
    for (const kept of [this.typed, this.asked, this.languages, this.refused]) moveUp(kept, instance);
  }
}

/** Rename the paths of an object after a roster instance was removed. */
export const moveUp = (kept, removed) => {
  for (const [path, value] of Object.entries(kept)) {
    const moved = movedPath(path, removed);
    if (moved === path) continue;
    delete kept[path];
    if (moved) kept[moved] = value;
  }
};

/** Where something is after an instance was removed; undefined: gone with it. */
export const movedPath = (path, removed) => {
  const [, whole, position] = /^(.*\[)(\d+)\]$/.exec(removed);
  if (!path.startsWith(whole)) return path;
  const [, there, rest] = /^(\d+)(\].*)$/.exec(path.slice(whole.length));
  if (+there === +position) return undefined;
  return `${whole}${+there > +position ? there - 1 : there}${rest}`;
};

const consentNow = (door) => ({
  text_version: form.dataset.version,
  language,
  at: localTime().replace(/\.\d+/, ""),
  how: door === "field" ? "read aloud" : "web page",
});

/** An invitation's code as it is printed; a place on its grid. */
const adjusted = (value, { dataset }) => {
  if (value === null) return null;
  if (dataset.invitation) return printedCode(value);
  if (dataset.coarsen && value.lat !== undefined) return coarsePlace(value, Number(dataset.coarsen));
  return value;
};

/** As it was printed, whatever case, spaces and dashes it was typed with. */
const printedCode = (typed) => typed.toUpperCase().replace(/[^\p{L}\p{N}]/gu, "");

/** Length of a degree (`questionnaires/coarsening.py`). */
const METRES_PER_DEGREE = (2 * Math.PI * 6371008.8) / 360;

/** A place moved to a grid of that many metres; again changes nothing. */
export const coarsePlace = (place, metres) => {
  const step = metres / METRES_PER_DEGREE;
  const lat = snapped(place.lat, step, 90);
  const shrink = Math.cos((lat * Math.PI) / 180);
  const lon = shrink > 1e-6 ? snapped(place.lon, step / shrink, 180) : 0;
  return { lat, lon, alt: null, accuracy: Math.max(metres, place.accuracy ?? 0) };
};

const snapped = (degrees, step, most) => {
  const found = Math.floor(degrees / step + 0.5) * step;
  return Number(Math.max(-most, Math.min(most, found)).toFixed(6)) || 0;
};
