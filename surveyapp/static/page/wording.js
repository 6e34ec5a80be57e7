/** Answers in words, as the person who gave them reads them again (`channels/pages/shown_answers.py`). */

import { labelsIn } from "./controls.js";
import { filled, words } from "./frame.js";
import { wallTime } from "./values.js";

const MIB = 1024 * 1024;

/** A number with the language's signs. */
export const numberInWords = (value) => {
  // three decimals, as the server rounds
  const [whole, rest] = String(Math.abs(Math.round(value * 1000) / 1000)).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, words.group);
  return `${value < 0 ? "-" : ""}${grouped}${rest ? words.decimal + rest : ""}`;
};

export const fileSize = (size) =>
  size < MIB
    ? filled(words.kb, { number: numberInWords(Math.max(1, Math.round(size / 1024))) })
    : filled(words.mb, { number: numberInWords(Math.round((size / MIB) * 10) / 10) });

const dayInWords = (value) => {
  const [year, month, day] = value.slice(0, 10).split("-").map(Number);
  return filled(words.days[month - 1], { y: year, d: day });
};
const placeInWords = ({ lat, lon }) => `${numberInWords(lat)}; ${numberInWords(lon)}`;
const placesInWords = (value) => value.map(placeInWords).join("\n");

const IN_WORDS = {
  integer: numberInWords,
  decimal: numberInWords,
  date: dayInWords,
  time: (value) => value.slice(0, 5),
  dateTime: (value, { offset }) => {
    const wall = wallTime(value, offset);
    return `${dayInWords(wall)}, ${wall.slice(11, 16)}`;
  },
  geopoint: placeInWords,
  geotrace: placesInWords,
  geoshape: placesInWords,
  acknowledge: () => words.confirmed,
};

/** A value in words; choices by the labels that the page or the logic has for them. */
export const inWords = (type, value, { wrapper, path, choices, offset }) => {
  if (value === null) return "";
  if (/^(select_|rank)/.test(type)) {
    const labels = labelsIn(wrapper, path);
    const label = (name) => labels.get(name) || choices().find((each) => each.name === name)?.label || name;
    return [value].flat().map(label).join("\n");
  }
  return (IN_WORDS[type] ?? String)(value, { offset });
};

/** Which instance of its roster: “Child 2 of 3 · Aigerim”. */
export const captionOf = (interview, roster, instance, position) => {
  const whole = instance.slice(0, instance.lastIndexOf("["));
  const counted = filled(roster.name === "child" ? words.child : words.instance, {
    n: position,
    total: interview.instances(whole),
  });
  const first = roster.items.find(({ kind }) => kind === "question");
  const name = first?.type === "text" && interview.value(`${instance}/${first.name}`);
  return name ? `${counted} · ${name}` : counted;
};
