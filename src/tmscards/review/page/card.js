/** Shows one card, or one sentence that was left out. */

import { element } from "../../web/dom.js";
import { drawCards } from "./card_frames.js";
import { markRow, STATE_NAMES } from "./list.js";
import { complain } from "./messages.js";
import { closePlayer, drawOrigin } from "./origin.js";
import { reportSelection } from "./report.js";
import { ServerError } from "./server.js";
import { itemOf, state } from "./state.js";
import { closeEditor } from "./text_editor.js";
import { drawTimeline } from "./timeline.js";
import { fetchWording, knownWording, prefetchWording } from "./wordings.js";
import { drawWords } from "./words.js";

/** @typedef {import("./state.js").Note} Note */
/** @typedef {import("./state.js").LeftOut} LeftOut */
/** @typedef {import("./state.js").Item} Item */

/**
 * Select a card or sentence and show it.
 * @param {string} guid
 */
export async function show(guid) {
  if (guid !== state.current) {
    closeEditor();
    closePlayer();
  }
  markRow(state.current, guid);
  state.current = guid;
  state.chosen = null;
  reportSelection();
  const item = itemOf(guid);
  if (!item) return;
  drawHead(item);
  drawOrigin(item);
  drawTimeline(item);
  if (item.state === "left") openLeftOut(item);
  else await openNote(item);
}

/** @param {Item} item */
function drawHead(item) {
  const isLeftOut = item.state === "left";
  const place = `${state.found.indexOf(item.guid) + 1} of ${state.found.length}`;
  element("where").textContent = `${isLeftOut ? "Sentence" : "Card"} ${place}`;
  element("badge").textContent = STATE_NAMES[item.state];
  element("badge").dataset.state = item.state;
  element("sentence").hidden = !isLeftOut;
  for (const id of ["cards", "reject", "flip", "edit", "tagging", "tags-title"]) element(id).hidden = isLeftOut;
  element("approve-label").textContent = isLeftOut ? "Make a card" : "Approve";
}

/** @param {import("./state.js").Opened} opened */
function open(opened) {
  state.opened = opened;
  drawWords();
  reportSelection();
}

/** @param {LeftOut} sentence */
function openLeftOut({ guid, text, reason, answer }) {
  const next = answer ? `A card would ask for: ${answer}.` : "Select the words that a card should ask for.";
  element("sentence").textContent = `Left out: ${reason}. ${next}`;
  open({ guid, version: "", shown: text, gaps: [], numbers: [] });
}

/** @param {Note} note */
async function openNote(note) {
  let wording = knownWording(note);
  try {
    wording ??= await fetchWording(note);
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    complain(error.message);
    return;
  }
  // Meanwhile another card may have been selected, or this one changed.
  if (note.guid !== state.current || note.version !== state.notes.get(note.guid)?.version) return;
  open(wording);
  // What was decided is painted before the cards of the next are drawn.
  requestAnimationFrame(() => setTimeout(() => drawCardsAndPrefetch(note.guid)));
}

/** @param {string} guid */
function drawCardsAndPrefetch(guid) {
  if (guid !== state.current) return;
  drawCards();
  const place = state.found.indexOf(guid);
  for (const neighbour of [state.found[place + 1], state.found[place - 1]]) {
    const note = neighbour === undefined ? undefined : state.notes.get(neighbour);
    if (note) prefetchWording(note);
  }
}
