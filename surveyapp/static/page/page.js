/**
 * The whole questionnaire on the phone. The page is complete without this: its first section is an ordinary
 * form, and stays one when anything here fails at the start (`docs/decisions/0023`).
 */

import { openDraft, addressed } from "./drafts.js";
import { engine, install } from "./engine.js";
import { addresses, loadParts } from "./enhancing.js";
import { form, language, localTime, notice, words } from "./frame.js";
import { leaving } from "./leaving.js";
import { Visit } from "./visit.js";
import { plannedPages } from "./walk.js";

const start = async () => {
  const { door, id } = addressed();
  // until the draft is opened
  leaving.remove = async () => {
    const { openKeeper } = await import(form.dataset.keeper);
    if (id && door === "web") await (await openKeeper({ door })).remove(id);
  };
  // the database is opened and read while the logic is on its way
  const [logic, [keeper, draft]] = await Promise.all([loadLogic(), openKept(door, id)]);
  if (!draft) return (await import(addresses.ending)).recall(keeper, door, id);
  const plan = new engine.Plan(logic);
  const { snapshot, prefill } = draft.kept;
  const now = localTime();
  const interview = new engine.Interview(plan, { language, now, ...(snapshot && { answers: snapshot }) });
  if (prefill && !snapshot) (await import(addresses.ending)).prefill(interview, prefill);
  const visit = new Visit({ interview, plan, draft, keeper, planned: plannedPages(), offset: now.slice(-6) });
  await visit.begin();
  performance.mark("modules");
  document.documentElement.dataset.enhanced = "yes";
  loadParts();
  if (form.dataset.lists) await loadLists(visit, plan);
  // what finishing needs is loaded while there is a network: there may be none when it is wanted
  const ended = visit.ending().then(({ forPaper, warnOfRoom }) => {
    forPaper(visit);
    return warnOfRoom;
  });
  Promise.all([ended, keeper.prepare()]).then(([warnOfRoom]) => keeper.watchRoom(warnOfRoom)).catch(() => undefined);
};

const loadLogic = async () => {
  const logic = await loaded(form.dataset.logic);
  await install(logic.parts, addresses);
  return logic;
};

/** @returns {Promise<[Keeper, Draft | undefined]>} */
const openKept = async (door, id) => {
  const { openKeeper } = await import(form.dataset.keeper);
  const keeper = await openKeeper({ door, sealingKey: JSON.parse(form.dataset.key) });
  return [keeper, await openDraft(keeper, door, id)];
};

/** The long lists, which no first question waits for; without a network as soon as there is one. */
const loadLists = async (visit, plan) => {
  try {
    const { instances, lists } = await loaded(form.dataset.lists);
    Object.assign(plan.form.instances, instances);
    Object.assign(plan.form.lists, lists);
  } catch {
    notice(words.no_lists);
    addEventListener("online", () => loadLists(visit, plan), { once: true });
    return;
  }
  plan.instances.clear();
  plan.lists.clear();
  // all is worked out anew: what was looked up in lists too
  visit.sheet.apply(visit.interview.finish());
};

const loaded = (address) =>
  fetch(address).then((response) => (response.ok ? response.json() : Promise.reject(response)));

start().catch((error) => {
  document.documentElement.dataset.enhanced = "no";
  console.error(error?.name, error?.code ?? "");
});
