/**
 * The field staff's program: set up a phone, lock and unlock it, and what lies on it. Questionnaires open on
 * pages of their own (`static/page`), which keep their drafts here.
 */

import { keepCopies } from "../keep/copies.js";
import { openKeeper } from "../keep/keeper.js";
import { changeSetting } from "../keep/settings.js";
import { sendAll, CHANNEL } from "../keep/sending.js";
import { meetColleagues, takeOver, tellOfChosen } from "./handing.js";
import { watchRoom } from "../keep/room.js";
import { showHealth, warnOfRoom } from "./health.js";
import { listDrafts, listOutbox, listQuestionnaires, listReturned, openDraft } from "./lists.js";
import { listToDo } from "./todo.js";
import { askOffice, noteNeeds, returnedWork, rejectedWork, toldByOffice } from "./office.js";
import { canRead, readCode } from "../page/camera.js";
import { codeIn, enrol, lastPerson, people, rememberPerson, SHORTEST_PIN, wrongWithPin } from "./people.js";
import { saveRescued } from "../keep/rescue.js";
import { element, filledIn, language, locale, onPress, onSubmit, root, say, sayWhy, show, words } from "./screen.js";

const TABS = ["todo", "questionnaires", "drafts", "outbox", "returned", "phone"];
/** Milliseconds after which what is due is sent again. */
const ROUND = 60_000;
/** Milliseconds in which several changes are shown together. */
const SHOWN_AFTER = 150;

class Field {
  constructor(keeper) {
    this.keeper = keeper;
    this.offers = [];
    this.newcomer = undefined;
    /** records that are being sent just now */
    this.sending = new Set();
    /** those who have a PIN here */
    this.locked = new Set();
  }

  get vault() {
    return this.keeper.vault;
  }

  get database() {
    return this.keeper.database;
  }

  async begin() {
    await changeSetting(this.database, "language", () => language);
    this.listen();
    watchRoom(this.database, warnOfRoom).catch(sayWhy);
    const code = codeIn(decodeURIComponent(location.hash));
    if (code) {
      // a code must not stay in the browser's history
      history.replaceState(null, "", location.pathname);
      element("code").value = code;
      show("enrol");
    } else if (this.vault.person) await this.work();
    else await this.goOnAsking();
    this.keepGoing();
  }

  listen() {
    onSubmit(element("enrol").querySelector("form"), () => this.enrolled());
    const reader = element("enrol").querySelector("[data-do=read]");
    reader.hidden = !canRead();
    onPress(reader, () => readEnrolment(reader));
    onSubmit(element("pin").querySelector("form"), () => this.pinChosen());
    onSubmit(element("unlock").querySelector("form"), () => this.unlocked());
    element("people").addEventListener("change", () => this.adaptToPerson());
    onSubmit(element("another-pin"), (form) => this.changePin(form));
    onSubmit(element("take"), (form) => takeOver(this, form));
    tellOfChosen(element("take"));
    for (const button of root.querySelectorAll("[data-do=send]")) onPress(button, () => this.send({ all: true }));
    for (const button of root.querySelectorAll("[data-do=rescue]")) onPress(button, () => this.rescue());
    onPress(root.querySelector("[data-do=lock]"), () => this.lock());
    for (const button of root.querySelectorAll("[data-go]"))
      button.addEventListener("click", () => this.turnTo(button.dataset.go));
    addEventListener("hashchange", () => this.vault.person && this.showTab());
    document.querySelector(".languages").addEventListener("click", ({ target }) => keepPlace(target.closest("a")));
  }

  /** Another screen of those before work; what was said belongs to the one before. */
  turnTo(screen) {
    say();
    return screen === "enrol" ? show(screen) : this.askForPin();
  }

  // ------------------------------------------------------------ setting up, locking

  async enrolled() {
    const code = element("code").value.trim();
    if (!code) return say(words.code_missing, true);
    const id = await enrol(this.database, code);
    element("code").value = "";
    // the phone goes to somebody else: whoever worked in this tab until now enters their PIN again
    await this.vault.lock();
    return this.choosePinFor(id);
  }

