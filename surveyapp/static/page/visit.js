/** One person's way over the pages: forward with checks, back, rosters, review, sending. */

import { Answers } from "./answers.js";
import { add, addresses, enhance } from "./enhancing.js";
import { Files } from "./files.js";
import { byId, filled, form, language, localTime, made, notice, words } from "./frame.js";
import { leaving } from "./leaving.js";
import { remark, summarise } from "./remarks.js";
import { captionOf } from "./wording.js";
import { Rosters } from "./rosters.js";
import { Sheet } from "./sheet.js";
import { isBlank } from "./values.js";
import { rawOf } from "./controls.js";
import { Walk } from "./walk.js";

const REVIEW = "review";

export class Visit {
  constructor({ interview, plan, draft, keeper, planned, offset }) {
    // by path: without a prototype, or a question called `constructor` would be in it
    const typed = { __proto__: null, ...draft.kept.typed };
    this.interview = interview;
    this.draft = draft;
    this.keeper = keeper;
    this.walk = new Walk(interview, planned);
    this.sheet = new Sheet(interview, plan, offset, typed);
    this.answers = new Answers({ interview, sheet: this.sheet, draft, typed });
    this.files = new Files(this);
    this.rosters = new Rosters(this);
    this.seconds = draft.kept.seconds ?? {};
    this.tried = new Set();
    draft.onTaken = () => this.elsewhere();
    this.answers.onChange = (changed, source) => this.changed(changed, source);
    this.sheet.enhancements.push((wrapper, path, item) => enhance(wrapper, path, item, this));
    this.sheet.enhancements.push((wrapper, path) => this.returned(wrapper, path));
    this.sheet.onLong = (wrapper, path, item) => add("searching", wrapper, path, item, this);
  }

  /** Go on where the draft was left, or begin. */
  async begin() {
    this.takeEarly();
    this.listen();
    const { place } = this.draft.kept;
    const pages = this.walk.open();
    const key = place?.page;
    this.go(key === REVIEW ? REVIEW : pages.find((page) => page.key === key) ?? this.nearest(key) ?? REVIEW, { isFirst: true });
    if (this.draft.kept.id) await this.hold();
  }

  /** What the office says of an answer that it returned. */
  returned(wrapper, path) {
    const message = this.draft.kept.comments?.[path];
    if (message) remark(wrapper, path, "returned", { message });
  }

  /** The page after which a page would be that has nothing to ask any more. */
  nearest(key) {
    const pages = this.walk.pages();
    const at = Math.max(0, pages.findIndex((page) => page.key === key));
    return pages.slice(at).find((page) => this.walk.isOpen(page)) ?? pages.reverse().find((page) => this.walk.isOpen(page));
  }

  /** No other tab may write over the draft. */
  async hold() {
    this.draft.show();
    if (!(await this.keeper.hold(this.draft.kept.id, this.draft.onTaken))) this.elsewhere();
  }

  /** Another tab works on it, or has deleted or finished it. */
  async elsewhere() {
    const { id, door } = this.draft.kept;
    if (!(await this.keeper.read(id).catch(() => true))) {
      this.draft.stop();
      return (await this.ending()).recall(this.keeper, door, id);
    }
    const button = made("button", "button small", words.take_over);
    button.type = "button";
    button.addEventListener("click", async () => {
      await this.keeper.take(this.draft.kept.id, this.draft.onTaken);
      location.reload();
    });
    notice(words.elsewhere, made("br"), button);
    form.hidden = true;
    return undefined;
  }

  /** What was typed or chosen before the modules arrived. */
  takeEarly() {
    for (const wrapper of form.querySelectorAll(":scope > .page:not([hidden]) [data-q]")) {
      const path = wrapper.dataset.q;
      const raw = rawOf(wrapper, path);
      if (isBlank(raw)) continue;
      this.sheet.wrappers.set(path, wrapper);
      this.answers.take(path);
    }
  }

