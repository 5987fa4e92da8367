from __future__ import annotations

import pytest

from tmscards.language.abbreviations import find


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Transcranial magnetic stimulation (TMS) is used.", [("TMS", "Transcranial magnetic stimulation")]),
        ("the dorsolateral prefrontal cortex (DLPFC)", [("DLPFC", "dorsolateral prefrontal cortex")]),
        ("in SNT (Stanford Neuromodulation Therapy)", [("SNT", "Stanford Neuromodulation Therapy")]),
        ("deoxyribonucleic acid [DNA; a polymer]", [("DNA", "deoxyribonucleic acid")]),
        ("The coil (Figure 2) is cold (see below).", []),
        ("It rose in Berlin (Germany) in spring (May).", []),
        ("a man of the world (MOON)", []),
        (
            "an International Register of Electric Ferries (IREF)",
            [("IREF", "International Register of Electric Ferries")],
        ),
        ("Some inner iron plates (IIPs) rust.", [("IIPs", "inner iron plates")]),
        ("at ninety beats per minute (bpm)", [("bpm", "beats per minute")]),
        (
            "Testosterone (T) and the bacterium Escherichia coli (E. coli)",
            [("T", "Testosterone"), ("E. coli", "Escherichia coli")],
        ),
        ("It is hot in summer (see also winter) and dry (very).", []),
        ("The P-glycoprotein (P-gp) is a pump.", [("P-gp", "P-glycoprotein")]),
    ],
)
def test_abbreviations(text: str, expected: list[tuple[str, str]]) -> None:
    found = list(find(text))
    assert [(a.short, a.long) for a, _, _ in found] == expected
    assert all(text[start:end] == a.long for a, start, end in found)
