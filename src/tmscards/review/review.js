"use strict";

const get = (id) => document.getElementById(id);
const make = (name, more = {}, ...inside) => {
  const made = Object.assign(document.createElement(name), more);
  made.append(...inside);
  return made;
};
const isDark = matchMedia("(prefers-color-scheme: dark)");
const STATES = { new: "to review", approved: "approved", edited: "edited", rejected: "rejected", left: "left out" };
const WORD = /[\p{L}\p{N}]+(?:[.,'’\-‐‑][\p{L}\p{N}]+)*|\S/gu;

let notes = new Map();
let details = new Map();
let left = [];
let sources = new Map();
let rows = new Map();
let found = [];
let current = null;
let shown = null;
let side = "question";
let chosen = null;
let mark = 0;
let waiting = null;

// What the server is asked, and what it says.

async function ask(path, body) {
  const request = body
    ? { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }
    : {};
  let answer;
  try {
    answer = await fetch(path, request);
  } catch {
    throw Object.assign(new Error("tmscards does not answer. What you see decided is on record. Start `tmscards review` again."), { data: {} });
  }
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok) throw Object.assign(new Error(data.message || `The server says ${answer.status}.`), { status: answer.status, data });
  return data;
}

function complain(text) {
  get("message").textContent = text;
  get("message").hidden = !text;
}

function say(text) {
  get("status").textContent = text;
}

// Decisions wait for each other, so that each is made of what the one before left.
let line = Promise.resolve();
function decide(path, body, done, isLeaving = () => false) {
  line = line.then(async () => {
    complain("");
    try {
      const data = await ask(path, typeof body === "function" ? body() : body);
      const isBehind = data.mark > mark + 1;
      mark = data.mark;
      take(data, isLeaving());
      // Another page has decided something before this one did.
      if (isBehind) load(await ask("api/deck"));
      await done?.(data);
    } catch (error) {
      if (!error.data) throw error;
      if (error.status === 409) await meet(error, path, body, done);
      else complain(error.message);
    }
  });
  return line;
}

async function meet(error, path, body, done) {
  const asked = typeof body === "function" ? body() : body;
  load(error.data);
  const guid = error.data.conflicts[0];
  const theirs = notes.get(guid);
  if (asked.action === "text" && theirs) {
    get("theirs").textContent = theirs.text;
    get("yours").textContent = asked.text;
    if ((await answered("conflict")) === "yours") {
      take(await ask(path, { ...asked, notes: { [guid]: notes.get(guid).version } }));
      return done?.();
    }
    return closeEditor();
  }
  complain(`${theirs ? "This card was changed elsewhere meanwhile" : "This card was removed elsewhere meanwhile"}. Nothing was overwritten: what you see is what is on record now.`);
}

function answered(id) {
  const dialog = get(id);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true }));
}

function take({ notes: changed = [], gone = [], undo, redo }, isLeaving = false) {
  get("undo").disabled = !undo;
  get("redo").disabled = !redo;
  const isOther = changed.some((note) => !notes.has(note.guid)) || gone.length;
  for (const guid of gone) notes.delete(guid);
  for (const note of changed) {
    if (note.numbers) known.set(note.version, note);
    notes.set(note.guid, { ...note, source: sources.get(note.source) ?? addSource(note.source) });
    label(note.guid);
  }
  if (isOther) {
    arrange();
    askDetails();
    list(changed.length ? changed[0].guid : null);
  }
  count();
  const again = changed.find((note) => note.guid === current);
  if (again && !isLeaving) show(current);
  else if (changed.length && !isOther && !rows.has(current)) show(changed[0].guid);
}

function addSource(path) {
  const source = { path, shown: path, title: path, notes: [] };
  sources.set(path, source);
  return source;
}

function load(data) {
  if (!data.sources) return;
  sources = new Map(data.sources.map((source) => [source.path, source]));
  mark = data.mark;
  notes = new Map(data.sources.flatMap((source) => source.notes.map((note) => [note.guid, { ...note, source }])));
  get("undo").disabled = !data.undo;
  get("redo").disabled = !data.redo;
  arrange();
  list(current);
  count();
}

