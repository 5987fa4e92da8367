"""What note apps and site builders add to Markdown and no reader of the rendered note sees: it is left out by name."""

from __future__ import annotations

import re

from tmscards.domain import LeftOutKind
from tmscards.notes.marks import Lines, Mark, Masked
from tmscards.notes.scanning import NOWHERE, Next, replaced

_KINDS: dict[str, LeftOutKind] = {
    "embed": "embed",
    "attributes": "attribute",
    "anchor": "attribute",
    "reference": "reference",
    "shortcode": "macro",
    "macro": "macro",
    "template": "template",
    "drawer": "log",
    "planning": "log",
    "block": "code",
    "border": "macro",
    "property": "property",
    "field": "property",
    "citation": "reference",
    "planned": "property",
    "keyword": "property",
    "container": "callout",
    "mdx": "code",
}
_DROPPED = re.compile(
    r"""
    (?=[!{(<`\[📅⏳🛫➕✅❌🔁🔺⏫🔼🔽⏬])(?:
      (?P<embed>!\[\[)                                              # Obsidian
      | (?P<attributes>\{:)                                         # kramdown, Logseq
      | (?<=[ \t])(?P<anchor>\{[#.][^{}\n]*+\}[ \t]*+$)             # Hugo, Pandoc
      | (?P<reference>\(\((?:[0-9a-f]{8}-[0-9a-f-]{27}|[\w-]{9})\)\))   # Logseq, Roam: another block
      | (?P<shortcode>\{\{[<%](?![ ]*+(?:highlight|code|mermaid|math)\b)[^{}\n]*+\}\})                        # Hugo
      | (?P<template><%[^<>\n]*+%> | (?<!`)`\$?=[ ][^`\n]*+`(?!`) | \{\{(?:title|date|time)(?::[^{}\n]*+)?\}\})
                                                                    # Templater, Dataview, Obsidian
      | (?P<macro>\{\{(?:\[\[)?(?:youtube|vimeo|video|bilibili|tweet|twitter|pdf|iframe|embed|query|renderer
        |namespace|function|table|kanban|mermaid|diagram|calc|word-count|zotero[\w-]*|TODO|DONE)\b[^{}\n]*+\}\})
                                                                    # Logseq, Roam
      | (?P<citation>\((?:see[ ])?(?:pgs?|pp?|pages?|slides?)\.?[ ]?\d++(?:[ ]?[-–,][ ]?\d++)*+\)
        | \[(?:pgs?|pp?|pages?|slides?)\.?[ ]?\d++(?:[ ]?[-–,][ ]?\d++)*+\](?![(\[])
        # (Sanger and Lee, 1997, p. 12) and (Lee 1997: 12)
        | \((?:see[ ])?(?=[^\W\da-z_])[^()\d\n]{2,100}?,?[ ](?:1[5-9]|20)\d\d[a-z]?(?:,[ ]?pp?\.?[ ]?|:[ ]?)\d++
          (?:[ ]?[-–][ ]?\d++)?+\)
        | \[@(?:[A-Za-z_:.-]*+\d)[\w:.-]*+(?:[;,][^\[\]\n]{0,80}+)?\](?!\()        # Pandoc
        # Numbers of a bibliography; no intervals, and not what is chosen from a list, as in `x[1]`.
        | (?<![\w)=∈\]])(?<!\bin[ ])(?<!interval[ ])(?<!range[ ])(?<![ ][ ])(?<!^[ ])
          (?<!^)\[[1-9]\d{0,2}(?:[ ]?[,–-][ ]?[1-9]\d{0,2})*+\](?=[.,;!?)]|[ \t]*+$))
      | (?<=[ ])(?P<planned>[📅⏳🛫➕✅❌]\ufe0f?+[ ]?\d{4}-\d\d-\d\d(?!\d) | 🔁\ufe0f?+[ ]every[ ][\w ]++
        | [🔺⏫🔼🔽⏬]\ufe0f?+(?=[ ]*+$|[ ][📅⏳🛫➕✅❌🔁]))                 # Obsidian Tasks
      | (?P<field>[\[(][ \t]*+[\w-][\w -]*+::[ \t]?(?!:)[^\[\]()\n]*+[\])])   # Dataview
    )
    | ^[ \t>]*+(?:
      (?P<drawer>:(?:LOGBOOK|PROPERTIES):)                          # Logseq, Org
      | (?P<planning>(?:SCHEDULED|DEADLINE|CLOCK|CLOSED):[ \t]*+[<\[]\d[^\n]*+$)
      | (?:[-*+][ \t]++)?+(?:
        (?P<block>\#\+BEGIN_(?P<name>SRC|EXAMPLE|QUERY|EXPORT|COMMENT)\b
          | \{\{[<%][ ]*+(?:highlight|code|mermaid|math)\b[^{}\n]*+\}\}[ \t]*+$)
        | (?P<border>\#\+(?:BEGIN|END)_\w++[^\n]*+$ | \[\[?_?(?i:TOC)_?\]\]?[ \t]*+$)
        | (?P<keyword>\#\+[A-Za-z_]++:[^\n]*+$)                      # Org
        | (?P<container>:::++[ \t]*+(?:[\w{][^\n]*+)?$)              # Pandoc, Docusaurus
        | (?P<property>(?P<key>[\w/-]++)::[ \t]*+(?P<value>[^\n]*+)$)   # Logseq, Dataview
      )
      | (?P<mdx>import\s[^\n]*\sfrom\s["'][^\n]*$ | export\s(?:const|default|function|let)\s[^\n]*$
        | \{(?![\{:<%])[^{}\n]*+\}[ \t]*+$)
    )
    """,
    re.M | re.X,
)
_END_OF_DRAWER = re.compile(r":END:[ \t]*+$", re.M)
_CLOSINGS = {
    "embed": (re.compile(r"[\]\n]"), re.compile(r"\]\]")),
    "attributes": (re.compile(r"[}\n]"), re.compile(r"\}")),
    "drawer": (_END_OF_DRAWER, _END_OF_DRAWER),
}
"""What ends the inside of a construct, and what must stand there to close it."""
_END_OF_BLOCK = re.compile(
    r"\#\+END_\w+[^\n]*$|\{\{[<%][ ]*/[ ]*(?:highlight|code|mermaid|math)[ ]*[%>]\}\}[^\n]*$", re.M | re.I
)
_OWN_LINES = frozenset("drawer planning block border keyword container property mdx".split())
"""What stands on lines of its own, which are left empty."""
_KEYS = frozenset(
    """alias aliases author authors background-color banner card-last-interval card-repeats card-ease-factor
    card-next-schedule card-last-reviewed card-last-score category categories channel class collapsed course created
    created-at cssclass cssclasses date deck description done doi down due duration edited exclude-from-graph-view
    file file-path filters heading hl-color hl-page hl-stamp hl-type icon id isbn journal lang last-updated later link
    links logseq.order-list-type ls-type modified next now order prev previous priority project public published
    publisher rating related see-also source sources status subject tag tags template template-including-parent time
    title todo topic topics type up updated updated-at url video year""".split()
)
"""Keys of properties; `lower-case: value` below another key than these may be a term with its meaning."""
_ITEM = r"(?:\[\[[^\[\]\n]*\]\]|\#[\w/-]+|https?://\S+|[\d.:/%-]+|true|false|yes|no)"
_PLAIN_VALUE = re.compile(rf"(?:{_ITEM}(?:,?[ \t]+{_ITEM})*+)?[ \t]*")
_TITLE = re.compile(r"^[ \t>]*(?:[-*+][ \t]+)?title::[ \t]*(\S[^\n]*?)[ \t]*$", re.M)


