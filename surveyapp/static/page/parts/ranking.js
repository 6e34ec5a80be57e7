/** Ranking without dragging: the choices are touched in their order, the first one first. */

import { made, words } from "../frame.js";

export const enhance = (wrapper, path, item, visit) => {
  const selects = () => [...wrapper.querySelectorAll("select[name]")];
  const rows = made("div", "rows ranks");
  const clear = made("button", "button small", words.clear);
  clear.type = "button";
  const lines = () => selects().map((select) => select.closest("p"));
  lines()[0]?.before(rows, clear);

  const put = (select, place) => {
    select.value = place;
    visit.answers.take(path);
    show();
  };
  const show = () => {
    rows.replaceChildren(...selects().map((select) => rankOf(select, () => {
      const next = selects().filter(({ value }) => value).length + 1;
      if (!select.value) put(select, next);
      rows.children[selects().indexOf(select)].focus();
    })));
    for (const line of lines()) line.hidden = true;
  };
  clear.addEventListener("click", () => {
    for (const select of selects()) select.value = "";
    visit.answers.take(path);
    show();
    rows.querySelector("button")?.focus();
  });
  wrapper.addEventListener("shown", show);
  show();
};

const rankOf = (select, act) => {
  const label = select.closest("p").querySelector("label").textContent;
  const button = made("button", "button rank");
  button.type = "button";
  button.append(made("b", "", select.value || "–"), ` ${label}`);
  button.setAttribute("aria-pressed", select.value ? "true" : "false");
  button.addEventListener("click", act);
  return button;
};
