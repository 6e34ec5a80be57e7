/**
 * The start page: on one's own phone its button leads to the whole page, where that can keep answers. What was begun
 * on this phone goes on or is deleted here; what is finished is sent, or it is said that it waits.
 */

import { goOnSending } from "../keep/rounds.js";
import { byId, filled, form, language, made, words } from "./frame.js";
import { isSure } from "./sureness.js";

/** Browsers know little of Kazakh; its dates are written as Russian's are. */
const LOCALES = { kk: "ru", en: "en-GB" };
const MOST_RECEIPTS = 5;

const canKeep = async () => {
  if (!isSecureContext || !globalThis.indexedDB) return undefined;
  const { openKeeper } = await import(form.dataset.keeper);
  return openKeeper({ door: "web" });
};

const start = async () => {
  const keeper = await canKeep();
  if (!keeper) return;
  form.addEventListener("submit", async (event) => {
    if (form.elements.phone.value !== "own") return;
    event.preventDefault();
    const draft = form.dataset.prefill && (await begun(keeper).catch(() => undefined));
    location.assign(draft ? addressOf(draft) : form.dataset.whole);
  });
  await offerDrafts(keeper);
  form.dataset.enhanced = "yes";
  await tellOfOutbox(keeper);
  byId("unsent").querySelector("[data-do=send]").addEventListener("click", () => sendNow(keeper));
  byId("unsent").querySelector("[data-do=rescue]").addEventListener("click", async () => {
    const { saveRescued } = await import("../keep/rescue.js");
    await saveRescued(keeper);
  });
  await goOnSending(keeper, () => tellOfOutbox(keeper));
};

/** A draft that has the code of a personal link already; without one (a full phone) it is typed. */
const begun = (keeper) => {
  const { questionnaire, whole, prefill } = form.dataset;
  const version = decodeURIComponent(whole.split("/")[4]);
  return keeper.begin({ questionnaire, version, language, prefill: JSON.parse(prefill) });
};

const isOfThis = ({ questionnaire }) => questionnaire === form.dataset.questionnaire;

// ------------------------------------------------------------ what was begun

const offerDrafts = async (keeper) => {
  const drafts = (await keeper.drafts()).filter((each) => isOfThis(each) && !each.practice);
  byId("here").replaceChildren(...(await Promise.all(drafts.map((draft) => draftBox(keeper, draft)))));
  byId("here").hidden = !drafts.length;
};

const draftBox = async (keeper, draft) => {
  const box = byId("draft").content.firstElementChild.cloneNode(true);
  const { answer_languages } = (await keeper.read(draft.id)) ?? {};
  const count = Object.keys(answer_languages ?? {}).length;
  const about = filled(words.begun, { time: spoken(draft.started_at), count });
  box.querySelector(".begun").textContent = about;
  box.querySelector("a").href = addressOf(draft);
  box.querySelector("button").addEventListener("click", async () => {
    if (draft.answered && !(await isSure(about))) return;
    await keeper.remove(draft.id);
    await offerDrafts(keeper);
  });
  return box;
};

/** Under the version that it was begun with, in the language of this page. */
const addressOf = ({ id, version }) => {
  const steps = form.dataset.whole.split("/");
  if (decodeURIComponent(steps[4]) !== version) steps.splice(4, 2, encodeURIComponent(version), "-");
  return `${steps.join("/")}#${id}`;
};

const spoken = (moment) => {
  const style = { dateStyle: language === "kk" ? "short" : "medium", timeStyle: "short" };
  return new Intl.DateTimeFormat(LOCALES[language] ?? language, style).format(new Date(moment));
};

// ------------------------------------------------------------ what is finished

/** Whatever families finished here waits together; codes are those of this questionnaire. */
const tellOfOutbox = async (keeper) => {
  const waiting = (await keeper.outbox()).filter(({ door }) => door === "web");
  byId("unsent").hidden = !waiting.length;
  byId("unsent").querySelector(".count").textContent = filled(words.waiting, { count: waiting.length });
  const received = (await keeper.receipts()).filter((each) => each.door === "web" && isOfThis(each));
  const lines = received.slice(0, MOST_RECEIPTS).map(({ code, received_at }) => {
    const line = made("li", "", `${spoken(received_at)}: `);
    line.append(made("b", "", code));
    return line;
  });
  byId("received").hidden = !lines.length;
  byId("received").querySelector("ul").replaceChildren(...lines);
};

const sendNow = async (keeper) => {
  byId("unsent").querySelector(".count").textContent = words.sending;
  await keeper.sendAll({ all: true }).catch(() => undefined);
  await tellOfOutbox(keeper);
};

start().catch((error) => console.error(error?.name));
