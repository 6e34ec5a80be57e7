/**
 * Typing a paper sheet: a number key chooses the choice of that number, Enter goes on to the next question, and from
 * the last one of a page to the next page.
 */

const form = document.querySelector("[data-words]");
const FIELDS = "input:not([type=hidden]):not([disabled]), select:not([disabled]), textarea:not([disabled])";

const questions = () =>
  [...form.querySelectorAll("[data-q]")].filter((each) => each.offsetParent && each.querySelector(FIELDS));

const here = () => document.activeElement.closest?.("[data-q]");

const fieldOf = (question) => question?.querySelector("input:checked") ?? question?.querySelector(FIELDS);

/** To the question after this one; from the last one to the button. */
const goOn = () => {
  const all = questions();
  const next = all[all.indexOf(here()) + 1];
  const target = next ? fieldOf(next) : document.getElementById("next");
  target?.focus();
  return Boolean(next);
};

const choose = (question, digit) => {
  const choices = [...question.querySelectorAll("input[type=radio], input[type=checkbox]")];
  const choice = choices[digit === 0 ? 9 : digit - 1];
  if (!choice) return;
  choice.focus();
  choice.click();
  if (choice.type === "radio") goOn();
};

const isTyping = (field) => field.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");

form.addEventListener(
  "keydown",
  (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const question = target.closest("[data-q]");
    if (/^\d$/.test(key) && question && !isTyping(target)) {
      event.preventDefault();
      choose(question, Number(key));
    } else if (key === "Enter" && question && !target.matches("textarea")) {
      event.preventDefault();
      if (!goOn()) document.getElementById("next").click();
    }
  },
  true,
);

// each page begins at its first question
const toFirst = () => fieldOf(questions()[0])?.focus();
new MutationObserver(() => document.activeElement.matches("h1") && toFirst()).observe(form, {
  subtree: true,
  attributes: true,
  attributeFilter: ["hidden"],
});
document.addEventListener("focusin", ({ target }) => target.matches("#answers h1") && toFirst());

document.getElementById("keys").hidden = false;

// who drives the page knows now that keys are listened to
form.dataset.typing = "yes";
