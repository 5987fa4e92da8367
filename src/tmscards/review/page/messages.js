/** Speaks with the person in front of the page: messages, and dialogs that wait for an answer. */

import { element } from "../../web/dom.js";

/**
 * Show what is wrong until the next decision, or with an empty text nothing.
 * @param {string} text
 */
export function complain(text) {
  element("message").textContent = text;
  element("message").hidden = !text;
}

/**
 * Say something to screen readers, for what others see by themselves.
 * @param {string} text
 */
export function announce(text) {
  element("status").textContent = text;
}

/**
 * Open a dialog and wait until it is closed.
 * @param {string} id
 * @returns {Promise<string>} the value of the button that closed it, empty if it was none
 */
export function answerOf(id) {
  const dialog = element(id, HTMLDialogElement);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true }));
}

/**
 * @param {string} question
 * @returns {Promise<boolean>}
 */
export async function isConfirmed(question) {
  element("sure-title").textContent = question;
  return (await answerOf("sure")) === "yes";
}

/**
 * @param {string} title
 * @param {string} value to begin with
 * @returns {Promise<string | null>} null if it was not saved
 */
export async function textFor(title, value) {
  const field = element("asked", HTMLInputElement);
  element("asking-title").textContent = title;
  field.value = value;
  return (await answerOf("asking")) === "yes" ? field.value : null;
}
