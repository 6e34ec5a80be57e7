/** Dates and times: reading and writing their texts. An interview has one offset, its device's. */

import { Moment, clockText, dayText, fail } from "./values.js";

/** The first and last day of the calendar, 0001-01-01 and 9999-12-31. */
const FIRST = -719162;
const LAST = 2932896;
/** Microseconds a minute, a day. */
const MINUTE = 6e7;
const DAY = 864e8;
/** The largest day that JavaRosa takes. */
const LARGEST = 2 ** 31 - 1;

/** The days from 1970 to a date; NaN if the calendar has not got it. */
const dayOf = (year, month, day) => {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === +day ? date / 864e5 : NaN;
};

/** A date within the calendar. @param {number} day @returns {Moment} */
export const dateOf = (day) => (day >= FIRST && day <= LAST ? new Moment(day) : fail("date"));

/** The days, if JavaRosa would take them. @param {number} days */
export const inRange = (days) => (Math.abs(days) > LARGEST ? fail("date") : days);

/**
 * The moment so many microseconds after midnight of a day, the offset put in.
 * @param {number} day @param {number} clock  may be outside the day
 */
const momentOf = (day, clock) => {
  const days = Math.floor(clock / DAY);
  return new Moment(dateOf(day + days).day, clock - days * DAY);
};

const CLOCK = "(\\d{1,2}):(\\d{1,2})(?::(\\d{1,2})(?:\\.(\\d*))?)?(Z|[+-]\\d{1,2}(?::\\d{1,2})?)?";
const DATE = /^(\d{1,4})-(\d{1,2})-(\d{1,2})$/;
const TIME = new RegExp(`^${CLOCK}$`);

/** Minutes ahead of UTC of `Z`, `+05:00`. @param {string} text */
export const offsetOf = (text) => {
  const [, sign, hours, minutes = 0] = /^([+-])(\d+):?(\d+)?$/.exec(text) ?? [0, "+", 0];
  const distance = hours * 60 + +minutes;
  return distance < 1440 ? (sign === "-" ? -distance : distance) : fail("date");
};

/**
 * A clock carried over into an offset, in microseconds since midnight of its own day there.
 * @param {string} text @param {number} offset  minutes
 * @param {number} digits  of the fraction that count
 */
const parseClock = (text, offset, digits) => {
  const [, hour, minute, second = 0, fraction = "", zone] = TIME.exec(text) ?? fail("date");
  if (hour > 23 || minute > 59 || second > 59) fail("date");
  const parts = `${fraction.slice(0, digits)}000000`.slice(0, 6);
  const shift = zone ? offset - offsetOf(zone) : 0;
  return ((hour * 60 + +minute + shift) * 60 + +second) * 1e6 + +parts;
};

/** @param {string} text */
export const parseDate = (text) => {
  const [, ...parts] = DATE.exec(text) ?? fail("date");
  return dateOf(dayOf(...parts));
};

/**
 * `2024-03-15`, or with a clock `2024-03-15T10:00:00.000+05:00`; without an offset the interview's.
 * @param {string} text @param {number} offset  minutes
 */
export const parseMoment = (text, offset, digits = 3) => {
  const [, day, clock] = /^([^T]*)(?:T([^]*))?$/.exec(text);
  const date = parseDate(day);
  return clock === undefined ? date : momentOf(date.day, parseClock(clock, offset, digits));
};

/** A time of day in the interview's offset. @param {string} text @param {number} offset */
export const parseTime = (text, offset) => {
  const clock = parseClock(text, offset, 6);
  return new Moment(null, ((clock % DAY) + DAY) % DAY);
};

/** `+05:00`, and `Z` for none. @param {number} offset */
export const offsetText = (offset) => {
  const size = Math.abs(offset);
  const two = (number) => `${Math.floor(number)}`.padStart(2, "0");
  return offset ? `${offset < 0 ? "-" : "+"}${two(size / 60)}:${two(size % 60)}` : "Z";
};

/**
 * A value as a moment: a number counts days since 1970, a time is today's; null: there is none.
 * @returns {Moment | null}
 */
export const toMoment = (value, { now, offset }) => {
  if (typeof value === "string") return value ? parseMoment(value, offset) : null;
  if (typeof value === "boolean") fail("date");
  if (value instanceof Moment) return value.day === null ? new Moment(now.day, value.clock) : value;
  if (Number.isNaN(value)) return null;
  const passed = Math.trunc(inRange(value) * 864e5);
  const { day } = dateOf(Math.floor(passed / 864e5));
  return momentOf(day, modulo(passed, 864e5) * 1e3 + offset * MINUTE);
};

const modulo = (number, by) => ((number % by) + by) % by;

/** Milliseconds since 1970 in the moment's own offset; a date's is midnight. @param {Moment} moment */
const milliseconds = (moment) => moment.day * 864e5 + Math.floor(moment.clock / 1e3);

/** Days since 1970-01-01T00:00Z, with the time as a fraction. */
export const decimalDays = (moment, offset) => (milliseconds(moment) - offset * 6e4) / 864e5;

/** The time of day as a fraction, computed as JavaRosa does, rounding noise and all. */
export const decimalClock = (moment) => {
  const days = milliseconds(moment) / 864e5;
  return days - Math.floor(days);
};

/** `2024-03-15T10:00:00.000+05:00`: how XForms store a moment. */
export const isoText = (moment, offset) => `${dayText(moment.day)}T${isoClock(moment, offset)}`;

/** `10:00:00.000+05:00`: how XForms store a time. */
export const isoClock = (moment, offset) => clockText(moment.clock, 12) + offsetText(offset);

const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
const WEEKDAYS = "SunMonTueWedThuFriSat";
const three = (names, index) => names.slice(index * 3, index * 3 + 3);

/** The week of ISO 8601: that of the year in which its Thursday lies. @param {number} day */
const week = (day) => {
  const thursday = day - modulo(day + 3, 7) + 3;
  return Math.ceil((thursday + 1 - dayOf(+dayText(thursday).slice(0, -6), 1, 1)) / 7);
};

/** The moment written as `%Y-%m-%d` and its like say. @param {Moment} moment @param {string} pattern */
export const formatMoment = ({ day, clock }, pattern) => {
  const [year, month, date, hour, minute, second, milli] = `${dayText(day)}-${clockText(clock, 12)}`.split(/[-:.]/);
  const written = {
    "%": "%",
    Y: year,
    y: year.slice(2),
    m: month,
    n: +month,
    b: three(MONTHS, month - 1),
    d: date,
    e: +date,
    H: hour,
    h: +hour,
    M: minute,
    S: second,
    3: milli,
    a: three(WEEKDAYS, modulo(day + 4, 7)),
    W: week(day),
  };
  return pattern.replace(/%([^]?)/gu, (_, escape) => written[escape] ?? fail("date_format"));
};
