"""Addresses of recordings: which URLs lead to one, and the backlink that opens one at a given second."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit

from tmscards.domain import Recording
from tmscards.notes.clock import parse_offset

_YOUTUBE_ID = re.compile(r"[\w-]{11}", re.ASCII)
_BACKLINK = re.compile(r"(https://www\.youtube\.com/watch\?v=[\w-]{11})(?:&t=\d+s)?", re.ASCII)
"""What `backlink` returns for YouTube. Most addresses have this form, and `from_url` need not take them apart."""
_YOUTUBE_HOSTS = {"youtube.com", "youtube-nocookie.com", "music.youtube.com", "gaming.youtube.com"}
_YOUTUBE_PATH = re.compile(r"/(?:embed|shorts|live|v|e)/([^/?#]+)")
_VIMEO_PATH = re.compile(r"/(?:.*/)?(\d{6,})(?:/(\w+))?/?$")
_SOUND_FILE = re.compile(r"^\w+://[^/?]*/[^?]*\.(?:mp3|m4a|ogg|opus|wav|flac|mp4|webm|mov|m4v)(?:\?|$)", re.I)
_TIME_KEYS = ("t", "start", "time_continue")
LONGEST = 2000
"""Characters of an address. Each note of a source has it, so a longer one could fill the disk."""


def youtube(video_id: str) -> Recording | None:
    """The recording that has this YouTube video id; None if it cannot be such an id."""
    if not _YOUTUBE_ID.fullmatch(video_id):
        return None
    return Recording("youtube", f"https://www.youtube.com/watch?v={video_id}")


def from_url(url: str) -> Recording | None:
    """The recording at an http(s) address, without any time in the address; None for anything else.

    All forms of YouTube addresses (watch, youtu.be, embed, shorts, live, attribution links) and those of Vimeo are
    recognised. Any other address is taken for a page or file that understands media fragments (`#t=`, W3C 2012).
    """
    own = _BACKLINK.fullmatch(url)
    if own:
        return Recording("youtube", own[1])
    try:
        return _recording(urlsplit(url.strip())) if len(url) <= LONGEST else None
    except ValueError:
        return None


def _recording(parts: SplitResult) -> Recording | None:
    """The recording at an address; raises ValueError if some part of the address is not as URLs are."""
    host = (parts.hostname or "").lower()
    if parts.scheme not in ("http", "https") or not host:
        return None
    host = re.sub(r"^(?:www|m)\.", "", host)
    if host == "youtu.be":
        return youtube(parts.path.strip("/").split("/")[0])
    if host in _YOUTUBE_HOSTS:
        query = parse_qs(parts.query)
        if "u" in query and not query.get("v"):
            query = parse_qs(urlsplit(query["u"][0]).query)
        if query.get("v"):
            return youtube(query["v"][0])
        path = _YOUTUBE_PATH.match(parts.path)
        return youtube(path[1]) if path else None
    if host in ("vimeo.com", "player.vimeo.com"):
        vimeo = _VIMEO_PATH.match(parts.path)
        if not vimeo:
            return None
        unlisted = f"/{vimeo[2]}" if vimeo[2] else ""
        return Recording("vimeo", f"https://vimeo.com/{vimeo[1]}{unlisted}")
    query_pairs = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k not in _TIME_KEYS]
    return Recording("page", urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(query_pairs), "")))


def url_seconds(url: str) -> int | None:
    """The position that an address asks for with `t=`, `start=` or `#t=`, in seconds; None if it asks for none."""
    if len(url) > LONGEST:
        return None
    try:
        parts = urlsplit(url.strip())
        pairs = parse_qsl(parts.query) + parse_qsl(parts.fragment)
    except ValueError:
        return None
    for key, value in pairs:
        if key in _TIME_KEYS or key in ("time", "amp;t"):
            return parse_offset(value.split(",")[0])
    return None


def is_recording_url(url: str) -> bool:
    """Whether an address found in a text is clearly a recording: on YouTube or Vimeo, or a sound or video file."""
    recording = from_url(url)
    if recording is None:
        return False
    return recording.kind != "page" or _SOUND_FILE.search(recording.url) is not None


def backlink(recording: Recording, seconds: int | None) -> str:
    """The address that opens a recording at a given second, or at its beginning if `seconds` is None."""
    if seconds is None:
        return recording.url
    if recording.kind == "youtube":
        return f"{recording.url}&t={seconds}s"
    if recording.kind == "vimeo":
        return f"{recording.url}#t={seconds}s"
    return f"{recording.url}#t={seconds}"
