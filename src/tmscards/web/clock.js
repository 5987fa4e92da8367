/** Writes seconds as people say them of a recording. */

/**
 * @param {number} seconds
 * @returns {string} such as 2:03, or 1:02:03 from an hour on
 */
export function clock(seconds) {
  const hours = Math.floor(seconds / 3600);
  const minutes = String(Math.floor(seconds / 60) % 60);
  const rest = String(Math.floor(seconds) % 60).padStart(2, "0");
  return hours ? `${hours}:${minutes.padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}
