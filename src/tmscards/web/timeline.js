/** Decides which marks a timeline has. */

/**
 * Items grouped so that each group has a mark of its own: marks that would lie on each other are one.
 * @template T
 * @param {readonly T[]} items in the order of their seconds
 * @param {(item: T) => number} secondsOf
 * @param {number} length of the timeline, in seconds
 * @param {{ width: number, distance: number }} pixels how wide the timeline is, and how far apart marks have to be
 * @returns {[T, ...T[]][]}
 */
export function groupIntoMarks(items, secondsOf, length, { width, distance }) {
  const near = (distance * length) / Math.max(1, width);
  /** @type {[T, ...T[]][]} */
  const marks = [];
  for (const item of items) {
    const last = marks.at(-1);
    if (last && secondsOf(item) - secondsOf(last[0]) < near) last.push(item);
    else marks.push([item]);
  }
  return marks;
}
