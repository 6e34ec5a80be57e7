/** Handing drafts over to colleagues, and taking theirs. */

import { becomeReachable, giveTo, isReachable, parcelFor, takeFrom, takeGiven } from "../keep/parcels.js";
import { people } from "./people.js";
import { saveFile } from "../keep/saving.js";
import { element, filledIn, onPress, say, words } from "./screen.js";

/** Let a draft go to a colleague. @param {Desk} desk @param {Summary} draft */
export const handOver = async (desk, draft) => {
  const { database, vault } = desk.keeper;
  const dialog = element("hand");
  const known = (await people(database)).filter(({ id }) => id !== vault.person);
  const reachable = await Promise.all(known.map(({ id }) => isReachable(database, id)));
  const colleagues = known.filter((each, at) => reachable[at]);
  dialog.querySelector(".colleagues").replaceChildren(...colleagues.map((each) => buttonFor(desk, draft, each)));
  const toFile = dialog.querySelector("[data-do=to-file]").cloneNode(true);
  dialog.querySelector("[data-do=to-file]").replaceWith(toFile);
  onPress(toFile, () => closing(dialog, () => intoFile(desk, draft)));
  dialog.showModal();
};

const buttonFor = (desk, draft, { id, name }) => {
  const button = element("colleague").content.firstElementChild.cloneNode(true);
  button.textContent = filledIn(words.hand_to, { name });
  onPress(button, () =>
    closing(element("hand"), async () => {
      await giveTo(desk.keeper, draft.id, id);
      await desk.refresh();
      say(filledIn(words.handed_to, { name }));
    }),
  );
  return button;
};

/** What fails is said on the page, which the dialog covers. */
const closing = async (dialog, work) => {
  await work().finally(() => dialog.close());
};

const intoFile = async (desk, draft) => {
  const { file, code } = await parcelFor(desk.keeper, draft.id);
  saveFile(file, "handover");
  await desk.refresh();
  // two groups stay on one line, so that a narrow screen shows two lines of eight
  element("hand-code").querySelector(".code").textContent = code.replace(/(\d) (\d+ |\d+$)/g, "$1\u00a0$2");
  element("hand").close();
  element("hand-code").showModal();
};

/** Say which file was chosen: our own button hides what the browser says about it in the phone's language. */
export const tellOfChosen = (form) => {
  const tell = () => {
    const { name } = form.elements.parcel.files[0] ?? {};
    element("parcel-name").textContent = name ? filledIn(words.chosen, { name }) : "";
  };
  form.elements.parcel.addEventListener("change", tell);
  form.addEventListener("reset", () => setTimeout(tell));
};

/** Take a draft out of a colleague's file. @param {Desk} desk @param {HTMLFormElement} form */
export const takeOver = async (desk, form) => {
  const { parcel, code } = form.elements;
  if (!parcel.files[0] || !code.value.trim()) return say(words.parcel_missing, true);
  await takeFrom(desk.keeper, parcel.files[0], code.value);
  form.reset();
  form.closest("details").open = false;
  await desk.refresh();
  return say(filledIn(words.taken_over, { count: 1 }));
};

/** Be there for colleagues on this phone, and take what they gave. */
export const meetColleagues = async (keeper) => {
  await becomeReachable(keeper);
  const count = await takeGiven(keeper);
  if (count) say(filledIn(words.taken_over, { count }));
};