// Notes in the order of the recording: by source, and in each by line.
function arrange() {
  const paths = [...sources.keys()];
  const at = new Map(paths.map((path, index) => [path, index]));
  const order = [...notes.values()].map((note, index) => ({ note, index }));
  order.sort((a, b) => at.get(a.note.source.path) - at.get(b.note.source.path) || a.note.line - b.note.line || a.index - b.index);
  notes = new Map(order.map(({ note }) => [note.guid, note]));
}

async function askDetails() {
  let data;
  try {
    data = await ask("api/details");
  } catch (error) {
    if (!error.data) throw error;
    return;
  }
  if (!data.ready) {
    if (data.fault) complain(data.fault);
    else setTimeout(askDetails, 500);
    return;
  }
  const first = !details.size;
  details = new Map(Object.entries(data.notes));
  left = data.left.map((sentence) => ({ ...sentence, guid: `left ${sentence.sentence}`, state: "left" }));
  for (const sentence of left) sentence.sourceOf = sources.get(sentence.source);
  sections();
  if (first || get("state").value === "left") list(current);
  else if (current && notes.has(current)) about(notes.get(current));
}

// The list.

function sectionOf(item) {
  return item.state === "left" ? item.section : details.get(item.guid)?.section ?? "";
}

function pathOf(item) {
  return item.state === "left" ? item.source : item.source.path;
}

function sections() {
  const names = new Set([...notes.values(), ...left].map(sectionOf).filter(Boolean));
  const before = get("section").value;
  get("section").replaceChildren(make("option", { value: "", textContent: "All sections" }), ...[...names].map((name) => make("option", { value: name, textContent: name })));
  get("section").value = names.has(before) ? before : "";
}

function plain(text) {
  let before;
  do {
    before = text;
    text = text.replace(/\{\{c\d+::((?:(?!\{\{c\d+::|\}\}).)*?)(?:::(?:(?!\}\}).)*)?\}\}/gs, "$1");
  } while (text !== before);
  return text.includes("<") || text.includes("&") ? unescaped(text) : text;
}

// Without tags the parser makes nothing but text.
const PARSER = new DOMParser();
function unescaped(text) {
  const bare = text.replace(/<[^>]*>/g, "").replaceAll("<", "&lt;");
  return PARSER.parseFromString(bare, "text/html").body.textContent;
}

