"""What the review page's server does with requests that nobody sends in good faith: no 500, no harm, and no standstill."""

from __future__ import annotations

import http.client
import json
import random
import resource
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import import_deck
from project import Project
from reviewed import Reviewed
from test_server import ask, deck, everything, first, post

HALF_OPEN = 1100
HUGE = "9" * 5000


@pytest.fixture
def project(tmp_path: Path, inside: Any) -> Project:
    project = Project(tmp_path / "project", inside)
    project.build()
    return project


@pytest.fixture
def reviewed(project: Project) -> Iterator[Reviewed]:
    with Reviewed(project.folder) as server:
        yield server


def test_no_number_in_an_address_is_too_odd(reviewed: Reviewed) -> None:
    guid = first(reviewed)["guid"]
    # The fifth and the sixth are ² and ٣.
    for number in (HUGE, "0", "1e9", "-1", "%C2%B2", "%D9%A3", "%00", "1%0a", "0x1", "", "4294967296"):
        assert ask(reviewed, f"/{reviewed.token}/card/{guid}/{number}/question")[0] in (204, 404), number
        assert ask(reviewed, f"/{reviewed.token}/api/since/{number}")[0] in (200, 404), number


# JSON as it is sent, as some of it can only be written by hand.
ATOMS = [
    HUGE, f"-{HUGE}", "1e999", "-1e999", "NaN", "Infinity", "1" * 4300, "0", "-1", "1", "2", "1.5", "null", "true", '""',
    "[]", "{}", '[["a", "b"]]', "[" * 900 + "]" * 900, '{"a":' * 900 + "1" + "}" * 900, f'"{HUGE}"', '"²"', '"1"',
    r'"\ud800"', r'"\udfff\ud800"', r'"\u0000"', r'"\u001f"', r'"{{c1::\u001fa}}"', r'"{{c1::a\ud800}}"', '"{{c1::a}}"',
    '"{{c1::a::b}}"', f'"{{{{c{HUGE}::a}}}}"', '"{{c1::{{c1::a}}}}"', '"<b>{{c1::a"', r'"\ufffe\uffff"', '"[latex]{{c1::a}}"',
    r'"{{c1::\ue000}}"', r'"{{c1::a}}\u2028\u0085"', '["a b", ["c"]]', r'["\u001f", "\ud800", "::", "a::b"]', '[1, null]',
]  # fmt: skip
ACTIONS = ("approve", "reject", "text", "gap", "no gap", "hint", "tags", "fly")
KEYS = ("text", "start", "end", "number", "hint", "tags", "sentence")


def body(rng: random.Random, note: dict[str, Any]) -> bytes:
    """A request to change something, in which one thing or another is odd."""

    def atom() -> str:
        return rng.choice(ATOMS)

    given = {key: atom() for key in KEYS if rng.random() < 0.8}
    if rng.random() < 0.7:
        given |= {"start": str(rng.randrange(9)), "end": str(rng.randrange(20)), "number": "1"}
    given["action"] = json.dumps(rng.choice(ACTIONS)) if rng.random() < 0.95 else atom()
    seen = json.dumps({note["guid"]: note["version"]})
    given["notes"] = seen if rng.random() < 0.8 else rng.choice((atom(), f'{{"x": {atom()}}}', r'{"\ud800": "\ud800"}'))
    if rng.random() < 0.05:
        return rng.choice(ATOMS).encode()
    return ("{" + ", ".join(f'"{key}": {value}' for key, value in given.items()) + "}").encode()


def test_no_request_is_answered_with_500(reviewed: Reviewed, project: Project) -> None:
    rng = random.Random(17)
    statuses = set()
    for turn in range(200):
        note = rng.choice(deck(reviewed)["sources"][0]["notes"])
        path = rng.choice(("decide", "decide", "decide", "make", "undo", "redo"))
        asked = body(rng, note)
        status, answer = post(reviewed, path, asked)
        assert status in (200, 400, 409, 422), (turn, status, asked)
        assert status != 422 or "has failed" not in answer["message"], (turn, asked)
        statuses.add(status)
        if status == 200 and turn % 5 == 0:
            for guid in (note["guid"], "%ED%A0%80", HUGE, "%1f"):
                assert ask(reviewed, f"/{reviewed.token}/api/note/{guid}")[0] in (200, 404)
                assert ask(reviewed, f"/{reviewed.token}/card/{guid}/1/answer")[0] in (200, 204, 404)
    assert statuses == {200, 400, 409, 422}
    written = next(project.records.glob("nerves.yaml"))
    assert yaml.safe_load(written.read_text())["notes"]
    assert post(reviewed, "build", {})[0] == 200


