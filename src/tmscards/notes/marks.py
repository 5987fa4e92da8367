"""The characters of marks, which stand for something in a text while a Markdown parser reads it.

They are noncharacters, which Unicode keeps for a program's own use: no text has them once it is `printable`.
"""

from __future__ import annotations

import re

OPEN, STAMP_OPEN, CLOSE = "\ufdd0", "\ufdd2", "\ufdd1"
"""What is around the number of a mark; marks of timestamps begin with STAMP_OPEN."""
MARK = re.compile(f"[{OPEN}{STAMP_OPEN}](\\d+){CLOSE}", re.ASCII)
