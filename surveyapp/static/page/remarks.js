/** What is wrong or unsure on a page: beside the questions, and listed with links on top. */

import { byId, fieldId, filled, made, words } from "./frame.js";

/** @typedef {{path: string, code: string, message: string, params?: object}} Finding */

/** The sentence for a finding: its author's own, or ours. */
export const sentenceOf = ({ code, message, params }) => message || filled(words.errors[code] ?? words.errors.invalid, params ?? {});

const KINDS = { bad: "has-bad", unsure: "has-unsure", returned: "has-returned" };

/** Say it beside the question, or no longer. @param {"bad" | "unsure" | "returned"} kind @param {Finding} [finding] */
export const remark = (wrapper, path, kind, finding) => {
  const id = `${fieldId(path)}-${kind}`;
  const box = wrapper.querySelector(".q");
  const described = wrapper.querySelector("fieldset") ?? wrapper.querySelector("[name], input:not([type=hidden])") ?? box;
  const former = byId(id);
  if (!finding && !former) return;
  former?.remove();
  box.classList.toggle(KINDS[kind], Boolean(finding));
  const ids = new Set((described.getAttribute("aria-describedby") ?? "").split(" ").filter((each) => each && each !== id));
  if (finding) {
    const line = made("p", kind, sentenceOf(finding));
    line.id = id;
    box.querySelector("legend, .ask").after(line);
    ids.add(id);
  }
  if (ids.size) described.setAttribute("aria-describedby", [...ids].join(" "));
  else described.removeAttribute("aria-describedby");
  if (kind === "bad")
    for (const each of [described, ...wrapper.querySelectorAll(".parts input")])
      if (finding) each.setAttribute("aria-invalid", "true");
      else each.removeAttribute("aria-invalid");
};

/**
 * List findings on top of the page; none: take the list away.
 * @param {"wrong" | "unsure"} kind @param {Finding[]} findings
 * @param {(path: string) => string} label @param {(path: string) => void} go
 */
export const summarise = (kind, findings, label, go) => {
  const place = byId("summary");
  place.replaceChildren();
  if (!findings.length) return;
  const box = byId(kind).content.firstElementChild.cloneNode(true);
  for (const finding of findings) {
    const link = made("a", "", shortened(label(finding.path)));
    link.href = `#${fieldId(finding.path)}`;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      go(finding.path);
    });
    const line = made("li");
    line.append(link, made("br"), sentenceOf(finding));
    box.querySelector("ul").append(line);
  }
  place.append(box);
  box.focus({ preventScroll: true });
  scrollTo(0, 0);
};

const shortened = (text) => (text.length > 90 ? `${text.slice(0, 89).trimEnd()}…` : text);
