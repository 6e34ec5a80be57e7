/** Places: found by the phone, with how exact they are; lines and areas by walking along them. */

import { filled, made, words } from "../frame.js";
import { numberInWords } from "../wording.js";

/** Metres at which the search for one place ends by itself, and seconds after which it ends anyway. */
const GOOD = 10;
const PATIENCE = 45;
/** Metres between two places of a walk. */
const STEP = 5;
const HOW = { enableHighAccuracy: true, timeout: PATIENCE * 1000, maximumAge: 0 };

export const enhance = (wrapper, path, item, visit) => {
  if (!navigator.geolocation) return;
  const box = made("div", "placing");
  const told = made("p", "hint");
  told.setAttribute("role", "status");
  wrapper.querySelector(".parts, textarea").before(box);
  if (item.type === "geopoint") onePlace(box, told, path, visit, wrapper);
  else walk(box, told, path, item, visit);
  box.append(told);
};

const button = (box, word, act) => {
  const found = box.appendChild(made("button", "button small", word));
  found.type = "button";
  found.addEventListener("click", act);
  return found;
};

const placeFrom = ({ coords }) => ({
  lat: Number(coords.latitude.toFixed(7)),
  lon: Number(coords.longitude.toFixed(7)),
  alt: coords.altitude ?? null,
  accuracy: Number(coords.accuracy.toFixed(1)),
});

const accuracyOf = ({ accuracy }) => filled(words.metres, { number: numberInWords(Math.round(accuracy)) });

/** The best of what the phone finds until it is good enough, or patience ends. */
const onePlace = (box, told, path, visit, wrapper) => {
  const start = button(box, words.find_place, () => {
    start.disabled = true;
    told.textContent = words.locating;
    let best;
    const end = () => {
      navigator.geolocation.clearWatch(watch);
      clearTimeout(patience);
      start.disabled = false;
      if (!best) told.textContent = words.no_place;
    };
    const watch = navigator.geolocation.watchPosition(
      (position) => {
        if (!isThere(box)) return end();
        const place = placeFrom(position);
        if (best && best.accuracy <= place.accuracy) return;
        best = place;
        const kept = visit.answers.place(path, place);
        told.textContent = accuracyOf(kept);
        if (place.accuracy <= Math.max(GOOD, Number(wrapper.dataset.coarsen) || 0)) end();
      },
      end,
      HOW,
    );
    const patience = setTimeout(end, PATIENCE * 1000);
  });
};

/** Whether its question still stands on the screen: another one may have its path by now. */
const isThere = (box) => box.offsetParent !== null;

const distance = (one, other) => {
  const rad = Math.PI / 180;
  const x = (other.lon - one.lon) * rad * Math.cos(((one.lat + other.lat) / 2) * rad);
  return Math.hypot(x, (other.lat - one.lat) * rad) * 6371009;
};

const walk = (box, told, path, item, visit) => {
  const places = () => {
    const found = visit.interview.value(path) ?? box.places ?? [];
    // an area's last place is its first again
    return item.type === "geoshape" && found.length > 3 && distance(found[0], found[found.length - 1]) === 0 ? found.slice(0, -1) : found;
  };
  const put = (found) => {
    box.places = found;
    const fewest = item.type === "geoshape" ? 3 : 2;
    const closed = item.type === "geoshape" ? [...found, found[0]] : found;
    visit.answers.set(path, found.length < fewest ? null : closed);
    told.textContent = filled(words.places, { number: numberInWords(found.length) });
  };
  const add = (position) => {
    if (!isThere(box)) return stop();
    const place = placeFrom(position);
    const found = places();
    const last = found[found.length - 1];
    if (!last || distance(last, place) >= STEP) put([...found, place]);
  };
  const failed = () => (told.textContent = words.no_place);
  button(box, words.add_place, () => navigator.geolocation.getCurrentPosition(add, failed, HOW));
  let watch;
  const walking = button(box, words.walk, () => {
    if (watch !== undefined) return stop();
    watch = navigator.geolocation.watchPosition(add, failed, HOW);
    walking.textContent = words.stop;
  });
  const stop = () => {
    if (watch !== undefined) navigator.geolocation.clearWatch(watch);
    watch = undefined;
    walking.textContent = words.walk;
  };
  button(box, words.clear, () => put([]));
};
