/** Visits to be made: what is open, begun, waiting to be sent, and done. */

import { assignments, interviewsBegun, noteBegun } from "../keep/assigned.js";
import { openDraft, titleIn } from "./lists.js";
import { card, element, filledIn, language, locale, onPress, putCards, say, words } from "./screen.js";

/** @param {Desk} desk @returns {Promise<number>} how many are to be made still */
export const listToDo = async (desk) => {
  const { keeper } = desk;
  const [told, begun, stages] = await Promise.all([assignments(keeper), interviewsBegun(keeper), stagesOf(keeper)]);
  const visits = told.map((visit) => ({ ...visit, draft: begun[visit.id], stage: stageOf(visit, stages[begun[visit.id]]) }));
  visits.sort(byDay);
  const open = visits.filter(({ stage }) => stage === "open" || stage === "begun");
  const over = visits.filter((visit) => !open.includes(visit));
  putCards(element("todo").querySelector(".list"), open.map((visit) => visitCard(desk, visit)));
  putCards(element("made"), over.map((visit) => visitCard(desk, visit)));
  element("todo").querySelector(".none").hidden = open.length > 0;
  element("made").previousElementSibling.hidden = !over.length;
  return open.length;
};

/** What this phone has of interviews, by their ids: the last stage counts. */
const stagesOf = async (keeper) => {
  const [drafts, outbox, receipts] = await Promise.all([keeper.drafts(), keeper.outbox(), keeper.receipts()]);
  const found = {};
  for (const { id } of receipts) found[id] = "received";
  for (const { id } of outbox) found[id] = "waiting";
  for (const { id } of drafts) found[id] = "begun";
  return found;
};

/** The office knows best what is done; what it has not heard of yet, this phone does. */
const stageOf = ({ state }, here) => (state === "done" ? "done" : here ?? "open");

/** What is due first stands first; without a day it comes last. */
const byDay = (one, other) => {
  const [first, second] = [one, other].map(({ due, label }) => `${due ?? "9"} ${label ?? ""}`);
  return first < second ? -1 : Number(first > second);
};

const visitCard = (desk, visit) => {
  const { stage, due } = visit;
  const isOpen = stage === "open" || stage === "begun";
  const isLate = isOpen && due && due < today();
  const made = card("visit-card", {
    label: visit.label ?? "",
    title: titleIn(desk.offers, visit),
    due: due ? filledIn(isLate ? words.was_due : words.is_due, { day: spokenDay(due) }) : "",
    state: words[`visit_${stage}`],
  }, visit);
  made.classList.toggle("attention", Boolean(isLate));
  const button = made.querySelector("[data-do=visit]");
  button.hidden = !isOpen;
  button.textContent = stage === "begun" ? words.go_on : words.begin;
  button.setAttribute("aria-label", `${button.textContent}: ${visit.label ?? ""}`);
  onPress(button, () => open(desk, visit));
  return made;
};

/** Go on with the interview of a visit, or begin it with what the office knows. */
const open = async (desk, visit) => {
  const { keeper, offers } = desk;
  const begun = visit.draft && (await keeper.read(visit.draft));
  if (begun) return openDraft(desk, begun);
  const offer = offers.find(({ id }) => id === visit.questionnaire);
  if (!offer) return say(words.no_questionnaire, true);
  const { id: questionnaire, version } = offer;
  const fields = { questionnaire, version, language, name: visit.label, assignment: visit.id, prefill: visit.answers };
  const draft = await keeper.begin(fields);
  await noteBegun(keeper, visit.id, draft.id);
  return openDraft(desk, draft);
};

const today = () => {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
};

const spokenDay = (day) => {
  const style = { dateStyle: language === "kk" ? "short" : "medium", timeZone: "UTC" };
  return new Intl.DateTimeFormat(locale, style).format(new Date(`${day}T00:00:00Z`));
};
