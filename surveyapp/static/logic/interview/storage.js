/** An answer's three forms: its JSON value, its typed value in expressions, its text in an XForm. */

import { isoClock, isoText, parseDate, parseMoment, parseTime } from "../expressions/moments.js";
import { Moment, dayText, numberText, unpack } from "../expressions/values.js";

/** Nothing smaller than this stands behind the point of a stored number. */
const STORED_TOLERANCE = 1e-9;
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)$/;

const misshapen = () => {
  throw new TypeError("misshapen");
};

const numberIn = (value) => (typeof value === "number" ? value : misshapen());
const textIn = (value) => (typeof value === "string" ? value : misshapen());
const joined = (value) => value.map(textIn).join(" ");
const ISO = /^(\d{4}-\d\d-\d\d(T|$))?(\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/;
/** A date, a time or a moment, as JSON writes them. */
const iso = (parse) => (value, offset) => (ISO.test(value) ? parse(value, offset, 6) : misshapen());

/** A number of a place, as Java writes it: `76.0`, `1.0E-5`. */
const withPoint = (value) => {
  const number = numberIn(value ?? 0);
  const size = Math.abs(number);
  const isLong = size && (size < 1e-3 || size >= 1e7);
  const [digits, exponent] = (isLong ? number.toExponential() : Object.is(number, -0) ? "-0" : `${number}`).split("e");
  return digits + (/\./.test(digits) ? "" : ".0") + (exponent ? "E" + +exponent : "");
};
const pointText = ({ lat, lon, alt, accuracy }) => [lat, lon, alt, accuracy].map(withPoint).join(" ");
const traceText = (value) => value.map(pointText).join("; ");

export const TYPED = {
  integer: numberIn,
  decimal: numberIn,
  date: iso(parseDate),
  time: iso(parseTime),
  dateTime: iso(parseMoment),
  select_multiple: joined,
  rank: joined,
  geopoint: pointText,
  geotrace: traceText,
  geoshape: traceText,
  acknowledge: (value) => (value === true ? "OK" : textIn(value)),
};

/** The typed value of a JSON value; throws for one that its type has not got. @returns {Scalar} */
export const typed = (type, value, offset) =>
  value === null || value === "" ? "" : (TYPED[type] ?? textIn)(value, offset);

const integer = (text) => (/^[+-]?\d{1,19}$/.test(text) ? +text : misshapen());
const decimal = (text) => (/^[+-]?(\d{1,300}\.?\d*|\.\d+)(e([+-]?\d{1,2}|-\d{3}))?$/i.test(text) ? +text : misshapen());
const words = (text) => text.split(/\s+/);
const pointFrom = (text) => {
  const [lat, lon, alt, accuracy] = words(text.trim()).map(decimal);
  if (lon === undefined) misshapen();
  return JSON.parse(JSON.stringify({ lat, lon, alt, accuracy }));
};
const traceFrom = (text) => text.split(";").filter((part) => part.trim()).map(pointFrom);
/** The text itself, if it is one of the type's. */
const checked = (type) => (text) => TYPED[type](text, 0) && text;

export const FROM_TEXT = {
  integer,
  decimal,
  date: (text) => dayText(TYPED.date(text.split("T")[0]).day),
  time: checked("time"),
  dateTime: checked("dateTime"),
  select_multiple: words,
  rank: words,
  geopoint: pointFrom,
  geotrace: traceFrom,
  geoshape: traceFrom,
};

/** The JSON value of an XForm's text, or of the result that it was made of; null if the type has no such value. */
export const fromText = (type, text, result) => {
  const plain = text.trim();
  if (!text || (!plain && type !== "text")) return null;
  try {
    return FROM_TEXT[type] ? FROM_TEXT[type](plain, result) : text;
  } catch {
    return null;
  }
};

/** The stored text of a calculation's result; `''` when nothing is stored. @param {Value} value */
export const storageText = (value, type, offset) => {
  value = unpack(value);
  if (typeof value === "boolean") return value ? "1" : "0";
  if (typeof value === "number") {
    if (Number.isNaN(value)) return "";
    return numberText(type === "integer" ? Math.trunc(value) : value, STORED_TOLERANCE);
  }
  if (!(value instanceof Moment)) return value;
  if (value.day === null || type === "time") return isoClock(value, offset);
  return type === "date" ? dayText(value.day) : isoText(value, offset);
};

/** The JSON value of what an expression gave, in the type of the item that keeps it. */
export const fromResult = (type, result, offset) => fromText(type, storageText(result, type, offset), result);

/** What a stored text of a calculation most likely was: a number, a moment, else a text. */
export const retyped = (text, offset) => {
  if (/^-?(0|[1-9]\d{0,17})(\.\d*[1-9])?$/.test(text)) return +text;
  if (MOMENT.test(text))
    try {
      return parseMoment(text, offset);
    } catch {
      // no such day
    }
  return text;
};

/** The moment for JSON: `2026-09-01T14:03:07.000+05:00`. */
export const momentText = (moment, offset) => isoText(moment, offset).replace(/Z$/, "+00:00");
