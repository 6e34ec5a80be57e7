/** Controls that need more than the HTML has: each kind is a part, loaded when the first of it is shown. */

import { form } from "./frame.js";
import { MOST_TO_SCROLL } from "./sheet.js";

const PARTS = {
  image: "files",
  audio: "files",
  video: "files",
  file: "files",
  geopoint: "places",
  geotrace: "places",
  geoshape: "places",
  barcode: "barcodes",
  rank: "ranking",
};
/** Resolved when the page is ready. @type {() => void} */
export let loadParts;
const isReady = new Promise((resolve) => (loadParts = resolve));

/** Of the parts, by name. */
export const addresses = JSON.parse(form.dataset.parts);

/** @param {Element} wrapper @param {Item} item @param {Visit} visit */
export const enhance = (wrapper, path, item, visit) => {
  const select = item.type === "select_one" && wrapper.querySelector("select");
  const part = select && select.options.length > MOST_TO_SCROLL ? "searching" : PARTS[item.type];
  if (item.kind === "question" && part) add(part, wrapper, path, item, visit);
};

/** Add a part to a question, once. */
export const add = (part, wrapper, path, item, visit) => {
  if (!addresses[part] || wrapper.dataset.part) return;
  wrapper.dataset.part = part;
  // after the modules themselves: the plain control can be answered already
  isReady
    .then(() => import(addresses[part]))
    .then((loaded) => loaded.enhance(wrapper, path, item, visit))
    .catch((error) => {
      // without a network the plain control stays; it is tried again when there is one
      delete wrapper.dataset.part;
      addEventListener("online", () => add(part, wrapper, path, item, visit), { once: true });
      console.error(error?.name);
    });
};
