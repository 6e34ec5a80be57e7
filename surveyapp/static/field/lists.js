/** The lists of the program's screens: questionnaires, drafts, outbox, receipts, returned work. */

import { handOver } from "./handing.js";
import { pageOf } from "./office.js";
import { ask, card, element, filledIn, language, list, locale, onPress, putCards, say, spoken, words } from "./screen.js";

/** Work that is done in lists. @typedef {{keeper: Keeper, offers: object[], refresh: () => Promise<void>}} Desk */

export const titleIn = (offers, { questionnaire }) =>
  offers.find((each) => each.id === questionnaire)?.titles[language] ?? questionnaire;

/** Open a draft on its questionnaire's own page. */
export const openDraft = ({ offers }, draft) => {
  location.assign(`${pageOf(offers, draft, language)}#field/${draft.id}`);
};

/** @param {Desk} desk */
export const listQuestionnaires = (desk) => {
  const cards = desk.offers.map((offer) => {
    const made = card("questionnaire-card", { title: offer.titles[language], version: offer.version }, offer);
    onPress(made.querySelector("[data-do=begin]"), async () => {
      const practice = element("practising").checked;
      const fields = { questionnaire: offer.id, version: offer.version, language, practice };
      openDraft(desk, await desk.keeper.begin(fields));
    });
    return made;
  });
  list("questionnaires", cards);
};

/** @param {Desk} desk @returns {Promise<number>} */
export const listDrafts = async (desk) => {
  const drafts = await desk.keeper.drafts();
  list("drafts", drafts.map((draft) => draftCard(desk, draft)));
  return drafts.length;
};

const draftCard = (desk, draft) => {
  const made = card("draft-card", {
    title: titleIn(desk.offers, draft),
    mark: draft.practice ? words.practice : "",
    "name-given": draft.name || words.no_name,
    when: filledIn(words.changed_at, { time: spoken(draft.changed_at) }),
    handed: draft.handed_at && filledIn(words.handed_at, { time: spoken(draft.handed_at) }),
  }, { ...draft, page: pageOf(desk.offers, draft, language) });
  onPress(made.querySelector("[data-do=hand]"), () => handOver(desk, draft));
  made.querySelector(".go").href = `${pageOf(desk.offers, draft, language)}#field/${draft.id}`;
  onPress(made.querySelector("[data-do=rename]"), async () => {
    const name = await ask("", { yes: words.save_name, value: draft.name ?? "" });
    if (name === undefined) return;
    await desk.keeper.rename(draft.id, name);
    await desk.refresh();
  });
  onPress(made.querySelector("[data-do=delete]"), async () => {
    if (draft.answered && !(await ask(words.delete_answers, { yes: words.delete }))) return;
    await desk.keeper.remove(draft.id);
    await desk.refresh();
  });
  return made;
};

/** @param {Desk} desk @returns {Promise<number>} */
export const listOutbox = async ({ keeper, offers, sending }) => {
  const entries = (await keeper.outbox()).map((entry) => (sending.has(entry.id) ? { ...entry, state: "sending" } : entry));
  const cards = entries.map((entry) => {
    const made = card("entry-card", {
      title: titleIn(offers, entry),
      "name-given": entry.name ?? "",
      when: filledIn(words.finished_at, { time: spoken(entry.finished_at) }),
      state: stateOf(entry),
      why: entry.state === "sending" ? "" : whyOf(entry),
    }, entry);
    made.classList.toggle("attention", entry.state === "attention");
    return made;
  });
  putCards(element("outbox").querySelector(".list"), cards);
  await listReceipts(keeper, offers);
  return entries.length;
};

/** What is going on with a record, in words. */
export const stateOf = ({ state, next_try, sent, size }) => {
  const time = new Intl.DateTimeFormat(locale, { timeStyle: "short" }).format(new Date(next_try ?? 0));
  const percent = new Intl.NumberFormat(locale, { style: "percent" }).format(size ? sent / size : 0);
  return filledIn(words[`state_${state}`], { time, percent });
};

const whyOf = ({ reason, errors }) => [words[`reason_${reason}`] ?? "", ...(errors ?? [])].join(" ").trim();

const MOST_RECEIPTS = 200;

const listReceipts = async (keeper, offers) => {
  const receipts = (await keeper.receipts()).filter((each) => each.door === "field").slice(0, MOST_RECEIPTS);
  const cards = receipts.map((receipt) =>
    card("receipt-card", {
      title: titleIn(offers, receipt),
      when: filledIn(words.received_at, { time: spoken(receipt.received_at) }),
      state: receipt.status === "quarantined" ? words.held_for_a_person : words.state_received,
      code: receipt.code,
    }, receipt),
  );
  list("outbox", cards, element("receipts"));
};

/** @param {Desk} desk @param {object[]} returned @param {object[]} rejected
 * @returns {Promise<number>} of those to be mended */
export const listReturned = async (desk, returned, rejected) => {
  const waiting = new Set((await desk.keeper.outbox()).map((entry) => entry.id));
  // what was sent since is with the office, which has not been asked again yet
  const sent = new Map((await desk.keeper.receipts()).map(({ id, received_at }) => [id, Date.parse(received_at)]));
  const open = returned.filter(({ id, returned_at }) => !waiting.has(id) && !(sent.get(id) > Date.parse(returned_at)));
  const told = rejected.map((each) =>
    card("rejected-card", { title: titleIn(desk.offers, each), reason: each.comments?.[""] ?? "" }, each),
  );
  list("returned", [...open.map((each) => returnedCard(desk, each)), ...told]);
  element("returned").querySelector(".some").hidden = !open.length;
  return open.length;
};

/** Comments on single questions, as they are said there. */
const besideQuestions = (comments = {}) =>
  Object.fromEntries(Object.entries(comments).filter(([place]) => place).map(([place, text]) => [place, filledIn(words.comment_by_office, { text })]));

const returnedCard = (desk, submission) => {
  const made = card("returned-card", {
    title: titleIn(desk.offers, submission),
    when: filledIn(words.returned_at, { time: spoken(submission.returned_at) }),
  }, submission);
  const comments = Object.entries(submission.comments ?? {}).map(([place, text]) => {
    const line = document.createElement("li");
    line.textContent = place ? filledIn(words.comment_at, { place, text }) : text;
    return line;
  });
  made.querySelector(".comments").replaceChildren(...comments);
  onPress(made.querySelector("[data-do=mend]"), async () => {
    const draft = await desk.keeper.mend(submission.id, submission.revision, besideQuestions(submission.comments));
    if (draft) openDraft(desk, draft);
    else say(words.no_copy, true);
  });
  return made;
};
