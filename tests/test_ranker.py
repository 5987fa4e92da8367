from __future__ import annotations

from dataclasses import replace

import pytest

from tmscards.domain import TokenSpan
from tmscards.language.extraction import Engine
from tmscards.language.features import OF_SENTENCE, OF_SPAN
from tmscards.language.rating import Item
from tmscards.language.wordpieces import LEAD, WordPieces

VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "stimul", "##ation", "cafe", "-", "the", "coil"]


def test_words_are_cut_into_the_longest_pieces_of_the_vocabulary() -> None:
    pieces = WordPieces(VOCABULARY).encode(("The", "Stimulation", "Café-coil", "x"), ("Coil",))
    assert pieces.ids == [2, 8, 4, 5, 6, 7, 9, 1, 3, 9, 3]
    assert pieces.words == [(1, 2), (2, 4), (4, 7), (7, 8)]
    assert pieces.text_end == 8
    assert [pieces.place(span) for span in ((0, 1), (1, 3), LEAD)] == [(1, 2), (2, 7), (9, 10)]


def test_a_long_text_is_cut_and_the_words_behind_it_have_no_pieces() -> None:
    pieces = WordPieces(VOCABULARY).encode(["coil"] * 300, ["coil"] * 300)
    assert len(pieces.ids) < 150
    assert pieces.words[-1][0] == pieces.words[-1][1] == pieces.text_end


def item(text: str, *spans: tuple[int, int], title: str = "") -> Item:
    nothing = (False,) * len(OF_SPAN)
    told = (False,) * len(OF_SENTENCE), (nothing,) * len(spans)
    return Item(tuple(text.split()), tuple(TokenSpan(*span) for span in spans), (title,) if title else (), *told)


ITEMS = [
    item("TMS is a method that moves the hand by magnetic pulses .", (0, 1), (5, 6), (7, 8), title="Magnetic pulses"),
    item("Hello there my friends", (3, 4)),
    item("word " * 300, (0, 1), (298, 300)),
    item("The coil takes five days"),
]


def test_a_rating_depends_on_its_own_sentence_alone(engine: Engine) -> None:
    together = engine.ranker.rate(ITEMS)
    alone = [engine.ranker.rate([item])[0] for item in ITEMS]
    for a, b, item in zip(together, alone, ITEMS, strict=True):
        assert a.worthy == pytest.approx(b.worthy, abs=1e-4)
        assert a.gaps == pytest.approx(b.gaps, abs=1e-4)
        assert len(a.gaps) == len(item.spans)
        assert min((a.worthy, a.important, a.definition, *a.gaps)) >= 0
        assert max((a.worthy, a.important, a.definition, *a.gaps)) <= 1


def test_a_definition_rates_above_a_greeting_and_its_term_above_other_words(engine: Engine) -> None:
    definition, greeting, *_ = engine.ranker.rate(ITEMS)
    assert definition.worthy > 0.5 > greeting.worthy
    assert definition.gaps[0] == max(definition.gaps)


def test_all_layers_read_what_a_person_wants(engine: Engine) -> None:
    dull = item("See you all next week in the same room .", (4, 5), (7, 9))
    passed_over, wanted = engine.ranker.rate([dull, replace(dull, wanted=True)])
    assert passed_over.gaps == (0.0, 0.0)
    assert min(wanted.gaps) > 0


def test_nothing_to_rate(engine: Engine) -> None:
    assert engine.ranker.rate([]) == []
