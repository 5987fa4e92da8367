"""Asks the running Anki, through its add-on AnkiConnect (the API that its page describes, version 6)."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from tmscards.errors import UserError

URL = "http://127.0.0.1:8765"
"""Where AnkiConnect listens unless its settings say otherwise."""
VERSION = 6
_PATIENCE = 600
"""Seconds; an import of many notes takes a while."""
_BY_HAND = "or import the deck by hand, with File > Import"
_LARGEST = 200_000_000
"""Bytes of an answer."""


class Connection:
    """A running Anki with AnkiConnect."""

    def __init__(self, url: str = URL, key: str | None = None) -> None:
        """`url` is where it listens, and `key` its `apiKey`. Raises UserError if that can be no AnkiConnect."""
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise UserError(f"{url!r} is not the address of AnkiConnect", hint=f"it is usually {URL}")
        self._url, self._key = url, key
        # A proxy would ask another computer for this one's Anki.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(self, action: str, **params: Any) -> Any:
        """What Anki answers. Raises UserError if it does not run, lacks the add-on, wants a key, or cannot do it."""
        asked: dict[str, Any] = {"action": action, "version": VERSION, "params": params}
        if self._key:
            asked["key"] = self._key
        request = urllib.request.Request(self._url, json.dumps(asked).encode(), {"Content-Type": "application/json"})
        try:
            with self._opener.open(request, timeout=_PATIENCE) as answer:
                said = json.loads(answer.read(_LARGEST))
        except (urllib.error.HTTPError, ValueError) as error:
            raise UserError(
                f"what answers at {self._url} is not AnkiConnect", hint=f"name its address with --url, {_BY_HAND}"
            ) from error
        except OSError as error:
            raise UserError(
                f"Anki does not answer at {self._url}",
                hint=f"start Anki with the add-on AnkiConnect (2055492159), {_BY_HAND}",
            ) from error
        if not isinstance(said, dict) or "error" not in said:
            raise UserError(
                f"what answers at {self._url} is not AnkiConnect", hint=f"name its address with --url, {_BY_HAND}"
            )
        if said["error"] is not None:
            raise _fault(str(said["error"]), action)
        return said.get("result")


def _fault(error: str, action: str) -> UserError:
    """What an error of AnkiConnect means to people."""
    if "api key" in error:
        return UserError("AnkiConnect asks for a key", hint="give it with --key, or as TMSCARDS_ANKI_KEY")
    if "collection is not available" in error:
        return UserError("no profile is open in Anki", hint="open yours, and try again")
    if "unsupported action" in error:
        return UserError(f"this AnkiConnect is too old to do {action}", hint=f"update the add-on, {_BY_HAND}")
    return UserError(f"Anki could not do {action}: {error}", hint="see what Anki says, and try again")
