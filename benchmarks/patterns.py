"""Notes that take long to read for a program that goes back over what it has read: one pattern, as long as asked for.

Each opens something that is not closed, nests it, or repeats it; the units are short, so that a note has many of them.
"""

from __future__ import annotations

from collections.abc import Callable

Pattern = Callable[[int], str]
"""Makes a note of about as many characters as it is given."""


def _repeated(unit: str, before: str = "", after: str = "") -> Pattern:
    return lambda size: before + unit * max(1, (size - len(before) - len(after)) // len(unit)) + after


def _nested(opening: str, closing: str, inside: str = "words") -> Pattern:
    def pattern(size: int) -> str:
        depth = max(1, (size - len(inside)) // len(opening + closing))
        return opening * depth + inside + closing * depth

    return pattern


def _numbered(line: str, before: str = "") -> Pattern:
    """A line with `{}` in it, repeated with a number in its place."""

    def pattern(size: int) -> str:
        return before + "".join(line.format(i) for i in range(max(1, size // (len(line) + 3))))

    return pattern


def _growing(unit: str, ending: str) -> Pattern:
    """The unit once, then twice and so on, each time with the ending: as many different lengths as there can be."""

    def pattern(size: int) -> str:
        count = max(1, int((2 * size / len(unit)) ** 0.5) - len(ending))
        return "".join(unit * i + ending for i in range(1, count + 1))

    return pattern


_WHITE_SPACE = str.maketrans("␠␤␉⍽␊", " \n\t\xa0\u2028")
_UNITS = [
    unit.translate(_WHITE_SPACE)
    for unit in r"""
␠A. a ! ? . , - – : ; 0 0: 1. a.b. A␠b.␠ é 😀 ' " ␠ ␉ ␤ ␠␤ ␤␉ \ \␠ \␤ ␠␠␤ a␠␤ a␤␤ ⍽ ␊ ␠, ␠) (␠ * ** _ __ a* *a␠
a*␠ **a␠ a**␠ *a_␠ _a␠ a_ ***a ~~ ~~a ~~a␠~ *␠_␠ *a␠**a␠ a**b *_ **_ [* *[ *a␠[b](c) **a** [a](b)␠ [a](b)
[a][b]␠ [a]␠ []( [a](b [ ] [a [a]( [a](<b [a](b␠" [a](b␠( ![ ![a]( ![a][ [[ ]] [] [](b) [a][ ]( ](b ]()
[![a](b)](c)␠ [a␤ ![[ ![[a ![[a]]␠ ` `` `a `a` a`b`` \` `␤ ``␠a < > <a <a␠ <a> </a> <a␠b <a␠b= <a␠b=" <a␠b=' <!
<!A <!-- <!--␠ --> <!--> <? <![ <![CDATA[ <![CDATA[a]]> <br> <b>a</b> <div> </div> <script> <mark>
<mark>a</mark> <a@ <http:// <http://a & &a &# &#x &amp; &#64976; &#1; &#x110000; &lt;a #␠ # #␠a␤ #␠a␤␤
######␠a␤b␤␤ #␤ a␤=␤ a␤-␤ =␤ a␤===␤␤ ---␤ ***␤ -␠-␠ >␠ >␠a␤ >␤ >␠a␤␤ >␠>␠a␤ -␠ -␤ -␠a␤ -␠a␤␤ *␠ 1.␠a␤ 1)␠ 1.␠
+␠a␤␠␠b␤ -␠a␤␠␠-␠b␤ -␠[␠]␠a␤ -␠[x]␠ >␠[!note]␤>␠a␤␤ >␠[!note]␠ ```␤ ``` ~~~␤ ````␤ ```a␤b␤```␤ ␠␠␠␠a␤ ␉a␤
a␤␠␠␠␠b␤ [a]:␠b␤ [a]:␠b␤␤ [a]:␤ [a]:␠b␠'␤ [a]:␠b␠"c␤ [a␤]:␠b␤ [a]:␠<b␤ | |␠ |a |a|␤ |␠a␠|␤|-|␤␤ |- |-|␤ a|b␤
|-|-|␤ |a|b|␤|-|-|␤|c|d|␤␤ \| a␤|-␤ :-| [^1] [^1]␠ [^ [^a [^1]:␠a␤ [^1]:␠a␤␤ ^[ ^[a ^[a]␠ [^1]: [^1]:␠[^1]␠ a^
␠^a ␠^a␤ a␤:␠b␤ a␤:␠b␤␤ :␠ :␤ a␤␤:␠b␤␤ a␤:␠ ~␠ ::: :::␠a␤ a␠::␠b␤ :␠:␠ :␠␠␠-␠ $ $$ $a $a$ $a␠ a$ $$a $$a$$ $␤ $\
\( \) \(a \(a\) \[ \] \[a a\[ \[a\] \[a␤ \[a: \\( \$ $a\$ $$␤ \begin{a} { } {a {} {␤ {a}␤ {{ }} {{a {{a}} {{c1::
{{c1::a {{c1::a:: {{c1::a}} {{c1::a::b}}␠ {{c1::a} {{c {{c1 :: {{embed␠((a))␠ {{youtube-timestamp␠
{{youtube-timestamp␠1 {: {:a {/* {/*␠a␠ */} %% %%a %%␠a␠%% % == ==a ==a␠ ==a== ==a==␠ =␠ (( ((a ((00000000-
a::␠b␤ a::␠ -␠a::␠b␤ a- a:: ::␤ :LOGBOOK:␤ :LOGBOOK: :LOGBOOK:␤:END:␤ :PROPERTIES:␤a␤ :END:␤ import␠a␠from␠'b'␤
import␠a␠ ␠from␠' import␠a␠from␠'b'␠ export␠const␠ export␠const␠a␤ #a␠ #a ␠#a #a␤ #a/ #␠#a␠ [[a [[a| [[a|b
[[a]]␠ [[a|b]␠ [[a|b]]␠ [[a|[b [[a|[b]␠ [[a|[b] [[a\|b]]␠ [[a#^ [[a]]| |]] tmscards:␠keep␠ %%␠tmscards:␠keep␠%%␠
%%␠tmscards:␠␠ TODO␠ From:␠a␤␤ (A)␠ **A␠b**␠C␠d.␤␤ A.␠B␠ A␠b:␠ 0:00␠a␤ 0:00␤ 0:00␠ [0:00]␠ [0:00 [[0:00]]␠
[[0:00 (0:00)␠ (0:00 (00:00:00)␠ (0:00␠-␠0:01)␠ 0:00␠-␠ 0:00␠to␠ 0:00,␠ 0:00:00 :00 [0:00,␠ [0:00]( [0:00](a)␠
[[0:00](a)]␠ [[a|0:00]]␠ [[a|0:00 [time␠ [time:␠ [at␠to␠from␠ [time␠at␠0:00]␠ (#t= (#t=0:00) (#t=0
0:00␠-->␠0:01␤ 0:00␠-->␠ ␤0:00␠--> <a␠class="yt-timestamp" <a␠class="yt-timestamp"␠
<a␠class="yt-timestamp"␠data-t="1">[0:00]</a>␠ <a␠class= <a␠class␠ <a␠class="yt> <a␠class="yt-timestamp">
[0:](<a␠ [:0]( <a␠␠ <a␠a␠class="yt <a␠class="yt">[0:00](https://a -␠**0:00 -␠**0:00␠a**␤ -␠**0:00**␤
1.␠__0:00␠a␤ -␠** 1.␤ -␠0:00␠a␤ 99:59␠a␤ 00:00:01␠a␤ 12.␠ https:// https://a␠ https://a?t=1␠ https://a?t=1
https://a&t= https://? ?t= ?t=1& http://[ http://a#t=1␠ https://youtu.be/aaaaaaaaaaa?t=1␠
[a](https://youtu.be/aaaaaaaaaaa?t=1)␠ [0:00](https://a?t=1)␠ https://a.mp3␠ [a](https://vimeo.com/ ytseek://
[a](ytseek://1)␠ // a/ /1 &v= %41 [0:00](a( [0:00](a() (A.␠
""".split()
]
"""White space, Markdown and HTML, mathematics, what note apps add, timestamps; `␠` is a space, `␤` a line feed."""

_ENDINGS = {
    "a, and many !": _repeated("!", before="a"),
    "a question and lines of its answer": _repeated("a short line\n", before="What is it?\n?\n"),
    "heading, spaces, #": _repeated(" ", before="# a", after="#b"),
    "heading, many # and a letter": _repeated("#", before="# a ", after="b"),
    "heading, # and spaces by turns": _repeated("# ", before="# a ", after="b"),
    "heading of backticks": _repeated("`", before="# a ", after=" b"),
    "heading of stars": _repeated("* ", before="# a ", after=" b"),
    "heading of links": _repeated("[a](", before="# a "),
    "heading of wiki-links": _repeated("[[a", before="# a "),
    "heading of tags": _repeated("<a", before="# a "),
    "headings, ever deeper": _repeated("# a\n## b\n### c\n#### d\n##### e\n###### f\n"),
    "20 words and many spaces": _repeated(" ", before="a " * 20, after="b"),
    "spaces and a line break": _repeated(" " * 99 + "\n"),
    "spaces, a letter by turns": _repeated(" " * 99 + "a"),
    "tags behind a sentence": _repeated(" #a", before="A sentence.", after=" b"),
    "tags and white space": _repeated(" #a \t", before="A sentence.", after=" b"),
    "unclosed code of every length": _growing("`", " a "),
    "unclosed fences of every length": _growing("`", "\n"),
    "stars of every length": _growing("*", "a "),
    "brackets of every length": _growing("[", "a "),
    "front matter that is not closed": _repeated("a: b\n", before="---\n"),
    "front matter of rules": _repeated("---\n", before="---\n"),
    "front matter of dots": _repeated(" ...\n", before="---\n"),
    "front matter and spaces": _repeated("--- a\n", before="---\n"),
    "front matter, a list": _repeated("- a\n", before="---\ntags:\n", after="---\nwords\n"),
    "front matter, one long value": _repeated("a ", before="---\ntitle: ", after="\n---\nwords\n"),
    "front matter, a flow list": _repeated("a, ", before="---\ntags: [", after="]\n---\nwords\n"),
    "front matter, keys": _numbered("key{}: a\n", before="---\n"),
    "front matter, nested brackets": _repeated("[", before="---\ntags: ", after="\n---\nwords\n"),
    "front matter, a quote": _repeated("'", before="---\ntitle: ", after="\n---\nwords\n"),
    "front matter, spaces": _repeated(" ", before="---\ntitle:", after="\n---\nwords\n"),
    "front matter, line breaks": _repeated("\n", before="---\n", after="---\nwords\n"),
    "front matter, digits": _repeated("1", before="---\ntitle: ", after="\n---\nwords\n"),
    "front matter, sexagesimal": _repeated(":59", before="---\ntitle: 1", after="\n---\nwords\n"),
    "front matter, anchors": _numbered("key{0}: &a{0} b\n", before="---\n"),
    "JSON, nested": _repeated('{"a":', after=" 1"),
    "JSON, keys": _numbered('"key{}": "a",\n', before='{"title": "b",\n'),
    "JSON, a list": _repeated("1,", before='{"tags": [', after="1]}\nwords\n"),
    "JSON, one long value": _repeated("a", before='{"title": "', after='"}\nwords\n'),
    "JSON, digits": _repeated("1", before='{"title": ', after="}\nwords\n"),
    "JSON, spaces": _repeated(" ", before="{", after='"title": "a"}\nwords\n'),
    "JSON, escapes": _repeated("\\ud800", before='{"title": "', after='"}\nwords\n'),
    "code fences, one long": _repeated("a\n", before="```\n", after="```\nwords\n"),
    "code fences in quotations": _repeated("> ```\n> a\n> ```\n"),
    "code fences, different": _repeated("```\na\n~~~\nb\n"),
    "comment of many lines": _repeated("a\n", before="<!--\n", after="-->\n"),
    "display math of many lines": _repeated("a\n", before="$$\n", after="$$\nwords\n"),
    "drawer of many lines": _repeated("a\n", before=":LOGBOOK:\n", after=":END:\nwords\n"),
    "table of many columns": lambda size: "|a" * (size // 6) + "|\n" + "|-" * (size // 6) + "|\n" + "|b" * (size // 6),
    "table of many rows": _repeated("| b | [0:01] c |\n", before="| a | d |\n|---|---|\n"),
    "table of many rows and columns": lambda size: (
        (unit := "|a" * int((size / 2) ** 0.5) + "|\n") + unit.replace("a", "-") + unit * int((size / 2) ** 0.5 - 2)
    ),
    "table of many columns, empty rows": lambda size: (
        "|a" * (size // 8) + "|\n" + "|-" * (size // 8) + "|\n" + "|\n" * (size // 4)
    ),
    "table of wiki-links": _repeated("| [[b\\|c]] | [0:01](d) |\n", before="| a | d |\n|---|---|\n"),
    "quotations, ever deeper": lambda size: "".join("> " * i + "a\n" for i in range(1, int(size**0.5))),
    "lists, ever deeper": lambda size: "".join("  " * i + "- a\n" for i in range(int(size**0.5))),
    "lists, deeper and back": lambda size: "".join("  " * (i % 40) + "- a\n" for i in range(size // 44)),
    "lists in a line": _repeated("- ", after="a"),
    "lists in quotations": _repeated("> - ", after="a"),
    "list of long items": _repeated("- " + "words " * 30 + "\n"),
    "list, numbered": _numbered("{}. words\n"),
    "definitions, nested": lambda size: "".join("  " * i + "a\n" + "  " * i + ": b\n\n" for i in range(int(size**0.5))),
    "one term, many definitions": _repeated(": b\n", before="a\n"),
    "references, different": _numbered("[a{}]: b\n"),
    "references and links to them": _numbered("[a{0}]: b\n\n[a{0}] [c][a{0}] "),
    "one reference, many links": _repeated("[a] ", before="[a]: b\n\n"),
    "links to no reference": _numbered("[a{}] "),
    "footnotes, different": _numbered("[^{0}]: a\n\nb [^{0}]\n\n"),
    "footnote that many refer to": _repeated("[^1] ", before="[^1]: a\n\n"),
    "footnotes, unclosed, one defined": _repeated("[^a", before="[^1]: a\n\n"),
    "footnotes in the line": _repeated("b ^[a [0:00](c)] "),
    "footnotes, nested": _nested("^[a ", "]"),
    "brackets, nested": _nested("[", "]"),
    "brackets, nested, with an address": _nested("[", "](b)"),
    "images, nested": _nested("![", "](b)"),
    "images and links, nested": _nested("[![", "](b)](c)"),
    "parentheses, nested": _nested("(", ")"),
    "address, nested parentheses": _repeated("(", before="[a](b"),
    "wiki-links, nested": _nested("[[", "]]"),
    "wiki-links with aliases, nested": _nested("[[a|", "]]"),
    "cloze deletions, nested": _nested("{{c1::", "}}"),
    "emphasis, nested": _nested("*a ", " b*"),
    "strong emphasis, nested": _nested("**a ", " b**"),
    "emphasis of two kinds, nested": _nested("*a _b ", " c_ d*"),
    "highlights, nested": _nested("==a ", " b=="),
    "elements, nested": _nested("<b>", "</b>"),
    "block elements, nested": _nested("<div>\n", "</div>\n"),
    "silent elements, nested": _nested("<form>\n", "</form>\n"),
    "element with many attributes": _numbered('a{}="b" ', before="<div "),
    "element with many attributes, closed": lambda size: "<div " + 'a="b" ' * (size // 6) + ">\nwords\n</div>\n",
    "block of plain HTML": _repeated("a\n", before="<div>\n"),
    "block of HTML paragraphs": _repeated("<p>a [0:01] b</p>\n", before="<div>\n"),
    "block of tag openings": _repeated("<a\n", before="<div>\n"),
    "block of unclosed comments": _repeated("<!-\n", before="<div>\n"),
    "block of unclosed sections": _repeated("<![\n", before="<div>\n"),
    "block of entities": _repeated("&amp;", before="<div>\n"),
    "block of entity openings": _repeated("&", before="<div>\n"),
    "block of words": _repeated("word ", before="<div>\n"),
    "block of slashes": _repeated("</", before="<div>\n"),
    "block of attributes": _repeated("<a b=' ", before="<div>\n"),
    "block in a script": _repeated("</a>\n", before="<script>\n"),
    "a script that is not closed": _repeated("</script ", before="<div>\n<script>\n"),
    "paragraph of many lines": _repeated("Words and [0:01] more of them\n"),
    "paragraph of many sentences": _repeated("A cell is a room. "),
    "paragraphs": _repeated("A cell is a room. [0:01]\n\n"),
    "paragraphs without a time": _repeated("A cell is a room.\n\n", before="# a\n\n"),
    "paragraphs, one time far away": _repeated("A cell is a room.\n\n", after="[0:01]\n"),
    "marks in a line": _repeated("[0:01] `a` $b$ [[c]] "),
    "marks next to each other": _repeated("[0:01], ", before="("),
    "marks in brackets, nested": lambda size: "(" * (size // 2) + "[0:01]" + ")" * (size // 2),
    "marks and spaces": _repeated("[0:01]" + " " * 50),
    "marks and dots": _repeated("a.[0:01]."),
    "marks and commas": _repeated("a, [0:01]"),
    "one long word": _repeated("a"),
    "one long address": _repeated("a/", before="https://a/"),
    "one long address with a time at its end": _repeated("a/", before="https://a/", after="?t=1"),
    "one long address with many times": _repeated("&t=1", before="https://a/?b"),
    "one long address of a link": _repeated("a", before="[a](https://a/", after="?t=1)"),
    "one long address of parameters": _repeated("&a=b", before="[a](https://a/?t=1", after=")"),
    "chapters, out of order": _numbered("1:{} a\n"),
    "chapters far apart": _repeated("0:00 a\n\n\n\n\n"),
    "digits and colons": _repeated("1:1"),
    "bold line": _repeated("a ", before="- **0:00 ", after="**\n"),
    "verses": _repeated("(Mark 1:15) (John 3:16) "),
    "hard breaks": _repeated("a  \n"),
    "hard breaks and times": _repeated("a\\\n[0:01]\\\n"),
    "brs and times": _repeated("[0:01]<br>"),
    "soft breaks and times": _repeated("[0:01]\n"),
    "emphasis and times": _repeated("**[0:01]** "),
    "labels": _repeated("**A title of words** The text of a cell\n\n"),
    "block ids": _numbered("A cell ^id{}\n\n"),
    "waivers": _repeated("A cell. %% tmscards: skip %% "),
}

_CLOSED_ONCE = {
    unit.translate(_WHITE_SPACE): closing.translate(_WHITE_SPACE)
    for unit, closing in (
        pair.split("…")
        for pair in r"""
<!--…--> <a␠b='…> <a␠…> <a␠b="…">" <a␠="<a␠"…=">" [a](b␠'…') […] [a](…b) ![[…]] {{c1::…}} {{c1::a::…}} ==a␠…== $$…$$
\(…\) \[…\] ``␠a␠…` [^a…]:␠b ^[a␠…] {:…} :LOGBOOK:␤…:END:␤ (0:00,␠…) [[a|[b…]]] <?…?> <![CDATA[…]]> https://…?t=1
<div␠…> &…amp; [a]:␠b␤'…' *a␠**b␠…** %%␠a␤…%% {/*␠…*/} <script>…</script> <div>␤<a␠…> <div>␤<a␠="<a␠"…=">"
<div>␤<![CDATA[…]]> $a\$…$ ```a␤…```␤ ~~a␠…~~ <mark>…</mark> |a|␤…|-|␤ [a␤…]:␠b
""".split()
    )
}
PATTERNS: dict[str, Pattern] = (
    {repr(unit): _repeated(unit) for unit in _UNITS}
    | {f"{unit!r}, closed once": _repeated(unit, after=closing) for unit, closing in _CLOSED_ONCE.items()}
    | _ENDINGS
)
"""By name; a pattern that repeats a unit goes by the unit."""
