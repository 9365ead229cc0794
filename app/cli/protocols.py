"""What uvicorn's own protocols leave open: what a client may do to a socket, and how it ends."""

import time
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

WRITE: Final = "banister.write"
"""An extension of ASGI: takes a frame of RFC 6455 as it goes over the wire, at once or not."""
ENDED_BY: Final = "ended_by"
"""In the state of a request whose answer goes on for ever: what ends it."""
MOST_AT_ONCE: Final = 200
MOST_PER_SECOND: Final = 50.0
"""Frames of the protocol itself: pings, and parts of a message."""
ENDS_WITHIN: Final = 10.0


class BoundedSockets(WebSocketsSansIOProtocol):
    """Counts pings and parts of messages, which the application never sees; ends for certain.

    A close is written though the client doesn't read what was sent before it; and whoever keeps
    the line open after that, or reads nothing, is cut.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._left, self._seen = float(MOST_AT_ONCE), time.monotonic()

    def handle_ping(self) -> None:
        if self._may_go_on():
            super().handle_ping()

    def handle_cont(self, event: Frame) -> None:
        if self._may_go_on():
            super().handle_cont(event)

    async def send(self, message: Any) -> None:
        if message["type"] == "websocket.close":
            self.writable.set()
        await super().send(message)

    async def run_asgi(self) -> None:
        extensions: dict[str, Any] = self.scope["extensions"]
        extensions[WRITE] = self.write
        await super().run_asgi()
        self.loop.call_later(ENDS_WITHIN, self.transport.abort)

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.loop.call_later(ENDS_WITHIN, self.transport.abort)  # what waits is read by nobody

    def write(self, wire: bytes) -> bool:
        """Write a frame as it is; refuse where the application has to wait, or comes too late."""
        is_open = self.handshake_complete and not self.close_sent and not self.disconnected
        if not is_open or not self.writable.is_set() or self.transport.is_closing():
            return False
        self.transport.write(wire)
        return True

    def _may_go_on(self) -> bool:
        now = time.monotonic()
        grown = self._left + (now - self._seen) * MOST_PER_SECOND
        self._left, self._seen = min(MOST_AT_ONCE, grown) - 1, now
        if self._left >= 0:
            return True
        if not self.close_sent:
            self.conn.fail(1008, "too many frames")
            self.handle_parser_exception()
        return False


class EndableStreams(HttpToolsProtocol):
    """Tells an answer that has no end of its own when the server is to stop."""

    def shutdown(self) -> None:
        super().shutdown()
        if self.cycle is not None and not self.cycle.response_complete:
            state: dict[str, Any] = self.cycle.scope.get("state", {})
            end = state.get(ENDED_BY)
            if end is not None:
                end()
