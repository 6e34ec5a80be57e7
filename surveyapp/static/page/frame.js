/** What every module of the whole page knows of it. The words come from the server, in the page's language. */

/**
 * The start page's form; on the whole page the element in its form that holds the questions. A form answers with its
 * field of a name before anything else: a question called `dataset` would stand in the place of that property.
 */
export const form = document.querySelector("[data-words]");
export const words = JSON.parse(form.dataset.words);
export const language = document.documentElement.lang;

export const byId = (id) => document.getElementById(id);

/** A sentence with its `{name}`s filled in. */
export const filled = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

/** The id of a question's first field: `child[2]/c_age` → `child-2.c_age`, `next` → `next.` (`channels/pages/questions.py`). */
export const fieldId = (path) => path.replace(/\[/g, "-").replace(/\]/g, "").replace(/\//g, ".").replace(/^[^.]*$/, "$&.");

/** The item of a node: `child[2]/c_age` → `child/c_age`. */
export const itemPath = (path) => path.replace(/\[\d+\]/g, "");

/** An element with a class and a text. */
export const made = (tag, className, text) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
};

/** Now by the phone's clock and offset: `2026-09-01T14:03:07.000+05:00`. */
export const localTime = (now = new Date()) => {
  const minutes = -now.getTimezoneOffset();
  const wall = new Date(now.getTime() + minutes * 60000).toISOString().slice(0, -1);
  const two = (number) => String(number).padStart(2, "0");
  const size = Math.abs(minutes);
  return `${wall}${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
};

/** Show one of the page's last words, and nothing else. */
export const leave = (id) => {
  for (const each of [form, byId("summary"), byId("notice"), byId("queued")]) each.hidden = true;
  byId(id).hidden = false;
  byId(id).querySelector("h1").focus();
};

/** Say something that is neither right nor wrong; nothing: be silent. @param {...(Node | string)} what */
export const notice = (...what) => {
  const place = byId("notice");
  place.replaceChildren();
  if (!what.length) return;
  const box = made("div", "box look");
  const line = made("p");
  line.append(...what);
  box.append(line);
  place.append(box);
};
