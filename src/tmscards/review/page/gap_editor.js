/** Makes, moves, removes and hints gaps at the words that are selected, or makes a card that asks for them. */

import { create, element } from "../../web/dom.js";
import { change, makeCard } from "./decisions.js";
import { textFor } from "./messages.js";
import { currentNote, state } from "./state.js";
import { onSelection, selectByKey, selectedPart } from "./words.js";

/**
 * Hide what is selected.
 * @param {number | null} [number] of the gap that is moved here; null for the one that is here, or a new one
 */
function hide(number = null) {
  const part = selectedPart();
  if (!part) return;
  if (currentNote()) change({ action: "gap", start: part.start, end: part.end, number }, "Gap changed");
  else makeCard(part);
}

function removeGap() {
  const number = selectedPart()?.number;
  if (number) change({ action: "no gap", number }, "Gap removed");
}

async function editHint() {
  const number = selectedPart()?.number;
  if (!number) return;
  const now = state.opened?.gaps.find((gap) => gap.number === number)?.hint ?? "";
  const hint = await textFor(`Hint for gap ${number}`, now);
  if (hint !== null) change({ action: "hint", number, hint }, "Hint saved");
}

/** Offer as buttons what can be done with the selection. */
function drawButtons() {
  const part = selectedPart();
  const number = part?.number;
  /** @type {[label: string, key: string, work: () => void][]} */
  const offers = [];
  if (part && !currentNote()) {
    offers.push(["Make a card that asks for this", "Enter", () => hide()]);
  } else if (part) {
    offers.push([number ? "Make this the gap" : "Hide this", "Enter", () => hide()]);
    for (const other of state.opened?.numbers ?? [])
      if (other !== number) offers.push([`Move gap ${other} here`, String(other), () => hide(other)]);
    if (number) offers.push(["Remove the gap", "x", removeGap], ["Hint", "h", editHint]);
  }
  const buttons = offers.map(([label, key, work]) => {
    const button = create("button", { type: "button" }, `${label} `, create("kbd", { textContent: key }));
    button.onclick = work;
    return button;
  });
  element("gaps").replaceChildren(...buttons);
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter") hide();
  else if (event.key === "x" || event.key === "Delete") removeGap();
  else if (event.key === "h") editHint();
  else if (/^[1-9]$/.test(event.key)) hide(Number(event.key));
  else if (!selectByKey(event)) return;
  event.preventDefault();
  event.stopPropagation();
}

onSelection(drawButtons);
element("words").addEventListener("keydown", onKey);