def test_characters_that_nobody_sees_get_into_no_record_and_no_deck(
    reviewed: Reviewed, project: Project, collection: Any
) -> None:
    unseen = "".join(map(chr, (*range(9), *range(11, 32), *range(127, 160), 0xD800, 0xDFFF)))
    note = first(reviewed)
    for asked in (
        {"action": "text", "text": f"a{unseen}b\t{{{{c1::c{unseen}d}}}}\r\ne"},
        {"action": "hint", "number": 1, "hint": f"f{unseen}g"},
        {"action": "tags", "tags": [f"h{unseen}i", unseen]},
    ):
        status, answer = post(reviewed, "decide", {**asked, "notes": {note["guid"]: note["version"]}})
        assert status == 200
        [note] = answer["notes"]
    assert not any(c in unseen for c in "".join(map(str, project.record()[0].values())))
    assert post(reviewed, "build", {})[0] == 200
    import_deck(collection, project.deck)
    shipped = collection.get_note(collection.db.scalar("select id from notes where guid = ?", note["guid"]))
    text = shipped.fields[0]
    assert not any(c in unseen for c in "".join([*shipped.fields, *shipped.tags]).replace("\x1f", ""))
    assert text.startswith("a")
    assert "{{c1::c" in text


def silent(_: socket.socket) -> None:
    """Says nothing at all."""


def half_a_header(connection: socket.socket) -> None:
    connection.sendall(b"GET / HTTP/1.1\r\nHost: 127")


def half_a_body(connection: socket.socket) -> None:
    connection.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nx")


def half_a_decision(server: Reviewed, connection: socket.socket) -> None:
    host = f"127.0.0.1:{server.port}"
    head = f"POST /{server.token}/api/decide HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n"
    connection.sendall(f"{head}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{".encode())


def many_and_no_ear(connection: socket.socket) -> None:
    """Asks for more answers than it reads."""
    connection.setblocking(False)
    try:
        while True:
            connection.send(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 100)
    except BlockingIOError:
        pass


@pytest.fixture
def limited(project: Project, request: pytest.FixtureRequest) -> Iterator[Reviewed]:
    """The command where only so many files may be open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (request.param, hard))
    try:
        server = Reviewed(project.folder)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    with server:
        yield server
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.process
@pytest.mark.parametrize(
    ("limited", "what"),
    [
        (1024, silent),
        (256, silent),
        (1024, half_a_header),
        (1024, half_a_body),
        (1024, half_a_decision),
        (1024, many_and_no_ear),
    ],
    indirect=["limited"],
)
def test_the_page_can_be_reached_while_others_hold_connections(limited: Reviewed, what: Callable[..., None]) -> None:
    args = (limited,) if what is half_a_decision else ()
    with ExitStack() as stack:
        for _ in range(HALF_OPEN):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", limited.port), timeout=30))
            # It may have been closed already, as there are too many.
            with suppress(OSError):
                what(*args, connection)
        for _ in range(5):
            assert ask(limited, f"/{limited.token}/")[0] == 200
            assert post(limited, "decide", {"action": "approve", "notes": {}})[0] == 200


def test_requests_that_drip_are_cut_off_and_a_connection_in_use_is_kept(reviewed: Reviewed) -> None:
    used = http.client.HTTPConnection("127.0.0.1", reviewed.port)
    used.connect()
    local = used.sock.getsockname()
    begun = (b"GET / HTTP/1.1\r\nX: ", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n")
    with ExitStack() as stack:
        dripping = []
        for begin in begun:
            dripping.append(stack.enter_context(socket.create_connection(("127.0.0.1", reviewed.port), timeout=30)))
            dripping[-1].sendall(begin)
        for turn in range(60):
            if turn % 7 == 0:
                used.request("GET", f"/{reviewed.token}/api/deck")
                assert used.getresponse().read()
                assert used.sock.getsockname() == local
            for connection in list(dripping):
                try:
                    connection.sendall(b"x")
                except OSError:
                    dripping.remove(connection)
            if not dripping and turn >= 28:
                break
            time.sleep(0.5)
    assert not dripping


def test_records_that_cannot_be_used_are_named(reviewed: Reviewed, project: Project, tmscards: Any) -> None:
    before = everything(project.folder)
    note = first(reviewed)
    lock = project.records / ".lock"
    lock.unlink()
    lock.mkdir()
    status, answer = post(reviewed, "decide", {"action": "approve", "notes": {note["guid"]: note["version"]}})
    assert status == 422
    assert answer["message"]
    assert everything(project.folder) == before
    assert first(reviewed)["state"] == "new"
    tmscards("review", "--no-open", cwd=project.folder, code=1)


def test_a_record_that_is_a_link_is_named(reviewed: Reviewed, project: Project, tmp_path: Path) -> None:
    note = first(reviewed)
    path, outside = project.records / "nerves.yaml", tmp_path / "outside.yaml"
    path.rename(outside)
    path.symlink_to(outside)
    before = outside.read_bytes()
    status, answer = post(reviewed, "decide", {"action": "approve", "notes": {note["guid"]: note["version"]}})
    assert status == 422
    assert "is a link" in answer["message"]
    assert outside.read_bytes() == before
    path.unlink()
    assert ask(reviewed, f"/{reviewed.token}/api/since/0")[0] == 200
    assert deck(reviewed)["sources"] == []
