"""What a card shows, from the note to its fields, with the real pipeline and ranker."""

from __future__ import annotations

from dataclasses import replace

import pytest

import candidates
from tmscards.anki import clozes
from tmscards.deck import selection
from tmscards.deck.recipes import Limits
from tmscards.domain import Candidate, Gap, SentenceResult, Source, SourcePath, TokenSpan
from tmscards.language import answers, context, extraction, questions
from tmscards.language.extraction import Engine


def results(engine: Engine, markdown: str, title: str = "Magnetic stimulation") -> list[SentenceResult]:
    return list(extraction.extract(engine, Source(SourcePath("a.md"), "a.md", title, markdown)).results)


def reason(result: SentenceResult) -> str | None:
    """Why no note is made of a sentence, where nearly everything becomes one."""
    return selection.judge(result, "full")


def shown(result: SentenceResult) -> str:
    """The text of a note with no gap hidden."""
    return clozes.write(result.text, (), result.edits)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("However, the coil heats the cortex.", "The coil heats the cortex."),
        ("Dr. Lee notes that the coil heats the cortex.", "The coil heats the cortex."),
        ("Additionally, Dr. Lee explains that the coil heats the cortex.", "The coil heats the cortex."),
        ("Dr. Lee notes the coil.", "Dr. Lee notes the coil."),
        ("The team found that the coil heats the cortex.", "The team found that the coil heats the cortex."),
        ("However warm it is, the coil works.", "However warm it is, the coil works."),
        ("Fortunately, the coil heats the cortex only a little.", "The coil heats the cortex only a little."),
        ("Important note: the coil heats the cortex.", "The coil heats the cortex."),
        ("**Coil Heat**: A coil gives its heat to the cortex.", "A coil gives its heat to the cortex."),
        ("**Small coils**: A coil gives its heat to the cortex.", "Small coils: A coil gives its heat to the cortex."),
    ],
)
def test_lead_ins_are_cut_where_a_sentence_is_left(engine: Engine, sentence: str, expected: str) -> None:
    [result] = results(engine, sentence)
    assert result.text == sentence.replace("**", "")
    assert shown(result) == expected


@pytest.mark.parametrize(
    ("before", "sentence", "expected"),
    [
        (
            "The SAINT protocol was tested in 2020.",
            "This protocol takes five days.",
            "[The SAINT protocol] takes five days.",
        ),
        (
            "The motor cortex controls the muscles.",
            "It contains a map of the whole body.",
            "[The motor cortex] contains a map of the whole body.",
        ),
        (
            "Barker built the first stimulator.",
            "His device moved the hands of volunteers.",
            "[Barker’s] device moved the hands of volunteers.",
        ),
    ],
)
def test_a_sure_reference_is_said_in_brackets(engine: Engine, before: str, sentence: str, expected: str) -> None:
    result = results(engine, f"{before} {sentence}")[1]
    assert shown(result) == expected
    assert result.before == ""


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        ("Barker is an engineer of Sheffield.", "It's believed that the coil heats the nerve below it."),
        ("Barker built the first stimulator.", "It was sold to many hospitals."),
        ("The main risk is a seizure of the patient.", "Its likelihood is below one in a thousand."),
        ("A large coil heats the cortex.", "It needs a strong current from the device."),
        ("The device has a special coil.", "This coil bundle focuses the field below its centre."),
        ("There was a wave of service attacks.", "These attacks lasted for two weeks in May."),
        ('The "product operating model is a way to work.', "It avoids terms like product-led in all meetings."),
        ("The matrix whose columns are vectors is large.", "Its inverse does the opposite."),
        ("My working hypothesis is that sleep helps.", "It explains what happens at night."),
        ("The moon's environment is hostile.", "Its thin atmosphere has little effect."),
        ("The firm has little capital.", "The founder emphasizes that capital is not the challenge."),
        ("The first engine is small.", "Another engine is also available in the shop."),
        ("The two coils heated two small videos.", "These videos show the cortex."),
        ("Barker invited him to the clinic.", "He measured the pulses."),
        ("Coils and magnets excite the cortex.", "They also heat it."),
        ("The year 2008 was a turning point.", "It brought the first stimulator."),
        ("The firm changed its business model.", "This model pays for the coils."),
        ("The first exam was held in 2016.", "For its first three years, the exams were on paper."),
    ],
)
def test_an_unsure_reference_is_said_by_nobody(engine: Engine, before: str, sentence: str) -> None:
    result = results(engine, f"## Coils\n\n{before} {sentence}")[-1]
    assert "[" not in shown(result)


