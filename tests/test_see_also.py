from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from tmscards.domain import Source, SourcePath
from tmscards.language import sentences
from tmscards.language.see_also import without_see_also
from tmscards.notes import passages


@pytest.mark.parametrize(
    ("markdown", "text", "see_also"),
    [
        (
            "TMS is used in conditions like depression [[mood_disorders | understanding mood disorders better]] [00:00:35].",
            "TMS is used in conditions like depression.",
            ["understanding mood disorders better"],
        ),
        (
            "Stimulation raises mood [[treatments_for_depression]].",
            "Stimulation raises mood.",
            ["treatments for depression"],
        ),
        ("Stimulation raises mood ([[moods | more on moods]]).", "Stimulation raises mood.", ["more on moods"]),
        (
            "The heart slows, echoing [[vagus | findings on the vagus nerve]].",
            "The heart slows.",
            ["findings on the vagus nerve"],
        ),
        ("Pulses change the mood of patients. [[moods]].", "Pulses change the mood of patients.", ["moods"]),
        (
            "DNA is wrapped around proteins called [[histones_in_cells | histones]].",
            "DNA is wrapped around proteins called histones.",
            [],
        ),
        (
            "A coil holds [[long_copper_wires | many turns of copper wire]].",
            "A coil holds many turns of copper wire.",
            [],
        ),
        (
            "It is part of the [[prefrontal_cortex | prefrontal cortex]] [00:01].",
            "It is part of the prefrontal cortex.",
            [],
        ),
        ("The lab builds AI [[agents_in_labs | agents]].", "The lab builds AI agents.", []),
        ('The method is called "[[saint | SAINT]]".', 'The method is called "SAINT".', []),
        ("[[TMS]] is a technique.", "TMS is a technique.", []),
        ("It is on [the site](https://a.example/some-long-title).", "It is on the site.", []),
    ],
)
def test_links_beside_a_sentence_leave_it(nlp: Any, markdown: str, text: str, see_also: list[str]) -> None:
    [passage] = without_see_also(nlp, passages.read(Source(SourcePath("a.md"), "a.md", "T", markdown)))
    assert passage.text == text
    assert [link.words for link in passage.see_also] == see_also


def test_places_move_along(nlp: Any) -> None:
    markdown = "Mood rises quickly [[moods | more about moods]] [00:10]. The **coil** is [[coils | cold]] [00:20]."
    [passage] = without_see_also(nlp, passages.read(Source(SourcePath("a.md"), "a.md", "T", markdown)))
    assert passage.text == "Mood rises quickly. The coil is cold."
    assert [passage.text[: s.offset] for s in passage.timestamps] == [
        "Mood rises quickly",
        "Mood rises quickly. The coil is cold",
    ]
    assert [passage.text[s.start : s.end] for s in passage.emphasis] == ["coil"]
    assert [passage.text[link.start : link.end] for link in passage.links] == ["cold"]


@pytest.mark.parametrize(
    "markdown",
    [
        "Swimmers wore a waterproof watch [[watches | wore a waterproof watch]].",
        "For beginners, moving the coil is healthy [[coils | coil choice]].",
        "The patient sits still in a quiet environment [[trust | building trust]], and the coil is set.",
    ],
)
def test_an_ending_that_may_be_a_link_or_not_is_doubtful(nlp: Any, markdown: str) -> None:
    [passage] = without_see_also(nlp, passages.read(Source(SourcePath("a.md"), "a.md", "T", markdown)))
    assert [link.doubtful for link in passage.see_also] == [True]


def test_a_see_also_link_belongs_to_its_own_sentence(nlp: Any) -> None:
    markdown = "Mood rises quickly [[moods | more about moods]]. The coil is cold. Pulses are short. [[pulses]]"
    [passage] = without_see_also(nlp, passages.read(Source(SourcePath("a.md"), "a.md", "T", markdown)))
    starts = [*sentences.starts(passage.text), len(passage.text)]
    words = [[s.words for s in passage.see_also_in(a, len(passage.text[:b].rstrip()))] for a, b in pairwise(starts)]
    assert words == [["more about moods"], [], ["pulses"]]
