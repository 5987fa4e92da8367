/** Keeps the wordings of notes by their versions, so that nobody waits for those of the next card. */

import { fetchNote } from "./server.js";

/** @typedef {import("./server.js").NoteWithWording} NoteWithWording */

const MOST = 200;

/** @type {Map<string, NoteWithWording>} */
const known = new Map();

/** @param {NoteWithWording} note */
export function keepWording(note) {
  if (known.size > MOST) known.clear();
  known.set(note.version, note);
}

/** @param {{ version: string }} note */
export function knownWording({ version }) {
  return known.get(version);
}

/** @param {{ guid: string }} note */
export async function fetchWording({ guid }) {
  const note = await fetchNote(guid);
  keepWording(note);
  return note;
}

/** @param {{ guid: string, version: string }} note */
export function prefetchWording(note) {
  // Who comes to need it asks again, and is told what is wrong then.
  if (!known.has(note.version)) fetchWording(note).catch(() => {});
}
