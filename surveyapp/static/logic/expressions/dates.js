/** Functions of dates and times. */

import { FUNCTIONS } from "./functions.js";
import { dateOf, decimalClock, decimalDays, formatMoment, inRange, toMoment } from "./moments.js";
import { Moment, toText, unpack } from "./values.js";

/** A function of a moment: `''` without one, and of a number what `ofNumber` makes of it. */
const ofMoment = (ofNumber, make) => ({ scope }, value) => {
  value = unpack(value);
  if (typeof value === "number") return Number.isNaN(value) ? value : ofNumber(value);
  const moment = toMoment(value, scope);
  return moment ? make(moment, scope.offset, value) : "";
};

const formatDate = ({ scope }, value, pattern) => {
  const moment = toMoment(unpack(value), scope);
  return moment ? formatMoment(moment, toText(pattern)) : "";
};

Object.assign(FUNCTIONS, {
  date: ofMoment(
    (days) => dateOf(Math.trunc(inRange(days))),
    // a text with a clock keeps it
    (moment, _, value) => (typeof value === "string" ? moment : new Moment(moment.day)),
  ),
  "date-time": ({ scope }, value) => {
    value = unpack(value);
    return toMoment(value, scope) ?? value;
  },
  "decimal-date-time": ofMoment(inRange, decimalDays),
  "decimal-time": ofMoment((days) => inRange(days) - Math.floor(days), decimalClock),
  "format-date": formatDate,
  "format-date-time": formatDate,
  now: ({ scope }) => scope.now,
  today: ({ scope }) => new Moment(scope.now.day),
});
