/** Shows the recording of what is selected: how many cards there are when, and a mark for each. */

import { clock } from "../../web/clock.js";
import { create, element, elements } from "../../web/dom.js";
import { groupIntoMarks } from "../../web/timeline.js";
import { state } from "./state.js";

/** @typedef {import("./state.js").Note} Note */
/** @typedef {Note & { seconds: number }} TimedNote */

const MOST_BARS = 90;
/** Pixels. */
const MARK_DISTANCE = 8;

/** What the timeline was drawn for, as drawing takes long and the next card mostly has the same one. */
let drawn = "";

/** @param {import("./state.js").Item} item */
export function drawTimeline({ guid, recording }) {
  const timed = recording
    ? [...state.notes.values()].filter((note) => note.recording === recording).filter(isTimed)
    : [];
  const wanted = `${recording} ${timed.length} ${element("track").clientWidth}`;
  element("timeline").hidden = !timed.length;
  if (wanted !== drawn && timed.length) {
    drawn = wanted;
    timed.sort((a, b) => a.seconds - b.seconds);
    const length = Math.max(60, timed.at(-1)?.seconds ?? 0);
    element("end").textContent = clock(length);
    drawBars(timed, length);
    drawMarks(timed, length);
  }
  for (const button of elements("#track > button", HTMLButtonElement))
    button.setAttribute("aria-current", String(guidsOf(button).includes(guid)));
}

/**
 * @param {Note} note
 * @returns {note is TimedNote}
 */
function isTimed(note) {
  return note.seconds !== null;
}

/**
 * Bars of whole minutes, as high as the cards per minute.
 * @param {TimedNote[]} timed
 * @param {number} length in seconds
 */
function drawBars(timed, length) {
  const minutes = Math.ceil((length + 1) / 60 / MOST_BARS);
  /** @type {number[]} */
  const rates = Array(Math.ceil((length + 1) / 60 / minutes)).fill(0);
  for (const note of timed) {
    const bar = Math.floor(note.seconds / 60 / minutes);
    rates[bar] = (rates[bar] ?? 0) + note.cards / minutes;
  }
  const highest = Math.max(...rates);
  const bars = rates.map((rate) => {
    const bar = create("span");
    bar.style.height = `${(100 * rate) / highest}%`;
    return bar;
  });
  const peak = Math.round(10 * highest) / 10;
  const peakTime = clock(rates.indexOf(highest) * minutes * 60);
  element("plot").replaceChildren(...bars);
  element("plot").ariaLabel = `Cards per minute of the recording: at most ${peak}, at ${peakTime}`;
  element("says").textContent = `cards per minute, at most ${peak}`;
}

/**
 * @param {TimedNote[]} timed in the order of the recording
 * @param {number} length in seconds
 */
function drawMarks(timed, length) {
  const room = { width: element("timeline").clientWidth, distance: MARK_DISTANCE };
  const marks = groupIntoMarks(timed, ({ seconds }) => seconds, length, room).map((mark) => {
    const [first] = mark;
    const more = mark.length > 1 ? ` and ${mark.length - 1} more` : "";
    const title = `${clock(first.seconds)}: ${first.plain}${more}`;
    const button = create("button", { type: "button", title, ariaLabel: title, tabIndex: -1 });
    button.style.left = `${(100 * first.seconds) / length}%`;
    button.dataset.guids = mark.map(({ guid }) => guid).join(" ");
    return button;
  });
  element("track").replaceChildren(...marks);
}

/** @param {HTMLElement} button */
function guidsOf(button) {
  return button.dataset.guids?.split(" ") ?? [];
}

/**
 * Where a click on the timeline leads: to the next card of the mark.
 * @param {Event} event
 * @returns {string | undefined}
 */
export function guidAt({ target }) {
  const button = target instanceof Element ? target.closest("button") : null;
  if (!button) return undefined;
  const guids = guidsOf(button);
  return guids[(guids.indexOf(state.current ?? "") + 1) % guids.length];
}
