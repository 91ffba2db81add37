"""A request that is under way when the service ends: told so, so that whoever sent it sends it again."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from dashboards.api.problem import problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

RETRY_AFTER_S: Final = 5
_READS: Final = frozenset({"GET", "HEAD"})
_READ: Final = "The service is ending; ask again."
_WRITTEN: Final = "Not stored in time, as the service is ending; send it again. What was stored is not stored twice."
_ACTED: Final = "The service is ending, and nobody can say whether this was done: look, and do it again if it was not."
_PUSHED: Final = "/api/v1/detections"


class Ending:
    """ASGI: 503 instead of the cancellation that the end of the service is to a handler; it ends here, as answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; an answer that has begun stays cut short, so that nobody takes it for a whole one."""
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except asyncio.CancelledError:
            if scope["type"] == "http" and not begun:
                await _answer(scope, receive, send)


async def _answer(scope: Scope, receive: Receive, send: Send) -> None:
    told = _READ if scope["method"] in _READS else _WRITTEN if scope["path"].endswith(_PUSHED) else _ACTED
    headers = {"Retry-After": str(RETRY_AFTER_S), "Connection": "close"}
    await problem(HTTPStatus.SERVICE_UNAVAILABLE, told, headers)(scope, receive, send)
