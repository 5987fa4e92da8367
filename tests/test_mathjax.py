"""Formulas in Chromium, with MathJax as Anki configures it: what could do harm is text, and what is ordinary is shown.

The settings are those of Anki's ts/mathjax/index.ts: in 2.1.55, and from 23.12 on without macros in texts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from browser import mathjax_folder, opened
from conftest import ROOT
from test_formulas import ORDINARY, REFUSED, SPLIT, TAGS
from tmscards.anki import note_types, rendering, templates, tex
from tmscards.domain import Guid, Record

SITE = "http://anki.test/"
VERSIONS = {"2.1.55": {"[+]": ["noerrors", "mathtools", "mhchem"]}}
VERSIONS["25.9"] = VERSIONS["2.1.55"] | {"[-]": ["textmacros"]}
SHOW = """
async (html) => {
  const card = document.getElementById("qa");
  card.innerHTML = html;
  MathJax.typesetClear();
  await MathJax.typesetPromise([card]);
  const found = [...card.querySelectorAll("mjx-container, mjx-container *")];
  const styles = found.map((each) => each.getAttribute("style") || "").join(";");
  return {
    formulas: card.querySelectorAll("mjx-container").length,
    errors: card.querySelectorAll("mjx-merror, [data-mjx-error]").length,
    undefined: [...card.querySelectorAll("mjx-mtext[style*='red']")].map((each) => each.textContent),
    links: card.querySelectorAll("a, [href]").length,
    lays: /url|z-index|position: *(absolute|fixed)/.test(styles) || found.some((each) => getComputedStyle(each).position === "fixed"),
    classes: found.flatMap((each) => [...each.classList]).filter((name) => !/^(mjx|MJX|MathJax|TEX|CtxtMenu_Attached)/.test(name)),
    ids: found.map((each) => each.id).filter(Boolean),
    text: card.innerText,
  };
}
"""
MAKE = "all => all.map((tex) => { try { return MathJax.tex2mml(tex); } catch { return ''; } })"
HARMLESS = {"links": 0, "lays": False, "classes": [], "ids": []}


class Reviewer:
    """A page with Anki's MathJax, and what it wanted from elsewhere."""

    def __init__(self, browser: Any, version: str) -> None:
        self.page, self.wanted = browser.new_page(), list[str]()
        self.page.route("**/*", self.answer)
        self.page.on("dialog", self.dismiss)
        self.page.goto(SITE)
        options = {
            "tex": {
                "displayMath": [["\\[", "\\]"]],
                "processEscapes": False,
                "processEnvironments": False,
                "processRefs": False,
                "packages": VERSIONS[version],
            },
            "loader": {
                "load": [f"[tex]/{name}" for name in VERSIONS[version]["[+]"]],
                "paths": {"mathjax": f"{SITE}mathjax"},
            },
            "startup": {"typeset": False},
        }
        self.page.add_script_tag(content=f"window.MathJax = {json.dumps(options)}")
        self.page.add_script_tag(url=f"{SITE}mathjax/tex-chtml-full.js")
        self.page.evaluate("MathJax.startup.promise")

    def answer(self, route: Any) -> None:
        """Give out the page and MathJax, and nothing else."""
        name = route.request.url.removeprefix(f"{SITE}mathjax/")
        if route.request.url == SITE:
            route.fulfill(body='<!doctype html><body class="card"><div id="qa"></div>', content_type="text/html")
        elif (mathjax_folder() / name).is_file():
            route.fulfill(path=mathjax_folder() / name)
        else:
            self.wanted.append(route.request.url)
            route.abort()

    def dismiss(self, dialog: Any) -> None:
        """Close a window that a card has opened."""
        self.wanted.append(dialog.message)
        dialog.dismiss()

    def show(self, html: str) -> dict[str, Any]:
        """What becomes of a side of a card."""
        shown: dict[str, Any] = self.page.evaluate(SHOW, html)
        return shown


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with opened() as browser:
        yield browser


@pytest.fixture(params=VERSIONS, scope="module")
def reviewer(browser: Any, request: pytest.FixtureRequest) -> Reviewer:
    return Reviewer(browser, request.param)


