"""Open the review page in the browser without telling its address to everybody on this computer."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from html import escape
from pathlib import Path

from tmscards.storage import cache, files

_PAGE = """<!doctype html>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url={address}">
<title>tmscards review</title>
<p><a href="{address}">Go to the review page</a></p>
"""


@contextmanager
def redirect(address: str, project: Path) -> Iterator[tuple[Path, Callable[[], None]]]:
    """A file that sends the browser on to an address, and the function that deletes it; it is gone after the block.

    Everybody on a computer sees what programs are started with, but only the owner of this file can read it.
    """
    folder = _private_folder(project)

    def delete() -> None:
        shutil.rmtree(folder, ignore_errors=True)

    try:
        page = folder / "review.html"
        with open(os.open(page, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(_PAGE.format(address=escape(address)))
        yield page.resolve(), delete
    finally:
        delete()


def _private_folder(project: Path) -> Path:
    """A new folder that only its owner can open: in the project if possible, else among the temporary files.

    A browser in a sandbox of its own, such as the one that comes with Ubuntu, cannot read the temporary files.
    """
    with suppress(OSError):
        files.check_real(project / cache.FOLDER, project)
        folder = Path(tempfile.mkdtemp(prefix="open-", dir=project / cache.FOLDER))
        if not stat.S_IMODE(folder.stat().st_mode) & 0o077:
            return folder
        # A file system without permissions.
        folder.rmdir()
    return Path(tempfile.mkdtemp(prefix="tmscards-"))
