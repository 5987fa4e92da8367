/** Shows every card of a deck as Anki does. Python puts this and the modules it imports into the page as one script. */

import { watchCardHeights } from "./card_heights.js";
import { clock } from "./clock.js";
import { create, element, elements } from "./dom.js";
import { groupIntoMarks } from "./timeline.js";

/**
 * What Python knows of a card.
 * @typedef {object} CardData
 * @property {number} number
 * @property {string} front as HTML
 * @property {string} back as HTML
 * @property {string} asks the question as plain text
 * @property {string} answer as plain text
 * @property {number} line
 * @property {string} url
 * @property {string} recording the address of the whole recording
 * @property {number | null} seconds
 * @property {string} time `seconds` as it is shown
 */
/** @typedef {{ title: string, path: string, cards: CardData[] }} Source */
/** @typedef {CardData & { source: Source, index: number }} Card */
/** @typedef {{ deck: string, css: string, media: Record<string, string>, frame: string, sources: Source[] }} Data */

/**
 * One of the frames in which a card is shown.
 * @typedef {object} Pane
 * @property {typeof SIZES[number]} size
 * @property {typeof THEMES[number]} theme
 * @property {typeof SIDES[number]} side
 * @property {number} width at which the card is laid out, in pixels; it is scaled to the room there is
 * @property {number} height
 * @property {HTMLElement} figure
 * @property {HTMLElement} box
 * @property {HTMLIFrameElement} frame
 */

const SIZES = /** @type {const} */ (["phone", "desktop"]);
const THEMES = /** @type {const} */ (["light", "dark"]);
const SIDES = /** @type {const} */ (["question", "answer"]);
const WIDTHS = { phone: 360, desktop: 960 };
/** The classes that Anki gives the body of a card. */
const THEME_CLASSES = { light: "", dark: "nightMode night_mode" };
/** Pixels. */
const MARK_DISTANCE = 12;

/** @type {Data} */
const data = JSON.parse(element("data").textContent);
/** @type {Card[]} */
const cards = data.sources
  .flatMap((source) => source.cards.map((card) => ({ ...card, source })))
  .map((card, index) => ({ ...card, index }));
const panes = SIZES.flatMap((size) => THEMES.flatMap((theme) => SIDES.map((side) => makePane(size, theme, side))));
/** A pane is shown if its size, theme and side are all chosen. */
const choices = { question: true, answer: true, light: true, dark: true, phone: true, desktop: true };
if (matchMedia("(max-width: 60rem)").matches) Object.assign(choices, { dark: false, desktop: false });
/** The cards that match the search. */
let found = cards;
let current = cards[0];

/**
 * @param {Pane["size"]} size
 * @param {Pane["theme"]} theme
 * @param {Pane["side"]} side
 * @returns {Pane}
 */
function makePane(size, theme, side) {
  const title = `${side}, ${theme}, ${size}`;
  const frame = create("iframe", { title });
  // A template's scripts may run, but reach nothing outside of their card.
  frame.setAttribute("sandbox", "allow-scripts");
  frame.style.width = `${WIDTHS[size]}px`;
  const box = create("div", { className: "pane" }, frame);
  const figure = create("figure", {}, create("figcaption", { textContent: title }), box);
  element(size).append(figure);
  const pane = { size, theme, side, width: WIDTHS[size], height: 200, figure, box, frame };
  new ResizeObserver(() => fitPane(pane)).observe(box);
  return pane;
}

/** @param {Pane} pane */
function fitPane({ size, width, height, box, frame }) {
  const scale = Math.min(1, box.clientWidth / width) || 1;
  frame.style.width = `${Math.max(width, size === "desktop" ? box.clientWidth : 0)}px`;
  frame.style.transform = `scale(${scale})`;
  frame.style.height = `${height}px`;
  box.style.height = `${Math.floor(height * scale) + 2}px`;
}

/**
 * HTML with the template's pictures and other files in place of their names.
 * @param {string} html
 */
function withMedia(html) {
  return Object.entries(data.media).reduce((text, [name, url]) => text.replaceAll(name, url), html);
}

/**
 * @param {Pane} pane
 * @param {Card} card
 */
function fillPane({ theme, side, frame }, card) {
  /** @type {Record<string, string | number>} */
  const values = {
    theme,
    side,
    css: data.css,
    number: card.number,
    classes: THEME_CLASSES[theme],
    html: withMedia(side === "question" ? card.front : card.back),
  };
  // In one go, so that nothing is looked for in what a card or its style sheet says.
  frame.srcdoc = data.frame.replace(/\{\{(\w+)\}\}/g, (_, name) => String(values[name]));
}

/** @param {Card} card */
function fillPanes(card) {
  const shown = panes.filter(({ size, theme, side }) => choices[size] && choices[theme] && choices[side]);
  for (const pane of panes) {
    pane.figure.hidden = !shown.includes(pane);
    if (shown.includes(pane)) fillPane(pane, card);
  }
  for (const size of SIZES)
    element(size).classList.toggle("single", shown.filter((pane) => pane.size === size).length === 1);
}

/** @param {Card} card */
function showCard(card) {
  current = card;
  fillPanes(card);
  element("title").textContent = card.source.title;
  element("where").textContent = `${card.source.path}:${card.line}`;
  const link = element("link", HTMLAnchorElement);
  link.hidden = !/^https?:/.test(card.url);
  link.href = card.url;
  link.textContent = card.time ? `Recording at ${card.time}` : "Recording";
  drawTimeline(card);
  for (const button of elements("[data-cards]", HTMLButtonElement))
    button.setAttribute("aria-current", String(button.dataset.cards?.split(" ").includes(String(card.index))));
  document.querySelector(`#list [data-cards="${card.index}"]`)?.scrollIntoView({ block: "nearest" });
}

