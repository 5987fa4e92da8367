"""The server of the review page: it answers that page alone, and nothing leaves this computer."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tmscards.errors import UserError
from tmscards.review.record_store import Conflict
from tmscards.review.session import Review
from tmscards.storage import web_files

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

HOST = "127.0.0.1"
MOST = 2_000_000
"""The most bytes that a request's body may have; a decision about 5,000 cards at once has a tenth of that."""
_PLAYERS = "https://www.youtube-nocookie.com https://player.vimeo.com"
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    f"frame-src 'self' {_PLAYERS}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.S)


def listen(port: int | None) -> socket.socket:
    """A socket that only this computer can reach, on a port or any free one. Raises UserError if it cannot be used."""
    # asyncio sends small answers at once only if the socket names its protocol.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port or 0))
        listening.listen()
    except OSError as error:
        listening.close()
        raise UserError(
            f"port {port} cannot be used: {os.strerror(error.errno or 0)}",
            hint="choose another with --port, or leave it out to get a free one",
        ) from error
    return listening


def serve(review: Review, at: socket.socket, token: str) -> None:
    """Serve the review page on a socket until Ctrl+C; it answers only those who know the token."""
    import uvicorn

    port = at.getsockname()[1]
    config = uvicorn.Config(app(review, token, port), log_level="warning", access_log=False, lifespan="off", ws="none")
    # uvicorn raises KeyboardInterrupt again once it has shut down.
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[at])


def new_token() -> str:
    """A random secret for the page's address, so that nobody else can open it."""
    return secrets.token_urlsafe(24)


def address(port: int, token: str) -> str:
    """The address of the page."""
    return f"http://{HOST}:{port}/{token}/"


def app(review: Review, token: str, port: int) -> ASGIApp:
    """The web application: the page and everything that it requests, under `/{token}/`."""
    from starlette.applications import Starlette
    from starlette.routing import Route

    answers = _Answers(review)
    posts = {
        "decide": review.decide,
        "make": review.make,
        "undo": lambda _: review.undo(),
        "redo": lambda _: review.redo(),
        "build": lambda _: review.build(),
    }
    routes = [
        Route("/{token}/", answers.page),
        Route("/{token}/static/{name:path}", answers.static),
        Route("/{token}/card/{guid}/{number:int}/{side}", answers.card),
        Route("/{token}/deck", answers.download),
        Route("/{token}/api/deck", _told(lambda _: review.deck())),
        Route("/{token}/api/details", _told(lambda _: review.details())),
        Route("/{token}/api/since/{mark:int}", _told(lambda request: review.since(request.path_params["mark"]))),
        Route("/{token}/api/note/{guid}", _told(lambda request: review.note(request.path_params["guid"]))),
        *(Route(f"/{{token}}/api/{name}", _asked(review, work), methods=["POST"]) for name, work in posts.items()),
    ]
    inside = Starlette(routes=routes)
    inside.router.redirect_slashes = False
    return _Guard(inside, token, port)


class _Guard:
    """Lets only the page's own requests in, by the token in their address and the headers that the browser sends."""

    def __init__(self, inside: ASGIApp, token: str, port: int) -> None:
        self._inside, self._token = inside, token
        self._hosts = {f"{name}:{port}" for name in (HOST, "localhost")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        from starlette.responses import PlainTextResponse

        if scope["type"] != "http":
            return
        status = self._refused(scope)
        if not status and scope["method"] == "POST":
            body = await _body(scope, receive)
            if body is None:
                status = 413
            else:
                receive = _again(body)
        inside = PlainTextResponse("", status) if status else self._inside
        await inside(scope, receive, _with_headers(send))

    def _refused(self, scope: Scope) -> int:
        """The HTTP status with which a request is refused; 0 if it is allowed."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        given = scope["path"].removeprefix("/").partition("/")[0].encode()
        if headers.get("host", "") not in self._hosts:
            # Somebody else's host name that leads to this computer: DNS rebinding.
            return 400
        if not hmac.compare_digest(given, self._token.encode()):
            return 404
        own = f"http://{headers['host']}"
        is_ours = headers.get("origin", own) == own and headers.get("sec-fetch-site", "none") in ("same-origin", "none")
        # A sandboxed card has no origin of its own, so it can be shown and request nothing itself.
        if scope["method"] in ("GET", "HEAD"):
            return 0 if is_ours else 403
        is_json = headers.get("content-type", "").partition(";")[0] == "application/json"
        return 0 if is_ours and is_json and "origin" in headers else 403


async def _body(scope: Scope, receive: Receive) -> bytes | None:
    """A request's body; None if it is too long, whatever length its header claims."""
    length = dict(scope["headers"]).get(b"content-length", b"0")
    if not length.isdigit() or int(length) > MOST:
        return None
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if len(body) > MOST:
            return None
        if not message.get("more_body"):
            return body


def _again(body: bytes) -> Receive:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _with_headers(send: Send) -> Send:
    """Add headers to every answer that keep other pages from reading it and the browser from storing it."""
    always = [
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"cross-origin-opener-policy", b"same-origin"),
    ]

    async def with_headers(message: Any) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", []))
            if not any(name == b"content-security-policy" for name, _ in headers):
                headers.append((b"content-security-policy", b"default-src 'none'"))
            message = {**message, "headers": [*headers, *always]}
        await send(message)

    return with_headers


