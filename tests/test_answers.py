"""What belongs to an answer, and what gives it away."""

from __future__ import annotations

import pytest

from tmscards.anki import clozes
from tmscards.domain import CharSpan, Edit, Gap
from tmscards.language import abbreviations, answers, equations, questions
from tmscards.text import stem


def place(text: str, words: str) -> CharSpan:
    start = text.index(words)
    return CharSpan(start, start + len(words))


@pytest.mark.parametrize(
    ("text", "words", "whole"),
    [
        ("The bill was $40 in all.", "40", "$40"),
        ("About 20 % of all cells die.", "20", "20 %"),
        ("Water boils at 100 °C (212 °F) here.", "100 °C", "100 °C (212 °F)"),
        ("It takes 20 minutes (see page 3).", "20 minutes", "20 minutes"),
        ("It takes 20 minutes (a long time).", "20 minutes", "20 minutes"),
        ("Heat shock factor one (HSF1) binds.", "Heat shock factor one", "Heat shock factor one (HSF1)"),
        ("It uses WPAN (wireless personal area network).", "WPAN", "WPAN (wireless personal area network)"),
        (
            "It uses WPAN (wireless personal area network).",
            "wireless personal area network",
            "wireless personal area network",
        ),
        ("The cells (which bind) die.", "cells", "cells"),
        ("In 1985 it began.", "1985", "1985"),
    ],
)
def test_an_answer_is_asked_with_what_belongs_to_it(text: str, words: str, whole: str) -> None:
    introduced = {CharSpan(start, end): found.short for found, start, end in abbreviations.find(text)}
    found = answers.whole(text, place(text, words), introduced)
    assert text[found.start : found.end] == whole


@pytest.mark.parametrize(
    ("formula", "side"),
    [
        (r"\(F = m \cdot a\)", r"m \cdot a"),
        (r"\(\hat y = g(z) = a\)", "g(z)"),
        (r"\(\begin{equation} w \equiv \frac{p(x)}{q(x)} \end{equation}\)", r"\frac{p(x)}{q(x)}"),
        (r"\(\Delta E = m,\)", "m"),
        (r"\(a = \frac{N}{2},\quad b = c\)", r"\frac{N}{2}"),
        (r"\(f(x=1)\)", None),
        (r"\(x\)", None),
        (r"\(= 3\)", None),
        (r"\(\begin{align} a &= b \\ c &= d \end{align}\)", None),
    ],
)
def test_the_right_side_of_an_equation(formula: str, side: str | None) -> None:
    found = equations.right_side(formula)
    assert (formula[found.start : found.end] if found else None) == side


def test_a_step_of_a_derivation_is_no_formula_to_recall() -> None:
    assert equations.derives(r"\(x^2 = 0 \Rightarrow x = 0\)")
    assert not equations.derives(r"\(f: A \rightarrow B\)")


@pytest.mark.parametrize(
    "words", ["inhibits inhibitor inhibition", "memory memories", "stimulate stimulation", "cat cats"]
)
def test_words_of_one_stem(words: str) -> None:
    assert len(set(map(stem, words.split()))) == 1


@pytest.mark.parametrize("words", ["international internet", "mass message", "cell cellar"])
def test_words_that_only_begin_alike(words: str) -> None:
    assert len(set(map(stem, words.split()))) == len(words.split())


def test_a_lead_is_hidden_before_what_follows_it() -> None:
    lead, other = Gap(0, 0, "Triad", 0.9, number=1), Gap(0, 11, "Three notes", 0.8, number=2)
    edits = questions.with_lead([lead, other], [Edit(0, 0, "Triad: ")])
    assert clozes.write("Three notes in thirds", [lead, other], edits) == "{{c1::Triad}}: {{c2::Three notes}} in thirds"
    assert questions.with_lead([other], [Edit(0, 0, "Triad: ")]) == [Edit(0, 0, "Triad: ")]
    bare = questions.with_lead([lead], [])
    assert clozes.write("Three notes.", [lead], bare) == "{{c1::Triad}}: Three notes."
