/** Functions of places: distances and areas on a sphere, as JavaRosa's `GeoUtils` computes them. */

import { FUNCTIONS } from "./functions.js";
import { fail, isNodes, nodeset, toText, valuesOf } from "./values.js";

/** Metres; JavaRosa's figure. */
const EARTH_RADIUS = 6378100;
const METRES_A_DEGREE = (2 * EARTH_RADIUS * Math.PI) / 360;

const radians = (degrees) => degrees * (Math.PI / 180);

/** Latitudes and longitudes in degrees. @returns {number[][]} */
const placesIn = (value) => {
  let texts = isNodes(value) ? valuesOf(value).map(toText) : [toText(value)];
  if (texts.length === 1) texts = texts[0].split(";").filter((text) => text.trim());
  return texts.map(placeIn);
};

const placeIn = (text) => {
  const numbers = text.trim().split(/\s+/);
  if (!numbers.every((number) => /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$|^nan$/i.test(number))) fail("geography");
  return [+numbers[0], +(numbers[1] ?? 0)];
};

/** Metres between two places, by the spherical law of cosines. */
const between = ([here, west], [there, east]) => {
  const [first, second, turn] = [here, there, west - east].map(radians);
  const cosine = Math.sin(first) * Math.sin(second) + Math.cos(first) * Math.cos(second) * Math.cos(turn);
  return Math.acos(Math.max(-1, Math.min(cosine, 1))) * EARTH_RADIUS;
};

/** A function of each two neighbours, added up. */
const sumOfPairs = (list, of) => list.slice(1).reduce((sum, each, index) => sum + of(list[index], each), 0);

const areaOf = (_, value) => {
  const [first, ...others] = placesIn(nodeset(value));
  const edges = others.map((each) => [
    (each[1] - first[1]) * METRES_A_DEGREE * Math.cos(radians(each[0])),
    (each[0] - first[0]) * METRES_A_DEGREE,
  ]);
  return Math.abs(sumOfPairs(edges, ([x1, y1], [x2, y2]) => (y1 * x2 - x1 * y2) / 2));
};

Object.assign(FUNCTIONS, {
  area: areaOf,
  distance: (_, value) => sumOfPairs(placesIn(value), between),
  "enclosed-area": areaOf,
});
