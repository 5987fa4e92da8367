/** Hears from cards how high they are; see card_frame.js for what they send. */

/**
 * Calls `apply` with the window of a card and its height in whole pixels, within these limits. Whatever sends
 * messages to the page is heard here, so `apply` has to know the window.
 * @param {number} lowest
 * @param {number} highest
 * @param {(source: MessageEventSource | null, height: number) => void} apply
 */
export function watchCardHeights(lowest, highest, apply) {
  addEventListener("message", ({ source, data }) => {
    if (Number.isFinite(data)) apply(source, Math.min(highest, Math.max(lowest, Math.ceil(data))));
  });
}