  // ---------------------------------------------------------------- events

  listen() {
    addEventListener("submit", (event) => {
      event.preventDefault();
      this.next();
    });
    form.addEventListener("input", ({ target }) => this.typed(target, true));
    form.addEventListener("change", ({ target }) => this.typed(target, false));
    form.addEventListener("click", ({ target }) => this.rosters.pressed(target.closest("[data-do]")));
    byId("back").addEventListener("click", () => this.back());
    byId("remove").addEventListener("click", () => this.rosters.removeCurrent());
    document.addEventListener("visibilitychange", () => this.lookedAway());
    addEventListener("pagehide", () => this.keepNow());
    addEventListener("beforeunload", (event) => this.leaving(event));
    // the browser may bring the page back although its answers were deleted meanwhile
    addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
    addEventListener("popstate", ({ state }) => state?.page && this.goTo(state.page));
    document.querySelector(".languages").addEventListener("click", (event) => this.speak(event));
    leaving.remove = () => this.removed();
  }

  typed(field, isUnderway) {
    const path = field.name && field.closest("[data-q]")?.dataset.q;
    if (!path || field.type === "file") return;
    const isText = /^(text|textarea|search)/.test(field.type);
    if (isText && isUnderway) this.answers.soon(path);
    else if (isText) this.answers.take(path);
    else if (!isUnderway) this.answers.painted(path);
  }

  /** What follows from an answer is shown, and kept. */
  changed(changed, source) {
    for (const path of Object.keys(changed))
      if (changed[path].includes("choices")) this.merge(changed, this.interview.dropUnoffered(path));
    this.sheet.apply(changed, source);
    // an instance may be called by what was answered just now
    if (this.current) this.caption(this.current);
    if (Object.values(changed).some((looks) => looks.includes("instances"))) this.rosters.show();
    if (this.current && this.tried.has(this.current.key)) this.remarkAll(this.wrong([this.current]), this.doubts(this.current));
    this.note();
  }

  merge(changed, more) {
    for (const [path, looks] of Object.entries(more)) changed[path] = [...(changed[path] ?? []), ...looks];
  }

  note() {
    this.draft.note(() => ({
      language,
      place: { page: this.place },
      snapshot: this.interview.snapshot(),
      typed: this.answers.typed,
      answer_languages: this.answers.languages,
      seconds: this.seconds,
      consent: this.answers.consent,
    }));
  }

  /** Write down now, whatever is being typed too. */
  keepNow() {
    this.answers.settle();
    this.count();
    return this.draft.flush();
  }

  /** The page is hidden, or looked at again: the time between counts for nothing. */
  lookedAway() {
    if (document.hidden) this.keepNow();
    else this.since = Date.now();
  }

  /** The browser asks first while answers are on this page alone. */
  leaving(event) {
    if (!this.draft.isUnkept || this.draft.isStopped) return;
    event.preventDefault();
    event.returnValue = ""; // browsers before 119
  }

  /** The same place in another language. */
  async speak(event) {
    const link = event.target.closest("a");
    if (!link) return;
    event.preventDefault();
    await this.keepNow();
    // on a full phone the answers are on this page alone, which says so
    if (this.draft.isUnkept) byId("kept").scrollIntoView();
    else location.assign(link.href);
  }

  /** Delete the draft, also one that is being begun. */
  async removed() {
    await this.draft.stop();
    if (this.draft.kept.id) await this.keeper.remove(this.draft.kept.id);
  }

  // ---------------------------------------------------------------- places

  get place() {
    return this.current?.key ?? REVIEW;
  }

