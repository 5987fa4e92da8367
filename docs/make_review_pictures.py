"""Takes the pictures of docs/review.md: the review page of the sample deck, light and dark, on a computer and a phone.

    python docs/make_review_pictures.py

Needs `playwright`, and Chromium as make_pictures.py does.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple

from make_pictures import ROOT, SCALE, find_browser, say
from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = ROOT / "docs" / "review"


def press(page: Page, *keys: str) -> None:
    """Press keys one after the other, as a reader would."""
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(400)


def begin(page: Page) -> None:
    """Approve and reject a few cards, so that the picture shows progress."""
    press(page, *"aaaraaa")


def gap(page: Page) -> None:
    """Select words of a card's text, as if to hide them."""
    press(page, " ", "g", *["ArrowRight"] * 8, *["Shift+ArrowRight"] * 2)


def left(page: Page) -> None:
    """Show the sentences that were left out."""
    press(page, "l")


class Picture(NamedTuple):
    """What a picture shows."""

    width: int
    height: int
    scheme: Literal["light", "dark"]
    act: Callable[[Page], None]
    """What is done on the page before the picture is taken."""


PICTURES = {
    "light": Picture(1280, 900, "light", begin),
    "dark": Picture(1280, 900, "dark", gap),
    "phone-light": Picture(360, 780, "light", lambda _: None),
    "phone-dark": Picture(360, 780, "dark", lambda page: press(page, " ")),
    "left-out": Picture(1280, 900, "light", left),
}
"""By the name of the file."""


def main() -> None:
    """Build the sample deck in a scratch folder, open its review page, and take the pictures."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        for command in (["init"], ["build"]):
            subprocess.run([sys.executable, "-m", "tmscards", *command], cwd=name, check=True, capture_output=True)
        server = subprocess.Popen(
            [sys.executable, "-u", "-m", "tmscards", "review", "--no-open"], cwd=name, stdout=subprocess.PIPE, text=True
        )
        assert server.stdout
        [address] = re.findall(r"http://\S+", server.stdout.readline())
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--disable-gpu"])
        for picture, wanted in PICTURES.items():
            target = FOLDER / f"{picture}.png"
            take_picture(browser, address, wanted, target)
            say(target)
        browser.close()
        server.kill()
        server.wait()


def take_picture(browser: Browser, address: str, wanted: Picture, target: Path) -> None:
    """Take one picture of the review page."""
    page = browser.new_page(
        viewport={"width": wanted.width, "height": wanted.height},
        color_scheme=wanted.scheme,
        device_scale_factor=SCALE,
    )
    page.goto(address)
    page.wait_for_selector("html[data-details]")
    page.wait_for_timeout(600)
    wanted.act(page)
    page.wait_for_timeout(800)
    page.screenshot(path=target)
    page.close()


if __name__ == "__main__":
    main()
