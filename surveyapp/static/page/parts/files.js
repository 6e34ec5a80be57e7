/** Photos, sounds, films and other files: taken, made small, looked at, removed. */

import { form, made, words } from "../frame.js";
import { SUFFIXES, nameOf, showTaken } from "../taken.js";

/** Longer side of a photo in pixels, where the author sets none. */
const PIXELS = 1600;
const QUALITY = 0.82;
const MIB = 1024 * 1024;
const RECORDED = { audio: "user", video: "environment" };
/** What our own button says: the browser's speaks the phone's language, not the page's. */
const WORDS = { image: "take_photo", audio: "record_sound", video: "record_film", file: "choose_file" };

export const enhance = async (wrapper, path, item, visit) => {
  const isDrawn = item.type === "image" && /signature|draw|annotate/.test(wrapper.dataset.looks ?? "");
  const input = wrapper.querySelector("input[type=file]");
  // the phone's own recorder, as a photo opens its camera
  if (RECORDED[item.type]) input.setAttribute("capture", RECORDED[item.type]);
  if (isDrawn) input.removeAttribute("capture");
  const word = isDrawn ? "choose_picture" : WORDS[item.type];
  const box = made("div", "taking");
  const label = made("label", "button", words[word]);
  label.htmlFor = input.id;
  input.replaceWith(box);
  box.append(input, label);
  const given = () => input.files[0] && take(wrapper, input, path, item, visit);
  input.addEventListener("change", given);
  wrapper.addEventListener("shown", () => showTaken(wrapper, path, item, visit));
  if (isDrawn) await import(JSON.parse(form.dataset.parts).drawing).then((part) => part.enhance(wrapper, path, item, visit));
  // one may have been taken before this part came
  return given() || showTaken(wrapper, path, item, visit);
};

const take = async (wrapper, input, path, item, visit) => {
  const [given] = input.files;
  input.disabled = true;
  try {
    const blob = item.type === "image" ? await smaller(given, Number(wrapper.dataset.pixels) || PIXELS) : given;
    check(blob, item);
    // its roster instance may have been taken away, or have moved, meanwhile
    if (visit.sheet.wrappers.get(path) !== wrapper) return;
    await visit.files.add(path, blob, nameOf(item, blob));
  } catch (error) {
    visit.answers.refused[path] = error.code in words.errors ? { code: error.code, params: error.params } : { code: "invalid" };
    if (!(error.code in words.errors)) visit.draft.failed(error);
  }
  input.disabled = false;
  input.value = "";
  visit.recheck(path);
};

const refuse = (code, params) => {
  throw Object.assign(new Error(code), { code, params });
};

const check = (blob, { type }) => {
  const most = Number(form.dataset.largest);
  if (blob.size > most) refuse("file_too_large", { max: Math.floor(most / MIB) });
  if (type !== "file" && !(blob.type.startsWith(`${type}/`) && SUFFIXES[blob.type])) refuse(`not_${type}`);
};

/** A photo whose longer side has at most so many pixels, without what the camera wrote into it. */
const smaller = async (file, pixels) => {
  const picture = await createImageBitmap(file).catch(() => refuse("not_image"));
  const scale = Math.min(1, pixels / Math.max(picture.width, picture.height));
  const canvas = made("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
};
