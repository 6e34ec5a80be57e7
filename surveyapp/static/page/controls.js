/** The fields of one question: what stands in them, and the choices that the modules make. */

import { fieldId, made, words } from "./frame.js";

/** Answers that are none: shown last and apart (`channels/pages/questions.py`). */
const APART = ["dk", "ref", "na", "nobody"];

export const fieldsOf = (wrapper) => [...wrapper.querySelectorAll("[name]")];

const isTicked = ({ type }) => type === "radio" || type === "checkbox";
const partOf = (field, path) => field.name.slice(path.length + 1);

/** @returns {Raw} */
export const rawOf = (wrapper, path) => {
  const raw = {};
  for (const field of fieldsOf(wrapper))
    if (field.type !== "file" && (!isTicked(field) || field.checked)) (raw[partOf(field, path)] ??= []).push(field.value);
  return raw;
};

/** @param {Raw} raw */
export const putRaw = (wrapper, path, raw) => {
  for (const field of fieldsOf(wrapper)) {
    const texts = raw[partOf(field, path)] ?? [];
    if (isTicked(field)) field.checked = texts.includes(field.value);
    else if (field.type !== "file" && field.value !== (texts[0] ?? "")) field.value = texts[0] ?? "";
  }
};

/** The names of a question's parts: `day`, `month`, `year`. */
export const partsOf = (wrapper, path) => fieldsOf(wrapper).map((field) => partOf(field, path));

/** The words that stand for the names of choices, where the page shows them. @returns {Map<string, string>} */
export const labelsIn = (wrapper, path) => {
  const found = new Map();
  for (const field of fieldsOf(wrapper)) {
    if (isTicked(field)) found.set(field.value, (field.nextElementSibling ?? field).textContent.trim());
    else if (partOf(field, path)) found.set(partOf(field, path), field.closest("p")?.querySelector("label")?.textContent ?? "");
    for (const option of field.options ?? []) found.set(option.value, option.text);
  }
  return found;
};

/** The choices in the order in which they are shown, and those that stand apart. */
const inOrder = (choices, isMultiple) => {
  const apart = choices.filter(({ name }) => APART.includes(name));
  const answers = choices.filter(({ name }) => !APART.includes(name));
  const isMoved = isMultiple || answers[answers.length - 1]?.name === "none";
  const nones = isMoved ? answers.filter(({ name }) => name === "none") : [];
  return [answers.filter((each) => !nones.includes(each)), [...nones, ...apart]];
};

/** Put a question's choices there. @param {{name: string, label: string}[]} given */
export const putChoices = (wrapper, path, given, type) => {
  // a roster's instance that nobody has named yet cannot be chosen
  const choices = given.filter(({ name }) => name);
  const select = wrapper.querySelector("select");
  if (type === "rank") return putRanks(wrapper, path, choices);
  if (select) {
    const [answers, apart] = inOrder(choices, false);
    return select.replaceChildren(
      new Option(words.choose, ""),
      ...[...answers, ...apart].map(({ name, label }) => new Option(label, name)),
    );
  }
  const [answers, apart] = inOrder(choices, type === "select_multiple");
  const rows = wrapper.querySelector(".rows");
  rows.replaceChildren(...answers.map((choice) => row(path, choice, type)));
  if (apart.length) {
    const box = rows.appendChild(made("div", answers.length ? "apart" : ""));
    box.append(...apart.map((choice) => row(path, choice, type)));
  }
  const first = rows.querySelector("input");
  if (first) first.id = fieldId(path);
};

const row = (path, { name, label }, type) => {
  const found = made("label");
  const input = found.appendChild(made("input"));
  input.type = type === "select_multiple" ? "checkbox" : "radio";
  input.name = path;
  input.value = name;
  found.append(made("span", "", label));
  return found;
};

const putRanks = (wrapper, path, choices) => {
  const group = wrapper.querySelector("fieldset");
  for (const old of group.querySelectorAll("p:not([id])")) old.remove();
  choices.forEach(({ name, label }, at) => {
    const line = group.appendChild(made("p"));
    const words = line.appendChild(made("label", "", label));
    const select = line.appendChild(made("select", "short"));
    select.name = `${path}@${name}`;
    select.id = words.htmlFor = at ? `${fieldId(path)}-${at + 1}` : fieldId(path);
    select.append(new Option("", ""), ...choices.map((_, place) => new Option(place + 1)));
  });
};
