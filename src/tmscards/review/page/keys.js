/** Gives each key of the page its work. The dialog with the id `keys` in index.html lists them. */

import { element } from "../../web/dom.js";
import { flip } from "./card_frames.js";
import { approve, build, redo, reject, showWhole, undo } from "./decisions.js";
import { answerOf } from "./messages.js";
import { step, toggleLeftOut } from "./navigation.js";
import { openRecording, playRecording } from "./origin.js";
import { openEditor } from "./text_editor.js";

/** @type {Map<string, () => unknown>} */
const KEYS = new Map([
  ["j", () => step(1)],
  ["ArrowDown", () => step(1)],
  ["k", () => step(-1)],
  ["ArrowUp", () => step(-1)],
  [" ", flip],
  ["a", approve],
  ["r", reject],
  ["e", openEditor],
  ["g", () => element("words").focus()],
  ["t", () => element("tags").focus()],
  ["w", showWhole],
  ["u", undo],
  ["U", redo],
  ["l", toggleLeftOut],
  ["p", playRecording],
  ["o", openRecording],
  ["b", build],
  ["/", () => element("search").focus()],
  ["?", () => answerOf("keys")],
]);

/** @param {KeyboardEvent} event */
function onKey(event) {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (!(target instanceof Element) || target.closest("input, textarea, select")) return;
  // Space presses a button, but not those that only lead to a card.
  if (key === " " && target.closest("button, a") && !target.closest("#list, #track")) return;
  // Arrows scroll, but in the list, or where nothing has the focus.
  if (key.startsWith("Arrow") && !target.closest("#list") && target !== document.body) return;
  const work = KEYS.get(key);
  if (!work) return;
  event.preventDefault();
  work();
}

addEventListener("keydown", onKey);
