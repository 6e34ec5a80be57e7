/**
 * The pages' elements, and what they show of the interview. Pages within rosters are templates, of which
 * each instance gets a copy when it is first shown; what nobody has seen yet costs nothing.
 */

import { fieldsOf, partsOf, putChoices, putRaw, rawOf } from "./controls.js";
import { fieldId, form, itemPath, words } from "./frame.js";
import { inWords } from "./wording.js";
import { read, write } from "./values.js";
import { nodePath } from "./walk.js";

/** Choices beyond which a list is searched. */
export const MOST_TO_SCROLL = 30;

/** Where the texts of an item stand that expressions fill in. */
const PLACES = { label: "legend, .ask, .note > p", hint: ".hint[id$='-hint'], .note > .hint", guidance: "details .pre" };

export class Sheet {
  /**
   * @param {Interview} interview @param {Plan} plan @param {string} offset  of the interview's times
   * @param {Record<string, Raw>} typed  what was typed and is no answer, by path
   */
  constructor(interview, plan, offset, typed) {
    this.interview = interview;
    this.items = new Map(plan.items.map((item) => [item.path, item]));
    this.offset = offset;
    this.typed = typed;
    /** the copies of templates, by page */
    this.copies = new Map();
    /** what holds one question or note, by path */
    this.wrappers = new Map();
    this.prepared = new Set();
    /** @type {((wrapper: Element, path: string, item: Item) => void)[]} what is done to each question at first */
    this.enhancements = [];
    /** what is done to a question when its list is found to be long */
    this.onLong = () => undefined;
  }

  item(path) {
    return this.items.get(itemPath(path));
  }

  /** A page's element, with everything in it as the interview has it. */
  element(page) {
    const element = this.found(page);
    if (!this.prepared.has(page.key)) {
      this.prepared.add(page.key);
      for (const wrapper of element.querySelectorAll("[data-q]")) this.begin(wrapper, wrapper.dataset.q);
    }
    return element;
  }

  found(page) {
    const { source, template } = page.planned;
    if (!template) return source;
    if (!this.copies.has(page.key)) this.copies.set(page.key, copyOf(page));
    return this.copies.get(page.key);
  }

  /** Forget the copies of a roster's pages: an instance was taken away, and those after it moved up. */
  forget(roster) {
    const isWithin = (path) => path.startsWith(`${roster}[`);
    for (const path of [...this.wrappers.keys()]) if (isWithin(path)) this.wrappers.delete(path);
    for (const [key, element] of [...this.copies]) {
      const first = element.querySelector("[data-q]") ?? element;
      if (isWithin(first.dataset.q ?? element.dataset.at)) {
        element.remove();
        this.copies.delete(key);
        this.prepared.delete(key);
      }
    }
  }

  // ---------------------------------------------------------------- one question

  begin(wrapper, path) {
    const { interview } = this;
    const item = this.item(path);
    this.wrappers.set(path, wrapper);
    wrapper.hidden = !interview.relevant(path);
    for (const name of Object.keys(PLACES)) if (item.texts?.[name]) this.putText(wrapper, path, name);
    if (item.kind === "note" || wrapper.dataset.heading) return;
    if (wrapper.dataset.made) this.putChoices(wrapper, path, item);
    if (item.read_only) this.putReadOnly(wrapper, path);
    for (const enhance of this.enhancements) enhance(wrapper, path, item);
    this.putValue(wrapper, path, item);
  }

  reading(path, wrapper) {
    return {
      offered: () => this.interview.choices(path).map(({ name }) => name).filter(Boolean),
      offset: this.offset,
      longest: Number(form.dataset.longest),
      comma: words.comma,
      parts: partsOf(wrapper, path),
      ends: wrapper.dataset.ends?.split(" "),
    };
  }

  /** The answer that stands in a question's fields. Throws `Unreadable`. */
  read(path) {
    const wrapper = this.wrappers.get(path);
    return read(this.item(path).type, rawOf(wrapper, path), this.reading(path, wrapper));
  }

  putValue(wrapper, path, item) {
    const value = this.interview.value(path);
    const given = wrapper.querySelector(".q > .given");
    if (given && !fieldsOf(wrapper).length) given.textContent = this.inWords(path) || "–";
    else putRaw(wrapper, path, this.typed[path] ?? write(item.type, value, this.reading(path, wrapper)));
    wrapper.dispatchEvent(new CustomEvent("shown", { detail: value }));
  }

  putText(wrapper, path, name) {
    const place = wrapper.querySelector(PLACES[name]);
    if (place) (place.querySelector("[lang]") ?? place).textContent = this.interview.text(path, name);
  }

  putChoices(wrapper, path, item) {
    const choices = this.interview.choices(path);
    const event = new CustomEvent("offered", { detail: choices, cancelable: true });
    if (!wrapper.dispatchEvent(event)) return;
    // of a long list only what is chosen, until the part that searches it is there
    const isLong = choices.length > MOST_TO_SCROLL && wrapper.querySelector("select:not([name*='@'])");
    const chosen = isLong ? this.interview.value(path) : undefined;
    if (isLong) this.onLong(wrapper, path, item);
    putChoices(wrapper, path, isLong ? choices.filter(({ name }) => name === chosen) : choices, item.type);
  }

  putReadOnly(wrapper, path) {
    const isFixed = this.interview.readOnly(path);
    for (const field of fieldsOf(wrapper)) field.disabled = isFixed;
  }

  /** The answer at a node in words; what was typed if it is none. */
  inWords(path) {
    if (this.typed[path]) return Object.values(this.typed[path]).flat().join(" ");
    return inWords(this.item(path).type, this.interview.value(path), {
      wrapper: this.wrappers.get(path),
      path,
      choices: () => this.interview.choices(path),
      offset: this.offset,
    });
  }

  label(path) {
    return this.wrappers.get(path).querySelector(PLACES.label)?.textContent.trim() ?? "";
  }

  // ---------------------------------------------------------------- after an answer

  /** Show what looks different. @param {Changed} changed @param {string} [source]  where it was typed */
  apply(changed, source) {
    for (const [path, looks] of Object.entries(changed)) {
      const wrapper = this.wrappers.get(path);
      if (!wrapper) continue;
      const item = this.item(path);
      for (const look of looks) {
        if (look === "relevant") wrapper.hidden = !this.interview.relevant(path);
        else if (look === "choices" && wrapper.dataset.made) this.putChoices(wrapper, path, item);
        else if (look === "readOnly") this.putReadOnly(wrapper, path);
        else if (PLACES[look]) this.putText(wrapper, path, look);
      }
      if (path !== source && looks.some((look) => look === "value" || look === "choices")) this.putValue(wrapper, path, item);
    }
  }
}

/** What of a template is a path: `child[1]/c_age`, `child-1.c_age`. */
const NAMED = ["name", "id", "for", "aria-describedby", "data-q"];

const copyOf = (page) => {
  const { rosters, source, template, first } = page.planned;
  const isThere = first?.isConnected && page.positions.every((position) => position === 1);
  const copy = isThere ? first : source.cloneNode(true);
  const inner = rosters[rosters.length - 1];
  const [before, after] = [rosters.map(() => 1), page.positions].map((positions) => `${nodePath(inner, rosters, positions)}/`);
  for (const element of copy.querySelectorAll("*"))
    for (const name of NAMED) {
      const value = element.getAttribute(name);
      if (value)
        element.setAttribute(
          name,
          value.split(before).join(after).split(fieldId(before)).join(fieldId(after)),
        );
    }
  copy.dataset.at = after;
  if (!isThere) form.insertBefore(copy, template);
  return copy;
};