def mask(masked: Masked) -> str:
    """The text without the constructs of note apps that are no prose; inside a line, a mark stands for each."""
    text, lines = masked.text, Lines(masked)
    stops = {name: Next(stop, text) for name, (stop, _) in _CLOSINGS.items()}
    blocks = Next(_END_OF_BLOCK, text)

    def closed(opening: re.Match[str]) -> tuple[int, str] | None:
        name = _kind(opening)
        start, end = opening.start(name), opening.end()
        if name in stops:
            end = stops[name].after(end)
            closing = _CLOSINGS[name][1].match(text, end) if end != NOWHERE else None
            if not closing:
                return None
            end = closing.end()
        elif name == "block":
            end = blocks.after(end)
            if end == NOWHERE:
                return None
            line_end = text.find("\n", end)
            end = line_end if line_end >= 0 else len(text)
        elif name == "property" and not _is_property(opening["key"], opening["value"]):
            return None
        masked.leave_out(_KINDS[name], text[start:end], lines.at(start))
        before = text[opening.start() : start]
        if name in _OWN_LINES:
            return end, before + "\n" * text.count("\n", start, end)
        breaks = text.count("\n", start, end)
        return end, before + masked.put(Mark("picture" if name == "embed" else "dropped", lines=breaks))

    return replaced(text, _DROPPED, closed)


def title(body: str) -> str:
    """The title that a Logseq page gives itself in a property `title::`; empty if none."""
    found = _TITLE.search(body)
    return found[1] if found else ""


def _kind(opening: re.Match[str]) -> str:
    return next(name for name in _KINDS if opening[name] is not None)


def _is_property(key: str, value: str) -> bool:
    """Whether `key:: value` tells something about the note or block, and not what a term means."""
    if key.lower() in _KEYS:
        return True
    return key.isascii() and key.islower() and _PLAIN_VALUE.fullmatch(value) is not None
