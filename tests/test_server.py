"""What the review page's server refuses: every attack, with nothing written, nothing run, and the server alive."""

from __future__ import annotations

import hashlib
import http.client
import json
import re
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT
from project import Project
from reviewed import Reviewed

EVIL = "<script>document.title='pwned'</script><img src=x onerror=\"document.title='pwned'\">"


@pytest.fixture
def reviewed(tmp_path: Path, inside: Any) -> Iterator[Reviewed]:
    project = Project(tmp_path / "project", inside)
    project.build()
    with Reviewed(project.folder) as server:
        yield server


def ask(
    server: Reviewed, path: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[int, bytes]:
    """The status and body of an answer to a request with just these headers."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    given = {"Host": f"127.0.0.1:{server.port}", **{k.replace("_", "-"): v for k, v in headers.items()}}
    for name, value in given.items():
        if value:
            connection.putheader(name, value)
    if body is not None and "Content-Length" not in given:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders()
    try:
        if body is not None:
            connection.send(body)
    except (BrokenPipeError, ConnectionResetError):
        pass
    answer = connection.getresponse()
    return answer.status, answer.read()


def post(server: Reviewed, path: str, body: object, **headers: str) -> tuple[int, Any]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {"Origin": f"http://127.0.0.1:{server.port}", "Content_Type": "application/json", **headers}
    status, answer = ask(server, f"/{server.token}/api/{path}", "POST", raw, **given)
    return status, json.loads(answer) if answer.startswith(b"{") else None


def deck(server: Reviewed) -> Any:
    status, body = ask(server, f"/{server.token}/api/deck")
    assert status == 200
    return json.loads(body)


def first(server: Reviewed) -> dict[str, Any]:
    note: dict[str, Any] = deck(server)["sources"][0]["notes"][0]
    return note


def everything(folder: Path) -> str:
    """A digest of all files of a project, the lock and the cache left out."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != ".lock" and ".tmscards" not in p.parts)
    return hashlib.sha256(b"".join(str(p).encode() + p.read_bytes() for p in files)).hexdigest()


def approval(server: Reviewed) -> dict[str, Any]:
    note = first(server)
    return {"action": "approve", "notes": {note["guid"]: note["version"]}}


def test_the_page_itself_may_decide(reviewed: Reviewed) -> None:
    status, answer = post(reviewed, "decide", approval(reviewed), Sec_Fetch_Site="same-origin")
    assert status == 200
    assert answer["notes"][0]["state"] == "approved"
    assert "status: approved" in next(reviewed.folder.glob("decks/nerves/*.yaml")).read_text()


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Content_Type": "text/plain"},
        {"Content_Type": "application/x-www-form-urlencoded"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1"},
        {"Host": ""},
    ],
)
def test_requests_of_other_sites_and_rebound_names_are_refused(reviewed: Reviewed, headers: dict[str, str]) -> None:
    asked, before = approval(reviewed), everything(reviewed.folder)
    for path, body in (("decide", asked), ("undo", {}), ("build", {}), ("make", {"sentence": 0, "text": ""})):
        status, _ = post(reviewed, path, body, **headers)
        assert status in (400, 403), (path, headers)
    assert everything(reviewed.folder) == before
    assert first(reviewed)["state"] == "new"


def test_rebound_names_and_other_sites_read_nothing(reviewed: Reviewed) -> None:
    for headers in ({"Host": "evil.example:80"}, {"Origin": "https://evil.example"}, {"Sec_Fetch_Site": "cross-site"}):
        for path in ("", "api/deck", "deck", "static/review/page/main.js"):
            status, body = ask(reviewed, f"/{reviewed.token}/{path}", "GET", None, **headers)
            assert status in (400, 403)
            assert body == b""


@pytest.mark.parametrize("token", ["", "x", "../..", "%2e%2e", "%C3%A9", "*"])
def test_without_the_token_there_is_nothing(reviewed: Reviewed, token: str) -> None:
    for path in (
        f"/{token}/",
        f"/{token}/api/deck",
        f"/{token}",
        f"/{reviewed.token[:-1]}/",
        "/",
        "/favicon.ico",
        "//",
    ):
        status, body = ask(reviewed, path)
        assert status == 404, path
        assert body == b""
    assert len(reviewed.token) >= 32


PATHS = [
    "../../../../etc/passwd",
    "..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/x",
    "....//",
    "/etc/passwd",
    "nerves.yaml",
    "\\",
    "%00",
]


def test_a_side_is_question_or_answer(reviewed: Reviewed) -> None:
    guid = first(reviewed)["guid"]
    for side, status in {"question": 200, "answer": 200, "%3Cscript%3E": 204, "x": 204}.items():
        assert ask(reviewed, f"/{reviewed.token}/card/{guid}/1/{side}")[0] == status


@pytest.mark.parametrize("bad", PATHS)
def test_no_id_leads_out_of_the_deck(reviewed: Reviewed, bad: str) -> None:
    before = everything(reviewed.folder)
    for path in (f"static/{bad}", f"card/{bad}/1/question", f"api/note/{bad}", f"api/{bad}", f"deck/{bad}"):
        status, body = ask(reviewed, f"/{reviewed.token}/{path}")
        assert status in (400, 404), path
        assert b"root:" not in body
    for guid in (bad, f"../{bad}"):
        status, answer = post(reviewed, "decide", {"action": "approve", "notes": {guid: ""}})
        assert (status, answer["conflicts"]) == (409, [guid])
    assert everything(reviewed.folder) == before


