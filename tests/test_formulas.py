"""What of a formula or of Anki's own tags a field may have, whatever a note or a record holds."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tmscards.anki import clozes, formulas, rendering, tex

J = formulas.JOINER
ORDINARY = (
    r"x^2 + y_1",
    r"\frac{\partial f}{\partial x} \approx \int_0^\infty e^{-\alpha t}\,dt",
    r"\left( \sum_{i=1}^{n} x_i \right)^{2} \ge \sqrt[3]{a}",
    r"\begin{pmatrix} 1 & 0 \\ 0 & 1 \end{pmatrix} \vec{v}",
    r"f(x) = \begin{cases} 1 & \text{if $x > 0$} \\[2mm] 0 & \text{otherwise} \end{cases}",
    r"\begin {aligned} a &= b \\ &= c \end{aligned}",
    r"\ce{2H2 + O2 ->[\Delta] 2H2O}",
    r"\mathbb{R}^n \to \mathcal{L} \mapsto \mathrm{d}x",
    r"\color{red}{x} + \textcolor{#ff0000}{y} + \color{blue} z",
    r"\overbrace{a+b}^{n} \xrightarrow[k]{\text{heat}} \hat{\theta}",
    r"\bigl\{ p / q : p \in \mathbb{Z} \bigr\} \setminus \{0\}",
    r"a \hspace{1cm} b \kern-2pt c \rule{0pt}{3ex} \tag{1}",
    r"\boxed{E = mc^2} \quad \cancel{x} \bbox[yellow]{y} \bbox[5px, border]{z}",
)


@pytest.mark.parametrize("formula", ORDINARY)
@pytest.mark.parametrize("delimiters", [r"\(\)", r"\[\]"])
def test_ordinary_formulas_stay_as_they_are(formula: str, delimiters: str) -> None:
    text = f"a {delimiters[:2]}{formula}{delimiters[2:]} {{{{c1::b}}}} {delimiters[:2]}{{{{c2::x}}}}{delimiters[2:]}"
    assert tex.fault(formula) == ""
    assert formulas.read(text) == formulas.Reading(text)
    assert formulas.read(clozes.escape(f"{delimiters[:2]}{formula}{delimiters[2:]}")).refused == ()


REFUSED = {
    r"\style{background:url(https://evil.test/x.png)}{y}": r"\style is not a command",
    r"\href{javascript:alert(1)}{x}": r"\href is not a command",
    r"\class{screen}{x}": r"\class is not a command",
    r"\cssId{qa}{x}": r"\cssId is not a command",
    r"\data{a=b}{x}": r"\data is not a command",
    r"\htmlStyle{position:fixed}{x}": r"\htmlStyle is not a command",
    r"\url{https://evil.test}": r"\url is not a command",
    r"\includegraphics{https://evil.test/x.png}": r"\includegraphics is not a command",
    r"\require{html}": r"\require is not a command",
    r"\unicode[url(x)]{x41}": r"\unicode is not a command",
    r"\char65": r"\char is not a command",
    r"\mmlToken{mi}[href=javascript:alert(1)]{x}": r"\mmlToken is not a command",
    r"\def\x{\x\x}\x": r"\def is not a command",
    r"\gdef\alpha{\style}": r"\gdef is not a command",
    r"\let\alpha\href \alpha{javascript:alert(1)}{x}": r"\let is not a command",
    r"\newcommand{\a}{\b}": r"\newcommand is not a command",
    r"\newenvironment{matrix}{\style}{}": r"\newenvironment is not a command",
    r"\DeclareMathOperator{\sin}{\href}": r"\DeclareMathOperator is not a command",
    r"\toggle{a}{b}\endtoggle": r"\toggle is not a command",
    r"\mathtip{a}{b}": r"\mathtip is not a command",
    r"\texttip{a}{b}": r"\texttip is not a command",
    r"\csname href\endcsname": r"\csname is not a command",
    r"\catcode`\%=12": r"\catcode is not a command",
    r"\ref{a}": r"\ref is not a command",
    r"\text{a $\style{a}{b}$ c}": r"\style is not a command",
    r"\ce{A ->[$\href{a}{b}$] B}": r"\href is not a command",
    "\\alpha % a comment\n\\style{a}{b}": r"\style is not a command",
    "%\\alpha\n\\href{a}{b}": r"\href is not a command",
    r"\begin{html}x\end{html}": "html is not an environment",
    r"\begin{\style}x": r"\begin does not name an environment",
    r"\bbox[border:1px solid;background:url(https://evil.test)]{x}": r"what follows \bbox",
    r"\color{url(https://evil.test)}x": r"what follows \color",
    r"\color{red;position:fixed}x": r"what follows \color",
    r"\textcolor{var(--x)}x": r"what follows \textcolor",
    r"\enclose{circle}[style=position:fixed]{x}": r"what follows \enclose",
    r"\cancel[style=position:fixed]{x}": r"what follows \cancel",
    r"\label{<img>}": r"what follows \label",
    r"\text{\( \alpha \)}": "another formula begins or ends inside it",
    r"a \[ b": "another formula begins or ends inside it",
    "\\style\u2060{a}{b}": r"\style is not a command",
    "\\\u2060x": "is not a command",
    "x\\": "it ends in a backslash",
    r"\rule{999em}{999em}": "longer than 20 em",
    r"\hspace{-99em}\kern 3in": "longer than 20 em",
    r"\raise9em{\raise9em{\raise9em{x}}}": "longer than 20 em",
    r"x \\[500em] y": "longer than 20 em",
    r"\Huge\text{$\Huge\text{$\Huge\text{$\Huge\text{$\Huge x$}$}$}$}": "enlarged more than 4 times",
    r"\pmb{" * 9 + "x" + "}" * 9: r"it has \pmb more than 8 times",
    r"\frac{1}{" * 51 + "x" + "}" * 51: "more than 50 brackets",
    r"\left(" * 51 + "x": "more than 50 brackets",
    r"\begin{matrix}" + "&" * 200 + r"\\" * 20 + r"\end{matrix}": "more than 2,500 cells",
    "x" * 3_001: "3,001 characters",
}


@pytest.mark.parametrize(("formula", "reason"), REFUSED.items(), ids=lambda text: text[:30])
def test_a_formula_that_could_do_harm_is_refused(formula: str, reason: str) -> None:
    assert reason in tex.fault(formula)


SPLIT = {
    "entities": r"&#92;(\href{javascript:x}{y}&#92;)",
    "hexadecimal": r"&#x5C;(\href{javascript:x}{y}&#x5C;)",
    "without a semicolon": r"&#92(&#0092href{javascript:x}{y}&#92)",
    "a name": r"&bsol;(&bsol;href{javascript:x}{y}&bsol;)",
    "encoded twice": r"&amp;#92;(\href{javascript:x}{y}&amp;#92;)",
    "a parenthesis as an entity": r"\&lpar;\href{javascript:x}{y}\&#41;",
    "letters as entities": r"\(\&#104;ref{javascript:x}{y}\)",
    "tags in the name": r"\(\hr<b>ef</b>{javascript:x}{y}\)",
    "a deletion for the parenthesis": r"\{{c1::(}}\href{javascript:x}{y}\)",
    "a deletion for the backslash": r"{{c1::\}}(\href{javascript:x}{y}\)",
    "a deletion for the command": r"\({{c1::\href}}{javascript:x}{y}\)",
    "half of the command in a deletion": r"\(\h{{c1::ref}}{javascript:x}{y}\)",
    "the hint": r"\(a{{c1::b::\href{javascript:x}{y} }}\)",
    "an end that is hidden": r"\(a{{c1:: b\)}} \href{javascript:x}{y} \)",
    "a bracket that Anki puts around the hint": r"\{{c1::a::b}} \href{javascript:x}{y}\]",
    "numbers that are shown alone": r"{{c1::\(a}}{{c2:: b\)}} \href{javascript:x}{y} {{c1::e\)}}",
    "a bracket that is never closed": r"\({a\) \href{javascript:x}{y}}\)",
    "a formula in it": r"\(a \(b \href{javascript:x}{y}\)",
}


@pytest.mark.parametrize("text", SPLIT.values(), ids=SPLIT)
def test_a_formula_is_looked_at_as_it_is_shown(text: str) -> None:
    got = formulas.read(text if "{{c" in text else text + " {{c1::z}}")
    assert got.refused
    assert got.text.replace(J, "").startswith(text), "it is text, and nothing is missing"
    for shown in _shown(got.text):
        assert not [formula for formula in _mathjax(shown) if "href" in formula]


def _shown(text: str) -> list[str]:
    """What Anki shows of a Text field, by the filters with which a template may show it."""
    found = [text]
    for number in clozes.numbers(text):
        for filters in ("cloze", "text:cloze", "cloze-only", "text"):
            found += rendering.card(
                f"{{{{{filters}:Text}}}}{{{{cloze:Text}}}}", "{{cloze:Text}}", {"Text": text}, number
            )
    return found


def _mathjax(shown: str) -> list[str]:
    """The formulas that MathJax 3 finds in HTML, after FindTeX.ts: it takes tags for ends, or they are left out."""
    found = []
    for text in map(clozes.decoded, (*re.split("<[^>]*>", shown), re.sub("<[^>]*>", "", shown))):
        start = 0
        while begins := re.compile(r"\\[(\[]").search(text, start):
            braces, start = 0, begins.end()
            for part in re.compile(r"\\(?:[a-zA-Z]|.)|[{}]").finditer(text, begins.end()):
                if part[0] == {"(": r"\)", "[": r"\]"}[begins[0][1]] and not braces:
                    found.append(text[begins.end() : part.start()])
                    start = part.end()
                    break
                braces += {"{": 1, "}": -(braces > 0)}.get(part[0], 0)
    return found


def test_the_others_of_a_field_stay_formulas() -> None:
    got = formulas.read(r"\(\style{a}{b}\), \(x\) and C:\Users")
    assert got.text == rf"\{J}(\style{{a}}{{b}}\{J}), \(x\) and C:\Users"
    assert [str(refused.formula) for refused in got.refused] == [r"\style{a}{b}"]


TAGS = {
    "[latex]x[/latex]": f"[{J}latex]x[{J}/latex]",
    "[$]x[/$] [$$]x[/$$]": f"[{J}$]x[{J}/$] [{J}$$]x[{J}/$$]",
    "&#91;LaTeX]x": f"&#91;{J}LaTeX]x",
    "[la{{c1::tex}}]": f"[{J}la{{{{c1::tex}}}}]",
    "{{c1::a::latex}} x {{c2::b::/latex}}": f"{{{{c1::a::{J}latex}}}} x {{{{c2::b::{J}/latex}}}}",
    "{{c1::a::sound:http://evil.test/x.mp3}}": f"{{{{c1::a::{J}sound:http://evil.test/x.mp3}}}}",
    "[anki:tts lang=en]x[/anki:tts]": f"[{J}anki:tts lang=en]x[/anki:tts]",
    "[anki:play:q:0]": f"[{J}anki:play:q:0]",
    "[sound:http://evil.test/x.mp3]": f"[{J}sound:http://evil.test/x.mp3]",
    r"[sound:..\x.mp3]": rf"[{J}sound:..\x.mp3]",
    "[sound:/etc/passwd]": f"[{J}sound:/etc/passwd]",
    "[sound:x": f"[{J}sound:x",
    "[sound:my song.mp3]": "[sound:my song.mp3]",
    "[[type:Key]]": f"[[{J}type:Key]]",
    "{{c1::a::[type:Key]}}": f"{{{{c1::a::[{J}type:Key]}}}}",
    "&lt;img src=x onerror=alert(1)&gt;": f"&lt;{J}img src=x onerror=alert(1)&gt;",
    "&#60;s{{c1::cript}}&gt; &LT;!-- &lt;/style&gt;": f"&#60;{J}s{{{{c1::cript}}}}&gt; &LT;{J}!-- &lt;{J}/style&gt;",
    "1 &lt; 2, Vec&lt;T&gt; = x, &lt;i name&gt;": "1 &lt; 2, Vec&lt;T&gt; = x, &lt;i name&gt;",
    "[1] [see] [a$] a::b [x](y)": "[1] [see] [a$] a::b [x](y)",
    '{{c1::image-occlusion:rect:left=1" onclick="alert(1)}}': (
        f'{{{{c1::image-{J}occlusion:rect:left=1" onclick="alert(1)}}}}'
    ),
}


@pytest.mark.parametrize(("text", "becomes"), TAGS.items())
def test_anki_finds_no_tag_of_its_own(text: str, becomes: str) -> None:
    assert formulas.read(text).text == becomes
    # Neither of these raises: what they cannot show, such as LaTeX, is not there.
    _shown(becomes + " {{c1::z}}")


def test_what_begins_and_does_not_end_is_left_unless_another_field_could_end_it() -> None:
    assert formulas.read(r"\(x").text == r"\(x"
    assert formulas.read(r"\(x", alone=False).text == rf"\{J}(x"
    assert formulas.read(r"\)\(\style{a}{b}").text == rf"\)\{J}(\style{{a}}{{b}}", "as it may be shown twice"


ATOMS = (
    r"\( \) \[ \] \\ \ ( ) [ ] { } {{c1:: {{c2:: }} :: x style \style{a}{b} \alpha &#92; &bsol; &amp; # 92; &lt; &lt;img = <b> </b> latex] "
    r"[latex] /latex] [sound: a.mp3] $] [$] anki: [anki: type: [[type: $ % begin{matrix} image-occlusion: href \h ref"
).split(" ")


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(ATOMS), max_size=14).map("".join))
def test_whatever_a_field_holds_it_is_safe_in_every_view(text: str) -> None:
    got = formulas.read(text).text
    assert got.replace(J, "") == text
    assert formulas.read(got).text == got
    for shown in _shown(got) if clozes.numbers(got) else [got]:
        for formula in _mathjax(shown):
            assert "style" not in re.findall(r"\\([a-zA-Z]+|.)", formula, re.S)
        assert not re.search(r"\[(?:latex|\$\$?)\].*\[/|\[anki:(?!play:[qa]:\d)", shown, re.I | re.S)


@pytest.mark.parametrize(
    "atom", [r"\(", r"\[", r"a\[", r"\({", r"\(\style{}{}\)", "[latex]", "&#92;", r"\(x\)", "::[", "&amp", "&lt;a"]
)
def test_time_grows_with_length_and_no_faster(atom: str) -> None:
    def seconds(count: int) -> float:
        text = atom * (count // len(atom))
        began = time.process_time()
        formulas.read(text)
        return time.process_time() - began

    seconds(1_000)
    assert seconds(400_000) < 5 * seconds(100_000) + 1
