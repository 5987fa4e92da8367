"""How the review page is opened: its address is told to the browser of its owner and to nobody else."""

from __future__ import annotations

import os
import signal
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browser import opened
from project import Project
from reviewed import Reviewed
from test_server import ask
from tmscards.review import opening

FETCHED = {"Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document", "Sec_Fetch_Site": "cross-site"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with opened() as browser:
        yield browser


@pytest.fixture
def project(tmp_path: Path, inside: Any) -> Project:
    project = Project(tmp_path / "project", inside)
    project.build()
    return project


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the program that opens files writes down what it was started with."""
    program, said = tmp_path / "bin" / "xdg-open", tmp_path / "said"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nprintf "%s" "$*" > {said}.new && mv {said}.new {said}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return said


def page_of(asked: Path) -> Path:
    """The file that was opened."""
    end = time.monotonic() + 30
    while not asked.exists() and time.monotonic() < end:
        time.sleep(0.05)
    return Path(asked.read_text())


@pytest.mark.process
def test_the_address_is_in_a_file_of_the_owner_and_not_in_the_process_list(project: Project, asked: Path) -> None:
    with Reviewed(project.folder, browser=True) as server:
        page = page_of(asked)
        assert page.is_absolute()
        assert server.token not in str(page)
        assert server.token in page.read_text()
        assert [stat.S_IMODE(path.stat().st_mode) for path in (page, page.parent)] == [0o600, 0o700]
        commands = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
        assert not any(server.token.encode() in command for command in commands)
        assert ask(server, f"/{server.token}/api/deck")[0] == 200
        assert page.exists()
        # Once the page is open, nobody needs the file any more.
        assert ask(server, f"/{server.token}/", "GET", None, **FETCHED)[0] == 200
        assert not page.parent.exists()


@pytest.mark.process
def test_the_file_goes_when_the_command_ends(project: Project, asked: Path) -> None:
    with Reviewed(project.folder, browser=True) as server:
        page = page_of(asked)
        assert ask(server, f"/{server.token}/api/deck")[0] == 200
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(20) == 0
        assert not page.parent.exists()


@pytest.mark.process
@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("", {"Sec_Fetch_Mode": "no-cors"}),
        ("", {"Sec_Fetch_Mode": "cors"}),
        ("", {"Sec_Fetch_Dest": "iframe"}),
        ("", {"Sec_Fetch_Dest": "object"}),
        ("", {"Sec_Fetch_Site": "same-site"}),
        ("", {"Origin": "https://evil.example"}),
        ("", {"Origin": "null"}),
        ("api/deck", {}),
        ("deck", {}),
        ("static/review/page/main.js", {}),
    ],
)
def test_other_sites_can_open_the_page_and_nothing_else(project: Project, path: str, headers: dict[str, str]) -> None:
    with Reviewed(project.folder) as server:
        assert ask(server, f"/{server.token}/", "GET", None, **FETCHED)[0] == 200
        assert ask(server, f"/{server.token}/{path}", "GET", None, **{**FETCHED, **headers}) == (403, b"")
        assert ask(server, f"/{server.token[:-1]}/", "GET", None, **FETCHED) == (404, b"")


def test_the_file_leads_to_the_page(project: Project, browser: Any) -> None:
    with (
        Reviewed(project.folder) as server,
        opening.redirect(server.url, project.folder) as (file, delete),
    ):
        page = browser.new_context().new_page()
        noise: list[str] = []
        page.on("console", lambda message: noise.append(message.text))
        page.goto(file.as_uri())
        page.wait_for_url(server.url)
        page.wait_for_selector("#cards iframe")
        assert page.evaluate("[document.referrer, window.opener]") == ["", None]
        # The file is not among the pages to go back to.
        page.go_back()
        assert "review.html" not in page.url
        page.goto(server.url)
        delete()
        assert not file.exists()
        page.reload()
        page.wait_for_selector("#cards iframe")
        assert noise == []


def test_another_site_cannot_read_what_it_opens(project: Project, browser: Any, tmp_path: Path) -> None:
    with Reviewed(project.folder) as server:
        other = tmp_path / "other.html"
        other.write_text(f'<iframe src="{server.url}"></iframe>')
        page = browser.new_context().new_page()
        page.goto(other.as_uri())
        assert all("tmscards" not in frame.content() for frame in page.frames[1:])
        read = f"fetch('{server.url}', {{mode: 'no-cors'}}).then(a => a.text()).catch(() => 'refused')"
        assert page.evaluate(read) in ("refused", "")


def test_where_the_project_has_no_folder_the_file_is_temporary(tmp_path: Path) -> None:
    with opening.redirect("http://127.0.0.1:1/x/", tmp_path) as (file, _):
        assert tmp_path not in file.parents
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert not file.parent.exists()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / ".tmscards").symlink_to(tmp_path / "elsewhere")
    with opening.redirect("http://127.0.0.1:1/x/", tmp_path) as (file, _):
        assert list((tmp_path / "elsewhere").iterdir()) == []