function matching() {
  const state = get("state").value;
  const words = get("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const below = get("below").value === "" ? null : Number(get("below").value);
  const section = get("section").value;
  const all = state === "left" ? left : [...notes.values()];
  return all.filter((item) => {
    if (state && state !== "left" && item.state !== state && !(state === "approved" && item.state === "edited")) return false;
    if (section && sectionOf(item) !== section) return false;
    const more = state === "left" ? item : details.get(item.guid);
    if (get("finding").checked && !more?.findings?.length) return false;
    if (below !== null && !(more && more.score < below)) return false;
    if (!words.length) return true;
    const text = `${item.text} ${pathOf(item)} ${item.reason ?? ""}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function list(wanted) {
  const items = matching();
  found = items.map((item) => item.guid);
  rows = new Map();
  const inside = [];
  let source, section, group;
  for (const item of items) {
    if (pathOf(item) !== source) {
      source = pathOf(item);
      section = undefined;
      inside.push(make("h2", { textContent: sources.get(source)?.title ?? source }));
    }
    if (sectionOf(item) !== section || !group) {
      section = sectionOf(item);
      if (section) inside.push(make("h3", { textContent: section }));
      group = make("ul");
      inside.push(group);
    }
    const row = make("button", { type: "button" });
    row.dataset.guid = item.guid;
    rows.set(item.guid, row);
    group.append(make("li", {}, row));
    label(item.guid, item);
  }
  get("list").replaceChildren(...inside);
  const isLeft = get("state").value === "left";
  get("found").textContent = `${found.length} ${isLeft ? (found.length === 1 ? "sentence" : "sentences") : found.length === 1 ? "card" : "cards"}`;
  for (const id of ["approve-all", "reject-all"]) get(id).hidden = isLeft || !found.length;
  get("nothing").hidden = found.length > 0;
  get("desk").hidden = !found.length;
  if (found.length) show(found.includes(wanted) ? wanted : found.includes(current) ? current : found[0]);
  else current = null;
}

function label(guid, item = notes.get(guid)) {
  const row = rows.get(guid);
  if (!row || !item) return;
  row.dataset.state = item.state;
  const text = make("span", { textContent: plain(item.text) });
  const small = item.state === "left" ? item.reason : [STATES[item.state], item.time].filter(Boolean).join(" · ");
  row.replaceChildren(text, make("span", { className: "quiet", textContent: small }));
}

get("list").addEventListener("click", (event) => {
  const row = event.target.closest("button[data-guid]");
  if (!row) return;
  show(row.dataset.guid);
  if (matchMedia("(max-width: 60rem)").matches) scrollTo({ top: 0 });
});

// Progress and the timeline.

function count() {
  const counts = { new: 0, approved: 0, edited: 0, rejected: 0 };
  for (const note of notes.values()) counts[note.state] += 1;
  const reviewed = notes.size - counts.new;
  get("bar").max = Math.max(1, notes.size);
  get("bar").value = reviewed;
  get("counts").textContent = `${reviewed} of ${notes.size} reviewed · ${counts.approved + counts.edited} approved · ${counts.rejected} rejected · ${counts.new} left`;
}

function clock(seconds) {
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  return `${h ? `${h}:` : ""}${String(m).padStart(h ? 2 : 1, "0")}:${String(s).padStart(2, "0")}`;
}

let drawn = "";
function timeline(item) {
  const recording = item.recording ?? "";
  const timed = recording ? [...notes.values()].filter((note) => note.recording === recording && note.seconds !== null) : [];
  const name = `${recording} ${timed.length} ${get("track").clientWidth}`;
  get("timeline").hidden = !timed.length;
  if (name !== drawn && timed.length) {
    drawn = name;
    timed.sort((a, b) => a.seconds - b.seconds);
    const last = Math.max(60, timed.at(-1).seconds);
    // At most 90 bars, each of whole minutes.
    const minutes = Math.ceil((last + 1) / 60 / 90);
    const bins = Array(Math.ceil((last + 1) / 60 / minutes)).fill(0);
    for (const note of timed) bins[Math.floor(note.seconds / 60 / minutes)] += note.cards / minutes;
    const most = Math.max(...bins);
    get("plot").replaceChildren(...bins.map((each) => {
      const bar = make("span");
      bar.style.height = `${(100 * each) / most}%`;
      return bar;
    }));
    const peak = bins.indexOf(most) * minutes * 60;
    get("plot").ariaLabel = `Cards a minute of the recording: ${Math.round(10 * most) / 10} at most, at ${clock(peak)}`;
    get("says").textContent = `cards a minute, ${Math.round(10 * most) / 10} at most`;
    get("end").textContent = clock(last);
    const near = (8 * last) / Math.max(1, get("timeline").clientWidth);
    const marks = [];
    for (const note of timed) {
      const mark = marks.at(-1);
      if (mark && note.seconds - mark[0].seconds < near) mark.push(note);
      else marks.push([note]);
    }
    get("track").replaceChildren(...marks.map((mark) => {
      const says = `${clock(mark[0].seconds)}: ${plain(mark[0].text)}${mark.length > 1 ? ` and ${mark.length - 1} more` : ""}`;
      const button = make("button", { type: "button", title: says, ariaLabel: says, tabIndex: -1 });
      button.style.left = `${(100 * mark[0].seconds) / last}%`;
      button.dataset.guids = mark.map((note) => note.guid).join(" ");
      return button;
    }));
  }
  for (const button of get("track").children)
    button.setAttribute("aria-current", String(button.dataset.guids.split(" ").includes(item.guid)));
}

get("track").addEventListener("click", (event) => {
  const guids = event.target.closest("button")?.dataset.guids.split(" ");
  if (!guids) return;
  const guid = guids[(guids.indexOf(current) + 1) % guids.length];
  if (!found.includes(guid)) clearFilter();
  show(guid);
});

// One card, or one sentence that was left out.

async function show(guid) {
  const isOther = guid !== current;
  if (isOther) {
    closeEditor();
    get("player").replaceChildren();
  }
  rows.get(current)?.removeAttribute("aria-current");
  current = guid;
  chosen = null;
  const row = rows.get(guid);
  row?.setAttribute("aria-current", "true");
  if (row) reveal(row);
  const item = notes.get(guid) ?? left.find((sentence) => sentence.guid === guid);
  if (!item) return;
  const isLeft = item.state === "left";
  get("where").textContent = isLeft ? `Sentence ${found.indexOf(guid) + 1} of ${found.length}` : `Card ${found.indexOf(guid) + 1} of ${found.length}`;
  get("badge").textContent = STATES[item.state];
  get("badge").dataset.state = item.state;
  get("cards").hidden = isLeft;
  get("sentence").hidden = !isLeft;
  for (const id of ["reject", "flip", "edit", "tagging", "tags-title"]) get(id).hidden = isLeft;
  get("approve").firstChild.textContent = isLeft ? "Make a card " : "Approve ";
  about(item);
  timeline(item);
  if (isLeft) {
    get("sentence").textContent = `Left out: ${item.reason}.${item.answer ? ` A card would ask for: ${item.answer}.` : " Select the words that a card is to ask for."}`;
    shown = { guid, shown: item.text, gaps: [], numbers: [] };
    words();
    return;
  }
  let data = known.get(item.version);
  try {
    data ??= await told(item);
  } catch (error) {
    if (!error.data) throw error;
    complain(error.message);
    return;
  }
  if (guid !== current || item.version !== notes.get(guid)?.version) return;
  shown = data;
  words();
  // What was decided is painted before the cards of the next are drawn.
  requestAnimationFrame(() => setTimeout(() => {
    if (guid !== current) return;
    frames();
    for (const next of [found.indexOf(guid) + 1, found.indexOf(guid) - 1]) ahead(notes.get(found[next]));
  }));
}

// What the server tells of notes, by their version, so that the next one need not be waited for.
const known = new Map();
async function told(item) {
  const data = await ask(`api/note/${encodeURIComponent(item.guid)}`);
  if (known.size > 200) known.clear();
  known.set(data.version, data);
  return data;
}

function ahead(item) {
  if (item && !known.has(item.version)) told(item).catch(() => {});
}

// Scrolls the list and nothing else: on a phone the card stands above it.
function reveal(row) {
  const [list, place] = [get("list"), row.getBoundingClientRect()];
  const { top, bottom } = list.getBoundingClientRect();
  if (place.top < top) list.scrollTop -= top - place.top;
  else if (place.bottom > bottom) list.scrollTop += place.bottom - bottom;
}

// Frames are made once and filled anew, first the side that is seen: making one takes longer than all the rest.
const panes = [];
let later;
function frames() {
  while (panes.length < shown.numbers.length) {
    const box = make("div", { className: "pane" });
    const inside = ["question", "answer"].map((each) => {
      const frame = make("iframe", { className: each });
      // A template's scripts may run, but reach nothing outside of their card.
      frame.setAttribute("sandbox", "allow-scripts");
      return frame;
    });
    box.append(...inside);
    get("cards").append(box);
    panes.push({ box, frames: inside });
  }
  panes.forEach(({ box }, index) => (box.hidden = index >= shown.numbers.length));
  turn(side);
  clearTimeout(later);
  later = setTimeout(() => ["question", "answer"].forEach(fill), 250);
}

function fill(each) {
  if (!shown || shown.version !== notes.get(current)?.version || panes.length < shown.numbers.length) return;
  const night = isDark.matches ? "&night=1" : "";
  shown.numbers.forEach((number, index) => {
    const frame = panes[index].frames.find(({ className }) => className === each);
    const path = `card/${encodeURIComponent(shown.guid)}/${number}/${each}?v=${shown.version}${night}`;
    if (frame.dataset.path === path) return;
    frame.dataset.path = path;
    frame.title = `Card ${number}, ${each}`;
    // Not by its src, as the browser's way back would go through all cards.
    frame.contentWindow.location.replace(new URL(path, location.href));
  });
}

function turn(to) {
  side = to;
  get("cards").dataset.side = side;
  for (const frame of document.querySelectorAll("#cards iframe")) {
    frame.inert = !frame.classList.contains(side);
    frame.ariaHidden = String(frame.inert);
  }
  if (panes.length && notes.has(current)) fill(side);
}

addEventListener("message", ({ source, data: height }) => {
  const frame = [...document.querySelectorAll("#cards iframe")].find(({ contentWindow }) => contentWindow === source);
  if (frame && Number.isFinite(height)) frame.style.height = `${Math.min(3000, Math.max(120, Math.ceil(height)))}px`;
});

function about(item) {
  const isLeft = item.state === "left";
  const source = isLeft ? sources.get(item.source) : item.source;
  const more = isLeft ? item : details.get(item.guid);
  get("place").textContent = `${source?.shown ?? item.source}:${item.line}`;
  const sentence = isLeft ? item.text : item.sentence;
  get("around").replaceChildren(more?.before ? `${more.before} ` : "", make("mark", { textContent: sentence }), more?.after ? ` ${more.after}` : "");
  const isWeb = /^https?:/.test(item.url ?? "");
  get("recording").hidden = !isWeb;
  if (isWeb) get("recording").href = item.url;
  get("recording").textContent = item.time ? `Recording at ${item.time}` : "Recording";
  get("play").hidden = !player(item);
  get("score").textContent = more ? more.score.toFixed(2) : "…";
  get("findings").textContent = more ? more.findings.map((finding) => finding.message).join("; ") || "none" : "…";
  if (document.activeElement !== get("tags")) get("tags").value = (item.tags ?? []).join(" ");
}

function player(item) {
  const youtube = /^https:\/\/www\.youtube\.com\/watch\?v=([\w-]{11})$/.exec(item.recording ?? "");
  const vimeo = /^https:\/\/vimeo\.com\/(\d+)$/.exec(item.recording ?? "");
  if (youtube) return `https://www.youtube-nocookie.com/embed/${youtube[1]}?autoplay=1&start=${item.seconds ?? 0}`;
  return vimeo ? `https://player.vimeo.com/video/${vimeo[1]}?autoplay=1#t=${item.seconds ?? 0}s` : "";
}

// Words, of which gaps are made.

function words() {
  const made = [];
  let at = 0;
  let index = 0;
  for (const match of shown.shown.matchAll(WORD)) {
    made.push(shown.shown.slice(at, match.index));
    at = match.index + match[0].length;
    const gap = shown.gaps.find(({ start, end }) => start <= match.index && match.index < end);
    const word = make("span", { textContent: match[0], className: gap ? "gap" : "", id: `word-${index++}` });
    word.setAttribute("role", "option");
    word.setAttribute("aria-selected", "false");
    if (gap) {
      word.dataset.number = gap.number;
      word.ariaLabel = `${match[0]}, gap ${gap.number}`;
      if (gap.start === match.index) word.dataset.first = gap.number;
    }
    word.dataset.start = match.index;
    word.dataset.end = at;
    made.push(word);
  }
  made.push(shown.shown.slice(at));
  get("words").replaceChildren(...made);
  get("words").removeAttribute("aria-activedescendant");
  select(null);
}

function options() {
  return [...get("words").children];
}

function select(range) {
  chosen = range;
  const all = options();
  const [from, to] = range ? [Math.min(range.from, range.to), Math.max(range.from, range.to)] : [-1, -2];
  all.forEach((word, i) => {
    word.setAttribute("aria-selected", String(from <= i && i <= to));
    word.classList.toggle("at", range?.to === i);
  });
  if (range) get("words").setAttribute("aria-activedescendant", all[range.to].id);
  tools();
}

function selection() {
  if (!chosen || shown?.guid !== current) return null;
  const all = options();
  const [from, to] = [Math.min(chosen.from, chosen.to), Math.max(chosen.from, chosen.to)];
  const numbers = all.slice(from, to + 1).map((word) => Number(word.dataset.number)).filter(Boolean);
  return { start: Number(all[from].dataset.start), end: Number(all[to].dataset.end), number: numbers[0] ?? null };
}

function tools() {
  const range = selection();
  const isLeft = !notes.has(current);
  const buttons = [];
  const add = (label, key, work) => {
    const button = make("button", { type: "button" }, `${label} `, make("kbd", { textContent: key }));
    button.onclick = work;
    buttons.push(button);
  };
  if (range && isLeft) add("Make a card that asks for this", "Enter", hide);
  if (range && !isLeft) {
    add(range.number ? "Make the gap just this" : "Hide this", "Enter", () => hide());
    for (const number of shown.numbers.filter((number) => number !== range.number)) add(`Move gap ${number} here`, number, () => hide(number));
    if (range.number) {
      add("Take the gap away", "x", unhide);
      add("Hint", "h", hint);
    }
  }
  get("gaps").replaceChildren(...buttons);
}

function hide(number = null) {
  const range = selection();
  if (!range) return;
  if (!notes.has(current)) return makeCard(range);
  change({ action: "gap", start: range.start, end: range.end, number: Number.isInteger(number) ? number : null }, "Gap changed");
}

function unhide() {
  const range = selection();
  if (range?.number) change({ action: "no gap", number: range.number }, "Gap taken away");
}

async function hint() {
  const number = selection()?.number;
  if (!number) return;
  const now = shown.gaps.find((gap) => gap.number === number)?.hint ?? "";
  const text = await prompted(`Hint for gap ${number}`, now);
  if (text !== null) change({ action: "hint", number, hint: text }, "Hint saved");
}

async function prompted(title, value) {
  get("asking-title").textContent = title;
  get("asked").value = value;
  return (await answered("asking")) === "yes" ? get("asked").value : null;
}

get("no").onclick = () => get("asking").close("");
const indexOf = (target) => options().indexOf(target.closest?.("#words > span"));
get("words").addEventListener("pointerdown", (event) => {
  const from = indexOf(event.target);
  if (from < 0) return;
  get("words").focus();
  event.preventDefault();
  select({ from: event.shiftKey && chosen ? chosen.from : from, to: from });
  const move = ({ clientX, clientY }) => {
    const under = document.elementFromPoint(clientX, clientY);
    const to = under ? indexOf(under) : -1;
    if (to >= 0 && to !== chosen?.to) select({ from: chosen.from, to });
  };
  addEventListener("pointermove", move);
  addEventListener("pointerup", () => removeEventListener("pointermove", move), { once: true });
});
get("words").addEventListener("focus", () => {
  if (!chosen && options().length) select({ from: 0, to: 0 });
});
get("words").addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const last = options().length - 1;
  const at = chosen?.to ?? 0;
  const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: last }[event.key];
  if (to !== undefined) {
    const place = Math.min(last, Math.max(0, to));
    select({ from: event.shiftKey && chosen ? chosen.from : place, to: place });
  } else if (event.key === "Enter") hide();
  else if (event.key === "x" || event.key === "Delete") unhide();
  else if (event.key === "h") hint();
  else if (/^[1-9]$/.test(event.key)) hide(Number(event.key));
  else if (event.key === "Escape") {
    select(null);
    get("words").blur();
  } else return;
  event.preventDefault();
  event.stopPropagation();
});

