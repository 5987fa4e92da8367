/** Takes in what the server tells of the deck, and keeps all that is seen in step with it. */

import { element } from "../../web/dom.js";
import { show } from "./card.js";
import { isLeftOutListed, offerSections } from "./filter.js";
import { isListed, redrawRow } from "./list.js";
import { complain } from "./messages.js";
import { refreshList } from "./navigation.js";
import { drawOrigin } from "./origin.js";
import { reportDetails } from "./report.js";
import { fetchDetails, ServerError } from "./server.js";
import { currentNote, sortNotes, state } from "./state.js";
import { isEditing, onEditorClosed } from "./text_editor.js";
import { keepWording } from "./wordings.js";

/** @typedef {import("./server.js").Deck} Deck */
/** @typedef {import("./server.js").Changes} Changes */
/** @typedef {import("./server.js").ChangedNote} ChangedNote */

/** Milliseconds until the server is asked again for details that it is still reading. */
const DETAILS_DELAY = 500;

/**
 * Show the deck as it is on record now.
 * @param {Deck} deck
 * @returns {Promise<void>} done when a card is shown
 */
export async function loadDeck(deck) {
  state.mark = deck.mark;
  state.sources = new Map(deck.sources.map(({ path, shown, title }) => [path, { path, shown, title }]));
  const notes = deck.sources.flatMap(({ path, notes: ofSource }) => ofSource.map((note) => ({ ...note, path })));
  state.notes = new Map(notes.map((note) => [note.guid, note]));
  sortNotes();
  drawTurns(deck);
  const shown = refreshList(state.current);
  drawProgress();
  await shown;
}

/**
 * Show a deck that was changed elsewhere, but not under a text that is being edited: that stays as it was seen, so
 * that saving it tells of the conflict.
 * @param {Deck} deck
 */
export function takeInDeck(deck) {
  if (isEditing()) {
    state.postponed = deck;
    state.mark = deck.mark;
  } else loadDeck(deck);
}

onEditorClosed(() => {
  const deck = state.postponed;
  state.postponed = null;
  if (deck) loadDeck(deck);
});

/**
 * Show what a decision has changed.
 * @param {Changes} changes
 * @param {boolean} isLeaving the card that it was about, which need not be drawn once more
 */
export function applyChanges(changes, isLeaving) {
  const { notes: changed = [], gone = [] } = changes;
  const isListChanged = gone.length > 0 || changed.some(({ guid }) => !state.notes.has(guid));
  const first = changed[0]?.guid ?? null;
  for (const guid of gone) state.notes.delete(guid);
  for (const note of changed) takeInNote(note);
  drawTurns(changes);
  if (isListChanged) {
    sortNotes();
    loadDetails();
    refreshList(first);
  }
  drawProgress();
  const current = changed.find(({ guid }) => guid === state.current);
  if (current && !isLeaving) show(current.guid);
  else if (first !== null && !isListChanged && !isListed(state.current)) show(first);
}

/** @param {ChangedNote} changed */
function takeInNote({ source: path, ...note }) {
  const { shown, gaps, numbers } = note;
  if (shown !== undefined && gaps && numbers) keepWording({ ...note, shown, gaps, numbers });
  if (!state.sources.has(path)) state.sources.set(path, { path, shown: path, title: path });
  state.notes.set(note.guid, { ...note, path });
  redrawRow(note.guid);
}

/** @param {import("./server.js").Turns} turns */
function drawTurns({ undo, redo }) {
  element("undo", HTMLButtonElement).disabled = !undo;
  element("redo", HTMLButtonElement).disabled = !redo;
}

/** The server has them when it has read the sources, which takes a while. */
export async function loadDetails() {
  let details;
  try {
    details = await fetchDetails();
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    return;
  }
  if (details.fault) complain(details.fault);
  if (!details.ready) {
    if (!details.fault) setTimeout(loadDetails, DETAILS_DELAY);
    return;
  }
  const isFirst = !state.details.size;
  state.details = new Map(Object.entries(details.notes));
  state.leftOut = details.left.map((sentence) => ({
    ...sentence,
    guid: `left ${sentence.sentence}`,
    state: "left",
    path: sentence.source,
    plain: sentence.text,
  }));
  offerSections();
  reportDetails();
  const note = currentNote();
  if (isFirst || isLeftOutListed()) refreshList(state.current);
  else if (note) drawOrigin(note);
}

/** How far the review has come, in words. */
export function progress() {
  return element("counts").textContent;
}

function drawProgress() {
  const counts = { new: 0, approved: 0, edited: 0, rejected: 0 };
  for (const note of state.notes.values()) counts[note.state] += 1;
  const total = state.notes.size;
  const bar = element("bar", HTMLProgressElement);
  bar.max = Math.max(1, total);
  bar.value = total - counts.new;
  element("counts").textContent = [
    `${total - counts.new} of ${total} reviewed`,
    `${counts.approved + counts.edited} approved`,
    `${counts.rejected} rejected`,
    `${counts.new} left`,
  ].join(" · ");
}
