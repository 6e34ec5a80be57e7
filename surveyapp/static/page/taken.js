/** A file that was taken: what it is called, and how it is shown. */

import { fieldId, filled, made, words } from "./frame.js";
import { isSure } from "./sureness.js";

/** Suffixes of the kinds that the server takes, by media type (`channels/pages/photos.py`). */
export const SUFFIXES = {
  "image/jpeg": "jpg",
  "image/png": "png",
  "image/webp": "webp",
  "audio/mp4": "m4a",
  "audio/x-m4a": "m4a",
  "audio/ogg": "ogg",
  "audio/mpeg": "mp3",
  "audio/amr": "amr",
  "audio/wav": "wav",
  "audio/x-wav": "wav",
  "audio/webm": "webm",
  "video/mp4": "mp4",
  "video/webm": "webm",
  "application/pdf": "pdf",
};

/** The name says what was asked, never what the phone calls the file: that tells places and people. */
export const nameOf = ({ name }, blob) => {
  const drawn = [...crypto.getRandomValues(new Uint8Array(4))].map((byte) => byte.toString(16).padStart(2, "0"));
  return `${name}-${drawn.join("")}.${SUFFIXES[blob.type] ?? "bin"}`;
};

/** Show what is there, with a way to take it away. */
export const showTaken = async (wrapper, path, item, visit) => {
  const name = visit.files.kept[path]?.name ?? "";
  const place = wrapper.querySelector(".taken") ?? wrapper.querySelector(".q").appendChild(made("div", "taken"));
  if (place.dataset.name === name) return;
  place.dataset.name = name;
  if (place.firstElementChild?.src) URL.revokeObjectURL(place.firstElementChild.src);
  place.replaceChildren();
  if (!name) return;
  const line = made("p", "given", filled(words.added, { size: visit.files.size(path) }));
  const remove = made("button", "button small", words.remove);
  remove.type = "button";
  remove.setAttribute("aria-describedby", `${fieldId(path)}-file`);
  line.id = `${fieldId(path)}-file`;
  remove.addEventListener("click", async () => (await isSure(visit.sheet.label(path))) && visit.files.remove(path));
  place.append(line, remove);
  const blob = await visit.files.read(path);
  if (blob && place.dataset.name === name) place.prepend(...preview(blob, visit.sheet.label(path)));
};

const TAGS = { image: "img", audio: "audio", video: "video" };

const preview = (blob, label) => {
  const tag = TAGS[blob.type.split("/")[0]];
  if (!tag) return [];
  const element = made(tag, tag === "audio" ? "" : "picture");
  element.src = URL.createObjectURL(blob);
  if (tag === "img") element.alt = label;
  else element.controls = true;
  return [element];
};
