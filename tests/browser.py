"""The browser that tests use, and the faults they look for: faults of layout, and what axe-core finds."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT

sys.path.insert(0, str(ROOT / "docs"))

import make_pictures

FAULTS = r"""
() => {
  const faults = [], root = document.documentElement;
  const note = (what, text) => faults.push(`${what}: ${text.trim().slice(0, 40)}`);
  const numbers = (colour) => {
    const parts = /^rgba?\(([^)]+)\)$/.exec(colour);
    if (!parts) throw new Error(`what colour is ${colour}?`);
    const [r, g, b, a = 1] = parts[1].split(",").map(Number);
    return [r, g, b, a];
  };
  const over = ([r, g, b, a], under) => [r, g, b].map((c, i) => c * a + under[i] * (1 - a));
  // The layers of an element's background from the lowest up; a gradient has to be of one colour.
  const layers = (style) => {
    const images = style.backgroundImage === "none" ? [] : style.backgroundImage.split("linear-gradient").slice(1);
    const flat = images.map((image) => {
      const colours = new Set(image.match(/rgba?\([^)]+\)/g));
      if (colours.size !== 1) throw new Error(`what colour is ${image}?`);
      return numbers([...colours][0]);
    });
    return [numbers(style.backgroundColor), ...flat.reverse()];
  };
  const behind = (element) => {
    const above = element.parentElement ? behind(element.parentElement) : [255, 255, 255];
    return layers(getComputedStyle(element)).reduce((under, layer) => over(layer, under), above);
  };
  const luminance = (colour) => {
    const [r, g, b] = colour.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (element) => {
    const paper = behind(element), ink = over(numbers(getComputedStyle(element).color), paper);
    const [dark, light] = [luminance(ink), luminance(paper)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const scrolls = (element) => /auto|scroll/.test(getComputedStyle(element).overflowX);
  const ancestors = function* (element) {
    for (; element; element = element.parentElement) yield element;
  };
  const look = (element, text, boxes) => {
    const above = [...ancestors(element)];
    if (above.some((e) => getComputedStyle(e).opacity !== "1")) note("is faded", text);
    if (contrast(element) < 4.5) note(`has a contrast of ${contrast(element).toFixed(2)}`, text);
    if (above.some((e) => /hidden|clip/.test(getComputedStyle(e).overflowX) && e.scrollWidth > e.clientWidth))
      note("is cut", text);
    if (!above.some(scrolls) && boxes.some((box) => box.left < 0 || box.right > innerWidth)) note("is outside", text);
  };
  if (root.scrollWidth > innerWidth) note("scrolls sideways", `${root.scrollWidth} px`);
  let seen = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const range = document.createRange();
    range.selectNodeContents(node);
    const boxes = [...range.getClientRects()].filter((box) => box.width > 1);
    if (!node.data.trim() || !boxes.length || node.parentElement.closest(".unseen")) continue;
    look(node.parentElement, node.data, boxes);
    seen += 1;
  }
  for (const field of document.querySelectorAll("input")) look(field, "the field", [field.getBoundingClientRect()]);
  if (!seen) faults.push("nothing is shown");
  return faults;
}
"""

AXE = r"""
async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
}
"""


NODE_MODULES = Path(sys.prefix) / "node" / "node_modules"


def axe_path() -> Path:
    """axe-core, in the version that requirements/package-lock.json pins."""
    return _node_file("axe-core/axe.min.js")


def mathjax_folder() -> Path:
    """MathJax, in the version that Anki has and requirements/package-lock.json pins."""
    return _node_file("mathjax/es5/tex-chtml-full.js").parent


def _node_file(name: str) -> Path:
    path = NODE_MODULES / name
    if not path.exists():
        pytest.fail(f"{name} is missing: run make .venv/node/ready, which needs npm")
    return path


def chromium() -> str:
    """The browser's path."""
    try:
        return make_pictures.find_browser()
    except SystemExit as missing:
        pytest.fail(str(missing))


@contextmanager
def opened() -> Iterator[Any]:
    """A browser that has nothing to say to the network."""
    from playwright.sync_api import sync_playwright

    options = ["--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=options)
        yield browser
        browser.close()
