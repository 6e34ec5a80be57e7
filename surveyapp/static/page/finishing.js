/** From the review to the receipt: the record is handed to the keeper, which sends it now or later. */

import { goOnSending } from "../keep/rounds.js";
import { byId, form, language, leave, localTime, made, notice, words } from "./frame.js";

/** Where every tab is told that the outbox changes (`keep/sending.js`). */
const CHANNEL = "surveyapp outbox";
/** What the record says it was filled in with, by door. */
const APPS = { web: "web/1.0", field: "field/1.0" };

/** @param {Visit} visit */
export const finish = async (visit) => {
  const { draft, keeper, interview } = visit;
  if (!draft.kept.id) {
    visit.note();
    await draft.flush();
  }
  const { id } = draft.kept;
  try {
    await keeper.finish(id, recordOf(visit));
  } catch (error) {
    return notice(error?.code === "full" ? words.full : words.not_sent);
  }
  draft.stop();
  return conclude(keeper, draft.kept.door, id);
};

/** What has become of a draft that is not here any more: another language asks, or nobody knows. */
export const recall = async (keeper, door, id) => {
  for (const link of document.querySelectorAll(".languages a")) link.hash = location.hash;
  document.documentElement.dataset.enhanced = "yes";
  const known = await Promise.all([keeper.outbox(), keeper.receipts()]);
  if (known.flat().some((each) => each.id === id)) return conclude(keeper, door, id);
  if (door === "field") Object.assign(byId("gone").querySelector("a"), { href: `/${language}/field`, textContent: words.to_work });
  return leave("gone");
};

/** It is finished: say whether it waits or was received. */
const conclude = async (keeper, door, id) => {
  // loading the page again must not begin a new one: while it waits, the draft's address finds it in the outbox
  if (door === "field") leadToProgram();
  const receipt = await receiptOf(keeper, id);
  if (receipt) return thank(receipt);
  leave("queued");
  byId("queued").querySelector("[data-do=send]").addEventListener("click", () => deliver(keeper, id));
  byId("queued").querySelector("[data-do=rescue]").addEventListener("click", () => saveRescued(keeper));
  listen(keeper, id);
  await deliver(keeper, id);
  return goOnSending(keeper, () => tell(keeper, id));
};

/** All that waits, as a file that only the server opens. */
const saveRescued = async (keeper) => (await import("../keep/rescue.js")).saveRescued(keeper);

/** The service worker, or another tab, may be the one that sends it. */
const listen = (keeper, id) => {
  if (!globalThis.BroadcastChannel) return;
  new BroadcastChannel(CHANNEL).onmessage = async ({ data }) => {
    tellHowFar(id, data);
    const receipt = await receiptOf(keeper, id);
    if (receipt) thank(receipt);
  };
};

/** The receipt of what was finished last: one that was mended has a receipt of its former revision all the while. */
const receiptOf = async (keeper, id) => {
  const isIt = (each) => each.id === id;
  return (await keeper.outbox()).some(isIt) ? undefined : (await keeper.receipts()).find(isIt);
};

/** An interviewer goes on in the program, whether it is sent or waits. */
const leadToProgram = () => {
  const program = `/${language}/field`;
  const outbox = `${program}#outbox`;
  // with a query, so that the link and any other way to the program loads it instead of moving within this page
  history.replaceState(null, "", `${program}?done#outbox`);
  for (const each of ["sent", "queued"]) {
    const link = byId(each).querySelector("a.button") ?? byId(each).appendChild(made("a", "button"));
    link.href = outbox;
    link.textContent = words.to_work;
  }
};

/** Say while little room is left, before answers cannot be kept any more. */
export const warnOfRoom = (free) => {
  byId("low")?.remove();
  if (free === undefined) return;
  const box = made("p", "box look", words.low_room);
  box.id = "low";
  box.setAttribute("role", "status");
  byId("kept").before(box);
};

/** An item of `POST /api/v1/submissions`. */
const recordOf = ({ interview, draft, answers, seconds }) => {
  const { id, door, questionnaire, version, started_at, base_revision, invitation, assignment } = draft.kept;
  const finished_at = localTime();
  interview.setClock(finished_at);
  interview.finish();
  return {
    id,
    questionnaire,
    version,
    language,
    started_at,
    finished_at,
    base_revision: base_revision ?? null,
    app: APPS[door],
    ...(invitation && { invitation }),
    ...(assignment && { assignment }),
    answers: interview.answers(),
    answer_languages: otherLanguages(interview, answers.languages),
    paradata: { seconds },
    ...(answers.consent && { consent: answers.consent }),
  };
};

/** The answers that were given in another language than the one they are sent in. */
const otherLanguages = (interview, languages) =>
  Object.fromEntries(Object.entries(languages).filter(([path, each]) => each !== language && interview.relevant(path)));

/** Send, and tell what came of it: a receipt, or that it waits. */
const deliver = async (keeper, id) => {
  const why = byId("queued").querySelector(".why");
  why.textContent = words.sending;
  await keeper.sendAll({ all: true, onProgress: (progress) => tellHowFar(id, progress) }).catch(() => undefined);
  return tell(keeper, id);
};

/** Browsers know little of Kazakh; its numbers are written as Russian's are. */
const percents = new Intl.NumberFormat(language === "kk" ? "ru" : language, { style: "percent" });

/** How much of its files is with the server. */
const tellHowFar = (id, { id: whose, state, size, sent }) => {
  if (whose !== id || state !== "files" || !size) return;
  byId("queued").querySelector(".why").textContent = `${words.sending} ${percents.format(sent / size)}`;
};

/** What has come of it by now. */
const tell = async (keeper, id) => {
  const receipt = await receiptOf(keeper, id);
  if (receipt) return thank(receipt);
  const entry = (await keeper.outbox()).find((each) => each.id === id);
  byId("queued").querySelector(".why").textContent = (entry?.errors ?? []).join(" ");
  return undefined;
};

const thank = ({ code, status, door }) => {
  if (!byId("sent").hidden) return;
  // of a copy without questions: one called `action` would answer
  if (door !== "field") history.replaceState(null, "", document.importNode(form.parentNode).action);
  byId("sent").querySelector(".code").textContent = code;
  byId("sent").querySelector(".looked-at").hidden = status !== "quarantined";
  leave("sent");
};
