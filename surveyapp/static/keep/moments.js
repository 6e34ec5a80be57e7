/** Now by the phone's own clock and offset, as ISO 8601. @returns {string} */
export const localTime = (now = new Date()) => {
  const minutes = -now.getTimezoneOffset();
  const wall = new Date(now.getTime() + minutes * 60_000).toISOString().slice(0, -1);
  const two = (number) => String(Math.floor(number)).padStart(2, "0");
  return `${wall}${minutes < 0 ? "-" : "+"}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
};
