/** Asks the server. The types are of the JSON that it gives; src/tmscards/review/session.py makes it. */

/**
 * A note on record, as the list shows it.
 * @typedef {object} NoteData
 * @property {string} guid
 * @property {string} version changes with whatever is on record of the note
 * @property {"new" | "approved" | "edited" | "rejected"} state
 * @property {string} text as Anki has it
 * @property {string} plain the text as people read it
 * @property {string} sentence of the source
 * @property {string[]} leftOut the words of the sentence that the text leaves out
 * @property {number} line of the source
 * @property {number} cards
 * @property {number | null} seconds
 * @property {number | null} end the second at which it ends, if it is a range
 * @property {string} time `seconds` as it is shown
 * @property {string} url of the recording at that second
 * @property {string} recording the address of the whole recording
 * @property {string[]} tags
 */

/**
 * What is hidden and asked for, as a part of `shown`.
 * @typedef {{ start: number, end: number, number: number, hint: string }} Gap
 */

/**
 * What a note's card shows: the text without markup, the gaps in it, and the numbers of its cards.
 * @typedef {{ shown: string, gaps: Gap[], numbers: number[] }} Wording
 */

/** @typedef {NoteData & Wording} NoteWithWording */

/**
 * What a source says of a note.
 * @typedef {object} Details
 * @property {number} score
 * @property {{ rule: string, message: string }[]} findings
 * @property {string} section
 * @property {string} [before] the sentence before
 * @property {string} [after] the sentence after
 */

/**
 * A sentence that no note was made of.
 * @typedef {object} LeftOutData
 * @property {number} sentence by which the server knows it
 * @property {string} text
 * @property {number} line of the source
 * @property {string} source the path
 * @property {string} reason
 * @property {string} answer what a card would ask for; empty if nothing is seen to ask
 * @property {number | null} seconds
 * @property {number | null} end the second at which it ends, if it is a range
 * @property {string} url of the recording at that second
 * @property {string} recording the address of the whole recording
 */

/** @typedef {{ path: string, shown: string, title: string, notes: NoteData[] }} SourceData */

/**
 * `mark` goes up with every decision and every change from elsewhere.
 * @typedef {{ undo: boolean, redo: boolean, mark: number }} Turns
 */

/** @typedef {Turns & { sources: SourceData[] }} Deck */
/** @typedef {{ ready: false, fault: string }} DetailsToCome */
/** @typedef {{ ready: true, fault: string, notes: Record<string, Details>, left: (LeftOutData & Details)[] }} DetailsOfAll */
/** @typedef {(NoteData & Partial<Wording>) & { source: string }} ChangedNote */
/** @typedef {Turns & { notes?: ChangedNote[], gone?: string[] }} Changes */
/** @typedef {Deck & { said: string, file: string }} Build */
/** @typedef {Deck & { conflicts: string[] }} Conflict */

/**
 * @typedef {{ action: "approve" } | { action: "reject" } | { action: "whole" } | { action: "text", text: string }
 *   | { action: "gap", start: number, end: number, number: number | null } | { action: "no gap", number: number }
 *   | { action: "hint", number: number, hint: string } | { action: "tags", tags: string[] }} Action
 */

/**
 * The notes that a decision is about, by guid, with the versions that were seen.
 * @typedef {Record<string, string>} Versions
 */

/** The server refuses, or does not answer at all. */
export class ServerError extends Error {
  /**
   * @param {string} message
   * @param {Conflict | null} [conflict] the deck as it is, if a note is not the one that was decided about
   */
  constructor(message, conflict = null) {
    super(message);
    this.conflict = conflict;
  }
}

/**
 * @template T
 * @param {string} path
 * @param {object} [body] makes it a request that changes something
 * @returns {Promise<T>}
 */
async function ask(path, body) {
  const request = body && {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  const answer = await fetch(path, request).catch(() => {
    throw new ServerError(
      "tmscards does not answer. The decisions that you see are on record. Start `tmscards review` again.",
    );
  });
  const data = await answer.json().catch(() => ({}));
  if (answer.ok) return data;
  throw new ServerError(
    data.message || `The server answered with status ${answer.status}.`,
    answer.status === 409 ? data : null,
  );
}

/** @returns {Promise<Deck>} */
export const fetchDeck = () => ask("api/deck");

/**
 * The deck, if it has changed since that mark.
 * @param {number} mark
 * @returns {Promise<Deck | null>}
 */
export async function fetchDeckSince(mark) {
  /** @type {Partial<Deck>} */
  const deck = await ask(`api/since/${mark}`);
  return isDeck(deck) ? deck : null;
}

/**
 * @param {Partial<Deck>} deck
 * @returns {deck is Deck}
 */
function isDeck(deck) {
  return deck.sources !== undefined;
}

/** @returns {Promise<DetailsToCome | DetailsOfAll>} */
export const fetchDetails = () => ask("api/details");

/**
 * @param {string} guid
 * @returns {Promise<NoteWithWording>}
 */
export const fetchNote = (guid) => ask(`api/note/${encodeURIComponent(guid)}`);

/**
 * @param {Action} action
 * @param {Versions} notes
 * @returns {Promise<Changes>}
 */
export const sendAction = (action, notes) => ask("api/decide", { ...action, notes });

/**
 * @param {LeftOutData} sentence
 * @param {{ start: number, end: number } | null} asked the part that the card asks for; the server chooses if null
 * @returns {Promise<Changes>}
 */
export const sendMake = ({ sentence, text }, asked) =>
  ask("api/make", { sentence, text, ...(asked && { start: asked.start, end: asked.end }) });

/** @returns {Promise<Changes>} */
export const sendUndo = () => ask("api/undo", {});

/** @returns {Promise<Changes>} */
export const sendRedo = () => ask("api/redo", {});

/** @returns {Promise<Build>} */
export const sendBuild = () => ask("api/build", {});

/**
 * Where one side of a card is. The version makes it another address when the note has changed.
 * @param {{ guid: string, version: string }} note
 * @param {number} number
 * @param {string} side
 * @param {boolean} isDark
 */
export const cardPath = ({ guid, version }, number, side, isDark) =>
  `card/${encodeURIComponent(guid)}/${number}/${side}?v=${version}${isDark ? "&night=1" : ""}`;