def sides(**record: Any) -> list[str]:
    """All sides of the cards of a note with this record: in our template, and in one that shows its text as text."""
    title = record.pop("title", "T")
    note = Record(Guid(record.pop("guid", "g")), "fact", "edited", sentence="", line=1, modified=0, digest="", **record)
    fields = dict(zip(note_types.FIELDS, note_types.fields(note, title), strict=True))
    about = rendering.About(tags=" ".join(note_types.tags(note)))
    ours = templates.load("default", ROOT).note_type
    bare = "".join(f"{{{{{name}}}}}" for name in fields if name != "Text")
    plain = "{{text:cloze:Text}} {{cloze:Text}} {{cloze-only:Text}}" + bare + "{{Tags}}{{text:Context}}"
    pairs = ((ours.front, ours.back), (plain, plain))
    return [
        side
        for front, back in pairs
        for number in rendering.ordinals(front, fields)
        for side in rendering.card(front, back, fields, number, about)
    ]


def test_without_the_list_a_formula_could_fetch_and_link(reviewer: Reviewer) -> None:
    shown = reviewer.show(r"\(\style{background:url(https://evil.test/x.png)}{y}\) \(\href{javascript:alert(1)}{x}\)")
    assert shown["links"]
    assert shown["lays"]
    reviewer.page.wait_for_timeout(100)
    assert reviewer.wanted == ["https://evil.test/x.png"]
    reviewer.wanted.clear()


@pytest.mark.parametrize("formula", REFUSED, ids=lambda text: text[:30])
def test_what_could_do_harm_is_text(reviewer: Reviewer, formula: str) -> None:
    written = rf"\({formula}\) and \[{formula}\]"
    for side in sides(text=written + "{{c1::x}}", context=(written,), see_also=(written,), title=written):
        shown = reviewer.show(side)
        assert shown["formulas"] == 0 or "\\(" in formula or "\\[" in formula, "what is inside may be harmless"
        assert shown | HARMLESS == shown
    assert reviewer.wanted == []


@pytest.mark.parametrize("text", [*SPLIT.values(), *TAGS], ids=[*SPLIT, *TAGS])
def test_what_is_hidden_from_the_eye_is_text(reviewer: Reviewer, text: str) -> None:
    for side in sides(text=text + " {{c3::z}}", tags=(text,), guid=text, context=(text,)):
        shown = reviewer.show(side)
        assert shown | HARMLESS == shown
    assert reviewer.wanted == []


def test_what_several_fields_make_together_is_text(reviewer: Reviewer) -> None:
    for side in sides(
        text=r"{{c1::x}} \(", context=(r"\href{javascript:alert(1)}{x} \)",), see_also=(r"\(y",), tags=(r"\style{a}\)",)
    ):
        assert reviewer.show(side)["formulas"] == 0


@pytest.mark.parametrize("formula", ORDINARY)
def test_ordinary_formulas_are_shown(reviewer: Reviewer, formula: str) -> None:
    for side in sides(text=rf"\({formula}\) \[{formula}\] {{{{c1::x}}}}", context=(rf"\({formula}\)",)):
        shown = reviewer.show(side)
        assert shown["formulas"] >= 3
        assert (shown["errors"], shown["undefined"]) == (0, [])
    assert reviewer.wanted == []


def test_every_command_and_environment_of_the_list_is_one_of_mathjax(reviewer: Reviewer) -> None:
    # Within \ce and in a proof, there are commands that mean nothing elsewhere.
    names = sorted(tex.COMMANDS - {"bond"})
    made = reviewer.page.evaluate(MAKE, [rf"\{name} x" for name in names])
    assert [
        name for name, mml in zip(names, made, strict=True) if not mml or (f">\\{name}<" in mml and "red" in mml)
    ] == []
    for name in sorted(tex.ENVIRONMENTS):
        assert "Unknown environment" not in reviewer.page.evaluate(
            "tex => MathJax.tex2mml(tex)", rf"\begin{{{name}}}{{c}} x \end{{{name}}}"
        )
