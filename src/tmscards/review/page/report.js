/**
 * Tells whoever automates the page how it stands, by attributes of its root element:
 *
 * - `data-ready` is there when the deck is loaded and listed,
 * - `data-details` when scores, findings and left-out sentences have come,
 * - `data-current` is the guid of the card or sentence that is selected,
 * - `data-settled` is "true" while every decision is on record, and the words of what is selected are on screen.
 */

import { state } from "./state.js";

const attributes = document.documentElement.dataset;

export function reportSelection() {
  const isShown = state.current === null || state.opened?.guid === state.current;
  attributes.current = state.current ?? "";
  attributes.settled = String(isShown && !state.waiting);
}

export function reportReady() {
  attributes.ready = "true";
}

export function reportDetails() {
  attributes.details = "true";
}
