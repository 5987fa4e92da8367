"""The server of the review page: it answers that page alone, and nothing leaves this computer."""

from __future__ import annotations

import json
import os
import secrets
import socket
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

from tmscards.anki import card_policy
from tmscards.errors import UserError
from tmscards.review import connections, opening
from tmscards.review.guard import HOST, Guard
from tmscards.review.record_store import Conflict
from tmscards.review.session import Review
from tmscards.storage import web_files

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

_PLAYERS = "https://www.youtube-nocookie.com https://player.vimeo.com"
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    f"frame-src 'self' {_PLAYERS}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_WAITING = 1024
"""How many connections may wait to be accepted."""


class _Listening(socket.socket):
    def listen(self, _: int = 0) -> None:
        # asyncio would let only as many wait as it accepts at once, and everybody else tries again after a second.
        super().listen(_WAITING)


def listen(port: int | None) -> socket.socket:
    """A socket that only this computer can reach, on a port or any free one. Raises UserError if it cannot be used."""
    # asyncio sends small answers at once only if the socket names its protocol.
    listening = _Listening(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
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


def serve(review: Review, at: socket.socket, token: str, launch: Callable[[str], object] | None = None) -> None:
    """Serve the review page on a socket until Ctrl+C; it answers only those who know the token.

    `launch` opens a file in the browser; None to open nothing.
    """
    import uvicorn

    port = at.getsockname()[1]
    with ExitStack() as stack:
        opened = _nothing
        if launch:
            file, opened = stack.enter_context(opening.redirect(address(port, token), review.paths.project))
            launch(str(file))
        config = uvicorn.Config(
            app(review, token, port, opened),
            http=connections.protocol(),
            backlog=connections.most()[1],
            log_level="error",
            access_log=False,
            lifespan="off",
            ws="none",
        )
        # uvicorn raises KeyboardInterrupt again once it has shut down.
        stack.enter_context(suppress(KeyboardInterrupt))
        uvicorn.Server(config).run(sockets=[at])


def _nothing() -> None:
    pass


def new_token() -> str:
    """A random secret for the page's address, so that nobody else can open it."""
    return secrets.token_urlsafe(24)


def address(port: int, token: str) -> str:
    """The address of the page."""
    return f"http://{HOST}:{port}/{token}/"


def app(review: Review, token: str, port: int, opened: Callable[[], None] = _nothing) -> ASGIApp:
    """The web application: the page and everything that it requests, under `/{token}/`.

    `opened` is called whenever somebody has opened the page.
    """
    from starlette.applications import Starlette
    from starlette.routing import Route

    answers = _Answers(review, opened)
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
        Route("/{token}/card/{guid}/{number}/{side}", answers.card),
        Route("/{token}/deck", answers.download),
        Route("/{token}/api/deck", _told(lambda _: review.deck())),
        Route("/{token}/api/details", _told(lambda _: review.details())),
        Route("/{token}/api/since/{mark}", _told(lambda request: _since(review, request.path_params["mark"]))),
        Route("/{token}/api/note/{guid}", _told(lambda request: review.note(request.path_params["guid"]))),
        *(Route(f"/{{token}}/api/{name}", _asked(review, work), methods=["POST"]) for name, work in posts.items()),
    ]
    inside = Starlette(routes=routes, exception_handlers={Exception: _failed})
    inside.router.redirect_slashes = False
    return Guard(inside, token, port)


class _Answers:
    """The answers that are not JSON: the page, its files, the cards and the package."""

    def __init__(self, review: Review, opened: Callable[[], None]) -> None:
        from jinja2 import Environment

        self._review, self._opened, self._static = review, opened, web_files.static_files()
        page = web_files.read("review/page/index.html")
        modules = sorted(name for name in self._static if name.startswith("review/page/") and name.endswith(".js"))
        environment = Environment(autoescape=True)
        self._page = environment.from_string(page).render(deck=review.paths.recipe.root, modules=modules)
        self._card_policy = f"{card_policy.policy(review.note_type)}; frame-ancestors 'self'; sandbox allow-scripts"

    def page(self, _: Request) -> Response:
        self._opened()
        return _html(self._page, _PAGE_POLICY)

    async def static(self, request: Request) -> Response:
        from starlette.responses import Response

        found = self._static.get(request.path_params["name"])
        return Response(found[0], media_type=found[1]) if found else Response(status_code=404)

    def card(self, request: Request) -> Response:
        from starlette.responses import Response

        asked, number = request.path_params, _number(request.path_params["number"])
        is_dark = request.query_params.get("night") == "1"
        html = None if number is None else self._review.frame(asked["guid"], number, asked["side"], is_dark=is_dark)
        if html is None:
            # The card has just been taken back: 204 makes the browser leave its frame as it is.
            is_there = number is not None and self._review.store.note(asked["guid"])
            return Response(status_code=204 if is_there else 404)
        return _html(html, self._card_policy)

    def download(self, _: Request) -> Response:
        from starlette.responses import FileResponse, Response

        output = self._review.paths.output
        if not output.is_file():
            return Response(status_code=404)
        name = output.name.encode("utf-8", "replace").decode()
        return FileResponse(output, media_type="application/octet-stream", filename=name)


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


def _since(review: Review, mark: str) -> Any:
    number = _number(mark)
    return None if number is None else review.since(number)


def _number(text: str) -> int | None:
    """A number in an address; None if it is none, or larger than any that the page asks for."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else None


async def _failed(_: Request, error: Exception) -> Response:
    """The answer where tmscards itself is at fault, which it then reports on the terminal: the page goes on."""
    return _json({"message": f"tmscards has failed at this, see the terminal: {error!r}"}, 422)


def _json(data: Any, status: int = 200) -> Response:
    from starlette.responses import Response

    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(_bytes(text), status, media_type="application/json")


def _html(text: str, policy: str) -> Response:
    from starlette.responses import HTMLResponse

    return HTMLResponse(_bytes(text), headers={"content-security-policy": policy})


def _bytes(text: str) -> bytes:
    # Half of a surrogate pair, which JSON and YAML can name, is no character.
    return text.encode("utf-8", "replace")
