"""Takes the pictures of cards in the documentation, from a card of the sample deck as Anki renders it.

    python docs/make_pictures.py

docs/card.png shows question and answer, light and dark; docs/templates/ shows the same card in each template. And
docs/preview.png shows the page that `tmscards preview` makes. Needs the packages `anki` and `playwright`, and Chromium,
which must be on the PATH, or at the path in the environment variable CHROMIUM.
"""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest
from playwright.sync_api import sync_playwright

from tmscards.anki import templates
from tmscards.domain import NoteType

if TYPE_CHECKING:
    # At run time, anki.cards cannot be the first module of anki that is imported.
    from anki.cards import Card

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "card.png"
GALLERY = ROOT / "docs" / "templates"
PREVIEW = ROOT / "docs" / "preview.png"
PHRASE = "five-day"
"""Words of the note in the pictures, which has all that a card can show: context, time, source and a related note."""
TYPED = "five days"
"""What a learner types where a template asks for it: nearly the right answer."""

# A panel is about as wide as a phone. The picture is 1280 pixels wide, and so it is sharp at that width or less.
WIDTH = 800
SCALE = 1.6

THEMES = {"light": "", "dark": "nightMode night_mode"}
"""The classes that Anki gives to the body of a card's page, by theme."""

STYLE = """
body { margin: 0; padding: 20px; background: #d5d7db; color: #3b3f46; font: 13px/1.4 "Liberation Sans", sans-serif; }
main { display: grid; grid-template-columns: 1fr 1fr; gap: 20px; }
figure { margin: 0; }
figcaption { margin-bottom: 6px; }
iframe { display: block; width: 100%; border: 0; border-radius: 10px; }
"""
# Each frame gets the height of its content. Chromium prints the height of the page, for the window of the picture.
SCRIPT = """
addEventListener("load", () => {
  for (const frame of document.querySelectorAll("iframe"))
    frame.style.height = `${frame.contentDocument.documentElement.scrollHeight}px`;
  document.documentElement.dataset.height = document.documentElement.offsetHeight;
});
"""


def main() -> None:
    """Build the deck, import it, and take the pictures."""
    browser = find_browser()
    GALLERY.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        package = build_deck(folder / "deck.apkg")
        for picture, sides in render_all(package, folder / "collection.anki2").items():
            page = folder / "page.html"
            page.write_text(compose(sides), encoding="utf-8")
            take_picture(browser, page, folder / "profile", picture)
            say(picture)
        subprocess.run([sys.executable, "-m", "tmscards", "preview", "--output", str(package)], cwd=ROOT, check=True)
        take_window(browser, package.with_suffix(".html"), PREVIEW)
        say(PREVIEW)


def say(picture: Path) -> None:
    """Report a picture that was written."""
    print(f"wrote {picture.relative_to(ROOT)}, {picture.stat().st_size // 1024} KB")


def find_browser() -> str:
    """The path of Chromium."""
    wanted = os.environ.get("CHROMIUM", "chromium")
    return shutil.which(wanted) or sys.exit(
        f"{wanted} was not found: install it, or set CHROMIUM to the path of a browser"
    )


def build_deck(package: Path) -> Path:
    """Build the sample deck into `package`."""
    subprocess.run([sys.executable, "-m", "tmscards", "build", "--output", str(package)], cwd=ROOT, check=True)
    return package


def render_all(package: Path, collection: Path) -> dict[Path, dict[str, str]]:
    """The pages of the card about `PHRASE` for each picture: in the deck's own template, and in every other one."""
    with closing(Collection(str(collection))) as col:
        col.import_anki_package(ImportAnkiPackageRequest(package_path=str(package), options=ImportAnkiPackageOptions()))
        cards = col.find_cards(f'"Text:*{PHRASE}*"')
        if not cards:
            sys.exit(f"no card contains {PHRASE!r}")
        pictures = {PICTURE: render_sides(col, col.get_card(cards[0]))}
        for name in templates.folders(ROOT):
            wear(col, col.get_card(cards[0]), templates.load(name, ROOT).note_type)
            pictures[GALLERY / f"{name}.png"] = render_sides(col, col.get_card(cards[0]))
        return pictures


