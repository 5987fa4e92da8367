from __future__ import annotations

import pytest

from tmscards.anki import clozes
from tmscards.domain import CharSpan, Edit, Gap


def gap(text: str, answer: str) -> Gap:
    start = text.index(answer)
    return Gap(start, start + len(answer), answer, 1.0, number=1)


@pytest.mark.parametrize(
    ("text", "answer", "expected"),
    [
        ("TMS is safe.", "safe", "TMS is {{c1::safe}}."),
        ("Use std::vector now.", "std::vector", "Use {{c1::std&#58;&#58;vector}} now."),
        ("Write {{x}} for y.", "y", "Write &#123;&#123;x&#125;&#125; for {{c1::y}}."),
        (r"It is \(e^{x_{1}}\) here.", r"\(e^{x_{1}}\)", r"It is {{c1::\(e^{x_{1&#125;&#125;\)}} here."),
        ("A set {a} is small.", "{a}", "A set {{c1::{a&#125;}} is small."),
        ("a < b & c > d", "c", "a &lt; b &amp; {{c1::c}} &gt; d"),
        ("It plays [sound:x.mp3] and [$]x[/$].", "plays", "It {{c1::plays}} &#91;sound:x.mp3] and &#91;$]x&#91;/$]."),
    ],
)
def test_cloze_text_cannot_be_mistaken_for_ankis_own_syntax(text: str, answer: str, expected: str) -> None:
    assert clozes.write(text, (gap(text, answer),)) == expected


def test_repeats_hints_numbers_and_edits() -> None:
    text = "However, an arc is an arc."
    again = Gap(12, 15, "arc", 1.0, repeats=(CharSpan(22, 25),), hint="kind", number=1)
    assert clozes.write(text, (again,), (Edit(0, 10, "A"),)) == "An {{c1::arc::kind}} is an {{c1::arc::kind}}."
    two = (Gap(12, 15, "arc", 1.0, number=2), Gap(22, 25, "arc", 1.0, number=1))
    assert clozes.write(text, two) == "However, an {{c2::arc}} is an {{c1::arc}}."


@pytest.mark.parametrize(
    ("text", "answers", "plain"),
    [
        ("TMS is {{c1::safe}}.", {1: "safe"}, "TMS is safe."),
        ("{{c2::a::kind}} and {{c1::b}}, {{c2::c}}", {1: "b", 2: "a"}, "a and b, c"),
        (
            "{{c1::std&#58;&#58;vector}} &amp; <b>{{c3::x &lt; y}}</b>",
            {1: "std::vector", 3: "x < y"},
            "std::vector & x < y",
        ),
        ("{{c1::a {{c2::b::hint}} c}}", {1: "a b c", 2: "b"}, "a b c"),
        (r"{{c1::\(e^{x_{1&#125;&#125;\)}}", {1: r"\(e^{x_{1}}\)"}, r"\(e^{x_{1}}\)"),
        ("no {{c1::end", {}, "no"),
        ("{{c1,3::both}} {{c0::none}} }} {{x}}", {1: "both", 3: "both"}, "both none }} {{x}}"),
    ],
)
def test_answers_and_words_are_read_back(text: str, answers: dict[int, str], plain: str) -> None:
    assert clozes.answers(text) == answers
    assert clozes.plain(text) == plain
