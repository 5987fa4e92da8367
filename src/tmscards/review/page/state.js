/** Holds what the page knows, and what of it is on screen. */

/** @typedef {import("./server.js").NoteData & { path: string }} Note a note, and the path of its source */

/**
 * A sentence that was left out. It is listed and opened as notes are, so it has what they have.
 * @typedef {import("./server.js").LeftOutData & import("./server.js").Details
 *   & { guid: string, state: "left", path: string, plain: string }} LeftOut
 */

/** @typedef {Note | LeftOut} Item */
/** @typedef {{ path: string, shown: string, title: string }} Source */
/** @typedef {import("./server.js").Wording & { guid: string, version: string }} Opened */
/** @typedef {"question" | "answer"} Side */

/**
 * @typedef {object} State
 * @property {Map<string, Source>} sources by path, in the order of the deck
 * @property {Map<string, Note>} notes by guid, in the order of the recording: by source, and in each by line
 * @property {Map<string, import("./server.js").Details>} details by guid; empty until the server has read the sources
 * @property {LeftOut[]} leftOut
 * @property {string[]} found the guids of what the filter lets through, as listed
 * @property {string | null} current the guid of what is selected
 * @property {Opened | null} opened whose words are on screen; not yet those of `current` while the server is asked
 * @property {Side} side of the cards that is seen
 * @property {{ from: number, to: number } | null} chosen the words that are selected, by index, `to` being the last one
 * @property {number} mark of the server that the page has come to
 * @property {import("./server.js").Deck | null} postponed a deck that came while a text was being edited
 * @property {number} waiting how many decisions are not answered yet
 */

/** @type {State} */
export const state = {
  sources: new Map(),
  notes: new Map(),
  details: new Map(),
  leftOut: [],
  found: [],
  current: null,
  opened: null,
  side: "question",
  chosen: null,
  mark: 0,
  postponed: null,
  waiting: 0,
};

/**
 * @param {string | null} guid
 * @returns {Item | undefined}
 */
export function itemOf(guid) {
  return guid === null
    ? undefined
    : (state.notes.get(guid) ?? state.leftOut.find((sentence) => sentence.guid === guid));
}

/** @returns {Note | undefined} what is selected, unless it is a sentence that was left out */
export function currentNote() {
  return state.current === null ? undefined : state.notes.get(state.current);
}

/**
 * @param {Item} item
 * @returns {import("./server.js").Details | undefined}
 */
export function detailsOf(item) {
  return item.state === "left" ? item : state.details.get(item.guid);
}

/** @param {Item} item */
export function sectionOf(item) {
  return detailsOf(item)?.section ?? "";
}

/** Put the notes in their order, after some have come. */
export function sortNotes() {
  const places = new Map([...state.sources.keys()].map((path, index) => [path, index]));
  /** @param {Note} note */
  const placeOf = (note) => places.get(note.path) ?? places.size;
  const notes = [...state.notes.values()].sort((a, b) => placeOf(a) - placeOf(b) || a.line - b.line);
  state.notes = new Map(notes.map((note) => [note.guid, note]));
}