// What is decided.

function versions(guids) {
  return Object.fromEntries(guids.map((guid) => [guid, notes.get(guid)?.version ?? ""]));
}

function change(what, says) {
  const guid = current;
  return decide("api/decide", () => ({ ...what, notes: versions([guid]) }), () => say(says));
}

function decided(action) {
  const guid = current;
  if (!notes.has(guid)) return action === "approve" ? makeCard(null) : undefined;
  return decide("api/decide", () => ({ action, notes: versions([guid]) }), () => {
    say(`${action === "approve" ? "Approved" : "Rejected"}. ${get("counts").textContent}`);
    if (current === guid) step(1);
  }, () => current === guid && guid !== found.at(-1));
}

function makeCard(range) {
  const sentence = left.find(({ guid }) => guid === current);
  if (!sentence) return;
  const asked = { sentence: sentence.sentence, text: sentence.text, ...(range ? { start: range.start, end: range.end } : {}) };
  return decide("api/make", asked, async () => {
    say("A card was made");
    left = left.filter(({ guid }) => guid !== sentence.guid);
    list(null);
  });
}

async function all(action, verb) {
  const guids = found.filter((guid) => notes.has(guid));
  get("sure-title").textContent = `${verb} ${guids.length === 1 ? "this card" : `these ${guids.length} cards`}?`;
  if (!guids.length || (await answered("sure")) !== "yes") return;
  decide("api/decide", () => ({ action, notes: versions(guids) }), () => {
    say(`Done. ${get("counts").textContent}`);
    list(current);
  });
}