class _Answers:
    """The answers that are not JSON: the page, its files, the cards and the package."""

    def __init__(self, review: Review) -> None:
        from jinja2 import Environment

        self._review, self._static = review, web_files.static_files()
        page = web_files.read("review/page/index.html")
        modules = sorted(name for name in self._static if name.startswith("review/page/") and name.endswith(".js"))
        environment = Environment(autoescape=True)
        self._page = environment.from_string(page).render(deck=review.paths.recipe.deck, modules=modules)
        note_type = review.note_type
        scripts = [
            *_SCRIPT.findall(note_type.front),
            *_SCRIPT.findall(note_type.back),
            web_files.read("web/card_frame.js"),
        ]
        # Only the template's own scripts run, whatever a note holds.
        allowed = " ".join(
            f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts
        )
        self._card_policy = (
            f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; font-src data:; "
            "media-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-scripts"
        )

    def page(self, _: Request) -> Response:
        from starlette.responses import HTMLResponse

        return HTMLResponse(self._page, headers={"content-security-policy": _PAGE_POLICY})

    async def static(self, request: Request) -> Response:
        from starlette.responses import Response

        found = self._static.get(request.path_params["name"])
        return Response(found[0], media_type=found[1]) if found else Response(status_code=404)

    def card(self, request: Request) -> Response:
        from starlette.responses import HTMLResponse, Response

        asked = request.path_params
        html = self._review.frame(
            asked["guid"], asked["number"], asked["side"], is_dark=request.query_params.get("night") == "1"
        )
        if html is None:
            # The card has just been taken back: 204 makes the browser leave its frame as it is.
            return Response(status_code=204 if self._review.store.note(asked["guid"]) else 404)
        return HTMLResponse(html, headers={"content-security-policy": self._card_policy})

    def download(self, _: Request) -> Response:
        from starlette.responses import FileResponse, Response

        output = self._review.paths.output
        if not output.is_file():
            return Response(status_code=404)
        return FileResponse(output, media_type="application/octet-stream", filename=output.name)


def _told(work: Callable[[Request], Any]) -> Callable[[Request], Response]:
    """An endpoint that answers with the JSON of what `work` returns, or with 404 if that is None."""

    def answer(request: Request) -> Response:
        try:
            data = work(request)
        except UserError as error:
            return _json({"message": str(error)}, 422)
        return _json(
            data if data is not None else {"message": "this card no longer exists"},
            200 if data is not None else 404,
        )

    return answer


def _asked(review: Review, work: Callable[[Any], Any]) -> Callable[[Request], Any]:
    """An endpoint that changes something: it answers with the result, or with the reason why nothing has changed."""
    from starlette.concurrency import run_in_threadpool

    def answer(body: bytes) -> Response:
        try:
            asked = json.loads(body or b"{}")
            if not isinstance(asked, dict):
                return _json({"message": "invalid request"}, 400)
            return _json(work(asked))
        except Conflict as conflict:
            return _json({"message": str(conflict), "conflicts": conflict.guids, **review.deck()}, 409)
        except UserError as error:
            return _json({"message": str(error)}, 422)
        except (KeyError, TypeError, ValueError, OverflowError, RecursionError):
            return _json({"message": "invalid request"}, 400)

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(answer, await request.body())

    return endpoint


def _json(data: Any, status: int = 200) -> Response:
    from starlette.responses import JSONResponse

    return JSONResponse(data, status)
