/** Shows the list of cards, or of sentences that were left out. */

import { create, element } from "../../web/dom.js";
import { isLeftOutListed, matchingItems } from "./filter.js";
import { itemOf, sectionOf, state } from "./state.js";

/** @typedef {import("./state.js").Item} Item */

export const STATE_NAMES = {
  new: "to review",
  approved: "approved",
  edited: "edited",
  rejected: "rejected",
  left: "left out",
};

/** @type {Map<string, HTMLButtonElement>} */
let rows = new Map();

/** List anew what the filter lets through. */
export function drawList() {
  const items = matchingItems();
  state.found = items.map(({ guid }) => guid);
  rows = new Map();
  /** @type {HTMLElement[]} */
  const children = [];
  let path, section, group;
  for (const item of items) {
    if (item.path !== path) {
      path = item.path;
      section = undefined;
      children.push(create("h2", { textContent: state.sources.get(path)?.title ?? path }));
    }
    if (sectionOf(item) !== section || !group) {
      section = sectionOf(item);
      if (section) children.push(create("h3", { textContent: section }));
      group = create("ul");
      children.push(group);
    }
    group.append(create("li", {}, rowOf(item)));
  }
  element("list").replaceChildren(...children);
  drawSummary();
}

function drawSummary() {
  const isLeftOut = isLeftOutListed();
  const { length } = state.found;
  element("found").textContent = `${length} ${isLeftOut ? "sentence" : "card"}${length === 1 ? "" : "s"}`;
  for (const id of ["approve-all", "reject-all"]) element(id).hidden = isLeftOut || !length;
  element("nothing").hidden = length > 0;
  element("review-panel").hidden = !length;
}

/** @param {Item} item */
function rowOf(item) {
  const row = create("button", { type: "button" });
  row.dataset.guid = item.guid;
  rows.set(item.guid, row);
  fillRow(row, item);
  return row;
}

/**
 * @param {HTMLElement} row
 * @param {Item} item
 */
function fillRow(row, item) {
  const note = item.state === "left" ? item.reason : [STATE_NAMES[item.state], item.time].filter(Boolean).join(" · ");
  row.dataset.state = item.state;
  row.replaceChildren(
    create("span", { textContent: item.plain }),
    create("span", { className: "quiet", textContent: note }),
  );
}

/**
 * Show what has become of an item, if it is listed.
 * @param {string} guid
 */
export function redrawRow(guid) {
  const [row, item] = [rows.get(guid), itemOf(guid)];
  if (row && item) fillRow(row, item);
}

/** @param {string | null} guid */
export function isListed(guid) {
  return guid !== null && rows.has(guid);
}

/**
 * @param {string | null} before
 * @param {string} now
 */
export function markRow(before, now) {
  if (before !== null) rows.get(before)?.removeAttribute("aria-current");
  const row = rows.get(now);
  if (!row) return;
  row.setAttribute("aria-current", "true");
  reveal(row);
}

/**
 * Scroll the list and nothing else: on a phone the card stands above it.
 * @param {HTMLElement} row
 */
function reveal(row) {
  const list = element("list");
  const [place, window] = [row.getBoundingClientRect(), list.getBoundingClientRect()];
  if (place.top < window.top) list.scrollTop -= window.top - place.top;
  else if (place.bottom > window.bottom) list.scrollTop += place.bottom - window.bottom;
}
