/** Adding, showing and removing the instances of rosters. */

import { byId, filled, form, words } from "./frame.js";
import { captionOf } from "./wording.js";
import { isSure } from "./sureness.js";

export class Rosters {
  /** @param {Visit} visit */
  constructor(visit) {
    this.visit = visit;
  }

  /** What a button of a list does. */
  pressed(button) {
    const { current } = this.visit;
    const what = button?.dataset.do;
    if (!what || !current?.listed) return;
    if (what === "add") this.add(current);
    else if (what === "open") this.open(button.dataset.instance);
    else if (what === "remove") this.askToRemove(button.dataset.instance, button.dataset.what);
  }

  add(page) {
    const { interview, answers } = this.visit;
    answers.onChange(interview.addInstance(page.listed));
    this.open(`${page.listed}[${interview.instances(page.listed)}]`);
  }

  open(instance) {
    const page = this.visit.walk.firstOf(instance);
    if (page) this.visit.go(page);
  }

  /** Bring the current page's list up to date, and say where there are too many. */
  show() {
    const { current, shown } = this.visit;
    if (!current) return;
    if (current.listed) this.list(current, shown);
    const surplus = shown.querySelector(".surplus");
    if (surplus) surplus.hidden = !this.isSurplus(current);
  }

  list(page, element) {
    const { interview, sheet } = this.visit;
    const roster = sheet.item(page.planned.lists);
    const total = interview.instances(page.listed);
    const cards = Array.from({ length: total }, (_, at) => {
      const instance = `${page.listed}[${at + 1}]`;
      return cardOf(instance, captionOf(interview, roster, instance, at + 1));
    });
    element.querySelector(".instances").replaceChildren(...cards);
    element.querySelector(".none").hidden = total > 0;
    element.querySelector("[data-do=add]").hidden = total >= Number(form.dataset.most);
  }

  isSurplus({ instance, planned }) {
    if (!instance || !this.visit.sheet.item(planned.rosters[planned.rosters.length - 1]).count) return false;
    return this.visit.interview.surplus(instance.slice(0, instance.lastIndexOf("["))) > 0;
  }

  /** Of a counted roster any instance may be removed, but only while there are too many. */
  isRemovable(page) {
    if (!page.instance) return false;
    const { rosters } = page.planned;
    return !this.visit.sheet.item(rosters[rosters.length - 1]).count || this.isSurplus(page);
  }

  removeCurrent() {
    const { current } = this.visit;
    if (current?.instance) this.askToRemove(current.instance, this.visit.captionOf(current));
  }

  async askToRemove(instance, what) {
    if (await isSure(what)) await this.remove(instance);
  }

  async remove(instance) {
    const { visit } = this;
    const { interview, answers, sheet, current } = visit;
    answers.settle();
    const before = current.listed ? undefined : this.pageBefore(current);
    const changed = interview.removeInstance(instance);
    answers.moveUp(instance);
    sheet.forget(instance.slice(0, instance.lastIndexOf("[")));
    await visit.files.moveUp(instance);
    // the page itself may have gone with the instance
    if (!current.listed) visit.current = visit.shown = undefined;
    answers.onChange(changed);
    if (current.listed) visit.go(current, { isBack: true });
    else visit.go(this.listAfter(current) ?? before ?? visit.walk.open()[0] ?? "review");
  }

  /** The list of the roster that a page's instance belonged to. */
  listAfter({ planned, positions }) {
    const roster = planned.rosters[planned.rosters.length - 1];
    const around = positions.slice(0, -1).join("-");
    return this.visit.walk.open().find((page) => page.planned.lists === roster && page.positions.join("-") === around);
  }

  pageBefore(page) {
    let before = page;
    while (before && before.instance === page.instance) before = this.visit.before(before);
    return before;
  }
}

const cardOf = (instance, what) => {
  const card = byId("card").content.firstElementChild.cloneNode(true);
  card.querySelector("b").textContent = what;
  const labels = { open: `${words.change}: ${what}`, remove: filled(words.remove_what, { what }) };
  for (const button of card.querySelectorAll("button")) {
    Object.assign(button.dataset, { instance, what });
    button.setAttribute("aria-label", labels[button.dataset.do]);
  }
  return card;
};
