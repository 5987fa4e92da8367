"""Owns the pictures of docs/review.md: the review page with the sample deck, light and dark, on a computer and a phone.

Run it as `python docs/make_review_pictures.py`. It needs `playwright`, and Chromium, as make_pictures.py does.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import Any

from make_pictures import ROOT, SCALE, find_browser, say
from playwright.sync_api import sync_playwright

FOLDER = ROOT / "docs" / "review"


def press(page: Any, *keys: str) -> None:
    """Press keys as a reader would, one after the other."""
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(400)


def begin(page: Any) -> None:
    """Approve and reject a few cards, so that there is progress to see."""
    press(page, *"aaaraaa")


def gap(page: Any) -> None:
    """Select words of a card's text."""
    press(page, " ", "g", *["ArrowRight"] * 8, *["Shift+ArrowRight"] * 2)


def left(page: Any) -> None:
    """Show what was left out."""
    press(page, "l")


PICTURES: dict[str, tuple[int, int, str, Callable[[Any], None]]] = {
    "light": (1280, 900, "light", begin),
    "dark": (1280, 900, "dark", gap),
    "phone-light": (360, 780, "light", lambda _: None),
    "phone-dark": (360, 780, "dark", lambda page: press(page, " ")),
    "left-out": (1280, 900, "light", left),
}


def main() -> None:
    """Build the sample deck somewhere else, open its review, and take the pictures."""
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
        for picture, (width, height, scheme, act) in PICTURES.items():
            page = browser.new_page(
                viewport={"width": width, "height": height}, color_scheme=scheme, device_scale_factor=SCALE
            )
            page.goto(address)
            page.wait_for_selector("html[data-details]")
            page.wait_for_timeout(600)
            act(page)
            page.wait_for_timeout(800)
            target = FOLDER / f"{picture}.png"
            page.screenshot(path=target)
            page.close()
            say(target)
        browser.close()
        server.kill()
        server.wait()


if __name__ == "__main__":
    main()
