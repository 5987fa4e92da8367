"""Who may ask the review page's server: that page alone, and whoever opens it."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

HOST = "127.0.0.1"
MOST = 2_000_000
"""The most bytes that a request's body may have; a decision about 5,000 cards at once has a tenth of that."""


class Guard:
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
        # Whoever may not ask gets one answer, and not one to each of a thousand questions asked at once.
        closing = {"connection": "close"} if scope["method"] in ("GET", "HEAD") else {}
        inside = PlainTextResponse("", status, closing) if status else self._inside
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
        # Whoever follows a link to the page or is sent on to it opens it as a page of its own, which nobody else reads.
        is_opened = scope["path"] == f"/{self._token}/" and headers.get("sec-fetch-mode") == "navigate"
        is_opened = is_opened and headers.get("sec-fetch-dest") == "document"
        asks = ("same-origin", "none", "cross-site") if is_opened else ("same-origin", "none")
        is_ours = headers.get("origin", own) == own and headers.get("sec-fetch-site", "none") in asks
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
