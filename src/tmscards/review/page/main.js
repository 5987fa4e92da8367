/** Starts the page: connects its buttons and fields, loads the deck, and asks now and then whether it has changed. */

import { element } from "../../web/dom.js";
import { show } from "./card.js";
import { flip } from "./card_frames.js";
import {
  allDecided,
  approve,
  approveAll,
  build,
  change,
  redo,
  reject,
  rejectAll,
  saveText,
  showWhole,
  undo,
} from "./decisions.js";
import { loadDeck, loadDetails, takeInDeck } from "./deck.js";
import { announce, answerOf, complain } from "./messages.js";
import { goTo, refreshList } from "./navigation.js";
import { playRecording } from "./origin.js";
import { reportReady } from "./report.js";
import { fetchDeck, fetchDeckSince, ServerError } from "./server.js";
import { state } from "./state.js";
import { closeEditor, openEditor } from "./text_editor.js";
import { guidAt } from "./timeline.js";
import "./gap_editor.js";
import "./keys.js";

/** Milliseconds between questions whether an editor, a build or another page has changed the records. */
const POLLING_PAUSE = 2000;

const BUTTONS = {
  approve,
  reject,
  flip,
  undo,
  redo,
  build,
  edit: openEditor,
  cancel: closeEditor,
  play: playRecording,
  help: () => answerOf("keys"),
  no: () => element("asking", HTMLDialogElement).close(""),
  "approve-all": approveAll,
  "reject-all": rejectAll,
  "put-back": showWhole,
};

function connectButtons() {
  for (const [id, work] of Object.entries(BUTTONS)) element(id).onclick = () => work();
  element("list").addEventListener("click", ({ target }) => {
    const row = target instanceof Element ? target.closest("button") : null;
    if (!row?.dataset.guid) return;
    show(row.dataset.guid);
    // On a phone the card stands above the list.
    if (matchMedia("(max-width: 60rem)").matches) scrollTo({ top: 0 });
  });
  element("track").addEventListener("click", (event) => {
    const guid = guidAt(event);
    if (guid !== undefined) goTo(guid);
  });
}

/**
 * Do something when a form is sent, which never leads to another page.
 * @param {string} id
 * @param {() => void} work
 */
function onSubmit(id, work) {
  element(id).onsubmit = (event) => {
    event.preventDefault();
    work();
  };
}

function connectFields() {
  const [search, tags, text] = [element("search"), element("tags", HTMLInputElement), element("text")];
  onSubmit("editor", saveText);
  onSubmit("tagging", () => {
    change({ action: "tags", tags: tags.value.split(/\s+/).filter(Boolean) }, "Tags saved");
    tags.blur();
  });
  onSubmit("filter", () => {});
  element("filter").oninput = () => refreshList(state.current);
  text.onkeydown = ({ key, ctrlKey, metaKey }) => {
    if (key === "Enter" && (ctrlKey || metaKey)) saveText();
    else if (key === "Escape") closeEditor();
  };
  tags.onkeydown = ({ key }) => {
    if (key === "Escape") tags.blur();
  };
  search.onkeydown = ({ key }) => {
    if (key === "Escape" || key === "Enter") search.blur();
  };
}

async function takeInChanges() {
  await allDecided();
  try {
    const deck = await fetchDeckSince(state.mark);
    if (!deck) return;
    takeInDeck(deck);
    announce("The records were changed elsewhere");
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    complain(error.message);
  }
}

async function poll() {
  if (!document.hidden) await takeInChanges();
  setTimeout(poll, POLLING_PAUSE);
}

connectButtons();
connectFields();
const shown = loadDeck(await fetchDeck());
reportReady();
// The first card does not wait behind the details of all of them.
await shown;
loadDetails();
setTimeout(poll, POLLING_PAUSE);