function step(by) {
  const at = found.indexOf(current) + by;
  if (at >= 0 && at < found.length) show(found[at]);
}

function openEditor() {
  if (!notes.has(current)) return;
  get("editor").hidden = false;
  get("actions").hidden = true;
  get("text").value = notes.get(current).text;
  get("text").focus();
}

function closeEditor() {
  get("editor").hidden = true;
  get("actions").hidden = false;
  const data = waiting;
  waiting = null;
  if (data) load(data);
}

function save() {
  const guid = current;
  const text = get("text").value;
  // The version that was read when the editor was opened: what changed since is a conflict.
  const seen = versions([guid]);
  decide("api/decide", { action: "text", text, notes: seen }, () => {
    closeEditor();
    say("Saved");
  });
}

async function build() {
  get("build").disabled = true;
  get("build").textContent = "Building…";
  await decide("api/build", {}, async (data) => {
    load(data);
    get("said").textContent = data.said;
    get("fetch").download = data.file;
    get("download").hidden = false;
    get("download").download = data.file;
    answered("built");
  });
  get("build").disabled = false;
  get("build").textContent = "Build the deck";
}

function play() {
  const item = notes.get(current) ?? left.find(({ guid }) => guid === current);
  const address = item && player(item);
  if (!address) return;
  const frame = make("iframe", { title: "Recording", src: address, allow: "autoplay; fullscreen" });
  get("player").replaceChildren(frame);
}

