/** Decides what is listed. */

import { create, element } from "../../web/dom.js";
import { detailsOf, sectionOf, state } from "./state.js";

/** @typedef {import("./state.js").Item} Item */

/** @typedef {ReturnType<typeof readFilter>} Filter */

function readFilter() {
  const below = element("below", HTMLInputElement).value;
  return {
    state: element("state", HTMLSelectElement).value,
    section: element("section", HTMLSelectElement).value,
    mustHaveFinding: element("finding", HTMLInputElement).checked,
    below: below === "" ? null : Number(below),
    words: element("search", HTMLInputElement).value.toLowerCase().split(/\s+/).filter(Boolean),
  };
}

export function isLeftOutListed() {
  return element("state", HTMLSelectElement).value === "left";
}

/** List the sentences that were left out, or if they are, all cards. */
export function switchLeftOut() {
  element("state", HTMLSelectElement).value = isLeftOutListed() ? "" : "left";
}

export function resetFilter() {
  element("filter", HTMLFormElement).reset();
}

/** @returns {Item[]} */
export function matchingItems() {
  const filter = readFilter();
  /** @type {Item[]} */
  const items = filter.state === "left" ? state.leftOut : [...state.notes.values()];
  return items.filter((item) => matches(item, filter));
}

/**
 * @param {Item} item
 * @param {Filter} filter
 */
function matches(item, filter) {
  // An edited card is an approved one.
  const isOfState = item.state === filter.state || (item.state === "edited" && filter.state === "approved");
  if (filter.state && !isOfState) return false;
  if (filter.section && sectionOf(item) !== filter.section) return false;
  const details = detailsOf(item);
  if (filter.mustHaveFinding && !details?.findings.length) return false;
  if (filter.below !== null && !(details && details.score < filter.below)) return false;
  if (!filter.words.length) return true;
  const text = `${item.plain} ${item.path} ${item.state === "left" ? item.reason : ""}`.toLowerCase();
  return filter.words.every((word) => text.includes(word));
}

/** Offer the sections that there are, and keep the one that is chosen if it is still there. */
export function offerSections() {
  const names = new Set([...state.notes.values(), ...state.leftOut].map(sectionOf).filter(Boolean));
  const choice = element("section", HTMLSelectElement);
  const before = choice.value;
  const all = create("option", { value: "", textContent: "All sections" });
  choice.replaceChildren(all, ...[...names].map((name) => create("option", { value: name, textContent: name })));
  choice.value = names.has(before) ? before : "";
}
