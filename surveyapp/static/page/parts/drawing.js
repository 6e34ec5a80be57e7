/** Signatures and drawings: a finger on a white sheet. */

import { made, words } from "../frame.js";
import { nameOf } from "../taken.js";

const WIDTH = 640;
const HEIGHT = 400;

export const enhance = (wrapper, path, item, visit) => {
  const canvas = made("canvas", "sheet");
  [canvas.width, canvas.height] = [WIDTH, HEIGHT];
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", words.draw_here);
  const pen = canvas.getContext("2d");
  const clear = made("button", "button small", words.clear);
  clear.type = "button";
  const wipe = () => {
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, WIDTH, HEIGHT);
  };
  wipe();
  clear.addEventListener("click", wipe);
  // a picture can be given without a finger too
  wrapper.querySelector(".taking").before(made("p", "hint", words.draw_here), canvas, clear);
  const keep = async (blob) => {
    // its roster instance may have been taken away, or have moved, meanwhile
    if (visit.sheet.wrappers.get(path) === wrapper) await visit.files.add(path, blob, nameOf(item, blob));
  };
  draw(canvas, pen, () => canvas.toBlob((blob) => keep(blob).catch((error) => visit.draft.failed(error)), "image/png"));
};

const draw = (canvas, pen, onEnd) => {
  const at = ({ offsetX, offsetY }) => [(offsetX * WIDTH) / canvas.clientWidth, (offsetY * HEIGHT) / canvas.clientHeight];
  Object.assign(pen, { lineWidth: 4, lineCap: "round", strokeStyle: "#12222c" });
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...at(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    pen.lineTo(...at(event));
    pen.stroke();
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, onEnd);
};