  /** @param {Page | "review"} page */
  go(page, { isFirst, isBack, focus } = {}) {
    this.count();
    const isReview = page === REVIEW;
    if (this.shown) this.shown.hidden = true;
    else for (const each of form.querySelectorAll(":scope > .page")) each.hidden = true;
    this.current = isReview ? undefined : page;
    this.shown = isReview ? byId(REVIEW) : this.sheet.element(page);
    summarise("wrong", []);
    notice();
    if (isReview) this.putReview().catch((error) => console.error(error?.name));
    else this.putFrame(page);
    this.shown.hidden = false;
    byId("next").textContent = isReview ? words.send : words.next;
    if (!isBack) history[isFirst ? "replaceState" : "pushState"]({ page: this.place }, "");
    if (focus) focus();
    else if (!isFirst) {
      scrollTo(0, 0);
      this.shown.querySelector("h1").focus({ preventScroll: true });
    }
    if (!isFirst) this.note();
  }

  putFrame(page) {
    const { planned } = page;
    const heading = this.sheet.item(planned.container);
    const isWhole = planned.lists === planned.container;
    if (heading?.texts?.label) this.shown.querySelector("h1").textContent = this.interview.text(isWhole ? page.listed : page.node(planned.container), "label");
    this.caption(page);
    this.rosters.show();
    this.putStep();
    byId("remove").hidden = !this.rosters.isRemovable(page);
    byId("back").hidden = !this.before(page);
  }

  putStep() {
    // as on the stepwise pages, those that have nothing to ask yet are counted too
    const pages = this.walk.pages();
    const at = this.current ? pages.findIndex((page) => page.key === this.current.key) + 1 : pages.length;
    byId("step").hidden = byId("progress").hidden = !this.current;
    byId("step").textContent = filled(words.step, { n: at, total: pages.length });
    byId("progress").max = pages.length;
    byId("progress").value = at;
  }

  caption(page) {
    const line = this.shown.querySelector(".caption");
    if (line) line.textContent = this.captionOf(page);
    if (line) line.hidden = !line.textContent;
    byId("remove").textContent = page.instance ? filled(words.remove_what, { what: this.captionOf(page) }) : "";
  }

  captionOf(page) {
    if (!page.instance) return "";
    const { rosters } = page.planned;
    const roster = this.sheet.item(rosters[rosters.length - 1]);
    return captionOf(this.interview, roster, page.instance, page.positions[page.positions.length - 1]);
  }

  async putReview() {
    this.putStep();
    byId("remove").hidden = true;
    byId("back").hidden = false;
    const { putReview } = await this.ending();
    putReview(this.reviewParts(), this.sheet, (path) => this.goToQuestion(path));
  }

  /** What is asked, by section, with whose it is. */
  reviewParts() {
    const parts = [];
    for (const page of this.walk.open()) {
      if (page.listed) continue;
      const element = this.sheet.element(page);
      const paths = page.paths.filter((path) => this.sheet.item(path).kind === "question" && this.interview.relevant(path));
      const heading = element.querySelector("h1").textContent;
      const key = `${page.planned.section} ${page.positions}`;
      const last = parts[parts.length - 1];
      if (last?.key === key) last.paths.push(...paths);
      else if (paths.length) parts.push({ key, heading, caption: this.captionOf(page), paths });
    }
    return parts;
  }

  /** The modules of the review and of sending. @returns {Promise<Module>} */
  ending() {
    this.ended ??= import(addresses.ending).catch((error) => {
      this.ended = undefined;
      notice(words.not_sent);
      throw error;
    });
    return this.ended;
  }

  before(page) {
    const pages = this.walk.pages();
    const at = page === REVIEW ? pages.length : pages.findIndex(({ key }) => key === page.key);
    return pages.slice(0, at).reverse().find((each) => this.walk.isOpen(each));
  }

  after(page) {
    const pages = this.walk.pages();
    return pages.slice(pages.findIndex(({ key }) => key === page.key) + 1).find((each) => this.walk.isOpen(each));
  }

  /** Where the browser's own “back” and “forward” lead. */
  goTo(key) {
    this.answers.settle();
    const page = this.walk.open().find((each) => each.key === key);
    if (page || key === REVIEW) this.go(page ?? REVIEW, { isBack: true });
  }

