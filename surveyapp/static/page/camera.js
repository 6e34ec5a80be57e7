/** The camera reads codes where the browser can. */

/** Milliseconds between two looks. */
const PAUSE = 250;

export const canRead = () => Boolean(globalThis.BarcodeDetector && navigator.mediaDevices);

/**
 * The first code that the camera sees; undefined if it is stopped, or is no longer shown. Rejects when there is none.
 * @param {Element} before  after which its picture is shown @param {string} word  on the button that stops it
 */
export const readCode = async (before, word) => {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const [video, stop] = ["video", "button"].map((tag) => document.createElement(tag));
  video.className = "picture";
  video.muted = video.playsInline = true;
  video.srcObject = stream;
  Object.assign(stop, { type: "button", className: "button small", textContent: word });
  // a camera that gives no picture never begins to play: stopping must not wait for it
  const stopped = new Promise((done) => stop.addEventListener("click", () => done()));
  before.after(video, stop);
  try {
    return await Promise.race([look(video), stopped]);
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.remove();
    stop.remove();
  }
};

/** Looks until there is a code, or the picture is no longer shown. */
const look = async (video) => {
  await video.play();
  const detector = new BarcodeDetector();
  while (video.offsetParent) {
    const [found] = await detector.detect(video);
    if (found) return found.rawValue;
    await new Promise((done) => setTimeout(done, PAUSE));
  }
  return undefined;
};
