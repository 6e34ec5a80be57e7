/** What every module of the field's program knows of its page. The words come from the server. */

export const root = document.getElementById("field");
export const words = JSON.parse(root.dataset.words);
export const language = document.documentElement.lang;

export const element = (id) => document.getElementById(id);

/** A sentence with its `{name}`s filled in. */
export const filledIn = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

/** Browsers know little of Kazakh; its numbers and short dates are written as Russian's are. */
export const locale = { kk: "ru", en: "en-GB" }[language] ?? language;

/** A moment for people, in the page's language. @param {string | number} moment */
export const spoken = (moment) => {
  const style = { dateStyle: language === "kk" ? "short" : "medium", timeStyle: "short" };
  return new Intl.DateTimeFormat(locale, style).format(new Date(moment));
};

const SCREENS = ["enrol", "pin", "unlock", "work"];

/** Show one screen; its heading gets the focus, so that screen readers say where one is. */
export const show = (name) => {
  for (const each of SCREENS) element(each).hidden = each !== name;
  if (name !== "work") element(name).querySelector("h1").focus();
};

/** Say something that is news; nothing: be silent. */
export const say = (sentence, isBad = false) => {
  const box = element("said");
  box.textContent = sentence ?? "";
  box.hidden = !sentence;
  box.className = isBad ? "box wrong" : "box look";
  if (sentence) box.scrollIntoView({ block: "nearest" });
};

/** Say why something failed. */
export const sayWhy = (error) => {
  console.error(error?.name, error?.code ?? error?.reason ?? "");
  say(error?.sentence ?? words[error?.code] ?? words[`reason_${error?.reason}`] ?? words.no_answer, true);
};

/** What cards show, and what of. */
const contents = new WeakMap();

/** A card of the template, its texts by class. @param {{id: string}} item  what it is about */
export const card = (template, texts, item) => {
  const made = element(template).content.firstElementChild.cloneNode(true);
  contents.set(made, JSON.stringify([texts, item]));
  made.dataset.id = item.id;
  for (const [name, text] of Object.entries(texts)) {
    const place = made.querySelector(`.${name}`);
    place.textContent = text ?? "";
    place.hidden = !text;
  }
  return made;
};

/**
 * Put cards into a list. One that says what it said before stays, so that nothing is lost of a tap, the focus or the
 * place that is read.
 */
export const putCards = (place, cards) => {
  const before = [...place.children];
  const kept = cards.map((made) => before.find((each) => isSame(each, made)) ?? made);
  const focused = document.activeElement;
  for (const each of before) if (!kept.includes(each)) each.remove();
  kept.forEach((each, at) => place.children[at] === each || place.insertBefore(each, place.children[at] ?? null));
  if (focused.isConnected) return;
  const { id } = focused.closest(".card")?.dataset ?? {};
  const [now, what] = [kept.find((each) => each.dataset.id === id), focused.dataset.do];
  now?.querySelector(what ? `[data-do=${what}]` : "a, button")?.focus();
};

const isSame = (one, other) => contents.get(one) === contents.get(other);

/** Put cards into a screen's list, or say that there are none. */
export const list = (screen, cards, place = element(screen).querySelector(".list")) => {
  putCards(place, cards);
  element(screen).querySelector(".none").hidden = cards.length > 0;
  // what to do with them is told where there are some
  element(screen).querySelector(".some")?.toggleAttribute("hidden", !cards.length);
};

/** Do something when a button is pressed, once at a time; what fails is said. */
export const onPress = (button, work) =>
  button.addEventListener("click", async () => {
    if (button.disabled) return;
    button.disabled = true;
    await Promise.resolve(work()).catch(sayWhy);
    button.disabled = false;
  });

/** The same for a form that is sent. @param {(form: HTMLFormElement) => Promise<void>} work */
export const onSubmit = (form, work) =>
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button.main, button");
    if (button.disabled) return;
    button.disabled = true;
    say();
    await Promise.resolve(work(form)).catch(sayWhy);
    button.disabled = false;
  });

/**
 * Ask before something is done. @returns {Promise<string | undefined>} what was typed, or "yes"
 * @param {{yes: string, value?: string}} options  `value`: a text is asked for
 */
export const ask = (question, { yes, value }) =>
  new Promise((resolve) => {
    const dialog = element("ask");
    const [answer, typed] = [element("answer"), value !== undefined];
    element("asked").textContent = question;
    element("asked").hidden = !question;
    dialog.setAttribute("aria-labelledby", question ? "asked" : "answer-name");
    answer.parentElement.hidden = !typed;
    answer.value = value ?? "";
    dialog.querySelector("[value=yes]").textContent = yes;
    dialog.returnValue = "";
    dialog.onclose = () => resolve(dialog.returnValue === "yes" ? (typed ? answer.value.trim() : "yes") : undefined);
    dialog.showModal();
    if (!typed) dialog.querySelector("[value=no]").focus(); // whoever presses Enter too early changes nothing
  });
