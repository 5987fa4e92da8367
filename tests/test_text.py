"""Texts compared, searched and edited."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from tmscards import text


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("plain\ttext,\nwith é, 😀 and \u2028", "plain\ttext,\nwith é, 😀 and \u2028"),
        ("page\x0cbreak, line\x0btab, next\x85line, field\x1fmark", "page break, line tab, next line, field mark"),
        ("one\r\ntwo\rthree", "one\ntwo three"),
        ("be\x07ll, esc\x1b[31m, del\x7f, c1\x9b", "bell, esc[31m, del, c1"),
        ("lone \ud800 and \udfff", "lone  and "),
        ("\ufdd0 \ufdef \ufffe \U0001fffe \U0010ffff", "    "),
        ("private use stays: \ue000", "private use stays: \ue000"),
    ],
)
def test_what_cannot_be_printed_is_left_out(given: str, expected: str) -> None:
    assert text.printable(given) == expected


def test_no_control_is_left_of_all_characters() -> None:
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    left = text.printable(everything)
    assert {c for c in left if unicodedata.category(c) in ("Cc", "Cs")} == {"\t", "\n"}
    assert not {c for c in left if ord(c) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(c) <= 0xFDEF}
    assert len(set(everything) - set(left)) == 63 + 2048 + 66, "controls, surrogates, noncharacters"
