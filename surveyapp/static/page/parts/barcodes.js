/** Codes are read by the camera where the browser can; they can always be typed. */

import { canRead, readCode } from "../camera.js";
import { made, words } from "../frame.js";

export const enhance = (wrapper, path, item, visit) => {
  if (!canRead()) return;
  const input = wrapper.querySelector("[name]");
  const start = made("button", "button small", words.read_code);
  start.type = "button";
  const told = made("p", "hint");
  told.setAttribute("role", "status");
  input.before(start, told);
  start.addEventListener("click", async () => {
    start.disabled = true;
    told.textContent = "";
    try {
      const code = await readCode(start, words.stop);
      if (code) visit.answers.set(path, code);
    } catch {
      told.textContent = words.camera;
    }
    start.disabled = false;
  });
};