  goToQuestion(path) {
    const page = this.walk.pageOf(path);
    const focus = () => {
      const wrapper = this.sheet.wrappers.get(path);
      wrapper.scrollIntoView({ block: "center" });
      (wrapper.querySelector("[name]:not([type=hidden]), input, button") ?? wrapper).focus({ preventScroll: true });
    };
    if (page.key === this.place) focus();
    else this.go(page, { focus });
  }

  back() {
    this.answers.settle();
    const earlier = this.before(this.current ?? REVIEW);
    if (earlier) this.go(earlier);
  }

  /** Seconds spent, by section. */
  count() {
    const now = Date.now();
    const { section } = this.current?.planned ?? {};
    if (section && this.since) this.seconds[section] = (this.seconds[section] ?? 0) + Math.round((now - this.since) / 1000);
    this.since = now;
  }

  // ---------------------------------------------------------------- forward

  next() {
    this.answers.settle();
    this.interview.setClock(localTime());
    this.changed(this.interview.dropUnoffered());
    if (!this.current) return this.send();
    const page = this.current;
    const wrong = this.wrong([page]);
    const unsure = wrong.length ? [] : this.doubts(page).filter(({ path }) => !this.isAsked(path));
    if (!wrong.length) this.noteDoubts(page);
    this.remarkAll(wrong, this.doubts(page));
    if (wrong.length || unsure.length) {
      this.tried.add(page.key);
      return this.list(wrong.length ? "wrong" : "unsure", wrong.length ? wrong : unsure);
    }
    this.tried.delete(page.key);
    return this.go(this.after(page) ?? REVIEW);
  }

  list(kind, findings) {
    summarise(kind, findings, (path) => this.sheet.label(path), (path) => this.goToQuestion(path));
  }

  /** The questions of a page that somebody can answer now. */
  askedOn(page) {
    return page.paths.filter(
      (path) => this.sheet.item(path).kind === "question" && this.interview.relevant(path) && !this.interview.readOnly(path),
    );
  }

  /** @returns {Finding[]} what must be mended on these pages */
  wrong(pages) {
    return pages.flatMap((page) =>
      this.askedOn(page).flatMap((path) => {
        if (this.answers.typed[path]) this.sheet.element(page);
        const found = this.answers.unreadable(path) ?? this.interview.errors(path)[0];
        return found ? [found] : [];
      }),
    );
  }

  doubts(page) {
    return this.askedOn(page).flatMap((path) => this.interview.warnings(path));
  }

  isAsked(path) {
    return this.answers.asked[path] === JSON.stringify(this.interview.value(path));
  }

  noteDoubts(page) {
    for (const { path } of this.doubts(page)) this.answers.asked[path] = JSON.stringify(this.interview.value(path));
  }

  /** Say what is wrong and unsure beside the questions of the current page. */
  remarkAll(wrong, unsure) {
    for (const path of this.current.paths) {
      const wrapper = this.sheet.wrappers.get(path);
      if (!wrapper || this.sheet.item(path).kind !== "question") continue;
      const bad = wrong.find((each) => each.path === path);
      remark(wrapper, path, "bad", bad);
      remark(wrapper, path, "unsure", bad ? undefined : unsure.find((each) => each.path === path));
    }
  }

  /** Look at one question again, whether going on was tried or not: a file was refused. */
  recheck(path) {
    const wrapper = this.sheet.wrappers.get(path);
    if (wrapper) remark(wrapper, path, "bad", this.answers.unreadable(path));
  }

  // ---------------------------------------------------------------- sending

  async send() {
    const wrong = this.wrong(this.walk.open());
    if (wrong.length) {
      for (const { path } of wrong) this.sheet.element(this.walk.pageOf(path));
      this.list("wrong", wrong);
      return;
    }
    byId("next").disabled = true;
    await this.keepNow();
    const { finish } = await this.ending();
    await finish(this);
    byId("next").disabled = false;
  }
}