def wear(col: Collection, card: Card, template: NoteType) -> None:
    """Give a card's note type the look of a template."""
    note_type = card.note_type()
    note_type["css"] = template.css
    note_type["tmpls"][0] |= {"qfmt": template.front, "afmt": template.back}
    col.models.update_dict(note_type)


def render_sides(col: Collection, card: Card) -> dict[str, str]:
    """The pages of the question and the answer in each theme, by caption."""
    return {
        f"{side}, {theme}": card_page(text, f"card card{card.ord + 1} {classes}")
        for side, text in (("Question", ask(card.question())), ("Answer", compare(col, card, card.answer(), TYPED)))
        for theme, classes in THEMES.items()
    }


def ask(question: str) -> str:
    """A question with what Anki's reviewer shows for `{{type:cloze:Text}}`: a field to type in."""
    field = "<center><input type=text id=typeans style=\"font-family: 'Arial'; font-size: 20px;\"></center>"
    return question.replace("[[type:cloze:Text]]", field)


def compare(col: Collection, card: Card, answer: str, typed: str) -> str:
    """An answer with what Anki's reviewer shows for `{{type:cloze:Text}}`: the typed text above the expected one."""
    expected = col.extract_cloze_for_typing(card.note()["Text"], card.ord + 1)
    compared = f"<div style=\"font-family: 'Arial'; font-size: 20px\">{col.compare_answer(expected, typed)}</div>"
    return answer.replace("[[type:cloze:Text]]", compared)


def card_page(text: str, classes: str) -> str:
    """The page in which Anki shows a card; `text` includes the style of the note type."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"></head>'
        f'<body class="{classes}"><div id="qa">{text}</div></body></html>'
    )


def compose(sides: dict[str, str]) -> str:
    """One page with all panels, each in a frame of its own, so that their styles do not affect each other."""
    panels = "".join(
        f'<figure><figcaption>{caption}</figcaption><iframe srcdoc="{html.escape(page)}"></iframe></figure>'
        for caption, page in sides.items()
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A card</title><style>{STYLE}</style>'
        f"<script>{SCRIPT}</script></head><body><main>{panels}</main></body></html>"
    )


def take_picture(browser: str, page: Path, profile: Path, picture: Path) -> None:
    """Take a picture of a page at its full height."""
    dom = run_browser(browser, page, profile, WIDTH, "--dump-dom")
    height = re.search(r'<html[^>]* data-height="(\d+)"', dom)
    if not height:
        sys.exit("Chromium did not lay out the page")
    picture.unlink(missing_ok=True)
    run_browser(browser, page, profile, int(height[1]), f"--screenshot={picture}")
    if not picture.exists():
        sys.exit("Chromium did not write the picture")


def take_window(browser: str, page: Path, picture: Path) -> None:
    """Take a picture of a page as a computer's window shows it."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser, args=["--disable-gpu"])
        window = opened.new_page(viewport={"width": 1280, "height": 800}, device_scale_factor=SCALE)
        window.goto(page.as_uri())
        window.get_by_role("navigation").get_by_role("button").filter(has_text=PHRASE).first.click()
        # Frames report their height a moment after they are filled.
        window.wait_for_timeout(1000)
        window.screenshot(path=picture)
        opened.close()


def run_browser(browser: str, page: Path, profile: Path, height: int, action: str) -> str:
    """Open a page in a headless Chromium that stays off the network, and return what Chromium prints."""
    options = [
        "--headless",
        "--disable-gpu",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--hide-scrollbars",
        f"--user-data-dir={profile}",
        f"--force-device-scale-factor={SCALE}",
        f"--window-size={WIDTH},{height}",
    ]
    if getattr(os, "geteuid", lambda: None)() == 0:
        # Chromium does not start for root with its sandbox on.
        options.append("--no-sandbox")
    done = subprocess.run([browser, *options, action, page.as_uri()], check=False, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"Chromium failed: {done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main()
