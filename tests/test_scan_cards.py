"""What cards show: `make scan` looks at the decks of whole folders, and finds what no card should show."""

from __future__ import annotations

from pathlib import Path

import pytest

import scan_answers
import scan_cards
from conftest import ROOT


@pytest.mark.process
def test_the_notes_of_the_project_make_clean_cards(tmp_path: Path) -> None:
    count, hits = scan_cards.scan(ROOT / "notes", tmp_path, "full")
    assert count > 20
    assert hits == []


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ("The \ufdd07\ufdd1 moves.", "mark"),
        ("The xxxxxxx moves.", "mask"),
        ("The **squid** moves.", "markup"),
        ("The [[squid]] moves.", "dialect"),
        ("The ==squid== moves.", "dialect"),
        ("The squid moves &lt;b>fast.", "markup"),
        ("The {{c1::squid `a`}} moves.", "markup"),
        ("The squid moves [0:14].", "time stamp"),
        ("2:40 The squid moves.", "time stamp"),
        ("pg 78: The squid moves.", "page"),
        ("The squid moves (p. 12).", "page"),
        ("[ ] The squid moves.", "checkbox"),
        ("The squid moves [12].", "citation mark"),
        ("The squid {{c1::moves) fast}}.", "half a bracket"),
        ("The squid moves (fast.", "half a bracket"),
        ("The squid  moves.", "stray blank"),
        ("The squid moves , fast.", "stray blank"),
        ("The squid moves ().", "stray blank"),
    ],
)
def test_what_no_card_should_show_is_found(field: str, kind: str) -> None:
    assert kind in {found for found, _ in scan_cards.scanned(field, scan_cards.Own.of(""))}


def test_what_the_note_shows_itself_is_its_own() -> None:
    own = scan_cards.Own.of(r"The squid \*\*moves\*\* , and the `**octo**pus` is **s**low.")
    assert list(scan_cards.scanned("The squid **moves** , and the **octo**pus is slow.", own)) == []
    assert scan_cards.made_up("The squid moves, the a(n) octopus is slow and kind.", own) == ["kind"]


@pytest.mark.parametrize(
    "field",
    [
        "The squid (and the {{c1::octopus::hint}}) moves at 2:40 pm, if a == b.",
        "a) The squid moves; b) the octopus rests :)",
        r"The matrix is <code>x[[1]]</code> and \(\mathbf{x}^{(1)} [2]\), as  <code>**</code> is.".replace("  ", " "),
    ],
)
def test_what_a_card_may_show_is_not(field: str) -> None:
    assert list(scan_cards.scanned(field, scan_cards.Own.of(""))) == []


@pytest.mark.parametrize(
    ("text", "above", "kind"),
    [
        ("The {{c1::inhibitor}} inhibits the enzyme.", "", "stem"),
        ("The {{c1::vagus nerve}} slows the heart.", "The vagus nerve", "above"),
        ("{{c1::Heat shock factor}} (HSF) binds.", "", "gloss"),
        ("It boils at {{c1::100 °C}} (212 °F).", "", "conversion"),
        ("It is {{c1::a coil – of wire}} here.", "", "across"),
        ("Non-{{c1::repeating}} timers stop.", "", "cut"),
        ("It stands on page {{c1::12}} below.", "", "page"),
        ("The {{c1::vagus nerve}} slows the heart by {{c2::a third}}.", "Nerves", None),
    ],
)
def test_unfair_answers_are_found(text: str, above: str, kind: str | None) -> None:
    assert [found for found, _ in scan_answers.unfair(text, above)] == ([kind] if kind else [])
