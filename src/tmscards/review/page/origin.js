/** Shows where a card comes from, and plays the recording. */

import { create, element } from "../../web/dom.js";
import { detailsOf, itemOf, state } from "./state.js";

/** @typedef {import("./state.js").Item} Item */

/** @param {Item} item */
export function drawOrigin(item) {
  const details = detailsOf(item);
  const sentence = create("mark", { textContent: item.state === "left" ? item.text : item.sentence });
  const [before, after] = [details?.before, details?.after];
  element("place").textContent = `${state.sources.get(item.path)?.shown ?? item.path}:${item.line}`;
  element("around").replaceChildren(before ? `${before} ` : "", sentence, after ? ` ${after}` : "");
  const leftOut = item.state === "left" ? [] : item.leftOut;
  element("left-out").textContent = leftOut.join(" … ");
  for (const id of ["whole", "whole-title"]) element(id).hidden = !leftOut.length;
  drawLink(item);
  element("play").hidden = !playerAddress(item);
  element("score").textContent = details ? details.score.toFixed(2) : "…";
  element("findings").textContent = details ? details.findings.map(({ message }) => message).join("; ") || "none" : "…";
  const tags = element("tags", HTMLInputElement);
  // What somebody types meanwhile stays.
  if (document.activeElement !== tags) tags.value = item.state === "left" ? "" : item.tags.join(" ");
}

/** @param {Item} item */
function drawLink(item) {
  const link = element("recording", HTMLAnchorElement);
  const isWeb = /^https?:/.test(item.url);
  const time = item.state === "left" ? "" : item.time;
  link.hidden = !isWeb;
  if (isWeb) link.href = item.url;
  link.textContent = time ? `Recording at ${time}` : "Recording";
}

/**
 * Where the recording plays from the second of the item on; empty if no player may be shown here.
 * @param {Item} item
 */
function playerAddress({ recording, seconds, end }) {
  const youtube = /^https:\/\/www\.youtube\.com\/watch\?v=([\w-]{11})$/.exec(recording);
  const vimeo = /^https:\/\/vimeo\.com\/(\d+)$/.exec(recording);
  const stop = end === null ? "" : `&end=${end}`;
  if (youtube) return `https://www.youtube-nocookie.com/embed/${youtube[1]}?autoplay=1&start=${seconds ?? 0}${stop}`;
  return vimeo ? `https://player.vimeo.com/video/${vimeo[1]}?autoplay=1#t=${seconds ?? 0}s` : "";
}

export function playRecording() {
  const item = itemOf(state.current);
  const src = item && playerAddress(item);
  if (!src) return;
  element("player").replaceChildren(create("iframe", { title: "Recording", src, allow: "autoplay; fullscreen" }));
}

export function closePlayer() {
  element("player").replaceChildren();
}

export function openRecording() {
  const link = element("recording");
  if (!link.hidden) link.click();
}