  /** Whoever was choosing a PIN in another language goes on with it. */
  async goOnAsking() {
    const [, id] = /^#pin\/(.+)$/.exec(location.hash) ?? [];
    const isKnown = (await people(this.database)).some((person) => person.id === id);
    return isKnown ? this.choosePinFor(id) : this.askForPin();
  }

  async choosePinFor(id) {
    this.newcomer = id;
    if (await this.vault.knows(id)) return this.askForPin(id);
    const { name } = (await people(this.database)).find((person) => person.id === id);
    element("whose").textContent = name;
    // in another language the same person goes on
    history.replaceState(null, "", `#pin/${id}`);
    return show("pin");
  }

  async pinChosen() {
    const [pin, again] = ["new-pin", "again"].map((name) => element(name).value);
    const wrong = wrongWithPin(pin, again);
    if (wrong) return say(words[wrong], true);
    await this.vault.admit(this.newcomer, pin);
    element("pin").querySelector("form").reset();
    history.replaceState(null, "", location.pathname);
    return this.work();
  }

  /** Who of those that share this phone works now: they enter their PIN, or choose one if they have none yet. */
  async askForPin(wanted) {
    if (location.hash.startsWith("#pin/")) history.replaceState(null, "", location.pathname);
    const known = await people(this.database);
    if (!known.length) return show("enrol");
    const locks = await Promise.all(known.map(({ id }) => this.vault.knows(id)));
    this.locked = new Set(known.filter((each, at) => locks[at]).map(({ id }) => id));
    element("enrol").querySelector("[data-go]").hidden = false;
    const chosen = wanted ?? (await lastPerson(this.database)) ?? [...this.locked, known[0].id][0];
    element("people").replaceChildren(...known.map((person) => this.personRow(person, chosen)));
    this.adaptToPerson();
    show("unlock");
    return this.showWaiting();
  }

  personRow({ id, name }, chosen) {
    const row = element("person-row").content.firstElementChild.cloneNode(true);
    row.querySelector("span").textContent = this.locked.has(id) ? name : filledIn(words.without_pin, { name });
    Object.assign(row.querySelector("input"), { value: id, checked: id === chosen });
    return row;
  }

  /** Whoever has no PIN is not asked for one. */
  adaptToPerson() {
    const { value } = element("unlock").querySelector("form").elements.person;
    const hasPin = !value || this.locked.has(value);
    element("given-pin").closest("p").hidden = !hasPin;
    element("given-pin").disabled = !hasPin;
  }

  async unlocked() {
    const person = element("unlock").querySelector("form").elements.person.value;
    if (!this.locked.has(person)) return this.choosePinFor(person);
    const pin = element("given-pin").value;
    // nobody’s PIN is that short: it is no try
    if (pin.length < SHORTEST_PIN) return say(words.pin_short, true);
    const { open, wait } = await this.vault.unlock(person, pin);
    element("given-pin").value = "";
    if (open) return this.work();
    element("given-pin").focus();
    return say(wait ? filledIn(words.pin_wait, { seconds: wait }) : words.pin_wrong, true);
  }

  async changePin(form) {
    const [former, pin, again] = ["former-pin", "next-pin", "next-again"].map((name) => element(name).value);
    const wrong = wrongWithPin(pin, again);
    if (wrong) return say(words[wrong], true);
    if (!(await this.vault.changePin(former, pin))) return say(words.pin_wrong, true);
    form.reset();
    return say(words.pin_changed);
  }

  async lock() {
    await this.vault.lock();
    location.replace(location.pathname);
  }

  /** Nobody has worked for a while. */
  expired() {
    if (!element("work").hidden) this.lock();
  }

  // ------------------------------------------------------------ at work

  async work() {
    say();
    await rememberPerson(this.database, this.vault.person);
    this.told = await toldByOffice(this.keeper);
    this.offers = this.told.questionnaires;
    const [, open] = /^#open\/([0-9a-f-]+)$/.exec(location.hash) ?? [];
    const draft = open && (await this.keeper.read(open));
    if (draft) return openDraft(this, draft);
    show("work");
    await meetColleagues(this.keeper);
    await this.refresh();
    this.showTab();
    return this.askOffice();
  }