def test_a_body_of_ten_megabytes_is_refused_unread(reviewed: Reviewed) -> None:
    before = everything(reviewed.folder)
    big = {**approval(reviewed), "more": "x" * 10_000_000}
    assert post(reviewed, "decide", big)[0] == 413
    # One that lies about its length, and one that says nothing of it.
    raw = json.dumps(big).encode()
    assert post(reviewed, "decide", raw, Content_Length="10")[0] in (400, 413)
    chunk = b"%x\r\n%s\r\n" % (len(raw), raw)
    status, _ = post(reviewed, "decide", chunk + b"0\r\n\r\n", Transfer_Encoding="chunked", Content_Length="")
    assert status == 413
    assert everything(reviewed.folder) == before
    assert first(reviewed)["state"] == "new"


NONSENSE = [
    b"", b"[]", b"{", b"\xff", b"null", b"[" * 100_000, b'{"action": 1}', b'{"action": "fly", "notes": {}}',
    b'{"action": "approve"}', b'{"action": "approve", "notes": 3}', b'{"action": "gap", "notes": {}, "start": "a", "end": 1}',
    b'{"action": "gap", "notes": {}, "start": 1e999, "end": 1}',
]  # fmt: skip


@pytest.mark.parametrize("body", NONSENSE)
def test_nonsense_is_no_decision(reviewed: Reviewed, body: bytes) -> None:
    before = everything(reviewed.folder)
    assert post(reviewed, "decide", body)[0] == 400
    assert everything(reviewed.folder) == before


def test_a_thousand_requests_at_once(reviewed: Reviewed) -> None:
    asked = approval(reviewed)

    def one(number: int) -> int:
        if number % 2:
            return ask(reviewed, f"/{reviewed.token}/api/deck")[0]
        return post(reviewed, "decide", asked)[0]

    with ThreadPoolExecutor(100) as pool:
        found = list(pool.map(one, range(1000)))
    # One of them decides; the others come with a version that is not there any more.
    assert sorted(set(found)) == [200, 409]
    assert sum(found[::2]) == 200 + 499 * 409
    assert first(reviewed)["state"] == "approved"


def test_ctrl_c_ends_it_well(reviewed: Reviewed) -> None:
    assert deck(reviewed)
    reviewed.process.send_signal(signal.SIGINT)
    assert reviewed.process.wait(10) == 0


def test_a_port_that_is_taken_is_named(reviewed: Reviewed, tmscards: Any) -> None:
    done = tmscards("review", "--no-open", "--port", str(reviewed.port), cwd=reviewed.folder, code=1)
    assert f"port {reviewed.port} cannot be used: Address already in use (choose another" in done.stderr


def test_a_deck_that_was_never_built_is_named(tmscards: Any, tmp_path: Path) -> None:
    Project(tmp_path / "p", tmscards)
    assert "there is no deck to review yet" in tmscards("review", cwd=tmp_path / "p", code=1).stderr


def test_every_answer_forbids_what_it_does_not_need(reviewed: Reviewed) -> None:
    guid = first(reviewed)["guid"]
    for path in ("", "static/review/page/main.js", "api/deck", f"card/{guid}/1/question", "nothing"):
        connection = http.client.HTTPConnection("127.0.0.1", reviewed.port)
        connection.request("GET", f"/{reviewed.token}/{path}")
        answer = connection.getresponse()
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "script-src 'unsafe-inline'" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"


def test_the_files_of_the_page_are_given_out_and_no_others(reviewed: Reviewed) -> None:
    package = ROOT / "src" / "tmscards"
    kinds = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".html": None}
    for file in (*(package / "web").iterdir(), *(package / "review" / "page").iterdir()):
        connection = http.client.HTTPConnection("127.0.0.1", reviewed.port)
        connection.request("GET", f"/{reviewed.token}/static/{file.relative_to(package).as_posix()}")
        answer = connection.getresponse()
        if kind := kinds[file.suffix]:
            assert (answer.status, answer.headers["content-type"]) == (200, kind)
            assert answer.read() == file.read_bytes()
        else:
            assert answer.status == 404, file
    for path in (
        "",
        "main.js",
        "web",
        "web/",
        "web/../web/dom.js",
        "review/page/../../server.py",
        "server.py",
        "py.typed",
    ):
        assert ask(reviewed, f"/{reviewed.token}/static/{path}")[0] == 404, path


def test_it_listens_to_this_computer_alone(reviewed: Reviewed) -> None:
    lines = Path("/proc/net/tcp").read_text().splitlines()
    [own] = [line.split()[1] for line in lines if line.split()[1].endswith(f":{reviewed.port:04X}") and " 0A " in line]
    assert own.startswith("0100007F:")


def test_what_a_note_holds_is_harmless_in_the_deck(reviewed: Reviewed, collection: Any) -> None:
    from conftest import import_deck

    note = first(reviewed)
    text = note["text"] + EVIL + '<a href="javascript:alert(1)">x</a><img src="https://evil.example/a.png">'
    status, answer = post(
        reviewed, "decide", {"action": "text", "text": text, "notes": {note["guid"]: note["version"]}}
    )
    assert status == 200
    version = answer["notes"][0]["version"]
    tags = ["<script>alert(1)</script>", "fine"]
    assert post(reviewed, "decide", {"action": "tags", "tags": tags, "notes": {note["guid"]: version}})[0] == 200
    assert post(reviewed, "build", {})[0] == 200
    import_deck(collection, reviewed.folder / "decks/nerves.apkg")
    shipped = collection.get_note(collection.db.scalar("select id from notes where guid = ?", note["guid"]))
    assert not re.search(r"<script|onerror|javascript:|evil\.example", "".join(shipped.fields))
    assert "fine" in shipped.tags
    assert not any("<" in tag for tag in shipped.tags)
