"""Notes from strangers: whatever is in them, they are read or refused with a message, and forge nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from patterns import PATTERNS
from tmscards.domain import Passage, Source
from tmscards.errors import UserError
from tmscards.notes import passages, sources, timestamps

UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U0001fffe\U0010ffff]")
"""Control characters, halves of characters, no characters, and what marks are made of."""


def parse(text: str) -> Source:
    return sources.parse(text.encode(), Path("note.md"), Path())


def read(text: str) -> list[Passage]:
    return passages.read(parse(text))


def texts(source: Source) -> list[str]:
    """Every text that a source hands on."""
    found = [source.title, *source.tags, source.lang, source.recording.url if source.recording else ""]
    for passage in passages.read(source):
        found += [passage.text, *passage.headings, passage.label or "", passage.block_id or "", passage.callout or ""]
        found += [link.target for link in passage.links] + [cloze.hint for cloze in passage.clozes]
        found += [stamp.url or "" for stamp in passage.timestamps]
    return found


def front(yaml: str) -> str:
    return f"---\n{yaml}\n---\nA cell is a room.\n"


@pytest.mark.parametrize("name", PATTERNS)
def test_patterns_that_once_took_long_are_read(name: str) -> None:
    note = PATTERNS[name](3_000)
    try:
        source = parse(note)
    except UserError:
        return
    lines = note.count("\n") + 1
    for passage in passages.read(source):
        assert 1 <= passage.line <= lines
        assert all(0 <= stamp.offset <= len(passage.text) for stamp in passage.timestamps)
        places = [*passage.links, *passage.emphasis, *passage.highlights, *passage.clozes, *passage.math]
        assert all(0 <= place.start <= place.end <= len(passage.text) for place in places)
        assert not UNSEEN.search(passage.text)


@pytest.mark.parametrize(
    "forged",
    [
        "&#xFDD0;0&#xFDD1;",
        "&#xfdd2;0&#xfdd1;",
        "&#64976;0&#64977;",
        "&#x0FDD0;0&#64977;",
        "\ufdd00\ufdd1",
        "&#XFDD2;9&#64977;",
    ],
)
@pytest.mark.parametrize(
    "note",
    [
        "`code` and {}\n",
        "# `code` and {}\n\ntext\n",
        "`code` **{}** and *a{}b*\n",
        "`code` [words {}](https://a.example/{} 'title {}')\n",
        "`code` [words][a]\n\n[a]: https://a.example/{} '{}'\n",
        "`code` [[page {}|words {}]] {{{{c1::answer {}::hint {}}}}} =={}==\n",
        "| a | b |\n| --- | --- |\n| `code` | {} |\n",
        "`term` {}\n: definition {}\n",
        "<div>\n`code` {} and <b>{}</b>\n</div>\n",
        "> [!note] {}\n> `code` {}\n",
        "`code` ![image {}](a.png '{}') $x {}$\n",
    ],
)
def test_entities_forge_no_marks(note: str, forged: str) -> None:
    source = parse(note.format(*[forged] * note.count("{}")))
    assert not [text for text in texts(source) if UNSEEN.search(text)]
    shown = " ".join(passage.text for passage in passages.read(source))
    assert shown.count("code") + shown.count("term") == 1


def test_characters_of_an_icon_font_stay() -> None:
    (passage,) = read("\ue000 `code` \ue0010\ue002 is &#xE000;.\n")
    assert passage.text == "\ue000 code \ue0010\ue002 is \ue000."


def test_codes_in_an_address_forge_no_marks() -> None:
    (passage,) = read("`code` <https://a.example/%EF%B7%900%EF%B7%91%01%1f%c2%80>\n")
    assert passage.text == "code https://a.example/0"


def test_a_hint_and_a_target_show_what_is_in_them() -> None:
    (passage,) = read("A {{c1::cell::`code` of $x$}} is [[a `page` of $y$|there]].\n")
    assert [cloze.hint for cloze in passage.clozes] == ["code of x"]
    assert [link.target for link in passage.links] == ["a page of y"]


@pytest.mark.parametrize(
    ("note", "seconds"),
    [
        ("A cell [is](https://a.example/a.mp3?t=²:30) here.", []),
        ("A cell https://a.example/?t=1:²0 is here.", []),
        (f"A cell [is](https://youtu.be/X4QE6t-MkYE?t={'9' * 400}) here.", []),
        (f"A cell [is](https://youtu.be/X4QE6t-MkYE?t={'9' * 5000}) here.", []),
        (f"A cell [is](https://youtu.be/X4QE6t-MkYE?t={'9' * 400}h) here.", []),
        (f"A cell [is](https://youtu.be/X4QE6t-MkYE?t={'0' * 30}9) here.", [9]),
        (f"A cell [0:10](ytseek://{'9' * 5000}) is here.", [10]),
        (f'A cell <a class="yt-timestamp" data-t="{"9" * 30}">[0:10]</a> is here.', [10]),
        (f"A cell {{{{youtube-timestamp {'9' * 5000}}}}} is here.", []),
        (f"A cell (#t={'9' * 5000}) is here.", []),
        ("A cell [٠٠:١٠] is here.", [10]),
        (f"A cell [0:{'5' * 5000}] is here.", []),
    ],
)
def test_numbers_that_are_no_time_are_left_alone(note: str, seconds: list[int]) -> None:
    assert [stamp.seconds for stamp in read(note)[0].timestamps] == seconds


def test_numbers_of_cloze_deletions_and_characters_can_be_too_large() -> None:
    (passage,) = read(f"A {{{{c999::cell}}}} is a {{{{c²::room}}}} and a {{{{c{'5' * 5000}::hall}}}}.\n")
    assert [cloze.number for cloze in passage.clozes] == [None]
    (passage,) = read(f"<div>\nA cell &#{'9' * 5000}; &#x{'f' * 5000}; is a room.\n</div>\n")
    assert passage.text == "A cell is a room."


@pytest.mark.parametrize(
    "address",
    [
        "http://[x",
        "http://[x]:y/?t=1",
        "https://youtube.com/attribution_link?u=http://[x",
        "https://www.youtube.com/attribution_link?u=http://[x&t=1",
        "https://a.example:99999999/?t=1",
        "https://a.example:x/a.mp3?t=1",
        "https://\u2100.example/?t=1",
        "https://a.example/?t=%ff&u=%",
        "//[",
    ],
)
def test_addresses_that_are_none_stop_nothing(address: str) -> None:
    notes = [f"A cell [is]({address}) here.", f"A cell <{address}> is here.", f"A cell {address} is here."]
    for note in [*notes, front(f"url: '{address}'\nsource: '{address}'"), f"[0:10]({address}) A cell is here."]:
        source = parse(note)
        assert sources.stamps(source) is not None
        assert "cell" in " ".join(passage.text for passage in passages.read(source))


def test_an_address_without_end_is_no_recording() -> None:
    source = parse(f"A cell is a room. https://a.example/{'a' * 5000}.mp3 https://a.example/{'b' * 500}.mp3\n")
    assert source.recording is not None
    assert "bbb" in source.recording.url


@pytest.mark.parametrize(
    ("inside", "texts"),
    [
        ("<![\nwords\n", ["<![ words"]),
        ("<![if a]> words\n", ["words"]),
        ("<![CDATA[ a > b ]]> words\n", ["words"]),
        ("<![CDATA[ words\n", ["<![CDATA[ words"]),
        ("<!x words\n", ["<!x words"]),
        ("<? a ?> words\n", ["words"]),
        ("</ words\n", ["</ words"]),
        ("<!-- words\n", ["<!-- words"]),
        ("<b title='>' words\n", ["' words"]),
        ("<b title='a > b'>words</b> <a x\n", ["words <a x"]),
        ("<b title='a > b>words</b> more\n", ["b>words more"]),
        ("<script>if (a < b) <form>c</script> words\n", ["words"]),
        ("<script>words\n", []),
        ("words<br/>and<BR>more<p\nclass=a>words\n", ["words", "and", "more", "words"]),
        ("<form>a</form>words<xform>and</xform>\n", ["wordsand"]),
    ],
)
def test_html_blocks_that_are_not_well_formed(inside: str, texts: list[str]) -> None:
    # The blank line ends the block, so that nothing closes what is open in it.
    assert [passage.text for passage in read(f"<div>\n{inside}\n\n")] == texts


def test_lines_of_html_blocks_stay_true() -> None:
    found = read(
        "first\n\n<div class='a\nb'>\n\n<div>\n\n words\n<p>more &amp;\n<b>words</b>\n\n\n<pre>\n</pre> last\n"
    )
    assert [(passage.line, passage.text) for passage in found] == [
        (1, "first"),
        (8, "words"),
        (9, "more & words"),
        (14, "last"),
    ]


@pytest.mark.parametrize(
    ("yaml", "title", "said"),
    [
        ("a: b\ntitle: 0x" + "f" * 990, "0x" + "f" * 990, []),
        ("title: " + "1" * 6000, "note", ["1: this title has 6000 characters and is not read"]),
        ("title: 1" + ":59" * 4000, "note", ["1: this title has 12001 characters and is not read"]),
        ('title: !!int ""', "note", []),
        ("title: !!timestamp x", "x", []),
        ("title: !!python/name:os.system", "note", []),
        ("a: b\ndate: 2024-13-45", "note", []),
        ("title: T\n? [a]\n: b", "T", []),
        ("{[]: 1}", "note", []),
        ("tags: &a [*a]", "note", []),
        ("&a a: b\n? &x {*x : 1}\n: c", "note", []),
        ('title: "\\ud800"', "\\ud800", []),
        ("title: T\ntags: [" + ", ".join(f"t{i}" for i in range(201)) + "]", "T", ["1: 1 of 201 tags are left out"]),
        ("title: T\ntags: [" + "a" * 201 + "]", "T", ["1: 1 of 1 tags are left out"]),
        ("title: T\ntags: " + "[" * 3000, "note", ["2: the front matter is nested too deeply, and is not read"]),
        ("title: T\nup: {{title}}", "T", ["3: up is still a placeholder"]),
        ("title: T\n\tauthor: me", "T", []),
        (
            "title: T\ntags:\n  - a\n - b: [\n",
            "T",
            ["4: this is not a key and a value", "5: this is not a key and a value"],
        ),
        ("title: S\ntitle: T", "T", ["3: title is there twice"]),
        ("title: Life: one", "Life: one", []),
        ("title: 'It's alive'", "It's alive", []),
    ],
)
def test_what_is_odd_in_front_matter_costs_nothing_else(yaml: str, title: str, said: list[str]) -> None:
    source = parse(front(yaml))
    assert source.title == title
    assert [
        str(fault).removeprefix("note.md:")[: len(words)] for fault, words in zip(source.faults, said, strict=True)
    ] == said
    assert [passage.text for passage in passages.read(source)][-1] == "A cell is a room."


@pytest.mark.parametrize(
    "step",
    ["a{1}: &a{1} [*a{0}, *a{0}]", "a{1}: &a{1}\n  <<: [*a{0}, *a{0}]", "a{1}: &a{1} {{b: *a{0}, c: *a{0}}}"],
)
def test_aliases_that_stand_for_more_and_more_are_not_followed(step: str) -> None:
    yaml = "\n".join(["title: T", "a0: &a0 {b: c}", *(step.format(i, i + 1) for i in range(40))])
    assert len(yaml) < 2000
    assert parse(front(yaml)).title == "T"


def test_a_few_aliases_are_read() -> None:
    assert parse(front("b: &b [x, y]\ntags: *b")).tags == ("x", "y")


@pytest.mark.parametrize(
    "note",
    [
        "---\nOne odd thing about otters: they sleep.\n---\nA cell is a room.\n",
        "---\n- a list: of things\n- b\n---\nA cell is a room.\n",
        "---\n**Otters**: they sleep.\n\n---\nA cell is a room.\n",
        "---\n\nWords.\n\n---\nA cell is a room.\n",
        "---\n---\nA cell is a room.\n\n---\n\nWords: more.\n",
        "+++\nWords.\n+++\nA cell is a room.\n",
        '{"a": 1,, "b": 2} A cell is a room.\n',
    ],
)
def test_prose_between_rules_is_no_front_matter(note: str) -> None:
    text = " ".join(passage.text for passage in read(note))
    assert re.sub(r"\W+", " ", text).split() == re.sub(r"\W+", " ", note).split()


def test_values_of_other_types_are_no_title_and_no_tags() -> None:
    yaml = (
        "1: a\nnull: b\n2024-01-01: c\ntitle: !!binary aGFsbG8=\ntags: !!set {a}\nlang: [de]\nurl: {a: b}\nvideo: .inf"
    )
    source = parse(front(yaml))
    assert (source.title, source.tags, source.lang, source.recording) == ("aGFsbG8=", (), "", None)


@pytest.mark.parametrize(
    ("value", "title"),
    [("NaN", "NaN"), ("1e999", "1e999"), ("-Infinity", "-Infinity"), ("1" * 900, "1" * 900), ("[1]", "note")],
)
def test_numbers_in_json_are_taken_as_written(value: str, title: str) -> None:
    assert parse(f'{{"title": {value}, "tags": [1, NaN, {"2" * 150}]}}\nA cell is a room.\n').title == title


@pytest.mark.parametrize("text", ['{"title": ' + "1" * 6000 + "}\nwords\n", '{"a":' * 10_000, '{"a":' + "[" * 10_000])
def test_json_that_is_too_large_costs_the_note_nothing(text: str) -> None:
    source = parse(text)
    assert source.title == "note"
    assert "note.md:1: " in str(source.faults[0])


def test_halves_of_characters_and_controls_are_left_out_of_front_matter() -> None:
    json = r'{"title": "a\ud800b\u0001c\u001fd\ufffe\ufdd00\ufdd1", "tags": ["\udfff", "x\ud800\u0000y"], "url": "https://a.example/\ud800\u0007"}'
    source = parse(json + "\nwords\n")
    assert (source.title, source.tags) == ("abc d0", ("xy",))
    assert source.recording is not None
    assert source.recording.url == "https://a.example/"
    yaml = (
        r'title: "a\x01b\x1fc\x85d\ufffe"'
        + "\n"
        + r'tags: ["x\x1fy", "\x7fz"]'
        + "\n"
        + r'url: "https://a.example/\x9f"'
    )
    source = parse(front(yaml))
    assert (source.title, source.tags) == ("ab c d", ("x_y", "z"))
    assert not [text for text in texts(source) if UNSEEN.search(text)]


def test_controls_in_a_file_and_in_entities_reach_nothing() -> None:
    controls = "".join(
        map(chr, [*range(1, 9), *range(11, 13), *range(14, 32), *range(127, 160), 0xFFFE, 0xFDD0, 0x1FFFF])
    )
    entities = "".join(f"&#{ord(c)};&#x{ord(c):x};" for c in controls) + "&#xd800;&#x110000;"
    for odd in (controls, entities):
        source = parse(
            f"# Tit{odd}le\n\nA ce{odd}ll [[pa{odd}ge|wo{odd}rds]] {{{{c1::a{odd}b::hi{odd}nt}}}} `co{odd}de` $x{odd}y$ "
            f"[li{odd}nk](https://a.example/{odd} 't{odd}') **bo{odd}ld** ^id{odd}\n\n<div>\nro{odd}om\n</div>\n\n"
            f"| a{odd} | b |\n| --- | --- |\n| c{odd} | d |\n"
        )
        assert not [text for text in texts(source) if UNSEEN.search(text)]


def test_what_counts_as_white_space_keeps_words_apart_and_lines_in_place() -> None:
    found = read("one\x0btwo\x0cthree\x85four\u2028five\u2029six\x1fseven\r\neight\rnine\n\n[0:10] ten\n")
    assert [passage.text for passage in found] == ["one two three four five six seven", "eight", "nine", "ten"]
    assert [passage.line for passage in found] == [1, 2, 3, 5]
    (fault,) = parse("---\na: b\u2028\x85\x0c\ntitle: {{title}}\n---\nwords\n").faults
    assert str(fault).startswith("note.md:3: ")


def test_a_paragraph_of_over_a_million_characters_is_read() -> None:
    (passage,) = read("cell " * 210_000)
    assert len(passage.text) == 5 * 210_000 - 1


def test_what_every_sentence_gets_is_limited() -> None:
    long = "word " * 1000
    found = read(f"# {long}\n\nA cell.\n\n{long}\n: a definition\n\n**{long.strip()}** The room is here.\n")
    assert all(len(title) <= 2000 for passage in found for title in passage.headings)
    assert [passage.label for passage in found] == [None] * len(found)
    row = "| " + "[0:01] " * 300 + "| b | c |\n"
    cells = read(f"| {long} | x | y |\n| --- | --- | --- |\n| {long} | b | c |\n{row}")
    assert [cell.label for cell in cells[1:3]] == [None, None]
    assert [len(cell.timestamps) for cell in cells[3:]] == [300]
    assert [len(cell.timestamps) for cell in read(row.replace("b", long).join(["| a |\n|-|\n", ""]))] == [300]


def test_many_words_before_a_time_are_no_riddle() -> None:
    assert not timestamps.find("[" + "at to from " * 40 + "!")
    assert [stamp.seconds for found in timestamps.find("[at: to from  0:10]") for stamp in found.stamps] == [10]


def test_addresses_without_a_space_between_them() -> None:
    found = timestamps.find("https://a.example/https://b.example/?t=1 https://c.example/[https://d.example/ x")
    assert [(each.start, each.end, [stamp.seconds for stamp in each.stamps]) for each in found] == [(0, 40, [1])]