/**
 * Makes a button lead to these cards, to one with each click.
 * @param {HTMLButtonElement} button
 * @param {readonly Card[]} targets
 */
function leadTo(button, targets) {
  button.type = "button";
  button.dataset.cards = targets.map(({ index }) => index).join(" ");
  button.onclick = () => {
    const next = targets[(current ? targets.indexOf(current) + 1 : 0) % targets.length];
    if (next) showCard(next);
  };
}

/** @param {Card} card */
function drawTimeline(card) {
  /** @param {Card} other */
  const secondsOf = (other) => other.seconds ?? 0;
  const timed = found
    .filter(({ recording, seconds }) => card.recording && recording === card.recording && seconds !== null)
    .sort((a, b) => secondsOf(a) - secondsOf(b) || a.index - b.index);
  const timeline = element("timeline");
  timeline.hidden = !timed.length;
  const length = Math.max(1, ...timed.map(secondsOf));
  const room = { width: timeline.clientWidth, distance: MARK_DISTANCE };
  const track = create("div", { className: "track" });
  for (const mark of groupIntoMarks(timed, secondsOf, length, room)) {
    const [from, to] = [secondsOf(mark[0]), secondsOf(mark.at(-1) ?? mark[0])];
    const more = mark.length > 1 ? ` and ${mark.length - 1} more` : "";
    const title = `${clock(from)}${to > from ? ` to ${clock(to)}` : ""}: ${mark[0].asks}${more}`;
    const button = create("button", { title, ariaLabel: title });
    leadTo(button, mark);
    button.style.left = `${(100 * from) / length}%`;
    track.append(button);
  }
  const [start, end] = [create("span", { textContent: "0:00" }), create("span", { textContent: clock(length) })];
  timeline.replaceChildren(track, create("div", { className: "ends quiet" }, start, end));
}

function search() {
  const words = element("search", HTMLInputElement).value.toLowerCase().split(/\s+/).filter(Boolean);
  found = cards.filter(({ asks, answer, source }) => {
    const text = [asks, answer, source.title, source.path].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
  /** @type {Map<Source, HTMLElement>} */
  const lists = new Map();
  for (const card of found) {
    const note = [card.answer, card.time].filter(Boolean).join(" · ");
    const texts = [
      create("span", { textContent: card.asks }),
      create("span", { className: "quiet", textContent: note }),
    ];
    const row = create("button", {}, ...texts);
    leadTo(row, [card]);
    const list = lists.get(card.source) ?? create("ol");
    lists.set(card.source, list);
    list.append(create("li", {}, row));
  }
  const sections = [...lists].flatMap(([{ title }, list]) => [create("h2", { textContent: title }), list]);
  element("list").replaceChildren(...sections);
  const share = found.length === cards.length ? "" : `${found.length} of `;
  element("count").textContent = `${share}${cards.length} cards`;
  element("main").hidden = !found.length;
  const shown = current && found.includes(current) ? current : found[0];
  if (shown) showCard(shown);
}

/** @param {1 | -1} by */
function step(by) {
  const next = current && found[found.indexOf(current) + by];
  if (next) showCard(next);
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const field = element("search");
  if (event.target === field) {
    if (event.key === "Escape") field.blur();
  } else if (event.key === "j" || event.key === "ArrowRight") step(1);
  else if (event.key === "k" || event.key === "ArrowLeft") step(-1);
  else if (event.key === "/") {
    event.preventDefault();
    field.focus();
  }
}

/**
 * A button that shows and hides the panes of a size, theme or side.
 * @param {keyof typeof choices} name
 */
function addChoice(name) {
  const button = create("button", { type: "button", textContent: name, ariaPressed: String(choices[name]) });
  button.onclick = () => {
    choices[name] = !choices[name];
    button.ariaPressed = String(choices[name]);
    if (current) showCard(current);
  };
  element("shown").append(button);
}

/**
 * What is printed in place of the cards.
 * @param {Source} source
 */
function addSheet({ title, cards: ofSource }) {
  /** @param {string} text */
  const cell = (text) => create("td", { textContent: text });
  const rows = ofSource.map(({ asks, answer, time }) => create("tr", {}, cell(asks), cell(answer), cell(time)));
  const names = ["Question", "Answer", "Time"].map((text) => create("th", { textContent: text }));
  const head = create("thead", {}, create("tr", {}, ...names));
  const caption = create("caption", { textContent: title });
  element("sheets").append(create("table", { className: "sheet" }, caption, head, create("tbody", {}, ...rows)));
}

watchCardHeights(200, 4000, (source, height) => {
  const pane = panes.find(({ frame }) => frame.contentWindow === source);
  if (!pane) return;
  pane.height = height;
  fitPane(pane);
});
addEventListener("message", ({ source, data: told }) => {
  // A card can have its own recording opened, as the link above it does, and nothing else.
  const link = element("link", HTMLAnchorElement);
  const isShown = panes.some(({ frame }) => frame.contentWindow === source);
  if (isShown && !link.hidden && current && told?.link === current.url) link.click();
});
element("next").onclick = () => step(1);
element("previous").onclick = () => step(-1);
element("search").oninput = search;
addEventListener("keydown", onKey);
for (const name of [...SIDES, ...THEMES, ...SIZES]) addChoice(name);
document.title = `${data.deck}: preview`;
element("deck").textContent = data.deck;
for (const source of data.sources) if (source.cards.length) addSheet(source);
search();
