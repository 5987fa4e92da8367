/** Shows the cards of a note as Anki does, each side in a frame of its own. */

import { watchCardHeights } from "../../web/card_heights.js";
import { create, element } from "../../web/dom.js";
import { cardPath } from "./server.js";
import { currentNote, state } from "./state.js";

/** @typedef {import("./state.js").Side} Side */
/** @typedef {{ box: HTMLElement, sides: Record<Side, HTMLIFrameElement> }} Pane */

/** Milliseconds. */
const HIDDEN_SIDE_DELAY = 250;
const isDark = matchMedia("(prefers-color-scheme: dark)");

/**
 * Frames are made once and filled anew: making one takes longer than all the rest.
 * @type {Pane[]}
 */
const panes = [];
/** @type {number | undefined} */
let timer;

/** @param {Side} side */
function makeFrame(side) {
  const frame = create("iframe", { className: side });
  // A template's scripts may run, but reach nothing outside of their card.
  frame.setAttribute("sandbox", "allow-scripts");
  return frame;
}

/** Show the cards of the opened note, first the side that is seen. */
export function drawCards() {
  const count = state.opened?.numbers.length ?? 0;
  while (panes.length < count) {
    const sides = { question: makeFrame("question"), answer: makeFrame("answer") };
    const box = create("div", { className: "pane" }, sides.question, sides.answer);
    element("cards").append(box);
    panes.push({ box, sides });
  }
  for (const [index, { box }] of panes.entries()) box.hidden = index >= count;
  turnTo(state.side);
  clearTimeout(timer);
  timer = setTimeout(() => {
    fill("question");
    fill("answer");
  }, HIDDEN_SIDE_DELAY);
}

/** @param {Side} side */
function fill(side) {
  const { opened } = state;
  if (!opened || opened.version !== currentNote()?.version || panes.length < opened.numbers.length) return;
  for (const [index, number] of opened.numbers.entries()) {
    const frame = panes[index]?.sides[side];
    const path = cardPath(opened, number, side, isDark.matches);
    if (!frame || frame.dataset.path === path) continue;
    frame.dataset.path = path;
    frame.title = `Card ${number}, ${side}`;
    // Not by its src, as the browser's way back would go through all cards.
    frame.contentWindow?.location.replace(new URL(path, location.href));
  }
}

/** @param {Side} side */
function turnTo(side) {
  state.side = side;
  element("cards").dataset.side = side;
  for (const { sides } of panes) {
    for (const frame of [sides.question, sides.answer]) {
      frame.inert = frame !== sides[side];
      frame.ariaHidden = String(frame.inert);
    }
  }
  if (panes.length && currentNote()) fill(side);
}

export function flip() {
  turnTo(state.side === "question" ? "answer" : "question");
}

watchCardHeights(120, 3000, (source, height) => {
  const frames = panes.flatMap(({ sides }) => [sides.question, sides.answer]);
  const frame = frames.find(({ contentWindow }) => contentWindow === source);
  if (frame) frame.style.height = `${height}px`;
});
isDark.addEventListener("change", () => {
  if (state.opened && currentNote()) drawCards();
});
