/** Long lists are searched: some letters, and the choices that have them are there to be touched. */

import { fieldId, filled, made, words } from "../frame.js";

/** Choices that are shown at once. */
const SHOWN = 30;
/** Those of them that fit on a phone's screen; the others come a frame later. */
const AT_ONCE = 8;
/** Letters that a Russian keyboard has not, by those that people type instead. */
const NEIGHBOURS = { ә: "а", ғ: "г", қ: "к", ң: "н", ө: "о", ұ: "у", ү: "у", һ: "х", і: "и", ё: "е" };

/** A text as it is searched. */
export const folded = (text) =>
  text
    .toLowerCase()
    .replace(/[әғқңөұүһіё]/g, (letter) => NEIGHBOURS[letter])
    .normalize("NFD")
    .replace(/\p{M}/gu, "");

/** Choices that are made ready for the search without a pause. */
const TOGETHER = 1000;

/** Fold some labels as one text, which is faster than one by one. */
const foldAll = (choices) => {
  const texts = folded(choices.map(({ label }) => label.replace(/\n/g, " ")).join("\n")).split("\n");
  choices.forEach((choice, at) => (choice.folded = texts[at]));
};

/** Fold what is offered before anybody types: at the first letter 15,000 stop a cheap phone for a third of a second. */
const prepare = (choices, from = 0) => {
  foldAll(choices.slice(from, from + TOGETHER));
  if (from + TOGETHER < choices.length) setTimeout(prepare, 0, choices, from + TOGETHER);
};

/** Choices whose words begin so come first. @returns {{found: Choice[], isMore: boolean}} */
export const search = (choices, typed) => {
  const wanted = folded(typed.trim());
  const beginning = [];
  const within = [];
  const rest = choices.filter((choice) => choice.folded === undefined);
  if (rest.length) foldAll(rest);
  for (const choice of choices) {
    const at = choice.folded.indexOf(wanted);
    if (at < 0) continue;
    (at === 0 || /[\s(-]/.test(choice.folded[at - 1]) ? beginning : within).push(choice);
    if (beginning.length > SHOWN) break;
  }
  const found = [...beginning, ...within];
  return { found: found.slice(0, SHOWN), isMore: found.length > SHOWN };
};

/** Do something once what stands is painted. */
const afterPaint = (work) => requestAnimationFrame(() => setTimeout(work));

export const enhance = (wrapper, path, item, visit) => {
  const select = wrapper.querySelector("select");
  if (!select) return;
  const { answers, interview } = visit;
  let choices = [];
  const offer = (offered) => prepare((choices = offered));
  const [chosen, input, told, list, value] = ["p", "input", "p", "ul", "input"].map((tag) => made(tag));
  const clear = made("button", "button small", words.clear);
  const id = fieldId(path);
  Object.assign(value, { type: "hidden", name: path, disabled: select.disabled });
  // with a name, so that what was typed and is no answer is kept like that of any other field
  Object.assign(input, { type: "search", className: "field", id, name: `${path}@search`, autocomplete: "off", disabled: select.disabled });
  Object.assign(list, { id: `${id}-found`, className: "plain found" });
  Object.assign(chosen, { id: `${id}-chosen`, className: "given" });
  clear.type = "button";
  clear.setAttribute("aria-describedby", chosen.id);
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-describedby", [select.getAttribute("aria-describedby"), chosen.id].filter(Boolean).join(" "));
  told.className = "hint";
  told.setAttribute("role", "status");
  const former = select.value;
  select.replaceWith(chosen, clear, input, told, list, value);

  const show = () => {
    value.value = interview.value(path) ?? "";
    const label = choices.find(({ name }) => name === value.value)?.label;
    chosen.hidden = clear.hidden = !label;
    chosen.textContent = label ? filled(words.chosen, { what: label }) : "";
    input.placeholder = words.search;
  };
  /** counts what was shown in the list, so that what comes late knows whether it is still wanted */
  let turn = 0;
  let isDue = false;
  const take = (name) => {
    if (input.disabled) return;
    turn += 1;
    isDue = false;
    value.value = name;
    input.value = "";
    list.replaceChildren();
    told.textContent = name ? "" : words.no_answer;
    answers.take(path);
    show();
    input.focus();
  };
  const look = () => {
    isDue = false;
    const now = (turn += 1);
    const { found, isMore } = input.value.trim() ? search(choices, input.value) : { found: [] };
    const lines = found.map(({ name, label }) => lineOf(label, () => take(name)));
    list.replaceChildren(...lines.slice(0, AT_ONCE));
    if (lines.length > AT_ONCE) afterPaint(() => now === turn && list.append(...lines.slice(AT_ONCE)));
    tell(found, isMore);
  };
  const tell = ({ length: number }, isMore) => {
    if (!input.value.trim()) told.textContent = "";
    else if (!wrapper.contains(document.activeElement)) told.textContent = words.unchosen;
    else if (!number) told.textContent = words.searched;
    else told.textContent = filled(isMore ? words.more : words.found, { number });
  };
  /** What is typed is no answer until it is chosen: it is kept, and nobody goes on without hearing of it. */
  const note = () => {
    if (input.value.trim()) answers.typed[path] = { search: [input.value] };
    else delete answers.typed[path];
    answers.onChange({}, path);
  };
  input.addEventListener("input", (event) => {
    event.stopPropagation();
    // the letter itself is painted first
    if (!isDue) afterPaint(() => isDue && look());
    isDue = true;
    note();
  });
  input.addEventListener("change", (event) => event.stopPropagation());
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    look();
    list.querySelector("button")?.click();
  });
  wrapper.addEventListener("focusout", ({ relatedTarget }) => {
    if (input.value.trim() && !wrapper.contains(relatedTarget)) told.textContent = words.unchosen;
  });
  clear.addEventListener("click", () => take(""));
  wrapper.addEventListener("offered", (event) => {
    event.preventDefault();
    offer(event.detail);
    show();
    if (input.value) look();
  });
  wrapper.addEventListener("shown", show);
  offer(interview.choices(path));
  [input.value] = answers.typed[path]?.search ?? [""];
  show();
  if (!value.value) value.value = former;
  if (input.value) look();
};

const lineOf = (label, act) => {
  const line = made("li");
  const button = line.appendChild(made("button", "button found-one", label));
  button.type = "button";
  button.addEventListener("click", act);
  return line;
};
