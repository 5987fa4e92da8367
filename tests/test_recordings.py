from __future__ import annotations

import pytest

from tmscards.domain import Recording
from tmscards.notes.recordings import backlink, from_url, is_recording_url, url_seconds, youtube

WATCH = "https://www.youtube.com/watch?v=X4QE6t-MkYE"


@pytest.mark.parametrize(
    "url",
    [
        WATCH,
        f"{WATCH}&t=217s&list=PL1",
        "http://youtube.com/watch?feature=share&v=X4QE6t-MkYE",
        "https://m.youtube.com/watch?v=X4QE6t-MkYE#t=10",
        "https://music.youtube.com/watch?v=X4QE6t-MkYE",
        "https://youtu.be/X4QE6t-MkYE?si=abc&t=5",
        "https://www.youtube.com/embed/X4QE6t-MkYE?start=9",
        "https://www.youtube-nocookie.com/embed/X4QE6t-MkYE",
        "https://www.youtube.com/shorts/X4QE6t-MkYE",
        "https://www.youtube.com/live/X4QE6t-MkYE?feature=share",
        "https://www.youtube.com/v/X4QE6t-MkYE",
        "https://www.youtube.com/attribution_link?a=b&u=%2Fwatch%3Fv%3DX4QE6t-MkYE%26feature%3Dshare",
    ],
)
def test_youtube_in_all_its_forms(url: str) -> None:
    assert from_url(url) == Recording("youtube", WATCH)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://vimeo.com/76979871", "https://vimeo.com/76979871"),
        ("https://player.vimeo.com/video/76979871?h=1#t=3s", "https://vimeo.com/76979871"),
        ("https://vimeo.com/channels/staffpicks/76979871", "https://vimeo.com/76979871"),
        ("https://a.example/talk?id=3&t=40#chapter", "https://a.example/talk?id=3"),
        ("https://a.example/episode.mp3#t=90", "https://a.example/episode.mp3"),
    ],
)
def test_other_recordings(url: str, expected: str) -> None:
    recording = from_url(url)
    assert recording is not None
    assert recording.url == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "Lecture 3",
        "ftp://a.example/x",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "http://[bad",
        "https://youtube.com/@someone",
    ],
)
def test_no_recording(url: str) -> None:
    assert from_url(url) is None


def test_video_id() -> None:
    assert youtube("X4QE6t-MkYE") == Recording("youtube", WATCH)
    assert youtube("YOUR_VIDEO_ID") is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"{WATCH}&t=217s", 217),
        ("https://youtu.be/a?t=1h", 3600),
        ("https://a.example/x.mp3#t=12,20", 12),
        (WATCH, None),
        ("https://a.example/?t=x", None),
    ],
)
def test_time_in_an_address(url: str, expected: int | None) -> None:
    assert url_seconds(url) == expected


def test_only_some_pages_are_recordings_by_themselves() -> None:
    assert is_recording_url("https://a.example/talk.mp3")
    assert not is_recording_url("https://a.example/article")


@pytest.mark.parametrize(
    ("recording", "seconds", "expected"),
    [
        (Recording("youtube", WATCH), 1032, f"{WATCH}&t=1032s"),
        (Recording("youtube", WATCH), None, WATCH),
        (Recording("vimeo", "https://vimeo.com/1"), 5, "https://vimeo.com/1#t=5s"),
        (Recording("page", "https://a.example/x.mp3"), 5, "https://a.example/x.mp3#t=5"),
    ],
)
def test_backlink(recording: Recording, seconds: int | None, expected: str) -> None:
    assert backlink(recording, seconds) == expected
