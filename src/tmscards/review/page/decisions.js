/** Makes decisions, and takes them back. */

import { element } from "../../web/dom.js";
import { applyChanges, loadDeck, progress } from "./deck.js";
import { announce, answerOf, complain, isConfirmed } from "./messages.js";
import { goTo, refreshList, step } from "./navigation.js";
import { reportSelection } from "./report.js";
import { fetchDeck, ServerError, sendAction, sendBuild, sendMake, sendRedo, sendUndo } from "./server.js";
import { currentNote, itemOf, state } from "./state.js";
import { closeEditor, editedText } from "./text_editor.js";

/** @typedef {import("./server.js").Action} Action */
/** @typedef {import("./server.js").Changes} Changes */
/** @typedef {import("./server.js").Versions} Versions */

/**
 * @template {Changes} C
 * @typedef {{ text: string, sendAgain: (versions: Versions) => Promise<C> }} Rewriting
 */

/**
 * @template {Changes} C
 * @typedef {object} Decision
 * @property {() => Promise<C>} send is called when those before are answered
 * @property {(changes: C) => unknown} [whenShown] is called when the changes are on screen
 * @property {() => boolean} [isLeaving] whether the page goes on to another card, so that this one need not be drawn
 * @property {Rewriting<C>} [rewriting] a text that somebody wrote and that is not to be lost in a conflict
 */

/** @type {Promise<unknown>} */
let queue = Promise.resolve();

/** Waits until all decisions so far are answered. */
export function allDecided() {
  return queue;
}

/**
 * Decisions wait for each other, so that each is about what the one before has left.
 * @template {Changes} C
 * @param {Decision<C>} decision
 */
function decide(decision) {
  state.waiting += 1;
  reportSelection();
  const turn = queue
    .then(() => carryOut(decision))
    .finally(() => {
      state.waiting -= 1;
      reportSelection();
    });
  // What goes wrong unexpectedly is the caller's to hear of, and stops no other decision.
  queue = turn.catch(() => {});
  return turn;
}

/**
 * @template {Changes} C
 * @param {Decision<C>} decision
 * @returns {Promise<void>}
 */
async function carryOut(decision) {
  complain("");
  try {
    const changes = await decision.send();
    // Another page has decided something before this one did.
    const isBehind = changes.mark > state.mark + 1;
    state.mark = changes.mark;
    applyChanges(changes, decision.isLeaving?.() ?? false);
    if (isBehind) loadDeck(await fetchDeck());
    await decision.whenShown?.(changes);
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    if (error.conflict) await resolveConflict(error.conflict, decision);
    else complain(error.message);
  }
}

/**
 * Somebody else changed the card first. A text that was written is kept if its writer wants it.
 * @template {Changes} C
 * @param {import("./server.js").Conflict} conflict
 * @param {Decision<C>} decision
 */
async function resolveConflict(conflict, decision) {
  loadDeck(conflict);
  const { rewriting } = decision;
  const theirs = state.notes.get(conflict.conflicts[0] ?? "");
  if (!rewriting || !theirs) {
    const what = theirs ? "changed" : "removed";
    complain(
      `This card was ${what} elsewhere in the meantime. Nothing was overwritten; you see what is on record now.`,
    );
    return;
  }
  element("theirs").textContent = theirs.text;
  element("yours").textContent = rewriting.text;
  if ((await answerOf("conflict")) === "yours")
    await carryOut({ ...decision, send: () => rewriting.sendAgain(versionsOf([theirs.guid])) });
  else closeEditor();
}

/**
 * @param {readonly string[]} guids
 * @returns {Versions}
 */
function versionsOf(guids) {
  return Object.fromEntries(guids.map((guid) => [guid, state.notes.get(guid)?.version ?? ""]));
}

/**
 * Change the card that is selected.
 * @param {Action} action
 * @param {string} message for when it is done
 */
export function change(action, message) {
  const note = currentNote();
  if (!note) return;
  decide({ send: () => sendAction(action, versionsOf([note.guid])), whenShown: () => announce(message) });
}

/** Put back what the text of the card leaves out of its sentence. */
export function showWhole() {
  if (currentNote()?.leftOut.length) change({ action: "whole" }, "Nothing is left out now");
}

/**
 * Approve or reject the card that is selected and go on to the next one. Approving a sentence makes a card of it.
 * @param {"approve" | "reject"} action
 */
function decideAndGoOn(action) {
  const guid = currentNote()?.guid;
  if (guid === undefined) {
    if (action === "approve") makeCard(null);
    return;
  }
  decide({
    send: () => sendAction({ action }, versionsOf([guid])),
    isLeaving: () => state.current === guid && guid !== state.found.at(-1),
    whenShown: () => {
      announce(`${action === "approve" ? "Approved" : "Rejected"}. ${progress()}`);
      if (state.current === guid) step(1);
    },
  });
}

export const approve = () => decideAndGoOn("approve");
export const reject = () => decideAndGoOn("reject");

/**
 * Make a card of the sentence that is selected.
 * @param {{ start: number, end: number } | null} asked the part that it asks for; the server chooses if null
 */
export function makeCard(asked) {
  const sentence = itemOf(state.current);
  if (sentence?.state !== "left") return;
  decide({
    send: () => sendMake(sentence, asked),
    whenShown: () => {
      announce("A card was made");
      state.leftOut = state.leftOut.filter(({ guid }) => guid !== sentence.guid);
      refreshList(null);
    },
  });
}

/**
 * Decide about all cards that are listed.
 * @param {"approve" | "reject"} action
 */
async function decideAboutAll(action) {
  const guids = state.found.filter((guid) => state.notes.has(guid));
  const what = guids.length === 1 ? "this card" : `these ${guids.length} cards`;
  if (!guids.length || !(await isConfirmed(`${action === "approve" ? "Approve" : "Reject"} ${what}?`))) return;
  decide({
    send: () => sendAction({ action }, versionsOf(guids)),
    whenShown: () => {
      announce(`Done. ${progress()}`);
      refreshList(state.current);
    },
  });
}

export const approveAll = () => decideAboutAll("approve");
export const rejectAll = () => decideAboutAll("reject");

/** Put the text of the editor on record. */
export function saveText() {
  const note = currentNote();
  if (!note) return;
  const text = editedText();
  // While the editor is open no deck is taken in, so this is the version that it was opened with.
  const seen = versionsOf([note.guid]);
  /** @param {Versions} versions */
  const send = (versions) => sendAction({ action: "text", text }, versions);
  decide({
    send: () => send(seen),
    rewriting: { text, sendAgain: send },
    whenShown: () => {
      closeEditor();
      announce("Saved");
    },
  });
}

/**
 * @param {() => Promise<Changes>} send
 * @param {string} message
 */
function turnBack(send, message) {
  decide({
    send,
    whenShown: ({ notes }) => {
      const guid = notes?.[0]?.guid;
      if (guid !== undefined && guid !== state.current) goTo(guid);
      announce(message);
    },
  });
}

export const undo = () => turnBack(sendUndo, "Undone");
export const redo = () => turnBack(sendRedo, "Redone");

/** Build the deck, and say what the build says. */
export async function build() {
  const button = element("build", HTMLButtonElement);
  button.disabled = true;
  button.textContent = "Building…";
  await decide({
    send: sendBuild,
    whenShown: (built) => {
      loadDeck(built);
      element("said").textContent = built.said;
      element("fetch", HTMLAnchorElement).download = built.file;
      const link = element("download", HTMLAnchorElement);
      link.hidden = false;
      link.download = built.file;
      answerOf("built");
    },
  });
  button.disabled = false;
  button.textContent = "Build the deck";
}
