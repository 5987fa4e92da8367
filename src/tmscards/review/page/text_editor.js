/** Edits the text of a card as Anki has it. */

import { element } from "../../web/dom.js";
import { currentNote } from "./state.js";

/** @type {() => void} */
let afterClosing = () => {};

/** @param {() => void} listener is called whenever the editor has been closed */
export function onEditorClosed(listener) {
  afterClosing = listener;
}

export function openEditor() {
  const note = currentNote();
  if (!note) return;
  element("editor").hidden = false;
  element("actions").hidden = true;
  const field = element("text", HTMLTextAreaElement);
  field.value = note.text;
  field.focus();
}

export function closeEditor() {
  element("editor").hidden = true;
  element("actions").hidden = false;
  afterClosing();
}

export function isEditing() {
  return !element("editor").hidden;
}

export function editedText() {
  return element("text", HTMLTextAreaElement).value;
}