def test_a_range_of_time_keeps_its_end(engine: Engine) -> None:
    both = results(engine, "The ==coil== heats the cortex [0:10 - 0:30]. The nerve ==calms== the heart [0:40].")
    assert [(result.seconds, result.end) for result in both] == [(10, 30), (40, None)]
    draft = [Candidate(Source(SourcePath("a.md"), "a.md", "T", ""), result, result.gaps) for result in both]
    assert [note.end for note in candidates.notes(candidates.build(draft))] == [30, None]


def test_a_less_sure_reference_shows_the_sentence_before(engine: Engine) -> None:
    said = "Repeated pulses strengthen the synapses of the motor cortex."
    result = results(engine, f"## Effects\n\n{said} This lasts for 30 minutes after the session.")[2]
    assert result.before == said
    assert questions.context_lines(result, result.gaps[:1])[-1] == said


def test_the_sentence_before_is_shown_without_its_asides_or_not_at_all(engine: Engine) -> None:
    aside = ", leading to a lasting change in the way in which the two halves of the brain work together in most people"
    said, after = (
        "Repeated pulses strengthen the synapses of the motor cortex",
        "This lasts for 30 minutes after the session.",
    )
    assert results(engine, f"{said}{aside}. {after}")[1].before == f"{said}."
    plain = f"{said} and of the areas around it in the right and in the left half of the brain of most healthy people"
    assert len(plain.split()) > context.LONGEST_BEFORE
    result = results(engine, f"{plain}. {after}")[1]
    assert result.before == ""
    assert str(reason(result)).startswith("refers to something that its source does not explain")


def test_a_fragment_whose_lead_is_too_long_to_be_shown_makes_no_card(engine: Engine) -> None:
    lead = "Patients who have had a stroke in the left half of the brain, and who cannot speak since then, often get"
    *_, fragment = results(
        engine, f"# Strokes\n\n- {lead} one of these treatments before they go home\n    - Magnetic stimulation"
    )
    assert str(reason(fragment)) == "what it is about is too long to stand above its card"
    *_, fragment = results(engine, "# Strokes\n\n- Treatments\n    - Magnetic stimulation")
    assert "too long" not in str(reason(fragment))


def test_sixteen_words_stand_above_at_most_the_nearest_first() -> None:
    heads = ("A title of five words", "A heading that has quite a few words", "The nearest heading of all")
    result = SentenceResult(1, "The coil is cold.", "fact", 1.0, above=heads)
    assert questions.context_lines(result, ()) == (f"{heads[0]} › {heads[2]}",)
    assert questions.context_lines(replace(result, above=heads[:2]), ()) == (" › ".join(heads[:2]),)
    # What a list item is about comes before everything else.
    lead = "What a coil does to the nerves that lie below it"
    item = replace(result, above=(*heads, lead), lead=(lead,))
    assert questions.context_lines(item, ()) == (f"{heads[0]} › {lead}",)
    before = replace(result, before="It has been in a fridge for more than an hour.")
    assert questions.context_lines(before, ()) == (heads[0], before.before)


def test_a_list_is_not_the_context_of_a_paragraph_behind_it(engine: Engine) -> None:
    said, after = "Repeated pulses strengthen the synapses of the motor cortex.", "This effect lasts about an hour."
    assert results(engine, f"{said}\n\n{after}")[1].before == said
    assert results(engine, f"- {said}\n\n{after}")[1].before == ""
    assert results(engine, f"{said}\n\n- {after}")[1].before == said


def test_such_that_refers_to_nothing(engine: Engine) -> None:
    [result] = results(
        engine, "Hashing makes a short text of a file, such that any small change in the file gives another text."
    )
    assert not any(finding.rule == "unresolved" for finding in result.findings)


def test_no_card_where_nobody_can_say_what_is_meant(engine: Engine) -> None:
    [result] = results(engine, "This lasts for 30 minutes after the session.")
    assert str(reason(result)).startswith("refers to something that its source does not explain")


def test_titles_that_give_the_answer_away_are_left_out() -> None:
    result = SentenceResult(1, "TMS is safe.", "fact", 1.0, above=("Talk", "How safe is TMS?"))
    asked = gap_of(result, "safe")
    assert questions.context_lines(replace(result, gaps=(asked,)), (asked,)) == ("Talk",)
    assert questions.context_lines(result, ()) == ("Talk › How safe is TMS?",)


def gap_of(result: SentenceResult, answer: str) -> Gap:
    start = result.text.index(answer)
    return Gap(start, start + len(answer), answer, 1.0, number=1)


