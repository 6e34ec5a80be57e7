/**
 * Functions of places: distances and areas on a sphere, as JavaRosa's `GeoUtils` computes them. A part
 * beside the logic, for questionnaires that use them.
 */

/** Metres; JavaRosa's figure. */
const EARTH_RADIUS = 6378100;
const CIRCUMFERENCE = 2 * EARTH_RADIUS * Math.PI;

const radians = (degrees) => degrees * (Math.PI / 180);

/** The latitude and longitude of a text, in degrees; undefined if it is no place. */
const placeIn = (text) => {
  const numbers = text.trim().split(/\s+/);
  const isPlace = numbers.every((each) => /^[+-]?((\d+\.?\d*|\.\d+)(e[+-]?\d+)?|Infinity|NaN)$/i.test(each));
  return isPlace ? [+numbers[0], +(numbers[1] ?? 0)] : undefined;
};

/** Metres between two places, by the spherical law of cosines. */
const between = ([here, west], [there, east]) => {
  const [first, second, turn] = [here, there, west - east].map(radians);
  const cosine = Math.sin(first) * Math.sin(second) + Math.cos(first) * Math.cos(second) * Math.cos(turn);
  return Math.acos(Math.max(-1, Math.min(cosine, 1))) * EARTH_RADIUS;
};

/** A function of each two neighbours, added up. */
const sumOfPairs = (list, of) => list.slice(1).reduce((sum, each, index) => sum + of(list[index], each), 0);

/** Square metres inside these places; fewer than three make none. */
const areaOf = ([first, ...others]) => {
  const edges = others.map((each) => [
    // in JavaRosa's order, so that the same digits are rounded off
    ((each[1] - first[1]) * CIRCUMFERENCE * Math.cos(radians(each[0]))) / 360,
    ((each[0] - first[0]) * CIRCUMFERENCE) / 360,
  ]);
  return Math.abs(sumOfPairs(edges, ([x1, y1], [x2, y2]) => (y1 * x2 - x1 * y2) / 2));
};

/** Whether a line eastwards from a place crosses an edge. */
const isEast = ([latitude, longitude], [[y1, x1], [y2, x2]]) =>
  y2 > latitude !== y1 > latitude && longitude < ((x1 - x2) * (latitude - y2)) / (y1 - y2) + x2;

/** Add the functions to the logic. */
export const install = ({ FUNCTIONS, fail, toText }) => {
  const placesIn = (value) => {
    let texts = Array.isArray(value) ? value.map((node) => toText(node.value())) : [toText(value)];
    if (texts.length === 1) texts = texts[0].split(";").filter((text) => text.trim());
    return texts.map((text) => placeIn(text) ?? fail("geography"));
  };
  const area = (_, value) => areaOf(placesIn(Array.isArray(value) ? value : fail("nodeset")));
  FUNCTIONS.area = area;
  FUNCTIONS["enclosed-area"] = area;
  /** No point is that of 0 degrees. */
  FUNCTIONS.geofence = (_, point, value) => {
    const text = toText(point);
    const place = text ? placeIn(text) ?? fail("geography") : [0, 0];
    const corners = placesIn(Array.isArray(value) ? value : fail("nodeset"));
    const edges = corners.slice(1).map((corner, index) => [corners[index], corner]);
    return edges.filter((edge) => isEast(place, edge)).length % 2 === 1;
  };
  FUNCTIONS.distance = (_, value) => sumOfPairs(placesIn(value), between);
};
