/** The second question before something is lost. */

import { made, words } from "./frame.js";

/** Ask once more before something is removed. @returns {Promise<boolean>} */
export const isSure = (what) =>
  new Promise((resolve) => {
    const dialog = made("dialog", "sure");
    const question = made("p", "", words.sure_remove);
    question.id = "sure";
    dialog.setAttribute("aria-labelledby", "sure");
    const [keep, remove] = [words.keep_it, words.yes_remove].map((word) => made("button", "button", word));
    dialog.append(question, made("p", "", what), keep, remove);
    const end = (answer) => {
      dialog.remove();
      resolve(answer);
    };
    keep.addEventListener("click", () => end(false));
    remove.addEventListener("click", () => end(true));
    dialog.addEventListener("cancel", () => end(false));
    document.body.append(dialog);
    dialog.showModal();
  });
