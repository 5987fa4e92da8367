from __future__ import annotations

from collections.abc import Collection

from tmscards.deck import selection
from tmscards.deck.recipes import Limits
from tmscards.domain import Candidate, Gap, SentenceResult, Source, SourcePath
from tmscards.language import lint, questions


def result(text: str, *answers: str, score: float = 1.0, worth: float = 0.975) -> SentenceResult:
    gaps = tuple(Gap(text.index(a), text.index(a) + len(a), a, worth) for a in answers)
    return SentenceResult(1, text, "fact", score, gaps)


def test_density_sets_how_sure_a_card_must_be() -> None:
    between = (selection.LOWEST["sparse"] + selection.LOWEST["normal"]) / 2
    unsure = result("TMS takes five days.", "five days", worth=between)
    assert selection.judge(unsure, "normal") is None
    reason = selection.judge(unsure, "sparse")
    assert reason is not None
    assert reason.startswith("its best card is worth")
    assert list(selection.LOWEST.values()) == sorted(selection.LOWEST.values(), reverse=True)


def test_findings_that_drop_are_the_reason_and_others_are_not() -> None:
    found = tuple(rule.found() for rule in (*lint.OF_SENTENCES, *lint.OF_STRUCTURE) if rule.id in ("hedge", "question"))
    dropped = SentenceResult(1, "Is it?", "fact", 1.0, result("Is it?", "it").gaps, findings=found)
    assert selection.judge(dropped, "normal") == "a question"
    hedged = SentenceResult(1, "Is it?", "fact", 1.0, result("Is it?", "it").gaps, findings=found[:1])
    assert selection.judge(hedged, "normal") is None


def test_gaps_are_in_the_order_of_the_text_and_as_many_as_the_limit() -> None:
    text = "Barker built it in 1985 in Sheffield."
    four = result(text, "Sheffield", "1985", "Barker", "built", worth=0.995)
    assert [g.text for g in selection.gaps(four, Limits(cards_per_note=2), "full")] == ["1985", "Sheffield"]
    assert len(selection.gaps(four, Limits(), "full")) <= 3


def rules(*results: SentenceResult, staying: Collection[int] = ()) -> list[str | None]:
    """The rule by which each is left out of a deck that has them all."""
    candidates = [Candidate(Source(SourcePath("a.md"), "a.md", "A", ""), v, v.gaps) for v in results]
    judged, _ = selection.drop_duplicates(candidates, staying)
    return [d.result.findings[-1].rule if d.reason else None for d in judged]


def test_duplicates_are_kept_once() -> None:
    first = "The SAINT protocol treats depression with ten daily sessions over five days in hospital."
    near, other = first.replace("treats", "cures"), first.replace("depression", "depression not mania but stroke")
    said = [result(first, "ten"), result(first.upper(), "TEN"), result(near, "ten"), result(other, "ten")]
    assert rules(*said) == [None, "same", "near-duplicate", None]


def test_what_is_in_the_deck_already_comes_first() -> None:
    first = "The SAINT protocol treats depression with ten daily sessions over five days in hospital."
    assert rules(result(first, "ten"), result(first, "ten"), staying={1}) == ["same", None]


def test_the_same_prompt_with_another_answer_is_blocked() -> None:
    text = "Barker built the first stimulator in Sheffield in 1985."
    other = result(text.replace("1985", "1984"), "1984")
    assert rules(result(text, "1985"), other) == [None, "same-prompt"]


def test_leaks_are_seen_through_number_and_case() -> None:
    assert questions.leaks("SAINT protocols", "The saint Protocol › Spacing")
    assert not questions.leaks("five-day regimen", "The SAINT Protocol")
