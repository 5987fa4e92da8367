"""Whether answers are fair: whole, and not given away by the rest of the card.

    python benchmarks/scan_answers.py NOTES_DIR [NOTES_DIR …] [--show COUNT] [--density full]

Builds a deck of each folder with the real command, reads the package as Anki would, and counts answers that a word of
the same stem gives away, in the text or in the lines above it; that an abbreviation or a conversion in brackets gives
away; that go across a dash, a colon or a quotation mark; that cut a word with a hyphen; and that are page numbers.
"""

from __future__ import annotations

import argparse
import html
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import scan_cards
from tmscards.anki import clozes
from tmscards.text import stem

_HIDDEN = "\N{OBJECT REPLACEMENT CHARACTER}"
_WORD = re.compile(r"[^\W_]+")
_STOP = frozenset("a an the of in on at to for and or is are was were be by with as that this it its from".split())
_ACROSS = re.compile(r"\S [–—-] \S|\S—\S|\w: \w|\w[\"“”„«»]\s|\s[\"“”„«»]\w")
_PAGE = re.compile(rf"\b(?:p|pp|pg|page|pages)\.? ?{_HIDDEN}", re.I)
_GLOSS = re.compile(rf"{_HIDDEN} \(([A-Z][A-Za-z0-9]{{1,8}})\)")
_CONVERSION = re.compile(rf"{_HIDDEN} \([≈~=]? ?[$€£]?\d[^()]*\)")
_CUT = re.compile(rf"\w-{_HIDDEN}|{_HIDDEN}-\w")


def unfair(text: str, above: str) -> Iterator[tuple[str, str]]:
    """What is unfair about the cards of a note, as kind and answer; `text` and `above` are fields of it, as HTML."""
    for number, answer in clozes.answers(text).items():
        front = html.unescape(re.sub(r"<[^>]*>", " ", _front(clozes.parse(text), number)))
        yield from ((kind, answer) for kind in _kinds(front, html.unescape(above), answer))


def _front(parts: tuple[clozes.Part, ...], number: int) -> str:
    """What a card shows of a text: its own deletions as one sign, all others as they are."""
    return "".join(
        part if isinstance(part, str) else _HIDDEN if number in part.numbers else _front(part.parts, number)
        for part in parts
    )


def _kinds(front: str, above: str, answer: str) -> Iterator[str]:
    wanted = {stem(word) for word in _WORD.findall(answer.lower()) if word not in _STOP}
    if wanted and wanted <= _stems(front):
        yield "stem"
    elif wanted and wanted <= _stems(above):
        yield "above"
    gloss = _GLOSS.search(front)
    if gloss and gloss[1][0].lower() == answer[:1].lower():
        yield "gloss"
    if any(c.isdigit() for c in answer) and _CONVERSION.search(front):
        yield "conversion"
    if _ACROSS.search(answer) and "\\" not in answer:
        yield "across"
    if _CUT.search(front):
        yield "cut"
    if answer.isdigit() and _PAGE.search(front):
        yield "page"


def _stems(text: str) -> set[str]:
    return {stem(word) for word in _WORD.findall(text.lower())}


def main() -> None:
    """Build, look and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--show", type=int, default=5, help="how many to print of each kind")
    parser.add_argument("--density", default="full")
    asked = parser.parse_args()
    for folder in asked.folders:
        with tempfile.TemporaryDirectory() as project:
            notes = list(scan_cards.notes_of(scan_cards.built(folder, Path(project), asked.density)))
        found = [(kind, answer, note) for note in notes for kind, answer in unfair(note["Text"], note["Context"])]
        cards = sum(len(clozes.answers(note["Text"])) for note in notes)
        kinds = Counter(kind for kind, _, _ in found)
        print(
            f"{folder}: {cards} cards, " + (", ".join(f"{n} × {kind}" for kind, n in kinds.most_common()) or "all fair")
        )
        for kind in kinds:
            for _, answer, note in [each for each in found if each[0] == kind][: asked.show]:
                print(f"  {kind}: {answer!r} in {scan_cards.shown(note['Text'])[:200]}")


if __name__ == "__main__":
    main()
