"""Whether every word of a folder's notes is in a passage, or is left out under a name.

    python benchmarks/accounting.py NOTES_DIR [NOTES_DIR …] [--show COUNT]

Prints for each folder how many words its notes have, how many of them are in passages and how many are left out, by
name; and the words that are neither, with their files.
"""

from __future__ import annotations

import argparse
import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote

from tmscards.domain import Source
from tmscards.errors import UserError
from tmscards.notes import passages, sources, vault
from tmscards.notes.passages import Contents

_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """The words of a text, in small letters, as a reader sees them: entities, percent codes and powers written out."""
    return _WORD.findall(unicodedata.normalize("NFKC", unquote(html.unescape(text))).lower())


def unaccounted(source: Source, contents: Contents) -> list[str]:
    """The words of a source that are in no passage and not left out by name; each counts as often as it is there.

    Markup in the middle of a word joins or parts words, as in H<sub>2</sub>O. So a word is also found as a part of a
    word that no other has claimed.
    """
    known = Counter(word for text in _texts(contents) for word in words(text))
    missing = Counter(words(source.front_matter + "\n" + source.body))
    missing, left = missing - known, known - missing
    joined = " ".join(left.elements())
    found: list[str] = []
    for word in sorted(missing.elements(), key=len, reverse=True):
        if word in joined:
            joined = joined.replace(word, " ", 1)
        else:
            found.append(word)
    parts = "".join(found)
    return [word for word in found if not _is_made_of(word, joined)] if parts else []


def _is_made_of(word: str, rest: str) -> bool:
    """Whether a word is put together from words that no other has claimed, as in H2O of `H~2~O`."""
    pieces = sorted(set(rest.split()), key=len, reverse=True)
    for piece in pieces:
        word = word.replace(piece, " ", 1)
    return not word.strip()


def _texts(contents: Contents) -> Iterable[str]:
    for passage in contents.passages:
        yield passage.text
        yield passage.label or "" if passage.form != "row" and passage.kind != "table cell" else ""
    for left in contents.left_out:
        yield left.text


def main() -> None:
    """Read and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--show", type=int, default=20)
    asked = parser.parse_args()
    for folder in asked.folders:
        total = lost = read = 0
        kinds: Counter[str] = Counter()
        losing: list[tuple[int, Path, list[str]]] = []
        for path in vault.find(folder):
            try:
                source = sources.read(path, folder)
            except UserError as error:
                print(f"refused: {error}")
                continue
            contents = passages.contents(source)
            missing = unaccounted(source, contents)
            total += len(words(source.front_matter + source.body))
            read += sum(len(words(passage.text)) for passage in contents.passages)
            for left in contents.left_out:
                kinds[left.kind] += len(words(left.text))
            lost += len(missing)
            if missing:
                losing.append((len(missing), path, missing))
        print(f"{folder}: {total} words, {read} in passages, {lost} unaccounted for ({lost / max(1, total):.4%})")
        print("  left out: " + ", ".join(f"{kind} {count}" for kind, count in kinds.most_common()))
        for count, path, missing in sorted(losing, reverse=True)[: asked.show]:
            print(f"  {path}: {count}: {' '.join(missing[:25])}")


if __name__ == "__main__":
    main()