def test_a_repeat_of_the_answer_is_hidden_with_it(engine: Engine) -> None:
    doc = engine.nlp("Entrainment: neurons follow a rhythm, and entrainment lasts for ten minutes.")
    words = answers.SentenceWords(doc[:])
    again = words.look(TokenSpan(0, 1))
    assert again.fault is None
    term = Gap(0, 11, "Entrainment", 1.0, again.repeats, number=1)
    text = clozes.write(doc.text, (term,))
    assert text.startswith("{{c1::Entrainment}}: neurons follow a rhythm, and {{c1::entrainment}} lasts")
    faults = {doc[a:b].text: words.look(TokenSpan(a, b)).fault for a, b in ((9, 10), (2, 3), (12, 13))}
    assert faults == {"lasts": None, "neurons": None, "minutes": None}


@pytest.mark.parametrize(
    ("sentence", "answer", "why"),
    [
        ("The pulses increase the firing rate.", "increase", "one of two"),
        ("The coil has an important role in it.", "role", "says nothing by itself"),
        ("The coil was slowly cooled.", "slowly", "an adverb"),
        ("A ring of wire known as a coil is cold.", "known as a coil", "the name behind it"),
        ("Daily sessions of ten minutes beat weekly sessions of an hour.", "sessions of an hour", None),
        ("A form of learning is spaced learning in many forms.", "form of learning", "stands elsewhere"),
    ],
)
def test_what_is_no_fair_question(engine: Engine, sentence: str, answer: str, why: str | None) -> None:
    doc = engine.nlp(sentence)
    start = sentence.index(answer)
    span = doc.char_span(start, start + len(answer))
    assert span is not None
    fault = answers.SentenceWords(doc[:]).look(TokenSpan(span.start, span.end)).fault
    assert fault is None if why is None else str(fault).startswith(why)


def test_an_article_does_not_tell_how_the_answer_begins() -> None:
    result = SentenceResult(1, "The coil is an electromagnet.", "fact", 1.0)
    asked = gap_of(result, "electromagnet")
    made = clozes.write(result.text, (asked,), tuple(questions.with_articles(result.text, (asked,))))
    assert made == "The coil is a(n) {{c1::electromagnet}}."


def test_an_article_that_begins_a_card_has_a_capital_letter(engine: Engine) -> None:
    [result] = results(engine, "However, an electromagnet heats the motor cortex in the brain.")
    asked = replace(gap_of(result, "electromagnet"), number=None)
    [note] = candidates.notes(
        candidates.build(
            [Candidate(Source(SourcePath("a.md"), "a.md", "T", ""), replace(result, gaps=(asked,)), (asked,))]
        )
    )
    assert note.text == "A(n) {{c1::electromagnet}} heats the motor cortex in the brain."


def test_what_cannot_be_read_is_not_shown_above_another_sentence(engine: Engine) -> None:
    said, after = "Repeated pulses strengthen [[the synapses of the motor cortex.", "This lasts for 30 minutes."
    assert results(engine, f"{said} {after}")[1].before == ""


def test_half_a_bracket_is_no_meaning_of_a_reference(engine: Engine) -> None:
    before = "The Public Key (Private API Key) is a secret of the motor cortex."
    said = shown(results(engine, f"{before} This key is safe to share with the others.")[1])
    assert said.count("(") == said.count(")")


def test_a_number_is_asked_with_a_hint(engine: Engine) -> None:
    [result] = results(engine, "The first stimulator was built in 1985 in Sheffield by Anthony Barker.")
    assert {g.text: g.hint for g in result.gaps}["1985"] == "year"


def test_what_the_author_marks_wins(engine: Engine) -> None:
    text = "The {{c2::coil::part}} is {{c1::cold}}. The heart is ==a pump== they say. Not much is said here. %% tmscards: keep %%"
    cloze, highlight, kept = results(engine, text)
    made = clozes.write(cloze.text, selection.gaps(cloze, Limits(), "normal"), cloze.edits)
    assert made == "The {{c2::coil::part}} is {{c1::cold}}."
    assert [g.text for g in highlight.gaps] == ["a pump"]
    assert all(reason(each) is None for each in (cloze, highlight, kept))
    [skipped] = results(engine, "TMS is a method that moves the hand by magnetic pulses. %% tmscards: skip %%")
    assert reason(skipped) == "skipped by its author"


def test_a_sentence_highlighted_as_a_whole_is_kept_and_not_hidden(engine: Engine) -> None:
    [result] = results(engine, "==The motor cortex controls the muscles of the other side of the body.==")
    assert result.kept
    assert result.gaps[0].text != result.text
    [result] = results(engine, "==**Every DFA is an NFA.**==")
    assert result.kept
    assert all(gap.text != "Every DFA is an NFA." for gap in result.gaps)
    [result] = results(engine, "==Every DFA is an NFA.== %% tmscards: skip %%")
    assert selection.judge(result, "full") is not None
