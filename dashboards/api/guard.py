"""Who may ask, and what a browser may do with the answer.

Content-Security-Policy: scripts and data from this service alone; the console's windows share a worker from here,
MapLibre runs its own from blobs and keeps small pictures in data URLs; a tile host is added only when the operator
configured one. No inline script and no inline style.
An act (POST) must be JSON and must not come from another origin, so no foreign page can send one from an officer's
browser. With a token, every reading needs it: as a bearer, or as the cookie that the console gets for it.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request

from airspace.model.body import await_body
from dashboards.api.attempts import Attempts, Who, address_of
from dashboards.api.problem import refusal
from dashboards.api.sessions import Sessions

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE: Final = "airspace_session"
MAX_BODY_BYTES: Final = 16 * 1024
BODY_WITHIN_S: Final = 60.0  # of somebody who has shown the token
FOREIGN_PAGE: Final = (
    "This request comes from another site's page. Behind a proxy: name the address that people use in [console]"
    " public_url."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiles:
    """A background map. ``url`` is a template with {z}, {x} and {y}; its host then knows the area that is viewed."""

    url: str
    attribution: str = ""
    tile_size: int = 256

    @property
    def origin(self) -> str:
        """Scheme and host, for the security policy and for the line that names it; empty for tiles of this service."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def headers(tiles: Tiles | None) -> dict[str, str]:
    """The headers that every answer carries."""
    host = f" {tiles.origin}" if tiles and tiles.origin else ""
    policy = (
        "default-src 'self'",
        f"img-src 'self' data: blob:{host}",
        f"connect-src 'self'{host}",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
    return {
        "Content-Security-Policy": "; ".join(policy),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


class StrictHeaders:
    """Puts the headers on every answer; plain ASGI, so a stream of events passes through unbuffered."""

    def __init__(self, app: ASGIApp, tiles: Tiles | None = None) -> None:
        self._app = app
        self._headers = headers(tiles)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, with the headers added."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def same_origin(request: Request) -> None:
    """Refuse an act that another site's page sends from this browser."""
    origin = request.headers.get("origin")
    public = getattr(request.app.state, "public", None)
    known = public is not None and public.origin and origin == public.origin
    if origin is not None and not known and urlsplit(origin).netloc != request.headers.get("host"):
        raise refusal(403, FOREIGN_PAGE)
    if request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        raise refusal(403, FOREIGN_PAGE)


async def json_body(request: Request, most_bytes: int = MAX_BODY_BYTES) -> bytes:
    """The body of an act, no longer than that, only as ``application/json``."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise refusal(415, "Send application/json.")
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > most_bytes:
                raise refusal(413, f"At most {most_bytes} bytes.")
    except ClientDisconnect as error:  # gone, or cut by us: nobody reads the answer, and it is no fault to log
        raise refusal(408, "The body did not arrive.") from error
    return bytes(body)


class TokenCheck:
    """Dependency: without a token configured everybody who reaches the port may read."""

    def __init__(self, token: str | None, attempts: Attempts) -> None:
        self._token = token
        self._attempts = attempts
        self._sessions = Sessions(token or "")

    def hold(self, request: Request) -> None:
        """429 while the sender's address must wait for its next try."""
        self._attempts.hold(address_of(request, Who.PERSON))

    def session(self, request: Request, token: str) -> str:
        """The cookie for somebody who sends this token; 401 where it is wrong."""
        self.hold(request)
        if not self._try(request, token, self._is_token):
            raise refusal(401, "The access token is not right.")
        return self._sessions.new()

    async def __call__(self, request: Request) -> None:
        """401 unless the request carries the token, or a cookie made from it. Who may act may also send a long body."""
        if self._token is None:
            return
        if not self._may(request):
            raise refusal(401, "This service asks for its access token.")
        await_body(request.scope.setdefault("state", {}), BODY_WITHIN_S)

    def _may(self, request: Request) -> bool:
        cookie = request.cookies.get(COOKIE, "")
        if self._sessions.knows(cookie):
            return True
        scheme, _, credential = request.headers.get("authorization", "").partition(" ")
        bearer = credential.strip() if scheme.lower() == "bearer" else ""
        shown = [each for each in ((bearer, self._is_token), (cookie, self._sessions.accepts)) if each[0]]
        if shown:
            self.hold(request)
        return any(self._try(request, secret, check) for secret, check in shown)

    def _try(self, request: Request, secret: str, check: Callable[[str], bool]) -> bool:
        return self._attempts.told(address_of(request, Who.PERSON), secret, right=check(secret))

    def _is_token(self, secret: str) -> bool:
        """Compared in constant time."""
        return self._token is not None and hmac.compare_digest(secret.encode(), self._token.encode())
