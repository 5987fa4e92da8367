"""The connections to the review page's server: how many there may be, and how long each may take to ask something.

Whoever can run a program on this computer can connect, and can then say nothing, or a byte a minute. Such connections
are closed after a while, and at once if there are too many, so that the page can always be reached.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

PATIENCE = 10.0
"""Seconds that a request may take to arrive, from its first byte to its last, and a new connection to begin one."""
_MOST, _AT_ONCE = 256, 64
"""How many connections may be open, and how many are accepted at once, where the system allows so many files."""


def most() -> tuple[int, int]:
    """How many connections may be open, and how many are accepted at once.

    asyncio accepts new ones some five times before it closes the first that are too many, so that both together stay
    below the number of files that the system allows.
    """
    try:
        import resource
    except ImportError:
        return _MOST, _AT_ONCE
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if limit == resource.RLIM_INFINITY:
        return _MOST, _AT_ONCE
    return max(8, min(_MOST, limit // 4)), max(4, min(_AT_ONCE, limit // 16))


def protocol(patience: float = PATIENCE) -> type[asyncio.Protocol]:
    """uvicorn's protocol, which also closes connections that take too long, and the oldest of too many."""
    import h11
    from uvicorn.protocols.http.h11_impl import H11Protocol

    at_most, _ = most()
    connections: dict[Connection, None] = {}

    class Connection(H11Protocol):
        deadline: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            if len(connections) >= at_most:
                oldest = next((one for one in connections if one.is_waited_for), self)
                connections.pop(oldest, None)
                oldest.transport.abort()
            connections[self] = None
            self.deadline = self.loop.call_later(patience, self.transport.abort)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            is_whole = self.conn.their_state not in (h11.IDLE, h11.SEND_BODY)
            if is_whole and self.deadline:
                self.deadline.cancel()
                self.deadline = None
            elif not is_whole and not self.deadline:
                self.deadline = self.loop.call_later(patience, self.transport.abort)

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            connections.pop(self, None)
            if self.deadline:
                self.deadline.cancel()

        @property
        def is_waited_for(self) -> bool:
            """Whether it is the other side's turn: to ask, to finish asking, or to read the answer."""
            cycle = self.cycle
            return cycle is None or cycle.response_complete or cycle.more_body or self.flow.write_paused

    return Connection