function clearFilter() {
  get("filter").reset();
  list(current);
}

const back = (path, says) => decide(path, {}, (data) => {
  const guid = data.notes?.[0]?.guid;
  if (guid && guid !== current) {
    if (!found.includes(guid)) clearFilter();
    show(guid);
  }
  say(says);
});
const undo = () => back("api/undo", "Undone");
const redo = () => back("api/redo", "Done again");

get("approve").onclick = () => decided("approve");
get("reject").onclick = () => decided("reject");
get("flip").onclick = () => turn(side === "question" ? "answer" : "question");
get("edit").onclick = openEditor;
get("cancel").onclick = closeEditor;
get("undo").onclick = undo;
get("redo").onclick = redo;
get("help").onclick = () => answered("keys");
get("build").onclick = build;
get("play").onclick = play;
get("approve-all").onclick = () => all("approve", "Approve");
get("reject-all").onclick = () => all("reject", "Reject");
get("editor").onsubmit = (event) => {
  event.preventDefault();
  save();
};
get("text").onkeydown = (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) save();
  else if (event.key === "Escape") closeEditor();
};
get("tagging").onsubmit = (event) => {
  event.preventDefault();
  change({ action: "tags", tags: get("tags").value.split(/\s+/).filter(Boolean) }, "Tags saved");
  get("tags").blur();
};
get("tags").onkeydown = (event) => {
  if (event.key === "Escape") get("tags").blur();
};
get("filter").onsubmit = (event) => event.preventDefault();
get("filter").oninput = () => list(current);
get("search").onkeydown = (event) => {
  if (event.key === "Escape" || event.key === "Enter") get("search").blur();
};
isDark.addEventListener("change", () => shown && notes.has(current) && frames());

