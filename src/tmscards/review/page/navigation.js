/** Goes from card to card, and keeps list and card together. */

import { show } from "./card.js";
import { resetFilter, switchLeftOut } from "./filter.js";
import { drawList } from "./list.js";
import { reportSelection } from "./report.js";
import { state } from "./state.js";

/**
 * List anew, and show what is wanted if it is listed, or else what was shown, or else the first.
 * @param {string | null} wanted
 * @returns {Promise<void>} done when that is shown
 */
export async function refreshList(wanted) {
  drawList();
  const target = [wanted, state.current].find((guid) => guid !== null && state.found.includes(guid)) ?? state.found[0];
  if (target !== undefined) {
    await show(target);
  } else {
    state.current = null;
    reportSelection();
  }
}

/**
 * Show a card, whatever the filter lets through.
 * @param {string} guid
 */
export function goTo(guid) {
  if (!state.found.includes(guid)) {
    resetFilter();
    refreshList(state.current);
  }
  show(guid);
}

/** @param {1 | -1} by */
export function step(by) {
  const next = state.found[state.found.indexOf(state.current ?? "") + by];
  if (next !== undefined) show(next);
}

/** Go to the sentences that were left out, and back. */
export function toggleLeftOut() {
  switchLeftOut();
  refreshList(null);
}