  /** Everything that is shown, as it is now. */
  async refresh() {
    if (!this.vault.person) return this.showWaiting();
    listQuestionnaires(this);
    this.count("todo", await listToDo(this));
    this.count("drafts", await listDrafts(this));
    this.count("outbox", await listOutbox(this));
    this.count("returned", await listReturned(this, await returnedWork(this.keeper), await rejectedWork(this.keeper)));
    await showHealth(this.keeper, this.told);
    return this.showWaiting();
  }

  count(tab, number) {
    root.querySelector(`.tabs a[href="#${tab}"] b`).textContent = number || "";
  }

  async showWaiting() {
    const { length: count } = await this.keeper.outbox();
    const sentence = count ? filledIn(words.waiting, { count }) : words.none_waiting;
    for (const line of root.querySelectorAll(".waits")) line.textContent = sentence;
  }

  showTab() {
    const wanted = location.hash.slice(1);
    const shown = TABS.includes(wanted) ? wanted : this.firstTab();
    for (const tab of TABS) {
      element(tab).hidden = tab !== shown;
      const link = root.querySelector(`.tabs a[href="#${tab}"]`);
      if (tab === shown) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    // the address names a part of the page, but what is above it belongs to it
    element(shown).querySelector("h1").focus({ preventScroll: true });
    scrollTo(0, 0);
  }

  /** Whoever has visits to make begins with them. */
  firstTab() {
    return element("todo").querySelector(".card") ? "todo" : "questionnaires";
  }

  /** What the office tells, and copies of the questionnaires; without a network all stays as it was. */
  async askOffice() {
    try {
      await askOffice(this.keeper);
      this.told = await toldByOffice(this.keeper);
      this.offers = this.told.questionnaires;
      if (this.told.revoked) say(filledIn(words.revoked, { time: new Date(this.told.revoked).toLocaleDateString(locale) }), true);
      await this.refresh();
    } catch (error) {
      if (error?.status === 401 || error?.status === 403) sayWhy(error);
    }
    await noteNeeds(this.keeper);
    const kept = await keepCopies(this.offers).catch(() => false);
    element("copies").textContent = kept ? words.copies_kept : words.copies_missing;
  }

  // ------------------------------------------------------------ sending

  async send(options) {
    const outcome = await sendAll(this.database, options);
    if (outcome.received.length) say(filledIn(words.sent_now, { count: outcome.received.length }));
    else if (options.all && outcome.waiting) say(words[`reason_${outcome.reason}`], true);
    await this.refresh();
  }

  /** Send what is due: now, whenever there is a network, and every minute; show what other tabs send. */
  keepGoing() {
    const quietly = (options) => this.send(options).catch((error) => console.error(error?.name));
    quietly({ isBack: true });
    addEventListener("online", () => quietly({ isBack: true }));
    setInterval(() => quietly({}), ROUND);
    if (!globalThis.BroadcastChannel) return;
    new BroadcastChannel(CHANNEL).onmessage = ({ data }) => this.noteProgress(data);
  }

  /** Something is being sent, by this tab, another one or the service worker: show it, now and then. */
  noteProgress({ id, state }) {
    if (state === "sending") this.sending.add(id);
    else if (id) this.sending.delete(id);
    else this.sending.clear();
    this.soon ??= setTimeout(() => {
      this.soon = undefined;
      this.refresh().catch(() => undefined);
    }, SHOWN_AFTER);
  }

  /** All that is on the phone as a file for the office. */
  async rescue() {
    await saveRescued(this.keeper);
    say(words.file_saved);
  }
}

/** The code on paper, by the camera; it is only put into its field, so that whoever holds the phone sees it first. */
const readEnrolment = async (button) => {
  say();
  try {
    const read = await readCode(button, words.stop);
    if (read === undefined) return;
    const code = codeIn(read);
    if (code) element("code").value = code;
    else say(words.no_code, true);
  } catch {
    say(words.no_camera, true);
  }
  element("code").focus();
};

/** The same screen in another language. */
const keepPlace = (link) => {
  const code = element("enrol").hidden ? "" : element("code").value.trim();
  if (link) link.hash = code ? `enrol=${code}` : location.hash;
};

const start = async () => {
  let field;
  const onLocked = () => field?.expired();
  field = new Field(await openKeeper({ door: "field", onLocked }));
  await field.begin();
};

start().catch(sayWhy);