const KEYS = {
  j: () => step(1),
  ArrowDown: () => step(1),
  k: () => step(-1),
  ArrowUp: () => step(-1),
  " ": () => get("flip").click(),
  a: () => decided("approve"),
  r: () => decided("reject"),
  e: openEditor,
  g: () => get("words").focus(),
  t: () => get("tags").focus(),
  u: undo,
  U: redo,
  l: () => {
    get("state").value = get("state").value === "left" ? "" : "left";
    list(null);
  },
  p: play,
  o: () => get("recording").hidden || get("recording").click(),
  b: build,
  "/": () => get("search").focus(),
  "?": () => answered("keys"),
};
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.target.closest("input, textarea, select")) return;
  if (event.key === " " && event.target.closest("button, a") && !event.target.closest("#list, #track")) return;
  const work = KEYS[event.key];
  if (!work || (event.key.startsWith("Arrow") && !event.target.closest("#list") && event.target !== document.body)) return;
  event.preventDefault();
  work();
});

// What an editor, a build or another page does meanwhile.
async function look() {
  if (!document.hidden) {
    await line;
    try {
      const data = await ask(`api/since/${mark}`);
      if (data.sources) {
        // What is being edited stays as it was seen, so that saving it tells of the conflict.
        if (get("editor").hidden) load(data);
        else [waiting, mark] = [data, data.mark];
        say("The records were changed elsewhere");
      }
    } catch (error) {
      if (!error.data) throw error;
      complain(error.message);
    }
  }
  setTimeout(look, 2000);
}

(async () => {
  load(await ask("api/deck"));
  document.documentElement.dataset.ready = "true";
  askDetails();
  setTimeout(look, 2000);
})();
