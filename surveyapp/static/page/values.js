/**
 * What is typed into fields ⇄ JSON values of answers, as `channels/pages/fields.py` does it. What stands in
 * a question's fields together is its raw answer: part → texts, the part of a single field being "".
 *
 * @typedef {Record<string, string[]>} Raw
 * @typedef {{offered: () => string[], offset: string, longest: number, comma: boolean, parts: string[], ends?: string[]}} Reading
 */

/** A raw answer that is no value of its type. */
export class Unreadable extends Error {
  constructor(code, params) {
    super(code);
    this.code = code;
    this.params = params;
  }
}

const refuse = (code, params) => {
  throw new Unreadable(code, params);
};

export const isBlank = (raw) => !Object.values(raw).some((texts) => texts.some((text) => text.trim()));

const only = (raw, part = "") => (raw[part]?.[0] ?? "").normalize("NFC").trim();
const digits = (text) => text.replace(/\s+/g, "").replace(/−/g, "-");
const two = (number) => String(number).padStart(2, "0");

const text = (raw, { longest }) => {
  const found = only(raw).replace(/\r\n?/g, "\n");
  // lone halves of a pair, and zero, are nothing that a database can hold
  if (/\0|[\ud800-\udfff]/u.test(found)) refuse("unstorable");
  // as the server counts: by code points
  if (found.length > longest && [...found].length > longest) refuse("too_long", { max: longest });
  return found;
};

/** Both ends count; without ends everything is within. */
const within = (found, [min, max] = []) => (found < min || found > max ? refuse("range", { min, max }) : found);

const MOST = 999999999;

const integer = (raw) => {
  const found = digits(only(raw));
  if (!/^-?[0-9]+$/.test(found)) refuse("integer");
  return within(Number(found) || 0, [-MOST, MOST]);
};

const number = (typed, code) => {
  const plain = digits(typed).replace(/,/g, ".");
  if (!/^-?[0-9]{0,15}(\.[0-9]{0,15})?$/.test(plain) || !/[0-9]/.test(plain)) refuse(code);
  return Number(plain);
};

const day = (raw, parts, code) => {
  const typed = Object.fromEntries(parts.map((part) => [part, digits(only(raw, part))]));
  if (!Object.values(typed).every((found) => /^[0-9]{1,9}$/.test(found)) || typed.year.length !== 4) refuse(code);
  const [year, month, date] = [+typed.year, +(typed.month ?? 1), +(typed.day ?? 1)];
  const found = new Date(Date.UTC(2000, month - 1, date));
  found.setUTCFullYear(year, month - 1, date);
  if (!year || found.getUTCMonth() !== month - 1 || found.getUTCDate() !== date) refuse(code);
  return `${typed.year}-${two(month)}-${two(date)}`;
};

const clock = (typed, code) => {
  const [, hours, minutes] = /^([0-9]{1,2})[:.\s-]?([0-9]{2})$/.exec(typed) ?? refuse(code);
  if (hours > 23 || minutes > 59) refuse(code);
  return `${two(hours)}:${minutes}:00`;
};

const choices = (raw, { offered }) => {
  const chosen = raw[""] ?? [];
  const found = offered().filter((name) => chosen.includes(name));
  return found.length ? found : refuse("choice");
};

const ranking = (raw, { offered }) => {
  const names = offered();
  const places = Object.fromEntries(names.map((name) => [name, digits(only(raw, name))]));
  if (!names.every((_, at) => Object.values(places).includes(`${at + 1}`))) refuse("rank");
  return names.sort((one, other) => places[one] - places[other]);
};

const place = (lat, lon, code) => {
  const found = { lat: number(lat, code), lon: number(lon, code), alt: null, accuracy: null };
  if (Math.abs(found.lat) > 90 || Math.abs(found.lon) > 180) refuse(code);
  return found;
};

const places = (fewest, code) => (raw) => {
  const lines = only(raw).split("\n").map((line) => line.trim().split(/\s+/)).filter(([first]) => first);
  if (lines.some((line) => line.length !== 2)) refuse(code);
  const found = lines.map(([lat, lon]) => place(lat, lon, code));
  const [first, last] = [found[0], found[found.length - 1]];
  const isClosed = code === "geotrace" || (first?.lat === last?.lat && first?.lon === last?.lon);
  return found.length < fewest || !isClosed ? refuse(code) : found;
};

const READERS = {
  integer,
  decimal: (raw) => number(only(raw), "decimal"),
  date: (raw, { parts }) => day(raw, parts, "day"),
  time: (raw, { offset }) => clock(only(raw), "time") + offset,
  dateTime: (raw, { offset }) =>
    `${day(raw, ["day", "month", "year"], "dateTime")}T${clock(only(raw, "time"), "dateTime")}${offset}`,
  // what is searched for and not chosen is no answer
  select_one: (raw) => (only(raw, "search") ? refuse("choice") : only(raw)),
  select_multiple: choices,
  rank: ranking,
  geopoint: (raw) => place(only(raw, "lat"), only(raw, "lon"), "geopoint"),
  geotrace: places(2, "geotrace"),
  geoshape: places(4, "geoshape"),
  acknowledge: () => "OK",
};

/** The JSON value of what was typed; null when nothing was. Throws `Unreadable`. @param {Raw} raw @param {Reading} reading */
export const read = (type, raw, reading) =>
  isBlank(raw) ? null : within((READERS[type] ?? text)(raw, reading), reading.ends);

const written = (value, { comma }) => {
  // digits enough to be read back as the same number, and never an exponent
  const plain = Math.abs(value) < 1e-6 ? value.toFixed(15).replace(/\.?0+$/, "") : String(value);
  return comma ? plain.replace(".", ",") : plain;
};

const writtenDay = (value) => {
  const [year, month, date] = value.slice(0, 10).split("-");
  return { day: [`${+date}`], month: [`${+month}`], year: [year] };
};

/** A moment's wall time at an offset: `2026-09-01T14:03:07.000`. */
export const wallTime = (value, offset) => {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(offset) ?? [0, "+", 0, 0];
  const ahead = (sign === "-" ? -1 : 1) * (+hours * 60 + +minutes);
  return new Date(Date.parse(value) + ahead * 60000).toISOString().slice(0, -1);
};

const WRITERS = {
  decimal: (value, reading) => ({ "": [written(value, reading)] }),
  date: writtenDay,
  time: (value) => ({ "": [value.slice(0, 5)] }),
  dateTime: (value, { offset }) => {
    const wall = wallTime(value, offset);
    return { ...writtenDay(wall), time: [wall.slice(11, 16)] };
  },
  select_multiple: (value) => ({ "": value }),
  rank: (value) => Object.fromEntries(value.map((name, at) => [name, [`${at + 1}`]])),
  geopoint: ({ lat, lon }, reading) => ({ lat: [written(lat, reading)], lon: [written(lon, reading)] }),
};
WRITERS.geotrace = WRITERS.geoshape = (value, reading) => ({
  "": [value.map(({ lat, lon }) => `${written(lat, reading)} ${written(lon, reading)}`).join("\n")],
});

/** What the fields show for a value. @returns {Raw} */
export const write = (type, value, reading) =>
  value === null ? {} : (WRITERS[type] ?? ((plain) => ({ "": [String(plain)] })))(value, reading);
