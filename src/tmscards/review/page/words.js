/** Shows the words of what is opened, and lets them be selected by mouse and keyboard. */

import { create, element } from "../../web/dom.js";
import { state } from "./state.js";

const WORD = /[\p{L}\p{N}]+(?:[.,'’\-‐‑][\p{L}\p{N}]+)*|\S/gu;

/** @type {() => void} */
let afterSelecting = () => {};

/** @param {() => void} listener is called whenever other words, or none, are selected */
export function onSelection(listener) {
  afterSelecting = listener;
}

export function drawWords() {
  const { shown, gaps } = state.opened ?? { shown: "", gaps: [] };
  const children = [];
  let [end, count] = [0, 0];
  for (const match of shown.matchAll(WORD)) {
    children.push(shown.slice(end, match.index));
    end = match.index + match[0].length;
    const gap = gaps.find((each) => each.start <= match.index && match.index < each.end);
    children.push(makeWord(`word-${count++}`, match[0], match.index, gap));
  }
  children.push(shown.slice(end));
  element("words").replaceChildren(...children);
  element("words").removeAttribute("aria-activedescendant");
  select(null);
}

/**
 * @param {string} id
 * @param {string} text
 * @param {number} start in the text that is shown
 * @param {import("./server.js").Gap} [gap] that it belongs to
 */
function makeWord(id, text, start, gap) {
  const word = create("span", { id, textContent: text });
  word.setAttribute("role", "option");
  word.setAttribute("aria-selected", "false");
  word.dataset.start = String(start);
  word.dataset.end = String(start + text.length);
  if (gap) {
    word.className = "gap";
    word.dataset.number = String(gap.number);
    word.ariaLabel = `${text}, gap ${gap.number}`;
    if (gap.start === start) word.dataset.first = String(gap.number);
  }
  return word;
}

/** @returns {HTMLElement[]} */
function wordElements() {
  return [...element("words").querySelectorAll("span")];
}

/** @param {typeof state.chosen} range */
function select(range) {
  state.chosen = range;
  const words = wordElements();
  const [first, last] = range ? ends(range) : [-1, -2];
  for (const [index, word] of words.entries()) {
    word.setAttribute("aria-selected", String(first <= index && index <= last));
    word.classList.toggle("at", range?.to === index);
  }
  const active = range && words[range.to];
  if (active) element("words").setAttribute("aria-activedescendant", active.id);
  afterSelecting();
}

/** @param {{ from: number, to: number }} range */
function ends({ from, to }) {
  return /** @type {const} */ ([Math.min(from, to), Math.max(from, to)]);
}

/**
 * The part of the text that is selected, and the number of the first gap in it.
 * @returns {{ start: number, end: number, number: number | null } | null}
 */
export function selectedPart() {
  if (!state.chosen || state.opened?.guid !== state.current) return null;
  const [from, to] = ends(state.chosen);
  const words = wordElements().slice(from, to + 1);
  const [first, last] = [words[0], words.at(-1)];
  if (!first || !last) return null;
  const number = words.map((word) => Number(word.dataset.number)).find(Boolean) ?? null;
  return { start: Number(first.dataset.start), end: Number(last.dataset.end), number };
}

/** @param {EventTarget | null} target */
function indexOf(target) {
  const word = target instanceof Element ? target.closest("#words > span") : null;
  return word instanceof HTMLElement ? wordElements().indexOf(word) : -1;
}

/** @param {PointerEvent} event */
function onPointerDown(event) {
  const pressed = indexOf(event.target);
  if (pressed < 0) return;
  element("words").focus();
  event.preventDefault();
  select({ from: event.shiftKey && state.chosen ? state.chosen.from : pressed, to: pressed });
  /** @param {PointerEvent} moved */
  const onMove = ({ clientX, clientY }) => {
    const to = indexOf(document.elementFromPoint(clientX, clientY));
    if (to >= 0 && state.chosen && to !== state.chosen.to) select({ from: state.chosen.from, to });
  };
  addEventListener("pointermove", onMove);
  addEventListener("pointerup", () => removeEventListener("pointermove", onMove), { once: true });
}

/**
 * Move the selection by a key, or end it.
 * @param {KeyboardEvent} event
 * @returns {boolean} whether the key is one for that
 */
export function selectByKey({ key, shiftKey }) {
  if (key === "Escape") {
    select(null);
    element("words").blur();
    return true;
  }
  const last = wordElements().length - 1;
  const at = state.chosen?.to ?? 0;
  const target = new Map([
    ["ArrowRight", at + 1],
    ["ArrowDown", at + 1],
    ["ArrowLeft", at - 1],
    ["ArrowUp", at - 1],
    ["Home", 0],
    ["End", last],
  ]).get(key);
  if (target === undefined) return false;
  const to = Math.min(last, Math.max(0, target));
  select({ from: shiftKey && state.chosen ? state.chosen.from : to, to });
  return true;
}

element("words").addEventListener("pointerdown", onPointerDown);
element("words").addEventListener("focus", () => {
  if (!state.chosen && wordElements().length) select({ from: 0, to: 0 });
});
