"""Times how long the review page of 5,000 cards takes to open, and to answer each key.

    make review-speed
    PYTHONPATH=docs:tests python benchmarks/review.py [--cards 5000] [--sources 100]

Builds a deck of generated sentences, opens the review page in Chromium, and prints the seconds until the list and the
first card are shown, and for each key the milliseconds until the page has answered and painted the answer. For
comparison, it prints the same for a blank page with a script of two lines, in the same run. Needs the packages of the
test extra, and Chromium. The browser and the review server are started by the tests' own helpers, which is why docs and
tests must be on the path.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page

from browser import opened
from reviewed import Reviewed

OPENINGS = 5
PRESSES = 20

OPENED = """
async () => {
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  while (!document.querySelector("html[data-ready][data-settled=true] #list button")) await painted();
  await painted();
  return performance.now();
}
"""
PRESS = """
async (key) => {
  const { was, sideBefore } = window;
  const page = document.documentElement.dataset;
  const stateOf = (guid) => document.querySelector(`#list [data-guid="${guid}"]`).dataset.state;
  const ready = () => %s;
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const began = performance.now();
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  while (!ready()) await new Promise((done) => setTimeout(done));
  await painted();
  return performance.now() - began;
}
"""
BEFORE = """
() => {
  window.was = document.documentElement.dataset.current;
  window.sideBefore = document.getElementById("cards").dataset.side;
  window.framesLoaded = 0;
}
"""
BLANK = """<!doctype html><title>blank</title><p id="p">0</p><script>
let n = 0; addEventListener("keydown", () => { document.getElementById("p").textContent = ++n; });</script>"""

MOVED = "page.current !== was && page.settled === 'true'"
KEYS = {
    "j": MOVED,
    "k": MOVED,
    " ": "document.getElementById('cards').dataset.side !== sideBefore",
    "a": f"{MOVED} && stateOf(was) === 'approved'",
    "r": f"{MOVED} && stateOf(was) === 'rejected'",
    "u": f"{MOVED} && stateOf(page.current) === 'new'",
}
COUNT_LOADED = "() => document.getElementById('cards').addEventListener('load', () => window.framesLoaded++, true)"
DRAWN = "window.framesLoaded"
"""The visible side of the card, which is a page of its own, has loaded."""


def build(folder: Path, cards: int, sources: int) -> None:
    """Build a deck of that many notes with one card each."""
    (folder / "notes").mkdir()
    for source in range(sources):
        lines = ["---", f"title: Lecture {source}", "videoId: X4QE6t-MkYE", "---", ""]
        for i in range(cards // sources):
            if i % 10 == 0:
                lines += [f"## Part {i // 10 + 1}", ""]
            number = source * (cards // sources) + i
            lines += [f"The ==unit {number}== sends a signal to the next unit of its row [00:{i % 60:02}:00].", ""]
        (folder / "notes" / f"{source:03}.md").write_text("\n".join(lines))
    subprocess.run([sys.executable, "-m", "tmscards", "build"], cwd=folder, check=True, capture_output=True)


def open_page(browser: Browser, url: str) -> tuple[Page, float, float]:
    """Open the review page; with it, the milliseconds that an empty answer of the server takes, and the opening."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{url}nothing")
    empty = float(page.evaluate("performance.now()"))
    page.goto(url, wait_until="commit")
    took = float(page.evaluate(OPENED))
    page.wait_for_selector("html[data-details]", timeout=120_000)
    return page, empty, took


def press(page: Page, key: str, done: str) -> float:
    """Press a key, and return the milliseconds until the page has answered."""
    page.evaluate(BEFORE)
    took = float(page.evaluate(PRESS % done, key))
    page.wait_for_timeout(100)
    return took


def time_blank(browser: Browser) -> list[float]:
    """The milliseconds that a blank page takes to answer a key."""
    blank = browser.new_page()
    blank.set_content(BLANK)
    return [float(blank.evaluate(PRESS % "true", "x")) for _ in range(PRESSES)]


def time_keys(page: Page) -> None:
    """Press each key several times, and print how long the review page takes to answer."""
    for key, done in [*KEYS.items(), ("j", DRAWN)]:
        times = []
        for _ in range(PRESSES):
            if key == "u":
                press(page, "a", KEYS["a"])
            times.append(press(page, key, done))
        more = " until the card is drawn" if done == DRAWN else ""
        print(f"  {key!r:11} {statistics.median(times):5.1f} ms, slowest {max(times):5.1f}{more}", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cards", type=int, default=5000)
    parser.add_argument("--sources", type=int, default=100)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, opened() as browser:
        folder = Path(name)
        build(folder, args.cards, args.sources)
        print(f"{platform.machine()}, Python {platform.python_version()}, Chromium {browser.version}")
        idle = time_blank(browser)
        with Reviewed(folder) as server:
            took, empty = [], []
            for opening in range(OPENINGS):
                page, nothing, all_of_it = open_page(browser, server.url)
                empty.append(nothing)
                took.append(all_of_it)
                if opening < OPENINGS - 1:
                    page.close()
            print(
                f"{args.cards} cards from {args.sources} sources: open in {statistics.median(took) / 1000:.2f} s "
                f"(slowest {max(took) / 1000:.2f}); an empty answer {statistics.median(empty) / 1000:.2f} s"
            )
            print(f"  blank page  {statistics.median(idle):5.1f} ms, slowest {max(idle):5.1f}")
            page.evaluate(COUNT_LOADED)
            time_keys(page)


if __name__ == "__main__":
    main()
