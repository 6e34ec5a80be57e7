/** Everything answered, by section, before it is sent. */

import { byId, form, made, words } from "./frame.js";

/**
 * @param {{heading: string, caption: string, paths: string[]}[]} parts
 * @param {Sheet} sheet @param {(path: string) => void} go
 */
export const putReview = (parts, sheet, go) => {
  const place = byId("review").querySelector("div");
  place.replaceChildren(...parts.flatMap(({ heading, caption, paths }) => [
    made("h2", "", caption ? `${heading} · ${caption}` : heading),
    listOf(paths, sheet, go),
  ]));
};

const listOf = (paths, sheet, go) => {
  const list = made("dl", "given-answers");
  for (const path of paths) {
    const answer = sheet.inWords(path);
    const label = sheet.label(path);
    const change = made("button", "linklike", words.change);
    change.type = "button";
    change.setAttribute("aria-label", `${words.change}: ${label}`);
    change.addEventListener("click", () => go(path));
    const row = list.appendChild(made("div"));
    row.append(made("dt", "", label), made("dd", answer ? "" : "missing", answer || words.no_answer));
    row.appendChild(made("dd")).append(change);
  }
  return list;
};

/** On paper stands everything that is asked with its answer, whatever page is shown. @param {Visit} visit */
export const forPaper = (visit) => {
  form.dataset.onPaper = "review";
  addEventListener("beforeprint", () => {
    visit.answers.settle();
    putReview(visit.reviewParts(), visit.sheet, (path) => visit.goToQuestion(path));
  });
};
